package ninjarmm

import (
	"net/url"
	"time"

	"assetgraph/collectors"
	"assetgraph/collectors/internal/rawjson"
)

// KindBackup is a row of backup/usage, of which there is one for every device, with zeros where nothing is backed up.
const KindBackup = "backup-usage"

// backupRow is what is read of a row.
type backupRow struct {
	ID         rawjson.Int `json:"id"` // of the device
	References struct {
		Usage *backupUsage `json:"backupUsage"`
	} `json:"references"`
}

type backupUsage struct {
	Total     rawjson.Int   `json:"revisionsTotalSize"`
	Current   rawjson.Int   `json:"revisionsCurrentSize"`
	Cloud     rawjson.Int   `json:"cloudTotalSize"`
	Local     rawjson.Int   `json:"localTotalSize"`
	Succeeded rawjson.Epoch `json:"lastSuccessfulBackupJob"` // on demand alone; 0 for never
	Failed    rawjson.Epoch `json:"lastFailedBackupJob"`
}

// Backup is what NinjaOne Backup tells of a device.
type Backup struct {
	LastOn, LastFailedOn int64 // Unix milliseconds, 0 for never
	Stored               bool  // there is something to restore
	Told                 bool
}

// backupsReport takes no filter.
func backupsReport(time.Time) report[backupRow] {
	return report[backupRow]{
		route: "/queries/backup/usage", kind: KindBackup, member: "id", rows: reportRows,
		query:  url.Values{"includeLastBackupJobTimes": {"true"}},
		device: func(r *backupRow) rawjson.Int { return r.ID },
	}
}

func (b *Backup) kept(*collectors.Words) *Backup { return b }

func (b *Backup) add(r *backupRow, _ *collectors.Words) {
	u := r.References.Usage
	if u == nil {
		return
	}
	b.Told = true
	b.Stored = u.Total.N > 0 || u.Current.N > 0 || u.Cloud.N > 0 || u.Local.N > 0
	b.LastOn, b.LastFailedOn = millis(u.Succeeded), millis(u.Failed)
}

func millis(e rawjson.Epoch) int64 {
	if e.IsZero() {
		return 0
	}
	return e.UnixMilli()
}

// instant turns it back.
func instant(ms int64) time.Time {
	if ms == 0 {
		return time.Time{}
	}
	return time.UnixMilli(ms).UTC()
}

// Succeeded returns when a backup succeeded last, zero for never.
func (b *Backup) Succeeded() time.Time {
	if b == nil {
		return time.Time{}
	}
	return instant(b.LastOn)
}

// Failed returns when a backup failed last, zero for never.
func (b *Backup) Failed() time.Time {
	if b == nil {
		return time.Time{}
	}
	return instant(b.LastFailedOn)
}

// Kept reports whether there is a backup of the device.
func (b *Backup) Kept() (kept, given bool) {
	if b == nil {
		return false, false
	}
	return b.Stored, b.Told
}
