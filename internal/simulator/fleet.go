package simulator

import (
	"sync"
	"time"
)

// none stands for "no machine" where a machine's number is expected.
const none = ^uint32(0)

// A state is all that is stored of one machine; everything else is drawn from its number.
type state struct {
	traits   Traits
	customer uint16
	kind     MachineKind
	renames  uint8
	edits    uint8
	moves    uint8
	users    uint8  // changes of the last user
	disabled bool   // somebody has disabled its agent
	ordinal  uint32 // among the customer's machines, or its servers for a generic name
	origin   uint32 // the machine whose serial and agent uuid it shows: itself, or what it was cloned from
	person   uint32 // number of the primary person, or none
	host     uint32 // its hypervisor, or none
	born     uint32 // minutes after the start at which it appeared; 0 = was there
	seen     uint32 // minutes after the start of its last check-in; 0 = drawn
	beat     uint32 // the same of one that changed nothing else
}

// A tally is what generation must remember of one customer.
type tally struct {
	machines, servers        uint32
	lastVM, lastPerson, host uint32
	probe, firstPerson       uint32
}

// fleet is the made-up estate that all products are rendered from.
type fleet struct {
	seed      uint64
	words     lexicon
	odds      []odd
	customers []customer
	unseen    []bool // customers that do not exist for whoever reads; nil for none
	start     time.Time

	mu      sync.RWMutex
	now     time.Time
	states  []state
	tallies []tally

	ordinary int           // customers that no habit has planted: the first ones
	cards    map[int]*card // records that habits have planted, by number
	planted  planted

	viewMu sync.Mutex
	views  map[string][]uint32
	sums   *sums
}

// newFleet makes the customers and n machines.
func newFleet(seed uint64, customers, n int, start time.Time) *fleet {
	f := &fleet{
		seed: seed, words: newLexicon(), odds: odds(), start: start, now: start,
		views: map[string][]uint32{}, states: make([]state, 0, n), tallies: make([]tally, customers),
		ordinary: customers,
	}
	f.customers = f.newCustomers(customers)
	for c := range f.tallies {
		f.tallies[c] = tally{lastVM: none, lastPerson: none, host: none, probe: none, firstPerson: none}
	}
	for range n {
		f.grow()
	}
	return f
}

// grow adds the next machine.
func (f *fleet) grow() {
	i := len(f.states)
	c := f.drawCustomer(i)
	k := kindOf(f.pick(i, topicKind, 100))
	s := state{
		kind: k, customer: uint16(c), traits: f.drawTraits(i, k), origin: uint32(i), person: none, host: none,
		born: uint32(f.now.Sub(f.start) / time.Minute),
	}
	s.seen = s.born
	t := &f.tallies[c]
	f.keepSomewhere(&s, f.customers[c])
	f.name(&s, t)
	f.employ(i, &s, t)
	f.virtualise(i, &s, t)
	f.states = append(f.states, s)
}

// drawCustomer draws a customer for machine i; the first ones are the largest.
func (f *fleet) drawCustomer(i int) int {
	u := float64(f.roll(i, topicCustomer)>>11) / (1 << 53)
	return min(int(u*u*float64(f.ordinary)), f.ordinary-1)
}

// keepSomewhere makes sure that at least one product knows the machine.
func (f *fleet) keepSomewhere(s *state, c customer) {
	if !c.hasTenant {
		s.traits &^= NoDeployment | Unidentified | Onboarding | Reimaged
	}
	known := !s.traits.Has(NoRMM) || (c.hasSite && !s.traits.Has(NoEDR)) ||
		(c.hasTenant && s.kind.Windows() && !s.traits.Has(NoDeployment))
	if !known {
		s.traits &^= NoRMM
	}
}

// name gives the machine its ordinal; a customer's first servers are called as everywhere.
func (f *fleet) name(s *state, t *tally) {
	s.ordinal = t.machines
	t.machines++
	if s.kind != WindowsServer && s.kind != WindowsVM {
		return
	}
	if t.servers < genericNames {
		s.ordinal = t.servers
		s.traits = s.traits&^LongName | GenericName
	}
	t.servers++
}

