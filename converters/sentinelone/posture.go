package sentinelone

import (
	"slices"

	"assetgraph/converters"
)

// What the console writes for an agent that works, for one that is cut off from the network, and for one whose machine
// has to be restarted (docs/providers/sentinelone-api.md, "Posture").
const (
	works        = "na"
	cutOff       = "disconnected"
	rebootNeeded = "reboot_needed"
	noMigration  = "N/A"
)

// encrypted takes a no from agents that are known to look: no source says that those on Linux do.
func (a *agent) encrypted() (encrypted, known bool) {
	e := a.EncryptedApplications
	if !e.B && converters.OSType(string(a.OSType), string(a.OSName)) == "linux" {
		return false, false
	}
	return e.B, e.Set
}

// pendingReboot is known where the agent tells of either reason.
func (a *agent) pendingReboot() (pending, known bool) {
	pending = a.ThreatRebootRequired.B || slices.Contains(a.UserActionsNeeded, rebootNeeded)
	return pending, a.ThreatRebootRequired.Set || len(a.UserActionsNeeded) > 0
}

func (a *agent) disabled() (disabled, known bool) {
	state := trimmed(a.OperationalState)
	return state != works, state != ""
}

func (a *agent) isolated() (isolated, known bool) {
	status := trimmed(a.NetworkStatus)
	return status == cutOff, status != ""
}

func (a *agent) migration() string {
	if a.ConsoleMigration == noMigration {
		return ""
	}
	return string(a.ConsoleMigration)
}

// memory is told in MiB.
func (a *agent) memory() (bytes int64, known bool) {
	const unit, most = 1 << 20, 1 << 40 // more is no memory of a machine
	n := a.TotalMemory.N
	return n * unit, n > 0 && n < most
}
