package ninjarmm

import "assetgraph/collectors"

// Parts of what a tenant tells; see docs/providers/ninjarmm.md for what each costs.
var (
	healthPart = collectors.Part{
		Name: "health", Default: true, Doc: "health, missing patches, reason of a pending reboot, counts of vulnerabilities",
	}
	antivirusPart = collectors.Part{Name: "antivirus", Default: true, Doc: "which antivirus is on and up to date"}
	volumesPart   = collectors.Part{Name: "volumes", Default: true, Doc: "encryption of disks, free space"}
	backupsPart   = collectors.Part{Name: "backups", Default: true, Doc: "the last backup by NinjaOne Backup"}
	patchesPart   = collectors.Part{Name: "patches", Default: true, Doc: "when a machine was last patched"}
	alertsPart    = collectors.Part{Name: "alerts", Default: true, Doc: "conditions that are triggered now"}
)

// Parts returns the parts, in the order in which people expect them.
func Parts() []collectors.Part {
	return []collectors.Part{healthPart, antivirusPart, volumesPart, backupsPart, patchesPart, alertsPart}
}
