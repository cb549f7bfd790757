package correlate

import (
	"slices"
)

// A solver splits one component into machines. Its memory is used again for the next component.
type solver struct {
	c       *Correlator
	members []uint32 // records, ascending by hashed key
	records []unit   // one for each member
	units   []unit   // records of one channel that are one machine
	unitOf  []int32  // by member
	idents  []ident
	pairs   []pair
	pairsOf [][]int32 // indexes in pairs, by unit
	pool    []uint64
	numbers []int32 // 0, 1, 2, …

	roots, position []int32
	ordered         []uint32
}

// A pair is two units that have something in common.
type pair struct {
	a, b   int32
	score  int32
	method method
	reason reason
	g      agreement
}

// solveAll solves every component. The order within it is: clusters by their first record, members as before.
func (c *Correlator) solveAll() {
	s := &solver{c: c}
	for n := range len(c.starts) - 1 {
		s.solve(c.order[c.starts[n]:c.starts[n+1]])
	}
}

func (s *solver) solve(members []uint32) {
	s.members = members
	if len(members) == 1 {
		s.c.leader[members[0]] = members[0]
		return
	}
	s.load()
	s.findIdents()
	s.mergeDuplicates()
	s.makeUnits()
	s.mergeAcross()
	s.finish()
}

// load makes a unit of each record.
func (s *solver) load() {
	s.records, s.pool = s.records[:0], s.pool[:0]
	for n := len(s.numbers); n < len(s.members); n++ {
		s.numbers = append(s.numbers, int32(n))
	}
	for n, i := range s.members {
		r := s.c.records.at(i)
		ids := s.c.identifiers(r)
		u := unit{
			channel: r.channel, live: !r.has(dead), records: s.numbers[n : n+1 : n+1], external: s.filled(ids.external), serials: s.filled(ids.serials),
			macs: s.filled(ids.macs), names: s.filled(ids.name), cuts: ids.cut, whole15: r.has(whole15), created: r.created, seen: r.seen, root: int32(n),
		}
		if !s.c.uses(ruleSerial) {
			u.serials = nil
		}
		if !s.c.uses(ruleMAC) {
			u.macs = nil
		}
		u.placed, u.placedCuts = s.placed(r, u.names), s.placed(r, u.cuts)
		if s.c.roleOf(r).Machine.Links && s.c.uses(ruleLink) {
			u.links = s.c.linksOf(i)
			u.links = slices.Clip(u.links)
		}
		s.records = append(s.records, u)
	}
}

// placed returns names within the organization of a record.
func (s *solver) placed(r *record, names []uint64) []uint64 {
	start := len(s.pool)
	for _, h := range names {
		s.pool = append(s.pool, s.c.nameIn(r, h))
	}
	return s.pool[start:len(s.pool):len(s.pool)]
}

// filled returns the list without zeros.
func (s *solver) filled(list []uint64) []uint64 {
	if !slices.Contains(list, 0) {
		return list
	}
	return slices.DeleteFunc(slices.Clone(list), func(h uint64) bool { return h == 0 })
}

// findPairs lists the pairs of units, told by of, that share an identifier; each once, ascending.
func (s *solver) findPairs(of func(member int32) int32, wanted func(a, b int32) bool) {
	s.pairs = s.pairs[:0]
	for _, group := range s.groups() {
		if len(group) > maxHolders {
			continue
		}
		for n, x := range group {
			for _, y := range group[:n] {
				a, b := of(x.member), of(y.member)
				if a > b {
					a, b = b, a
				}
				if a != b && wanted(a, b) {
					s.pairs = append(s.pairs, pair{a: a, b: b})
				}
			}
		}
	}
	slices.SortFunc(s.pairs, func(p, q pair) int {
		if p.a != q.a {
			return int(p.a - q.a)
		}
		return int(p.b - q.b)
	})
	s.pairs = slices.CompactFunc(s.pairs, func(p, q pair) bool { return p.a == q.a && p.b == q.b })
}

// byScore orders pairs: the strongest evidence first, ties by the records' keys.
func byScore(p, q pair) int {
	switch {
	case p.score != q.score:
		return int(q.score - p.score)
	case p.a != q.a:
		return int(p.a - q.a)
	}
	return int(p.b - q.b)
}

// score ranks evidence: the sum of what agrees less what differs, so that a serial number against a name comes behind an address with one.
// Alone, a link comes before a serial number, that before an address, and that before a name.
func score(m method, g *agreement) int32 {
	const forced, link, serial, address, name, otherName = 1000, 8, 6, 5, 3, 1
	n := link*count1(g.external) + serial*int(g.serial) + name*count1(g.name > 0) - otherName*count1(g.name < 0)
	switch {
	case g.mac != 0:
		n += address * int(g.mac)
	case g.weakMAC:
		n++
	}
	return int32(2*n + count1(g.text) + forced*count1(m == methodOverride))
}

