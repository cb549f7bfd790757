package simulator

import (
	"iter"
	"maps"
	"slices"
	"strconv"
)

// A Label says which records are one real machine: those of ordinary machines and those that habits have planted.
type Label struct {
	Habit     string // the habit that planted it; "" for an ordinary machine
	Machine   int
	Agents    []string // SentinelOne ids
	Devices   []string // NinjaRMM ids, guests among them
	Computers []string // ImmyBot ids

	EDR, RMM, Deployment bool // what it has: a live agent, an approved device that is no guest, a computer

	// Values is what the machine shows when all records are put together, by property of the graph's model; only what
	// its habit is about.
	Values map[string]string
}

// Labels gives the truth of every machine, by record ids: one label for each real machine that other products could
// know too.
func (s *Simulator) Labels() iter.Seq[Label] {
	return func(yield func(Label) bool) {
		for m := range s.Truth() {
			if l := labelOf(&m); m.Kind != NetworkDevice && m.Kind != CloudMonitor && !yield(l) {
				return
			}
		}
		for _, l := range s.fleet.plantedLabels() {
			if !yield(l) {
				return
			}
		}
	}
}

// labelOf labels an ordinary machine.
func labelOf(m *Machine) Label {
	l := Label{
		Machine: m.Number, EDR: m.Agent != "" && !m.Traits.Has(Decommissioned|Uninstalled),
		RMM: m.Device != 0 && !m.Traits.Has(PendingRMM), Deployment: m.Computer != 0,
	}
	for _, id := range []string{m.Agent, m.FormerAgent} {
		if id != "" {
			l.Agents = append(l.Agents, id)
		}
	}
	for _, id := range []int{m.Device, m.GuestDevice} {
		if id != 0 {
			l.Devices = append(l.Devices, strconv.Itoa(id))
		}
	}
	if m.Computer != 0 {
		l.Computers = []string{strconv.Itoa(m.Computer)}
	}
	return l
}

// plantedLabels puts the cards of each real machine together, in the order in which they were planted.
func (f *fleet) plantedLabels() []Label {
	f.mu.RLock()
	defer f.mu.RUnlock()
	var labels []Label
	at := map[int]int{}
	for _, number := range slices.Sorted(maps.Keys(f.cards)) {
		c := f.cards[number]
		if c.kind == linkCard || c.kind == personCard || !f.alive(number) {
			continue
		}
		n, known := at[c.real]
		if !known {
			n = len(labels)
			at[c.real] = n
			labels = append(labels, Label{Habit: c.habit, Machine: c.real, Values: f.planted.values[c.real]})
		}
		labels[n].add(c)
	}
	return labels
}

func (l *Label) add(c *card) {
	switch c.kind {
	case agentCard:
		l.Agents, l.EDR = append(l.Agents, c.id()), l.EDR || !c.dead
	case computerCard:
		l.Computers, l.Deployment = append(l.Computers, c.id()), true
	default:
		l.Devices, l.RMM = append(l.Devices, c.id()), l.RMM || c.kind == deviceCard
	}
}

// Withdraw takes records that habits have planted out of the answers, or with back puts them there again: SentinelOne
// agents, NinjaRMM devices and ImmyBot computers by their ids. It returns how many it found.
func (s *Simulator) Withdraw(back bool, agents, devices, computers []string) int {
	f := s.fleet
	f.mu.Lock()
	defer f.mu.Unlock()
	found := 0
	for number, c := range f.cards {
		ids := map[cardKind][]string{
			agentCard: agents, deviceCard: devices, guestCard: devices, computerCard: computers,
		}[c.kind]
		if !slices.Contains(ids, c.id()) {
			continue
		}
		found++
		if back {
			f.states[number].traits &^= Removed
		} else {
			f.states[number].traits |= Removed
		}
	}
	f.changed()
	return found
}

// A CustomerLabel says which records are one real customer.
type CustomerLabel struct {
	Habit         string
	Customer      int
	Sites         []string // SentinelOne ids
	Organizations []string // NinjaRMM ids
	Tenants       []string // ImmyBot ids
}

// CustomerLabels gives the truth of every customer, by record ids.
func (s *Simulator) CustomerLabels() []CustomerLabel {
	f := s.fleet
	var labels []CustomerLabel
	at := map[int]int{}
	for n := range f.customers {
		real, habit := n, ""
		if c := f.customers[n].planted; c != nil {
			real, habit = c.real, c.habit
		}
		i, known := at[real]
		if !known {
			i = len(labels)
			at[real] = i
			labels = append(labels, CustomerLabel{Habit: habit, Customer: real})
		}
		t := f.customerTruth(n)
		labels[i].Sites = append(labels[i].Sites, t.Sites...)
		if f.customers[n].knownToRMM() {
			labels[i].Organizations = append(labels[i].Organizations, strconv.Itoa(t.Organization))
		}
		if t.Tenant != 0 {
			labels[i].Tenants = append(labels[i].Tenants, strconv.Itoa(t.Tenant))
		}
	}
	return labels
}

// A PersonLabel says which records are one real human.
type PersonLabel struct {
	Habit   string
	Human   int
	Persons []string // ImmyBot ids of persons
	Users   []string // ImmyBot ids of console users
}

// PersonLabels gives the truth of the humans that habits have planted, by record ids. Of all others an e-mail address
// is one human.
func (s *Simulator) PersonLabels() []PersonLabel {
	f := s.fleet
	var labels []PersonLabel
	at := map[int]int{}
	label := func(habit string, real int) *PersonLabel {
		n, known := at[real]
		if !known {
			n = len(labels)
			at[real] = n
			labels = append(labels, PersonLabel{Habit: habit, Human: real})
		}
		return &labels[n]
	}
	for _, number := range slices.Sorted(maps.Keys(f.cards)) {
		if c := f.cards[number]; c.kind == personCard {
			l := label(c.habit, c.real)
			l.Persons = append(l.Persons, c.id())
		}
	}
	for n, u := range f.planted.users {
		l := label(u.habit, u.real)
		l.Users = append(l.Users, strconv.Itoa(2+technicians+1+n))
	}
	return labels
}

// Habits lists the names of all habits of real fleets, and what each is about.
func Habits() iter.Seq2[string, string] {
	return func(yield func(name, practice string) bool) {
		for _, h := range habits() {
			if !yield(h.name, h.practice) {
				return
			}
		}
	}
}

// AllHabits are the names of all habits.
func AllHabits() []string {
	var names []string
	for name := range Habits() {
		names = append(names, name)
	}
	return names
}
