package correlate

import "slices"

// A unit is what one channel shows of one machine: a record, or several that are the same machine.
type unit struct {
	channel  channel
	live     bool
	observed bool // seen from elsewhere: a guest by its hypervisor
	records  []int32

	external, links, serials, macs []uint64
	names, cuts                    []uint64 // as texts
	placed, placedCuts             []uint64 // within an organization
	organizations                  []uint64
	before                         []uint64 // hashed derived keys of the last run
	same                           []uint64 // what people say it is the same as
	decided                        []int32  // of the records: those that people keep apart from others
	whole15, generic               bool
	virtual, ownSerial             bool
	telling                        int  // addresses that tell it from others
	unlinked                       bool // of a record: it told links in the last run, and all were read again

	first, created, seen uint32 // when the oldest record and the newest one were created, and when one was seen last; 0 = not known
}

// overlap is how many seconds an installer and its predecessor may be online together.
const overlap = 3600

// superseded reports whether the older of two units was never seen after the other came: as after a new installation
// whose predecessor nobody has removed, or when a retired machine's name is used again.
func superseded(a, b *unit) bool {
	if a.created > b.created || a.created == b.created && a.first > b.first {
		a, b = b, a
	}
	return a.seen > 0 && b.first > 0 && a.first < b.first && a.seen <= b.first+overlap
}

// elsewhere reports whether two units are known to be of different customers.
func elsewhere(a, b *unit) bool {
	return len(a.organizations) > 0 && len(b.organizations) > 0 && common(a.organizations, b.organizations) == 0
}

// wereApart reports whether the last run took two units for two machines.
func wereApart(a, b *unit) bool {
	return len(a.before) > 0 && len(b.before) > 0 && common(a.before, b.before) == 0
}

// absorb adds what another record of the same machine says, until settle is called.
func (u *unit) absorb(r *unit) {
	u.lastFor(r)
	u.records = append(u.records, r.records...)
	u.whole15, u.generic = u.whole15 || r.whole15, u.generic || r.generic
	u.virtual, u.ownSerial = u.virtual || r.virtual, u.ownSerial || r.ownSerial
	for _, list := range [...]struct {
		into *[]uint64
		from []uint64
	}{
		{&u.external, r.external}, {&u.links, r.links}, {&u.serials, r.serials}, {&u.macs, r.macs}, {&u.names, r.names},
		{&u.cuts, r.cuts},
		{&u.placed, r.placed}, {&u.placedCuts, r.placedCuts}, {&u.organizations, r.organizations},
		{&u.before, r.before}, {&u.same, r.same},
	} {
		*list.into = append(*list.into, list.from...)
	}
	u.decided = append(u.decided, r.decided...)
}

// settle takes away what a unit of several records says twice, and sorts the lists.
func (u *unit) settle() {
	if len(u.records) > 1 {
		for _, list := range [...]*[]uint64{
			&u.external, &u.links, &u.serials, &u.macs, &u.names, &u.cuts, &u.placed, &u.placedCuts, &u.organizations,
			&u.before, &u.same,
		} {
			*list = slices.Compact(slices.Sorted(slices.Values(*list))) // it may still be that of the first record
		}
	}
	u.telling = 0
	for _, m := range u.macs {
		u.telling += count1(m != 0 && counts(m, u))
	}
}

// contains reports whether a list of a unit holds a value. Long ones are sorted, since no record shows that many.
func contains(list []uint64, h uint64) bool {
	if len(list) <= most {
		return slices.Contains(list, h)
	}
	_, found := slices.BinarySearch(list, h)
	return found
}

// lastFor extends the life of a unit by that of another record of the same machine.
func (u *unit) lastFor(r *unit) {
	u.live = u.live || r.live
	u.first = min(u.first-1, r.first-1) + 1 // 0, not known, comes last
	u.created, u.seen = max(u.created, r.created), max(u.seen, r.seen)
}
