package ninjarmm

import (
	"time"

	provider "assetgraph/collectors/ninjarmm"
	"assetgraph/converters"
	"assetgraph/graph"
)

// posture declares what the reports tell of a device. Counts and sizes change by themselves.
func posture(t *converters.Table[device]) {
	health(t.Part("health"))
	antivirus(t.Part("antivirus"))
	volumes(t.Part("volumes"))
	backups(t.Part("backups"))
	t.Part("patches").Volatile().Time("lastPatchedOn",
		"newest patch of the system that was installed in the last 35 days; absent where none was",
		func(d *device) time.Time { return d.Posture.Patching.Newest() })
}

func health(t *converters.Table[device]) {
	t.Text("healthStatus", "HEALTHY, NEEDS_ATTENTION, UNHEALTHY or UNKNOWN", func(d *device) string {
		if h := d.Posture.Health; h != nil {
			return h.Status
		}
		return ""
	})
	t.Text("pendingRebootReason", "such as WINDOWS_PM; absent where no restart is waited for", func(d *device) string {
		if h := d.Posture.Health; h != nil {
			return h.RebootReason
		}
		return ""
	})
	t.Bool("pendingReboot", "needsReboot, or a reason is named", func(d *device) (bool, bool) {
		h := d.Posture.Health
		return h != nil && (h.RebootReason != "" || d.OS.NeedsReboot.B), h != nil && d.hasAgent()
	})
	count := func(name, doc string, agent bool, of func(h *provider.Health) provider.Count) {
		t.Volatile().Int(name, doc, func(d *device) (int64, bool) {
			if h := d.Posture.Health; h != nil && (!agent || d.hasAgent()) {
				return of(h).Given()
			}
			return 0, false
		})
	}
	count("osPatchesMissing", "", true, func(h *provider.Health) provider.Count { return h.OSPatchesMissing })
	count("osPatchesFailed", "", true, func(h *provider.Health) provider.Count { return h.OSPatchesFailed })
	count("softwarePatchesMissing", "of third parties", true,
		func(h *provider.Health) provider.Count { return h.SoftwarePatchesMissing })
	count("softwarePatchesFailed", "", true, func(h *provider.Health) provider.Count { return h.SoftwarePatchesFailed })
	count("alertCount", "", false, func(h *provider.Health) provider.Count { return h.Alerts })
	count("criticalVulnerabilities", "absent on servers of before 2026", true,
		func(h *provider.Health) provider.Count { return h.CriticalVulnerabilities })
	count("highVulnerabilities", "", true, func(h *provider.Health) provider.Count { return h.HighVulnerabilities })
}

// hasAgent reports whether NinjaOne's agent is on the machine: of others the reports say zero and know nothing.
func (d *device) hasAgent() bool { return d.DeviceType == "" || d.DeviceType == "AgentDevice" }

func antivirus(t *converters.Table[device]) {
	t.Bool("malwareProtected", "an antivirus product is on; absent where NinjaOne sees none",
		func(d *device) (bool, bool) { return d.Posture.Antivirus.Protected() })
	t.Texts("antivirusProducts", "those that are on",
		func(d *device) graph.Value { return graph.TextsOf(d.Posture.Antivirus.Products()...) })
	t.Bool("antivirusUpToDate", "one that is on has the newest definitions; absent where NinjaOne does not say",
		func(d *device) (bool, bool) { return d.Posture.Antivirus.UpToDate() })
}

// volumes are those with a drive letter: of other systems than Windows NinjaOne does not say whether a disk is
// encrypted.
func volumes(t *converters.Table[device]) {
	t.Bool("encrypted", "BitLocker encrypts and protects drive C:; absent outside Windows",
		func(d *device) (bool, bool) {
			v := d.Posture.Volumes
			return v != nil && v.System == provider.Encrypted, v != nil && v.System != provider.EncryptionUnknown
		})
	t.Bool("encryptionSuspended", "drive C: is encrypted, and whoever has the disk can read it",
		func(d *device) (bool, bool) {
			v := d.Posture.Volumes
			return v != nil && v.System == provider.EncryptionSuspended, v != nil && v.System > provider.NotEncrypted
		})
	t.Text("encryptionMethod", "of drive C:, such as XTS_AES_256", func(d *device) string {
		if v := d.Posture.Volumes; v != nil {
			return v.Method
		}
		return ""
	})
	t.Texts("unencryptedVolumes", "drives that are not encrypted, or whose protection is suspended",
		func(d *device) graph.Value {
			letters, _ := d.Posture.Volumes.Unencrypted()
			return graph.TextsOf(letters...)
		})
	t.Int("systemDriveBytes", "of drive C:", func(d *device) (int64, bool) {
		if v := d.Posture.Volumes; v != nil {
			return positive(v.Bytes)
		}
		return 0, false
	})
	t.Volatile().Int("systemDriveFreeBytes", "", func(d *device) (int64, bool) {
		if v := d.Posture.Volumes; v != nil && v.Bytes > 0 {
			return v.Free, true
		}
		return 0, false
	})
}

// backups are those of NinjaOne Backup alone.
func backups(t *converters.Table[device]) {
	t.Bool("backedUp", "NinjaOne Backup keeps a backup of it",
		func(d *device) (bool, bool) { return d.Posture.Backup.Kept() })
	t.Volatile().Time("lastBackupOn", "last one that succeeded; absent where there is none",
		func(d *device) time.Time { return d.Posture.Backup.Succeeded() })
	t.Volatile().Time("lastFailedBackupOn", "", func(d *device) time.Time { return d.Posture.Backup.Failed() })
}
