package correlate

import "slices"

// A solver splits one component into machines. Its memory is used again for the next component.
type solver struct {
	c        *Correlator
	members  []uint32 // records, ascending by hashed key
	records  []unit   // one for each member
	same     []int32  // by member: the first one of its channel that shows the very same
	units    []unit   // records of one channel that are one machine
	unitOf   []int32  // by member
	sets     partition
	shared   map[int32]*inCommon // of large sets, by root
	mentions []mention
	groups   []group
	counts   []count // of each group
	pairs    []pair
	pairsOf  [][]int32 // indexes in pairs, by unit
	pool     []uint64
	numbers  []int32         // 0, 1, 2, …
	decided  map[uint64]bool // hashed keys of the records that people keep apart from others

	withdrawn bool // links within what continueMachines looks at

	sharers   []int32
	partners  []couple
	channels  []bool
	prints    []print
	best      []uint8 // by pair
	met       []int32 // by unit or root: where it was met last
	position  []int32
	arranging []int32
	ordered   []uint32
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
	s := &solver{c: c, decided: c.manual.decided(), shared: map[int32]*inCommon{}}
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
	s.findMentions()
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
			channel: r.channel, live: !r.has(dead), observed: s.c.channels[r.channel].observed,
			records:  s.numbers[n : n+1 : n+1],
			external: s.filled(ids.external), serials: s.filled(ids.serials), macs: s.filled(ids.macs),
			names: s.filled(ids.name), cuts: ids.cut,
			whole15: r.has(whole15), generic: r.has(generic), virtual: r.has(virtual), ownSerial: r.has(ownSerial),
			unlinked: r.has(linkedBefore) && s.c.channels[r.channel].linksRead, first: r.created, created: r.created,
			seen: r.seen,
		}
		if !s.c.uses(ruleSerial) {
			u.serials = nil
		}
		if !s.c.uses(ruleMAC) {
			u.macs = nil
		}
		if !s.c.uses(ruleHardware) {
			u.virtual, u.ownSerial = false, false
		}
		u.placed, u.placedCuts = s.placed(r, u.names), s.placed(r, u.cuts)
		if s.c.uses(ruleCustomers) {
			u.organizations = s.pooled(uint64(s.c.customers[r.customer].organization))
		}
		u.before = s.pooled(s.c.hashBefore(r))
		u.same = s.pooled(s.c.manual.group[r.key])
		if s.decided[r.key] {
			u.decided = s.numbers[n : n+1 : n+1]
		}
		if !s.c.uses(ruleLifetimes) {
			u.first, u.created, u.seen = 0, 0, 0
		}
		if s.c.roleOf(r).Machine.Links && s.c.uses(ruleLink) {
			u.links = slices.Clip(s.c.linksOf(i))
		}
		u.settle()
		s.records = append(s.records, u)
	}
}

// hashBefore returns the hashed derived key that the last run gave a record, 0 for none.
func (c *Correlator) hashBefore(r *record) uint64 {
	if r.before == noKey || !c.uses(rulePrevious) {
		return 0
	}
	return *c.previous.hashes.at(r.before)
}

// placed returns names within the organization of a record.
func (s *solver) placed(r *record, names []uint64) []uint64 {
	start := len(s.pool)
	for _, h := range names {
		s.pool = append(s.pool, s.c.nameIn(r, h))
	}
	return s.pool[start:len(s.pool):len(s.pool)]
}

// pooled returns a list of one, or none for 0.
func (s *solver) pooled(h uint64) []uint64 {
	if h == 0 {
		return nil
	}
	s.pool = append(s.pool, h)
	return s.pool[len(s.pool)-1 : len(s.pool) : len(s.pool)]
}

// filled returns the list without zeros.
func (s *solver) filled(list []uint64) []uint64 {
	if !slices.Contains(list, 0) {
		return list
	}
	return slices.DeleteFunc(slices.Clone(list), func(h uint64) bool { return h == 0 })
}

// A couple is two units, the smaller number above the other.
type couple uint64

func coupleOf(a, b int32) couple { return couple(min(a, b))<<32 | couple(max(a, b)) }

// findPairs lists the pairs of units, told by of, that share an identifier; each once, ascending.
func (s *solver) findPairs(units []unit, of []int32, wanted func(a, b int32) bool) {
	s.partners = s.partners[:0]
	var met map[uint64]bool // larger groups: machines that share one address often share several
	const larger, atOnce = 8, 1 << 20
	compacted := atOnce
	for n := range s.groups {
		g := &s.groups[n]
		if g.kind > kindCut {
			break
		}
		sharers := s.sharers[:0]
		for _, m := range s.holders(g) {
			sharers = append(sharers, of[m.member])
		}
		slices.Sort(sharers)
		sharers = slices.Compact(sharers)
		s.sharers = sharers
		if len(sharers) > larger {
			h := uint64(0)
			for _, a := range sharers {
				h = mix(h ^ uint64(a+1))
			}
			if met[h] {
				continue
			}
			if met == nil {
				met = map[uint64]bool{}
			}
			met[h] = true
		}
		if s.pairUp(units, sharers, wanted); len(s.partners) > 2*compacted {
			s.compactPartners()
			compacted = max(len(s.partners), atOnce)
		}
	}
	s.compactPartners()
	s.pairs = s.pairs[:0]
	for _, c := range s.partners {
		s.pairs = append(s.pairs, pair{a: int32(c >> 32), b: int32(c)})
	}
}

func (s *solver) compactPartners() {
	slices.Sort(s.partners)
	s.partners = slices.Compact(s.partners)
}