// employ gives the machine its primary person: most often one who comes with it.
func (f *fleet) employ(i int, s *state, t *tally) {
	if !s.kind.personal() {
		return
	}
	switch draw := f.pick(i, topicPerson, 100); {
	case draw < 12: // nobody
	case draw < 22 && t.lastPerson != none:
		s.person = t.lastPerson
	default:
		s.person, t.lastPerson = uint32(i), uint32(i)
		s.traits |= ownsPerson
		if t.firstPerson == none {
			t.firstPerson = uint32(i)
		}
	}
}

// virtualise puts guests on hypervisors and finds what clones were cloned from.
func (f *fleet) virtualise(i int, s *state, t *tally) {
	switch {
	case s.kind == Hypervisor:
		t.host = uint32(i)
	case s.kind.Virtual():
		s.host = t.host
		f.clone(i, s, t)
	}
	if s.host == none || f.states[s.host].traits.Has(Removed) {
		s.host = none
		s.traits &^= GuestTwin
	}
	if t.probe == none && s.kind.Server() && !s.traits.Has(NoRMM|PendingRMM|Moved) {
		t.probe = uint32(i)
	}
}

// clone settles whether the virtual machine is a copy of the customer's last one of the same kind.
func (f *fleet) clone(i int, s *state, t *tally) {
	const troubled = NoEDR | Decommissioned | Uninstalled | Reinstalled | JunkSerial
	if s.traits.Has(Clone) && t.lastVM != none && f.states[t.lastVM].kind == s.kind && !s.traits.Has(troubled) {
		s.origin = t.lastVM
		return
	}
	s.traits &^= Clone
	if !s.traits.Has(troubled) {
		t.lastVM = uint32(i)
	}
}

// created is when the machine came into being.
func (f *fleet) created(i int) time.Time {
	s := &f.states[i]
	if c := f.cards[i]; c != nil {
		return c.born
	}
	if s.born > 0 {
		return f.start.Add(time.Duration(s.born)*time.Minute - time.Duration(f.pick(i, topicAge,
			50_000_000))*time.Microsecond)
	}
	return f.start.Add(-f.spread(i, topicAge, 420*24*time.Hour, 1500*24*time.Hour))
}

// spread draws a duration, in whole microseconds.
func (f *fleet) spread(i int, t topic, low, high time.Duration) time.Duration {
	span := uint64((high - low) / time.Microsecond)
	return low + time.Duration(f.roll(i, t)%span)*time.Microsecond
}

// seenAt is the last check-in of machine i with a product: late is the trait that makes it stale there.
func (f *fleet) seenAt(i int, late Traits) time.Time {
	const day = 24 * time.Hour
	s := &f.states[i]
	if c := f.cards[i]; c != nil {
		return c.seen
	}
	switch last := max(s.seen, s.beat); {
	case last > 0:
		return f.start.Add(time.Duration(last)*time.Minute - f.spread(i, topicSeen, 0, 50*time.Second))
	case s.traits.Has(Stale):
		return f.start.Add(-f.spread(i, topicSeen, 91*day, 400*day))
	case s.traits.Has(late):
		return f.start.Add(-f.spread(i, topicSeen, 31*day, 89*day))
	case s.traits.Has(Offline):
		return f.start.Add(-f.spread(i, topicSeen, 2*time.Hour, 20*day))
	default:
		return f.start.Add(-f.spread(i, topicSeen, 10*time.Second, 10*time.Minute))
	}
}

// online reports whether the machine is connected to a product.
func (f *fleet) online(i int, late Traits) bool {
	s := &f.states[i]
	if c := f.cards[i]; c != nil {
		return f.start.Sub(c.seen) < time.Hour
	}
	return s.seen > 0 || !s.traits.Has(Stale|Offline|late)
}
