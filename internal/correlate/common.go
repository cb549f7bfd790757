package correlate

import "slices"

// inCommon is what the members of a large cluster share, so that a record of a desktop with thousands of agents need
// not be compared with each of them.
type inCommon struct {
	serials, macs, names, placed, organizations sharedBy

	channel channel
	several bool // they are of several channels
	live    bool // one of them at least is
	decided bool // people keep one of them apart from another record
}

// sharedBy is what all units share that show something of a kind.
type sharedBy struct {
	list []uint64
	some bool // one shows something
	none bool // one shows nothing
}

// with returns what is shared when the members of another cluster come in.
func (s sharedBy) with(o sharedBy) sharedBy {
	out := sharedBy{some: s.some || o.some, none: s.none || o.none}
	switch {
	case !s.some:
		out.list = o.list
	case !o.some:
		out.list = s.list
	default:
		few, many := s.list, o.list
		if len(few) > len(many) {
			few, many = many, few
		}
		for _, h := range few {
			if contains(many, h) {
				out.list = append(out.list, h)
			}
		}
	}
	return out
}

// never reports whether no member of the one contradicts one of the other: they agree, or one side shows nothing.
func (s sharedBy) never(o sharedBy) bool { return !s.some || !o.some || s.meets(o) }

// always reports whether each member of the one agrees with each of the other.
func (s sharedBy) always(o sharedBy) bool { return !s.none && !o.none && s.meets(o) }

func (s sharedBy) meets(o sharedBy) bool { return common(s.list, o.list) != 0 }

func shownBy(list []uint64) sharedBy {
	return sharedBy{list: list, some: len(list) > 0, none: len(list) == 0}
}

// inCommonOf returns what there is to share of one unit.
func inCommonOf(u *unit) *inCommon {
	macs := u.macs
	if slices.ContainsFunc(macs, func(m uint64) bool { return !counts(m, u) }) {
		macs = slices.DeleteFunc(slices.Clone(macs), func(m uint64) bool { return !counts(m, u) })
	}
	placed := u.placed
	if slices.Contains(placed, 0) {
		placed = slices.DeleteFunc(slices.Clone(placed), func(h uint64) bool { return h == 0 })
	}
	return &inCommon{
		serials: shownBy(u.serials), macs: shownBy(macs), names: shownBy(u.names), placed: shownBy(placed),
		organizations: shownBy(u.organizations), channel: u.channel, live: u.live, decided: len(u.decided) > 0,
	}
}

func (c *inCommon) with(o *inCommon) *inCommon {
	return &inCommon{
		serials: c.serials.with(o.serials), macs: c.macs.with(o.macs), names: c.names.with(o.names),
		placed: c.placed.with(o.placed), organizations: c.organizations.with(o.organizations),
		channel: c.channel, several: c.several || o.several || c.channel != o.channel,
		live: c.live || o.live, decided: c.decided || o.decided,
	}
}

// large reports whether comparing each member of two clusters with each of the other costs more than what they have in
// common.
func (s *solver) large(a, b int32) bool {
	const few = 64
	return len(s.sets.members(a))*len(s.sets.members(b)) > few
}

// inCommonIn returns what the members of the cluster of a unit share.
func (s *solver) inCommonIn(units []unit, a int32) *inCommon {
	root := s.sets.root[a]
	c := s.shared[root]
	if c == nil {
		c = inCommonOf(&units[a])
		for _, m := range s.sets.members(a) {
			if m != a {
				c = c.with(inCommonOf(&units[m]))
			}
		}
		s.shared[root] = c
	}
	return c
}

// unite joins the clusters of two units.
func (s *solver) unite(units []unit, a, b int32) {
	if !s.large(a, b) {
		delete(s.shared, s.sets.root[a])
		delete(s.shared, s.sets.root[b])
		s.sets.union(a, b)
		return
	}
	both := s.inCommonIn(units, a).with(s.inCommonIn(units, b))
	delete(s.shared, s.sets.root[a])
	delete(s.shared, s.sets.root[b])
	s.sets.union(a, b)
	s.shared[s.sets.root[a]] = both
}

// openQuestions reports whether two members of the clusters of a pair, one of them gone or both alive, may contradict
// each other for all that their clusters have in common: it asks what judgeSame, conflict and against would.
func (s *solver) openQuestions(units []unit, p *pair) (dead, live bool) {
	a, b := s.inCommonIn(units, p.a), s.inCommonIn(units, p.b)
	live = a.live && b.live
	if a.decided && b.decided || !a.serials.never(b.serials) || !a.names.never(b.names) ||
		!a.organizations.never(b.organizations) {
		return true, live
	}
	serial, address := a.serials.always(b.serials), a.macs.always(b.macs)
	otherAddresses := !a.macs.never(b.macs)
	switch {
	case p.method != methodPrevious:
		dead = otherAddresses && (!serial || p.method == methodHostname)
	case a.several || b.several || a.channel != b.channel:
		dead = s.withdrawn || a.macs.some && b.macs.some
	}
	return dead, live && (dead || otherAddresses || !a.placed.always(b.placed) || !serial && !address)
}
