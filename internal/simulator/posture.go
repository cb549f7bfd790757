package simulator

import (
	"slices"
	"strings"
	"time"
)

// An Answer is what the records of a machine say to a question of yes or no.
type Answer uint8

// The answers.
const (
	Unknown Answer = iota // no record says anything, which is not no
	No
	Yes
)

func answer(yes bool) Answer { return No + Answer(digit(yes)) }

// A Posture is what the records of a machine tell of how it does, put together. Records of agents that are gone tell
// nothing.
type Posture struct {
	Encrypted, FirewallEnabled, PendingReboot Answer
	Suspended                                 Answer // the protection of a disk that is encrypted
	MalwareProtected                          Answer // by a product that NinjaRMM sees, or SentinelOne's agent

	LastBackupOn  time.Time // zero where there is none, or nobody knows
	LastPatchedOn time.Time // in the last 35 days, else zero

	OSPatchesMissing int // -1 where nobody knows
	OpenThreats      int // -1 likewise

	Protects Answer   // its agent does what it is there for
	Ailments []string // why it does not, in alphabetical order

	WarrantyEndsOn time.Time // zero where nobody knows
	SupportEndsOn  time.Time // of the operating system; zero where nobody knows

	MaintenanceStatus string    // of the computer, "" where the sessions of the last week do not tell
	MaintainedOn      time.Time // zero likewise

	NonCompliantDeployments, FailedDeployments int    // of the computer; -1 likewise
	Owner                                      string // e-mail address of who uses the machine, "" where nobody knows
}

// Posture gives the truth of an ordinary machine: one of Truth.
func (s *Simulator) Posture(machine int) Posture {
	f := s.fleet
	f.mu.RLock()
	defer f.mu.RUnlock()
	return f.posture(machine)
}

func (f *fleet) posture(i int) (p Posture) {
	s := &f.states[i]
	p.OSPatchesMissing, p.OpenThreats = -1, -1
	defer p.protected()
	if slot := i*agentSlots + 1; f.hasAgent(slot) && !f.goneAgent(slot) {
		p.Protects, p.Ailments = f.protection(i)
		p.OpenThreats = f.threats(slot)
	}
	if slot := i*agentSlots + 1; f.hasAgent(slot) && !f.goneAgent(slot) && f.tellsPosture(i) {
		linux := s.kind == LinuxServer || s.kind == LinuxVM
		if f.encrypted(i) || !linux { // nobody knows whether agents on Linux look
			p.Encrypted = answer(f.encrypted(i))
		}
		p.FirewallEnabled = answer(f.firewalled(i))
		p.PendingReboot = answer(f.agentWaits(i) || f.threatWaits(i))
	}
	if slot := i * deviceSlots; f.hasDevice(slot) && f.deviceType(slot) == "AgentDevice" {
		p.PendingReboot = max(p.PendingReboot, answer(f.systemWaits(i) || f.reportsReboot(i)))
		f.reported(i, &p)
		p.WarrantyEndsOn = f.warrantyEnd(i)
		if f.owned(i) {
			p.Owner = f.person(int(s.person)).email
		}
	}
	if f.hasComputer(i*computerSlots+1) && !s.traits.Has(Onboarding) {
		if !s.traits.Has(Sparse) {
			p.PendingReboot = max(p.PendingReboot, answer(f.systemWaits(i)))
		}
		if s.person != none {
			p.Owner = f.person(int(s.person)).email
		}
	}
	if m, ok := f.maintained(i); ok && f.hasComputer(i*computerSlots+1) {
		p.MaintenanceStatus, p.MaintainedOn = sessionName(m.status), m.on
		p.FailedDeployments = digit(f.failedOnce(i) && !f.mended(i))
		p.NonCompliantDeployments = p.FailedDeployments + digit(f.outdated(i))
	} else {
		p.FailedDeployments, p.NonCompliantDeployments = -1, -1
	}
	p.SupportEndsOn = f.supportEnd(i)
	return p
}

// supportEnd is when the maker's support of the system ends that machine i runs, as far as its records tell the
// release.
func (f *fleet) supportEnd(i int) time.Time {
	s := &f.states[i]
	day := func(year int, month time.Month, day int) time.Time {
		return time.Date(year, month, day, 0, 0, 0, 0, time.UTC)
	}
	agent, device, computer := i*agentSlots+1, i*deviceSlots, i*computerSlots+1
	named := f.hasComputer(computer) && !s.traits.Has(Onboarding) // by ImmyBot, which tells no release
	tells := f.hasDevice(device) && f.deviceType(device) == "AgentDevice" ||
		f.hasAgent(agent) && (!named || !f.goneAgent(agent))
	switch {
	case !s.kind.Windows() || s.edits > 0: // Apple names no day, and what an edit makes of a build is none
		return time.Time{}
	case s.kind.Server() && f.oldServer(i):
		return day(2027, time.January, 12)
	case s.kind.Server():
		return day(2031, time.October, 14)
	case f.pick(i, topicOS, 4) == 0:
		return day(2025, time.October, 14)
	case !tells:
		return time.Time{}
	case f.newClient(i):
		return day(2027, time.October, 12)
	}
	return day(2026, time.October, 13)
}

