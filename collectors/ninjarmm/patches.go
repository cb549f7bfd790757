package ninjarmm

import (
	"net/url"
	"strconv"
	"strings"
	"time"

	"assetgraph/collectors"
	"assetgraph/collectors/internal/rawjson"
)

// KindPatch is a row of os-patch-installs: one try to install one patch on one device.
const KindPatch = "os-patch-install"

// patchedWithin is how far back the history of patches is read, which grows without bound.
const patchedWithin = 35 * 24 * time.Hour

// patchRow is what is read of a row.
type patchRow struct {
	DeviceID    rawjson.Int   `json:"deviceId"`
	Status      rawjson.Text  `json:"status"` // INSTALLED, FAILED
	InstalledAt rawjson.Epoch `json:"installedAt"`
}

// Patching is what the history of patches tells of a device.
type Patching struct {
	LastOn int64 // Unix milliseconds of what was installed last, 0 for nothing
}

// patchesReport reads the last weeks before now, which is the provider's: our clock may be wrong.
func patchesReport(now time.Time) report[patchRow] {
	return report[patchRow]{
		route: "/queries/os-patch-installs", kind: KindPatch, member: "deviceId", rows: patchRows, filters: true,
		dated:  true,
		query:  url.Values{"installedAfter": {strconv.FormatInt(now.Add(-patchedWithin).Unix(), 10)}},
		device: func(r *patchRow) rawjson.Int { return r.DeviceID },
	}
}

func (p *Patching) kept(*collectors.Words) *Patching { return p }

func (p *Patching) add(r *patchRow, _ *collectors.Words) {
	if strings.EqualFold(string(r.Status), "INSTALLED") {
		p.LastOn = max(p.LastOn, millis(r.InstalledAt))
	}
}

// Newest returns when a patch was installed last within the last five weeks, zero for not.
func (p *Patching) Newest() time.Time {
	if p == nil {
		return time.Time{}
	}
	return instant(p.LastOn)
}
