package simulator

import "time"

// A Change is what happens to the fleet in one step. Machines are drawn from the seed and the step, each for one
// purpose; when fewer are left than asked for, fewer change.
type Change struct {
	Clock   time.Duration // how far the fleet's clock moves; 0 = 15 minutes. The clock alone changes no record
	Add     int           // new machines, with the next numbers
	Remove  int           // machines that vanish from every product; the people stay
	Edit    int           // upgrades: operating system and agent version change; times of check-ins do not
	Rename  int           // machines that get another name
	Move    int           // machines that change SentinelOne group and NinjaRMM location
	CheckIn int           // machines of which only last-seen times, online state, free space and last user change

	// What else an ordinary hour brings.
	Seen       int // machines that run, of which last-seen times alone move, in every product: to within the last Clock
	User       int // machines that somebody else has logged on to last
	RenameBare int // machines without a serial number that get another name

	Disable int // machines that run and that their agent protects, on which somebody disables it
}

// Changed lists the numbers of the machines that a Change has met.
type Changed struct {
	Added, Removed, Edited, Renamed, Moved, CheckedIn, Seen, Users, BareRenamed, Disabled []int
}

// Advance makes a change. Requests see the fleet before or after it at each chunk of an answer.
func (s *Simulator) Advance(c Change) Changed {
	f := s.fleet
	f.mu.Lock()
	defer f.mu.Unlock()
	if c.Clock == 0 {
		c.Clock = 15 * time.Minute
	}
	f.now = f.now.Add(c.Clock)
	d := &draw{f: f, taken: map[int]bool{}}
	all := func(int) bool { return true }
	done := Changed{
		Removed:     d.machines(c.Remove, all, func(m *state) { m.traits |= Removed }),
		Edited:      d.machines(c.Edit, f.shown, func(m *state) { m.edits++ }),
		Renamed:     d.machines(c.Rename, f.nameShown, func(m *state) { m.renames++ }),
		Moved:       d.machines(c.Move, f.hasCurrentAgent, func(m *state) { m.moves++ }),
		CheckedIn:   d.machines(c.CheckIn, f.checksIn, f.checkIn),
		Users:       d.machines(c.User, f.userShown, func(m *state) { m.users++ }),
		BareRenamed: d.machines(c.RenameBare, f.bareNameShown, func(m *state) { m.renames++ }),
		Disabled:    d.machines(c.Disable, f.protected, func(m *state) { m.disabled = true }),
	}
	passed := max(1, int(c.Clock/time.Minute))
	done.Seen = d.machines(c.Seen, f.runs, func(m *state) {
		now := int(f.now.Sub(f.start) / time.Minute)
		m.beat = uint32(max(1, now-f.pick(int(m.ordinal), topicSeen, passed)))
	})
	for range c.Add {
		done.Added = append(done.Added, len(f.states))
		f.grow()
	}
	f.changed()
	return done
}

// Now is what time it is in the fleet.
func (s *Simulator) Now() time.Time {
	s.fleet.mu.RLock()
	defer s.fleet.mu.RUnlock()
	return s.fleet.now
}

// checkIn marks the machine as seen now.
func (f *fleet) checkIn(m *state) { m.seen = max(m.seen+1, uint32(f.now.Sub(f.start)/time.Minute)) }

// shown reports whether an upgrade of machine i shows in at least one product.
func (f *fleet) shown(i int) bool {
	return f.states[i].kind <= Hypervisor || f.states[i].kind == Mobile
}

// nameShown reports whether a rename of machine i shows.
func (f *fleet) nameShown(i int) bool {
	return f.states[i].kind.Protectable() && !f.states[i].traits.Has(Onboarding|RenamedInEDR|LongName)
}

// bareNameShown reports whether a rename of machine i shows and no serial number does.
func (f *fleet) bareNameShown(i int) bool {
	return f.nameShown(i) && f.states[i].traits.Has(JunkSerial)
}

func (f *fleet) hasCurrentAgent(i int) bool { return f.hasAgent(i*agentSlots + 1) }

// checksIn reports whether the machine is one that still runs, in every product that has it.
func (f *fleet) checksIn(i int) bool {
	return !f.states[i].traits.Has(Stale | StaleEDR | StaleRMM | Decommissioned | Uninstalled | Onboarding | PendingRMM | OddTypes)
}

// runs reports whether the machine is switched on and all products know it by an agent that works.
func (f *fleet) runs(i int) bool {
	return !f.states[i].traits.Has(Stale | StaleEDR | StaleRMM | Offline | Decommissioned | Uninstalled)
}

// protected reports whether the machine runs and its agent says that it protects it.
func (f *fleet) protected(i int) bool {
	protects, _ := f.protection(i)
	return f.hasCurrentAgent(i) && f.runs(i) && protects == Yes
}

// userShown reports whether a product shows who has logged on to machine i.
func (f *fleet) userShown(i int) bool {
	s := &f.states[i]
	return s.kind.personal() && s.person != none && s.seen <= s.born &&
		(f.hasDevice(i*deviceSlots) || f.hasCurrentAgent(i))
}

// A draw picks the machines that one step changes.
type draw struct {
	f     *fleet
	taken map[int]bool
}

// machines draws up to n machines that are fit, changes them and returns their numbers.
func (d *draw) machines(n int, fit func(i int) bool, change func(*state)) []int {
	var drawn []int
	total := len(d.f.states)
	if total == 0 || n <= 0 {
		return nil
	}
	// A start and a stride without common divisor visit every machine once.
	step := int(d.f.now.Unix()) + len(d.taken)
	at, stride := d.f.pick(step, topicChange, total), 1+d.f.pick(-step, topicChange, total)
	for divisor(stride, total) != 1 {
		stride++
	}
	for range total {
		if len(drawn) == n {
			break
		}
		at = (at + stride) % total
		if !d.taken[at] && d.f.alive(at) && d.f.cards[at] == nil && fit(at) {
			d.taken[at] = true
			drawn = append(drawn, at)
			change(&d.f.states[at])
		}
	}
	return drawn
}

// divisor is the greatest common divisor.
func divisor(a, b int) int {
	for b != 0 {
		a, b = b, a%b
	}
	return a
}
