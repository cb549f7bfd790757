package simulator

import (
	"iter"
	"strconv"
)

// A Machine is what is true of one machine and which records it has. Ids are as the products write them; a record that
// does not exist has the id "" or 0.
type Machine struct {
	Number   int // from 0; never reused
	Kind     MachineKind
	Traits   Traits
	Customer int    // index of its customer; NinjaRMM keeps a Moved machine under the next one
	Hostname string // current full name, without domain
	Serial   string // the real one, also where products show a placeholder; a clone has its Origin's
	MAC      string // of its own network adapter, lower case with colons
	Origin   int    // the machine that it is a clone of, or its own Number
	Host     int    // number of its hypervisor, or -1

	Agent          string // SentinelOne id of the current record
	FormerAgent    string // SentinelOne id of the decommissioned record of an earlier installation
	UUID           string // SentinelOne uuid of the current record, as SentinelOne spells it
	Device         int    // NinjaRMM id
	GuestDevice    int    // NinjaRMM id under which its hypervisor shows it a second time
	Computer       int    // ImmyBot id
	FormerComputer int    // ImmyBot id of the soft-deleted row
	LinkedAgent    bool   // ImmyBot lists the SentinelOne agent, with Computer unless Unidentified
	LinkedDevice   bool   // ImmyBot lists the NinjaRMM device, with Computer unless Unidentified
	Person         int    // ImmyBot id of the primary person, whether or not ImmyBot has a Computer
	Email          string // of the primary person
}

// Products counts the products that have a current record of the machine; a pending device and a decommissioned agent
// count.
func (m *Machine) Products() int {
	return digit(m.Agent != "") + digit(m.Device != 0) + digit(m.Computer != 0)
}

// A Customer is one company and its records.
type Customer struct {
	Index        int
	Name         string   // without legal form
	Account      string   // SentinelOne id
	Sites        []string // SentinelOne ids; none for a customer that SentinelOne does not know
	Organization int      // NinjaRMM id
	Tenant       int      // ImmyBot id, or 0
	SiteLinked   bool     // ImmyBot maps its first site to its tenant
	OrgLinked    bool     // ImmyBot maps its organization to its tenant
}

// Totals are the numbers of records that a complete read finds.
type Totals struct {
	Accounts, Sites, Groups, Agents, ConsoleUsers            int // SentinelOne; Agents are all
	DecommissionedAgents                                     int // of Agents, uninstalled ones included
	Organizations, Locations, Devices, PendingDevices, Users int // NinjaRMM; Devices are the approved ones
	Tenants, Computers, DeletedComputers, Persons, ImmyUsers int // ImmyBot
	ProviderAgents, IdentifiedAgents, UnidentifiedAgents     int // ImmyBot; the first are all of them
	Machines                                                 int // not removed, without those of habits
}

// Truth gives every machine that has not been removed, by number. It sees the fleet as it is at each step.
func (s *Simulator) Truth() iter.Seq[Machine] {
	return func(yield func(Machine) bool) {
		for i := 0; ; i++ {
			m, more, alive := s.machine(i)
			if !more || alive && !yield(m) {
				return
			}
		}
	}
}

// machine gives the truth of machine i; more is false beyond the last one.
func (s *Simulator) machine(i int) (m Machine, more, alive bool) {
	f := s.fleet
	f.mu.RLock()
	defer f.mu.RUnlock()
	if i >= len(f.states) {
		return m, false, false
	}
	if !f.alive(i) || f.cards[i] != nil {
		return m, true, false
	}
	return f.truth(i), true, true
}

