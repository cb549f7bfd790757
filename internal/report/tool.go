package report

import (
	"strings"
	"time"
)

// A Tool is one of the three things that a managed machine should have.
type Tool uint8

// The tools, in the order in which reports show them.
const (
	EDR        Tool = iota // endpoint protection: SentinelOne
	RMM                    // remote monitoring and management: NinjaRMM
	Deployment             // deployment of software: ImmyBot
	Tools                  // how many there are
)

// String returns the tool as the column `missing` writes it.
func (t Tool) String() string { return [...]string{"edr", "rmm", "deployment"}[t] }

// title returns the tool as sentences write it.
func (t Tool) title() string { return [...]string{"EDR", "RMM", "deployment"}[t] }

// product returns the product whose records tell whether a machine has the tool.
func (t Tool) product() string { return [...]string{"SentinelOne", "NinjaRMM", "ImmyBot"}[t] }

// integration returns the product's name in _integration.
func (t Tool) integration() string { return [...]string{"sentinelone", "ninjarmm", "immybot"}[t] }

// relationship returns the type of the relationship from the product's records to the machine.
func (t Tool) relationship() string {
	return [...]string{"sentinelone_agent_protects_device", "ninjarmm_device_is_device", "immybot_computer_is_device"}[t]
}

// record returns the noun for one record of the product.
func (t Tool) record() string { return [...]string{"agent", "device", "computer"}[t] }

// properties returns what is read of each record: lastSeenOn first, then what standing and types want.
func (t Tool) properties() []string {
	return [...][]string{
		{"lastSeenOn", "isDecommissioned", "isUninstalled", "machineType"},
		{"lastSeenOn", "approvalStatus", "nodeClass", "deviceType"},
		{"lastSeenOn", "category"},
	}[t]
}

// fits reports whether the tool can run on a system; one that is not known might. SentinelOne has agents for Windows, macOS and Linux,
// ImmyBot works on Windows alone ("does not support phones", docs.immy.bot/guide/introduction).
func (t Tool) fits(osType string) bool {
	switch {
	case osType == "" || t == RMM || osType == "windows":
		return true
	case t == EDR:
		return osType == "darwin" || osType == "linux"
	}
	return false
}

// A standing is what a record says of the tool.
type standing uint8

const (
	live     standing = iota
	dead              // decommissioned or uninstalled
	pending           // waits for approval
	observed          // seen by the product from elsewhere, without an agent on the machine
	standings
)

// standing judges the properties that a row holds, in the order of Tool.properties.
func (t Tool) standing(row []any) standing {
	switch t {
	case EDR:
		if truthOf(row[1]) || truthOf(row[2]) {
			return dead
		}
	case RMM:
		class, kind := textOf(row[2]), textOf(row[3])
		switch {
		case kind == "VMGuest", class == "VMWARE_VM_GUEST", class == "HYPERV_VMM_GUEST", strings.HasPrefix(class, "NMS_"):
			return observed
		case textOf(row[1]) == "PENDING":
			return pending
		}
	case Deployment, Tools:
	}
	return live
}

// types returns what the product calls the kind of the machine.
func (t Tool) types(row []any) []string {
	switch t {
	case EDR:
		return []string{textOf(row[3])}
	case RMM:
		return []string{textOf(row[2]), textOf(row[3])}
	case Deployment, Tools:
	}
	return []string{textOf(row[1])}
}

// seen sums up a product's records of one machine: how many there are of each standing, and when the last of them was seen, in epoch
// milliseconds; a million machines have three each.
type seen struct {
	count  [standings]int32
	newest [standings]int64
}

func (s *seen) add(st standing, lastSeen time.Time) {
	s.count[st]++
	if !lastSeen.IsZero() {
		s.newest[st] = max(s.newest[st], lastSeen.UnixMilli())
	}
}

// last returns when a record of that standing was last seen, the zero time where it is not known.
func (s *seen) last(st standing) time.Time {
	if s.newest[st] == 0 {
		return time.Time{}
	}
	return time.UnixMilli(s.newest[st]).UTC()
}