// reported adds what NinjaRMM's reports tell, which is believed before what SentinelOne tells, unless the device waits for
// approval.
func (f *fleet) reported(i int, p *Posture) {
	kind := f.states[i].kind
	p.OSPatchesMissing = f.missingPatches(i)
	p.LastBackupOn = f.lastBackup(i)
	if last := f.lastPatch(i); (kind.Windows() || kind == Mac) && f.start.Sub(last) < 35*24*time.Hour {
		p.LastPatchedOn = last
	}
	if kind.Windows() {
		if p.Encrypted == Unknown || !f.pendingDevice(i*deviceSlots) {
			p.Encrypted = answer(f.encrypted(i) && !f.suspended(i))
		}
		p.MalwareProtected = answer(!f.antivirusOff(i))
		if f.encrypted(i) {
			p.Suspended = answer(f.suspended(i))
		}
	}
}

// protected takes an agent that does its work for a protection, and one that does not for none where nobody else
// tells.
func (p *Posture) protected() {
	if p.Protects == Yes || p.MalwareProtected == Unknown {
		p.MalwareProtected = p.Protects
	}
}

func (f *fleet) goneAgent(slot int) bool {
	decommissioned, uninstalled := f.gone(slot)
	return decommissioned || uninstalled
}

// What is planted of machine i.

func (f *fleet) encrypted(i int) bool   { return i%3 != 0 }
func (f *fleet) firewalled(i int) bool  { return i%11 != 0 }
func (f *fleet) agentWaits(i int) bool  { return i%23 == 5 }                  // for the agent's own restart
func (f *fleet) threatWaits(i int) bool { return i%37 == 7 }                  // to mitigate a threat
func (f *fleet) systemWaits(i int) bool { return i%9 == 0 }                   // for its updates
func (f *fleet) suspended(i int) bool   { return f.encrypted(i) && i%7 == 1 } // BitLocker's protection

func (f *fleet) antivirusOff(i int) bool   { return i%17 == 3 }
func (f *fleet) twoProducts(i int) bool    { return i%2 == 0 } // of which Defender is off
func (f *fleet) definitionsOld(i int) bool { return i%13 == 6 }

// reportsReboot reports whether NinjaRMM's device-health names a reason for a restart: now and then when the list of
// devices knows of none.
func (f *fleet) reportsReboot(i int) bool {
	return f.states[i].kind.Windows() && (f.systemWaits(i) || i%31 == 2)
}

// missingPatches is how many updates of the system are missing.
func (f *fleet) missingPatches(i int) int {
	if f.states[i].kind.Windows() || f.states[i].kind == Mac {
		return i % 6
	}
	return 0
}

// lastBackup is when the machine was backed up last, zero for never.
func (f *fleet) lastBackup(i int) time.Time {
	switch {
	case i%5 == 0:
		return time.Time{}
	case i%10 == 4:
		return f.start.Add(-40 * 24 * time.Hour)
	}
	return f.start.Add(-time.Duration(1+i%20) * time.Hour)
}

func (f *fleet) lastFailedBackup(i int) time.Time {
	if i%10 == 4 {
		return f.start.Add(-2 * time.Hour)
	}
	return time.Time{}
}

// lastPatch is when the newest update was installed.
func (f *fleet) lastPatch(i int) time.Time {
	const day = 24 * time.Hour
	if i%8 == 2 {
		return f.start.Add(-60 * day)
	}
	return f.start.Add(-time.Duration(3+i%25) * day)
}

// volumeCount is how many disks the machine has.
func (f *fleet) volumeCount(i int) int { return 1 + digit(i%3 == 0) }

// bitLocker is what BitLocker says of a disk; the second one is never encrypted.
func (f *fleet) bitLocker(w *jsonWriter, i, disk int) {
	encrypted := disk == 0 && f.encrypted(i)
	w.open("bitLockerStatus", '{')
	w.str("conversionStatus", [...]string{"FULLY_DECRYPTED", "FULLY_ENCRYPTED"}[digit(encrypted)])
	w.str("encryptionMethod", [...]string{"NONE", "XTS_AES_128"}[digit(encrypted)])
	w.str("protectionStatus", [...]string{"UNPROTECTED", "PROTECTED"}[digit(encrypted && !f.suspended(i))])
	w.str("lockStatus", "UNLOCKED")
	w.flag("initializedForProtection", encrypted)
	w.end('}')
}