// truth puts together what is true of machine i. It is called with the fleet read-locked.
func (f *fleet) truth(i int) Machine {
	st := &f.states[i]
	m := Machine{
		Number: i, Kind: st.kind, Traits: st.traits &^ ownsPerson, Customer: int(st.customer), Hostname: f.hostname(i),
		Serial: f.boardSerial(i), MAC: f.mac(i).text(":"), Origin: int(st.origin), Host: -1,
		LinkedAgent: f.hasLink(i*linkSlots + 2), LinkedDevice: f.hasLink(i*linkSlots + 3),
	}
	if st.host != none {
		m.Host = int(st.host)
	}
	if current := i*agentSlots + 1; f.hasAgent(current) {
		m.Agent, m.UUID = strconv.FormatUint(f.agentID(current), 10), f.agentUUID(current)
		if f.hasAgent(current - 1) {
			m.FormerAgent = strconv.FormatUint(f.agentID(current-1), 10)
		}
	}
	m.Device = existing(i*deviceSlots, f.hasDevice, f.deviceID)
	m.GuestDevice = existing(i*deviceSlots+1, f.hasDevice, f.deviceID)
	m.Computer = existing(i*computerSlots+1, f.hasComputer, f.computerID)
	m.FormerComputer = existing(i*computerSlots, f.hasComputer, f.computerID)
	if st.person != none {
		m.Email = f.person(int(st.person)).email
		m.Person = existing(int(st.person), f.hasPerson, f.personID)
	}
	return m
}

// existing is the id of a slot, or 0 for an empty one.
func existing(slot int, has func(int) bool, id func(int) int) int {
	if !has(slot) {
		return 0
	}
	return id(slot)
}

// Customers gives every customer that no habit has planted, by index.
func (s *Simulator) Customers() iter.Seq[Customer] {
	return func(yield func(Customer) bool) {
		for n := range s.fleet.ordinary {
			if !yield(s.fleet.customerTruth(n)) {
				return
			}
		}
	}
}

func (f *fleet) customerTruth(n int) Customer {
	c := &f.customers[n]
	t := Customer{
		Index: n, Name: c.base, Account: strconv.FormatUint(f.accountID(c.account), 10), Organization: orgID(n),
		SiteLinked: c.linkedSite && c.hasSite && c.hasTenant, OrgLinked: c.linkedTo && c.hasTenant,
	}
	if c.hasTenant {
		t.Tenant = tenantID(n)
	}
	for k := range c.sites {
		if c.hasSite {
			t.Sites = append(t.Sites, strconv.FormatUint(f.siteID(n*sitesPerCustomer+k), 10))
		}
	}
	return t
}

// Totals counts the records of each product.
func (s *Simulator) Totals() Totals {
	f := s.fleet
	f.mu.RLock()
	defer f.mu.RUnlock()
	sites := len(f.siteList())
	t := Totals{
		Accounts: f.accounts(), Sites: sites, Groups: sites * groupsPerSite, ConsoleUsers: len(f.consoleUsers()),
		Organizations: len(f.organizations()), Locations: len(f.locationList()), Users: technicians + len(f.endUsers()),
		Tenants: 1, Computers: len(f.computers()), DeletedComputers: len(f.deletedComputers()),
		Persons: technicians + len(f.persons()), ImmyUsers: technicians + 1 + len(f.planted.users),
		ProviderAgents: len(f.linkRows(1)), UnidentifiedAgents: len(f.linkRows(2)),
		IdentifiedAgents: len(f.linkRows(3)),
	}
	for n := range f.customers {
		t.Tenants += digit(f.customers[n].hasTenant)
	}
	for slot := range len(f.states) * agentSlots {
		gone, _ := f.gone(slot)
		t.Agents += digit(f.hasAgent(slot))
		t.DecommissionedAgents += digit(f.hasAgent(slot) && gone)
	}
	for slot := range len(f.states) * deviceSlots {
		t.Devices += digit(f.hasDevice(slot) && !f.pendingDevice(slot))
		t.PendingDevices += digit(f.hasDevice(slot) && f.pendingDevice(slot))
	}
	for i := range f.states {
		t.Machines += digit(f.alive(i) && f.cards[i] == nil)
	}
	return t
}