// pairUp pairs those who share an identifier, ascending. Of many, as where nobody prunes the agents of a virtual
// desktop, each is paired with its neighbour and the first of those that live alone.
func (s *solver) pairUp(units []unit, sharers []int32, wanted func(a, b int32) bool) {
	add := func(a, b int32) {
		if a != b && wanted(min(a, b), max(a, b)) {
			s.partners = append(s.partners, coupleOf(a, b))
		}
	}
	if len(sharers) <= maxHolders {
		for n, b := range sharers {
			for _, a := range sharers[:n] {
				add(a, b)
			}
		}
		return
	}
	partners := make([]int32, 0, maxHolders)
	for _, a := range sharers {
		if units[a].live && len(partners) < maxHolders {
			partners = append(partners, a)
		}
	}
	for n, b := range sharers {
		if n > 0 {
			add(sharers[n-1], b)
		}
		for _, a := range partners {
			add(a, b)
		}
	}
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

// mergeDuplicates joins records of one channel that are one machine: double records and earlier installations.
func (s *solver) mergeDuplicates() {
	s.sets.reset(s.numbers[:len(s.records)])
	clear(s.shared)
	resized(&s.same, len(s.records))
	copy(s.same, s.numbers)
	if !s.c.uses(ruleDuplicates) || !s.severalOfOneChannel() {
		return
	}
	s.mergeIdentical()
	s.countHolders(s.records, s.same)
	s.findPairs(s.records, s.same, func(a, b int32) bool { return s.records[a].channel == s.records[b].channel })
	for n := range s.pairs {
		p := &s.pairs[n]
		p.g, p.method, p.reason = s.duplicate(p.a, p.b)
		p.score = score(p.method, &p.g)
	}
	slices.SortFunc(s.pairs, byScore)
	for n := range s.pairs {
		if p := &s.pairs[n]; p.reason == reasonNone {
			s.join(s.records, p, s.duplicates)
		}
	}
}

func (s *solver) severalOfOneChannel() bool {
	seen := resized(&s.channels, len(s.c.channels))
	clear(seen)
	for n := range s.records {
		ch := s.records[n].channel
		if seen[ch] {
			return true
		}
		seen[ch] = true
	}
	return false
}

func (s *solver) duplicate(a, b int32) (agreement, method, reason) {
	u, v := &s.records[a], &s.records[b]
	g := compare(u, v)
	if s.togetherUnits(u, v) {
		return g, methodOverride, reasonNone
	}
	if s.apartUnits(u, v) {
		return g, 0, reasonOverride
	}
	ch := u.channel
	m, r := judgeSame(&g, u, v, func(kind uint8, h uint64) bool { return s.countIn(kind, h, ch).live <= 1 })
	return g, m, r
}

// duplicates says what keeps two records of one channel in different clusters, none if nothing does.
func (s *solver) duplicates(a, b int32, _ method) reason {
	_, _, r := s.duplicate(min(a, b), max(a, b))
	if r == reasonAmbiguous || r == reasonNothing { // too little to join them by itself
		return reasonNone
	}
	return r
}

func (s *solver) key(member int32) uint64 { return s.c.records.at(s.members[member]).key }

// togetherUnits and apartUnits tell what people have decided about two units.
func (s *solver) togetherUnits(u, v *unit) bool { return common(u.same, v.same) != 0 }

func (s *solver) apartUnits(u, v *unit) bool {
	return slices.ContainsFunc(u.decided, func(x int32) bool {
		return slices.ContainsFunc(v.decided, func(y int32) bool { return s.c.manual.apart(s.key(x), s.key(y)) })
	})
}

// join unites the clusters of a pair unless conflict finds two of their members that must stay apart. What people
// decided is united in any case.
func (s *solver) join(units []unit, p *pair, conflict func(a, b int32, by method) reason) reason {
	if s.sets.root[p.a] == s.sets.root[p.b] {
		return reasonNone
	}
	if p.method != methodOverride && s.c.uses(ruleContradiction) && s.c.uses(ruleMembers) {
		if r := s.contradiction(units, p, conflict); r != reasonNone {
			return r
		}
		if wereApart(&units[p.a], &units[p.b]) && !outweighs(p.method, &p.g) {
			return reasonApart
		}
	}
	s.unite(units, p.a, p.b)
	return reasonNone
}

// contradiction returns what keeps two members of the clusters of a pair apart, none if nothing does.
func (s *solver) contradiction(units []unit, p *pair, conflict func(a, b int32, by method) reason) reason {
	dead, live := true, true // whether two members are to be compared of which one is gone, and two that live
	if s.large(p.a, p.b) {
		dead, live = s.openQuestions(units, p)
	}
	if !dead && !live {
		return reasonNone
	}
	for _, x := range s.sets.members(p.a) {
		if !dead && !units[x].live {
			continue
		}
		for _, y := range s.sets.members(p.b) {
			if both := units[x].live && units[y].live; both && !live || !both && !dead {
				continue
			}
			if r := conflict(x, y, p.method); r != reasonNone {
				return r
			}
		}
	}
	return reasonNone
}

// makeUnits puts together what mergeDuplicates joined.
func (s *solver) makeUnits() {
	s.units = s.units[:0]
	unitOf := resized(&s.unitOf, len(s.records))
	at := resized(&s.position, len(s.records)) // by root: the unit plus one
	clear(at)
	for n := range s.records {
		r := &s.records[n]
		root := s.sets.root[s.same[n]]
		if at[root] == 0 {
			s.units = append(s.units, *r)
			at[root] = int32(len(s.units))
		} else {
			s.units[at[root]-1].absorb(r)
		}
		unitOf[n] = at[root] - 1
	}
	for n := range s.units {
		if u := &s.units[n]; len(u.records) > 1 {
			u.settle()
		}
	}
}