// mergeDuplicates joins records of one channel that are one machine: double records and earlier installations.
func (s *solver) mergeDuplicates() {
	if !s.c.uses(ruleDuplicates) || !s.severalOfOneChannel() {
		return
	}
	s.findPairs(func(m int32) int32 { return m }, func(a, b int32) bool { return s.records[a].channel == s.records[b].channel })
	for n := range s.pairs {
		p := &s.pairs[n]
		p.g, p.method, p.reason = s.duplicate(p.a, p.b)
		p.score = score(p.method, &p.g)
	}
	slices.SortFunc(s.pairs, byScore)
	for _, p := range s.pairs {
		if p.reason == reasonNone {
			s.join(s.records, p.a, p.b, p.method == methodOverride, func(a, b int32) reason {
				if a > b {
					a, b = b, a
				}
				return s.duplicates(a, b)
			})
		}
	}
}

func (s *solver) severalOfOneChannel() bool {
	for n := range s.records {
		for m := range n {
			if s.records[m].channel == s.records[n].channel {
				return true
			}
		}
	}
	return false
}

func (s *solver) duplicate(a, b int32) (agreement, method, reason) {
	g := compare(&s.records[a], &s.records[b], s.clear)
	if s.together(a, b) {
		return g, methodOverride, reasonNone
	}
	if s.apart(a, b) {
		return g, 0, reasonOverride
	}
	ch := s.records[a].channel
	m, r := duplicate(&g, &s.records[a], &s.records[b], func(kind uint8, h uint64) bool { return s.liveHolders(kind, h, ch) <= 1 })
	return g, m, r
}

// duplicates says what keeps two records of one channel in different clusters, none if nothing does.
func (s *solver) duplicates(a, b int32) reason {
	_, _, r := s.duplicate(a, b)
	if r == reasonAmbiguous || r == reasonNothing { // too little to join them by itself
		return reasonNone
	}
	return r
}

func (s *solver) clear(mac uint64) bool { return !s.c.uses(ruleWeakMACs) || !weakMAC(mac) }

// liveHolders counts the live records of a channel that have an identifier.
func (s *solver) liveHolders(kind uint8, h uint64, ch channel) int {
	n := 0
	for _, id := range s.holders(kind, h) {
		if u := &s.records[id.member]; u.channel == ch && u.live {
			n++
		}
	}
	return n
}

func (s *solver) key(member int32) uint64 { return s.c.records.at(s.members[member]).key }

// together and apart tell what people have decided about two members.
func (s *solver) together(a, b int32) bool {
	if len(s.c.manual.group) == 0 {
		return false
	}
	g, ok := s.c.manual.group[s.key(a)]
	h, ok2 := s.c.manual.group[s.key(b)]
	return ok && ok2 && g == h
}

func (s *solver) apart(a, b int32) bool { return s.c.manual.apart(s.key(a), s.key(b)) }

// join unites the clusters of two units unless conflict finds two of their members that must stay apart; forced unites in any case.
func (s *solver) join(units []unit, a, b int32, forced bool, conflict func(a, b int32) reason) reason {
	ra, rb := units[a].root, units[b].root
	if ra == rb {
		return reasonNone
	}
	if !forced && s.c.uses(ruleContradiction) {
		for x := range units {
			if units[x].root != ra {
				continue
			}
			for y := range units {
				if units[y].root == rb {
					if r := conflict(int32(x), int32(y)); r != reasonNone {
						return r
					}
				}
			}
		}
	}
	least, other := min(ra, rb), max(ra, rb)
	for n := range units {
		if units[n].root == other {
			units[n].root = least
		}
	}
	return reasonNone
}

// makeUnits puts together what mergeDuplicates joined.
func (s *solver) makeUnits() {
	s.units = s.units[:0]
	resized(&s.unitOf, len(s.records))
	for n := range s.records {
		r := &s.records[n]
		if r.root == int32(n) {
			s.unitOf[n] = int32(len(s.units))
			u := *r
			u.root = int32(len(s.units))
			s.units = append(s.units, u)
			continue
		}
		s.unitOf[n] = s.unitOf[r.root]
		s.units[s.unitOf[n]].absorb(r)
	}
}

// absorb adds what another record of the same machine says.
func (u *unit) absorb(r *unit) {
	u.live = u.live || r.live
	u.records = append(u.records, r.records...)
	u.whole15 = u.whole15 || r.whole15
	if r.created > u.created {
		u.created, u.seen = r.created, r.seen
	}
	for _, list := range [...]struct {
		into *[]uint64
		from []uint64
	}{
		{&u.external, r.external}, {&u.links, r.links}, {&u.serials, r.serials}, {&u.macs, r.macs}, {&u.names, r.names}, {&u.cuts, r.cuts},
		{&u.placed, r.placed}, {&u.placedCuts, r.placedCuts},
	} {
		*list.into = slices.Concat(*list.into, list.from)
	}
}
