package simulator

import "sort"

// Every product numbers its records by slots: a fixed number per machine, some of them empty. Ids grow with slots.
const (
	agentSlots    = 2 // former record, current record
	deviceSlots   = 2 // the device, its twin as a guest
	computerSlots = 2 // soft-deleted row, current row
	linkSlots     = 4 // on the deleted row; ImmyBot's own, SentinelOne's, NinjaRMM's
)

// view returns the slots for which in holds, ascending, and keeps them under key until the fleet changes. Callers don't
// change the result. It is called with the fleet read-locked.
func (f *fleet) view(key string, perMachine int, in func(slot int) bool) []uint32 {
	f.viewMu.Lock()
	defer f.viewMu.Unlock()
	if v, ok := f.views[key]; ok {
		return v
	}
	const tooMany = 64
	if len(f.views) >= tooMany {
		clear(f.views)
	}
	slots := []uint32{}
	for slot := range len(f.states) * perMachine {
		if in(slot) {
			slots = append(slots, uint32(slot))
		}
	}
	f.views[key] = slots
	return slots
}

// changed forgets what was derived from the fleet. It is called with the fleet locked.
func (f *fleet) changed() {
	f.viewMu.Lock()
	defer f.viewMu.Unlock()
	clear(f.views)
	f.sums = nil
}

// after returns the part of an ascending view whose ids exceed id.
func after(view []uint32, id uint64, idOf func(slot int) uint64) []uint32 {
	first := sort.Search(len(view), func(n int) bool { return idOf(int(view[n])) > id })
	return view[first:]
}

// alive reports whether machine i has not been removed.
func (f *fleet) alive(i int) bool { return !f.states[i].traits.Has(Removed) }

// hasAgent reports whether SentinelOne has a record in the slot.
func (f *fleet) hasAgent(slot int) bool {
	if c := f.cards[slot/agentSlots]; c != nil {
		return c.kind == agentCard && slot == c.slot() && f.alive(c.number)
	}
	s := &f.states[slot/agentSlots]
	if !f.customers[s.customer].hasSite || !f.sees(int(s.customer)) || !s.kind.Protectable() ||
		s.traits.Has(NoEDR|Removed) {
		return false
	}
	return slot%agentSlots == 1 || s.traits.Has(Reinstalled)
}

// gone reports whether the SentinelOne record in the slot is decommissioned, and whether uninstalled too.
func (f *fleet) gone(slot int) (decommissioned, uninstalled bool) {
	t := f.states[slot/agentSlots].traits
	if slot%agentSlots == 0 {
		return true, false
	}
	return t.Has(Decommissioned | Uninstalled), t.Has(Uninstalled)
}

// hasDevice reports whether NinjaRMM has a device in the slot.
func (f *fleet) hasDevice(slot int) bool {
	if c := f.cards[slot/deviceSlots]; c != nil {
		return (c.kind == deviceCard || c.kind == guestCard) && slot == c.slot() && f.alive(c.number)
	}
	s := &f.states[slot/deviceSlots]
	if !f.sees(f.orgOf(slot / deviceSlots)) {
		return false
	}
	if slot%deviceSlots == 1 {
		return s.traits.Has(GuestTwin) && !s.traits.Has(Removed) && s.host != none && f.alive(int(s.host))
	}
	return !s.traits.Has(NoRMM | Removed)
}

// pendingDevice reports whether the device in the slot awaits approval.
func (f *fleet) pendingDevice(slot int) bool {
	return slot%deviceSlots == 0 && f.states[slot/deviceSlots].traits.Has(PendingRMM)
}

// hasComputer reports whether ImmyBot has a row in the slot; slot 0 of a machine is soft-deleted.
func (f *fleet) hasComputer(slot int) bool {
	if c := f.cards[slot/computerSlots]; c != nil {
		return c.kind == computerCard && slot == c.slot() && f.alive(c.number)
	}
	s := &f.states[slot/computerSlots]
	if !f.customers[s.customer].hasTenant || !f.sees(int(s.customer)) || !s.kind.Windows() ||
		s.traits.Has(NoDeployment|Removed) {
		return false
	}
	return slot%computerSlots == 1 || s.traits.Has(Reimaged)
}

// hasLink reports whether ImmyBot has a provider agent in the slot.
func (f *fleet) hasLink(slot int) bool {
	i := slot / linkSlots
	if c := f.cards[i]; c != nil {
		return c.holdsLink(slot) && f.alive(i)
	}
	s := &f.states[i]
	computer, unidentified := f.hasComputer(i*computerSlots+1), s.traits.Has(Unidentified) && f.alive(i)
	switch slot % linkSlots {
	case 0:
		return f.hasComputer(i * computerSlots)
	case 1:
		return computer
	case 2:
		return (computer || unidentified) && f.hasAgent(i*agentSlots+1) && !s.traits.Has(UnlinkedEDR|Clone|Uninstalled)
	default:
		return (computer || unidentified) && f.hasDevice(i*deviceSlots) && !s.traits.Has(UnlinkedRMM|PendingRMM)
	}
}

// hasPerson reports whether ImmyBot has a person who came with machine i.
func (f *fleet) hasPerson(i int) bool {
	if c := f.cards[i]; c != nil {
		return c.kind == personCard
	}
	s := &f.states[i]
	return s.traits.Has(ownsPerson) && f.customers[s.customer].hasTenant && f.sees(int(s.customer))
}

func (f *fleet) agents() []uint32 { return f.view("agents", agentSlots, f.hasAgent) }

func (f *fleet) computers() []uint32 {
	return f.view("computers", computerSlots,
		func(slot int) bool { return slot%computerSlots == 1 && f.hasComputer(slot) })
}

func (f *fleet) deletedComputers() []uint32 {
	return f.view("deleted computers", computerSlots,
		func(slot int) bool { return slot%computerSlots == 0 && f.hasComputer(slot) })
}

func (f *fleet) persons() []uint32 { return f.view("persons", 1, f.hasPerson) }

func (f *fleet) endUsers() []uint32 { return f.view("end users", 1, f.isEndUser) }

// isEndUser reports whether the person who came with machine i is an end user in NinjaRMM.
func (f *fleet) isEndUser(i int) bool {
	const share, most = 10, 50_000
	return i < most && i%share == 0 && f.states[i].traits.Has(ownsPerson) && f.sees(int(f.states[i].customer))
}
