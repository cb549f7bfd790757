package simulator

// MachineKind says what sort of thing a machine is.
type MachineKind uint8

// The kinds of machines. Only those up to LinuxVM can carry a SentinelOne agent, and only the Windows ones are
// ImmyBot computers; NinjaRMM knows them all.
const (
	Laptop MachineKind = iota
	Desktop
	Mac
	WindowsServer
	LinuxServer
	WindowsVM
	LinuxVM
	Hypervisor
	Mobile
	NetworkDevice
	CloudMonitor
)

// Windows reports whether the machine runs Windows.
func (k MachineKind) Windows() bool {
	return k == Laptop || k == Desktop || k == WindowsServer || k == WindowsVM
}

// Virtual reports whether the machine is a guest of a hypervisor or a cloud.
func (k MachineKind) Virtual() bool { return k == WindowsVM || k == LinuxVM }

// Server reports whether the machine is a server of any sort.
func (k MachineKind) Server() bool { return k >= WindowsServer && k <= LinuxVM }

// Protectable reports whether a SentinelOne agent can run on the machine.
func (k MachineKind) Protectable() bool { return k <= LinuxVM }

// personal reports whether one human works on the machine.
func (k MachineKind) personal() bool { return k <= Mac }

// kindOf turns a draw of 0 to 99 into a kind: the usual mix of a managed estate.
func kindOf(percent int) MachineKind {
	switch {
	case percent < 34:
		return Laptop
	case percent < 61:
		return Desktop
	case percent < 69:
		return Mac
	case percent < 74:
		return WindowsServer
	case percent < 78:
		return LinuxServer
	case percent < 86:
		return WindowsVM
	case percent < 90:
		return LinuxVM
	case percent < 92:
		return Hypervisor
	case percent < 95:
		return Mobile
	case percent < 99:
		return NetworkDevice
	default:
		return CloudMonitor
	}
}

// Traits are the peculiarities of one machine.
type Traits uint32

// The traits.
const (
	NoEDR          Traits = 1 << iota // never had a SentinelOne agent
	NoRMM                             // unknown to NinjaRMM
	NoDeployment                      // no ImmyBot computer
	Unidentified                      // no ImmyBot computer, but ImmyBot lists its agents as pending identification
	Decommissioned                    // its only SentinelOne record is decommissioned
	Uninstalled                       // its only SentinelOne record is uninstalled and decommissioned
	Stale                             // no product has seen it for more than 90 days
	StaleEDR                          // SentinelOne has not seen it for more than 30 days, the others have
	StaleRMM                          // NinjaRMM has not seen it for more than 30 days, the others have
	Offline                           // switched off for hours or days
	PendingRMM                        // approvalStatus PENDING
	JunkSerial                        // a placeholder instead of a serial number, in every product
	SharedMAC                         // shows the MAC of a dock that other machines of the customer show too
	Clone                             // a copied virtual machine: its Origin's serial and agent uuid, its own name and MAC
	Reinstalled                       // has an older, decommissioned SentinelOne record as well
	Moved                             // NinjaRMM keeps it under another customer than SentinelOne and ImmyBot
	RenamedInEDR                      // SentinelOne still shows the name from before a rename
	GenericName                       // a name that other customers use too, such as DC01
	LongName                          // a name over 15 characters, which NinjaRMM's systemName cuts off
	Onboarding                        // an ImmyBot computer without name and inventory
	Reimaged                          // has an older, soft-deleted ImmyBot computer as well
	UnlinkedEDR                       // ImmyBot's SentinelOne integration doesn't list it
	UnlinkedRMM                       // ImmyBot's NinjaRMM integration doesn't list it
	Sparse                            // optional fields are null, empty or absent
	OddTypes                          // optional fields have another JSON type than documented
	GuestTwin                         // NinjaRMM shows it a second time, as a guest of its hypervisor
	Removed                           // gone from every product

	ownsPerson // a human came with this machine's number
)

// Has reports whether any trait of t is set.
func (m Traits) Has(t Traits) bool { return m&t != 0 }

// An odd is a trait and how many machines of a thousand have it.
type odd struct {
	trait    Traits
	perMille int
}

// odds lists the traits that are drawn independently of each other.
func odds() []odd {
	return []odd{
		{NoEDR, 80}, {NoRMM, 50}, {NoDeployment, 100}, {Decommissioned, 20}, {Uninstalled, 10},
		{Stale, 20}, {StaleEDR, 15}, {StaleRMM, 15}, {Offline, 140}, {PendingRMM, 20}, {JunkSerial, 50},
		{SharedMAC, 60}, {Reinstalled, 40}, {Moved, 15}, {RenamedInEDR, 12}, {LongName, 60},
		{Onboarding, 20}, {Reimaged, 30}, {UnlinkedEDR, 50}, {UnlinkedRMM, 50}, {Sparse, 60}, {OddTypes, 15},
		{Clone, 120}, {GuestTwin, 500}, {Unidentified, 400},
	}
}

// drawTraits draws the traits of machine i and drops those that can't be for its kind.
func (f *fleet) drawTraits(i int, k MachineKind) Traits {
	var t Traits
	bits := f.roll(i, topicTraits)
	for n, o := range f.odds {
		if mix(bits+uint64(n))%1000 < uint64(o.perMille) {
			t |= o.trait
		}
	}
	return t &^ impossible(t, k)
}

// impossible lists the traits of t that contradict others or the kind.
func impossible(t Traits, k MachineKind) Traits {
	var no Traits
	if !k.Protectable() {
		no |= NoEDR | Decommissioned | Uninstalled | StaleEDR | Reinstalled | RenamedInEDR | NoRMM
	}
	if !k.Windows() {
		no |= NoDeployment | Unidentified | Onboarding | Reimaged | LongName
	}
	if !k.Windows() && t.Has(NoEDR) {
		no |= NoRMM
	}
	if k != WindowsVM && k != LinuxVM {
		no |= Clone | GuestTwin
	}
	if k != Laptop {
		no |= SharedMAC
	}
	if t.Has(NoEDR) {
		no |= Decommissioned | Uninstalled | StaleEDR | Reinstalled | RenamedInEDR
	}
	if t.Has(NoEDR) && t.Has(NoRMM) {
		no |= NoDeployment
	}
	if !t.Has(NoDeployment) {
		no |= Unidentified
	}
	if t.Has(NoDeployment) {
		no |= Onboarding | Reimaged
	}
	if t.Has(NoRMM) {
		no |= PendingRMM | StaleRMM | Moved
	}
	return no
}