// mitigationModes are what the policy in force makes the agent of machine i do about malicious and suspicious threats.
func (f *fleet) mitigationModes(i int) (malicious, suspicious string) {
	return modes(f.policyInForce(scope{groupLevel, f.groupOf(i)}))
}

// detectsOnly reports whether that is nothing but to tell of them.
func (f *fleet) detectsOnly(i int) bool {
	malicious, _ := f.mitigationModes(i)
	return malicious == "detect"
}

// ownsPolicy reports whether a scope has a policy of its own; one that has none may say so in two ways.
func ownsPolicy(s scope) bool {
	switch s.level {
	case accountLevel:
		return true
	case siteLevel:
		return s.number%3 != 1
	}
	return s.number%groupsPerSite == 1 || s.number%groupsPerSite == 2 && s.number/groupsPerSite%4 == 2
}

func hasNoPolicy(s scope) bool {
	return s.level == groupLevel && !ownsPolicy(s) && s.number/groupsPerSite%4 == 0
}

// modes are what a scope's own policy says.
func modes(s scope) (malicious, suspicious string) {
	if s.level == groupLevel && s.number%24 == 7 || s.level == siteLevel && s.number%16 == 12 {
		return "detect", "detect"
	}
	return "protect", [...]string{"detect", "protect"}[s.number%2]
}

// tellsPosture reports whether the agent of machine i tells how it does: old ones do not.
func (f *fleet) tellsPosture(i int) bool { return !f.states[i].traits.Has(Sparse) }

// owned reports whether the machine's person is an end user in NinjaRMM, and so its owner there.
func (f *fleet) owned(i int) bool {
	person := f.states[i].person
	return person != none && f.isEndUser(int(person))
}

// tellsOwner reports whether NinjaRMM names an owner of the machine: of a few one who is a user there no more.
func (f *fleet) tellsOwner(i int) bool { return f.owned(i) || f.states[i].person != none && i%64 == 6 }

// warrantyEnd is when the maker's warranty ends, zero where nobody knows; a virtual machine has none.
func (f *fleet) warrantyEnd(i int) time.Time {
	if f.states[i].kind.Virtual() || i%4 == 3 || i%4 == 2 {
		return time.Time{}
	}
	return f.start.AddDate(0, i%60-12, 0).Truncate(24 * time.Hour)
}

// userActions is what SentinelOne wants people to do about the agent.
func (f *fleet) userActions(i int, current bool) []string {
	actions := []string{}
	if f.calledUnprotected(i) {
		actions = append(actions, "unprotected")
	}
	if f.agentWaits(i) {
		actions = append(actions, "reboot_needed")
	}
	if !current {
		actions = append(actions, "upgrade_needed")
	}
	return actions
}

// expansions are what expand may name, with commas between.
func expansions() []string {
	return []string{
		"organization", "location", "role", "policy", "rolePolicy", "warranty", "assignedOwner", "backupUsage",
		"backupBandwidthThrottle",
	}
}

// expands reports whether a request asks for a part of a device's references.
func (c *call) expands(part string) bool {
	text := c.query.Get("expand")
	if text == "" {
		return false
	}
	parts := strings.Split(text, ",")
	for _, one := range parts {
		if !slices.Contains(expansions(), one) {
			c.mistake("no such expand: %s", one)
		}
	}
	return slices.Contains(parts, part)
}

// deviceReferences writes what expand=warranty adds: an object without dates, or one with zeros, where nobody knows.
func (f *fleet) deviceReferences(w *jsonWriter, i int) {
	w.open("references", '{')
	if i%4 != 3 {
		w.open("warranty", '{')
		if end := f.warrantyEnd(i); end.IsZero() {
			w.raw("startDate", "0.0")
			w.raw("endDate", "0.0")
		} else {
			w.epoch("startDate", end.AddDate(-3, 0, 0))
			w.epoch("endDate", end)
			w.epoch("manufacturerFulfillmentDate", end.AddDate(-3, 0, -9))
		}
		w.end('}')
	}
	w.end('}')
}

// deviceUpkeep writes whose the device is, and a maintenance that is set.
func (f *fleet) deviceUpkeep(w *jsonWriter, i int) {
	if f.tellsOwner(i) {
		w.str("assignedOwnerUid", f.ninjaUserUID(technicians+int(f.states[i].person)))
	}
	if i%29 == 4 {
		w.open("maintenance", '{')
		w.str("status", [...]string{"PENDING", "IN_MAINTENANCE"}[i%2])
		w.epoch("start", f.start.Add(-time.Hour))
		if i%3 != 0 {
			w.epoch("end", f.start.Add(24*time.Hour))
		}
		w.str("reasonMessage", "Ask Kim before you touch this")
		w.end('}')
	}
}
