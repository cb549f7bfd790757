package ninjarmm

import "assetgraph/collectors"

// Names of the parts of what a tenant tells, and of the steps that read them; docs/providers/ninjarmm.md says what each
// costs.
const (
	healthPart    = "health"
	antivirusPart = "antivirus"
	volumesPart   = "volumes"
	backupsPart   = "backups"
	patchesPart   = "patches"
	alertsPart    = "alerts"
)

// Parts returns the parts, in the order in which people expect them.
func Parts() []collectors.Part {
	return []collectors.Part{
		{
			Name: healthPart, Default: true,
			Doc: "health, missing patches, reason of a pending reboot, counts of vulnerabilities",
		},
		{Name: antivirusPart, Default: true, Doc: "which antivirus is on and up to date"},
		{Name: volumesPart, Default: true, Doc: "encryption of disks, free space"},
		{Name: backupsPart, Default: true, Doc: "the last backup by NinjaOne Backup"},
		{Name: patchesPart, Default: true, Doc: "when a machine was last patched"},
		{Name: alertsPart, Default: true, Doc: "conditions that are triggered now"},
	}
}

// part returns a part by its name.
func part(name string) collectors.Part {
	for _, p := range Parts() {
		if p.Name == name {
			return p
		}
	}
	panic("no such part: " + name)
}
