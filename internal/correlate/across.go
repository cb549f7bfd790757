package correlate

import "slices"

// mergeAcross joins units of different channels that are one machine: all pairs are judged, and the strongest evidence
// is followed first, so that where a cluster would contradict itself, the weakest evidence gives way.
func (s *solver) mergeAcross() {
	s.sets.reset(s.numbers[:len(s.units)])
	clear(s.shared)
	s.countHolders(s.units, s.unitOf)
	s.findPairs(s.units, s.unitOf, func(a, b int32) bool {
		return s.units[a].channel != s.units[b].channel || s.togetherUnits(&s.units[a], &s.units[b])
	})
	for n := range s.pairs {
		p := &s.pairs[n]
		p.g = compare(&s.units[p.a], &s.units[p.b])
		p.method, p.reason = s.judge(p)
		p.score = score(p.method, &p.g)
	}
	s.decideAmbiguous()
	s.rejectRivals()
	slices.SortFunc(s.pairs, byScore)
	for n := range s.pairs {
		p := &s.pairs[n]
		if p.reason != reasonNone {
			continue
		}
		if r := s.join(s.units, p, s.conflict); r != reasonNone {
			p.reason = reasonCluster
			if r == reasonApart {
				p.reason = r
			}
		}
	}
	s.continueMachines()
	s.report()
	s.reportShared()
}

// continueMachines joins what was one machine in the last run and is linked by nothing now, unless it contradicts
// itself: the record that connected it is not there for once, or one of its records shows less than before.
func (s *solver) continueMachines() {
	met := resized(&s.met, len(s.units)) // by root: the last group it was met in, plus one
	clear(met)
	for n := range s.groups {
		g := &s.groups[n]
		if g.kind != kindBefore {
			continue
		}
		roots := s.sharers[:0]
		for _, m := range s.holders(g) {
			if root := s.sets.root[s.unitOf[m.member]]; met[root] != int32(n+1) {
				met[root] = int32(n + 1)
				roots = append(roots, root)
			}
		}
		s.sharers = roots
		if len(roots) > 1 {
			s.withdrawn = s.lostLinks(s.holders(g))
			s.continueMachine(roots)
		}
	}
}

// A part is what was joined again of a machine of the last run, by the clusters' roots.
type part struct {
	roots []int32
	apart bool // nothing contradicts another part but that a root was another machine
}

// continueMachine joins the clusters of what was one machine, each with the first one that it does not contradict. What
// contradicts as many as can't be one machine is left alone: that they were one says nothing then.
func (s *solver) continueMachine(roots []int32) {
	var parts []part
	for _, a := range roots {
		own, at := part{roots: []int32{a}}, -1
		for n := 0; n < len(parts); n++ {
			p := &parts[n]
			if at >= 0 && (!p.apart || !parts[at].apart) { // they contradict each other
				continue
			}
			switch r := s.continues(p.roots, a); {
			case r == reasonNone && at < 0:
				p.roots = append(p.roots, a)
				p.apart = p.apart || own.apart
				at = n
			case r == reasonNone:
				parts[at].roots = append(parts[at].roots, p.roots...)
				parts = slices.Delete(parts, n, n+1)
				n--
			case r == reasonApart:
				own.apart, p.apart = true, true
			}
		}
		if at < 0 && len(parts) < maxHolders {
			parts = append(parts, own)
		}
	}
}

// continues joins a cluster with those that are joined already, and says what keeps it apart from them.
func (s *solver) continues(part []int32, a int32) reason {
	for _, b := range part {
		if r := s.join(s.units, &pair{a: b, b: a, method: methodPrevious}, s.conflict); r != reasonApart {
			return r
		}
	}
	return reasonApart
}

// lostLinks reports whether a record of what was one machine told links to others of it, and tells none to any of them
// now.
func (s *solver) lostLinks(holders []mention) bool {
	var external map[uint64]bool
	for _, m := range holders {
		u := &s.records[m.member]
		if !u.unlinked {
			continue
		}
		if external == nil {
			external = map[uint64]bool{}
			for _, other := range holders {
				for _, h := range s.records[other.member].external {
					external[h] = true
				}
			}
		}
		if !slices.ContainsFunc(u.links, func(h uint64) bool { return external[h] }) {
			return true
		}
	}
	return false
}

// judge decides a pair by its strongest identifier that is on one machine only in either product.
func (s *solver) judge(p *pair) (method, reason) {
	u, v, g := &s.units[p.a], &s.units[p.b], &p.g
	m, r := s.judgeAs(u, v, g)
	if r != reasonNothing && r != reasonAmbiguous && m != methodOverride && !s.c.uses(ruleContradiction) {
		r = reasonNone
	}
	return m, r
}

func (s *solver) judgeAs(u, v *unit, g *agreement) (method, reason) {
	switch {
	case s.togetherUnits(u, v):
		return methodOverride, reasonNone
	case s.apartUnits(u, v):
		return methodOverride, reasonOverride
	case g.external && s.unique(kindExternal, g.externalHash, u, v):
		if g.serial <= 0 && g.differs() >= 2 {
			return methodLink, reasonTwoAgainst
		}
		return methodLink, reasonNone
	case g.serial > 0 && s.uniqueSerial(u, v, &g.serialHash):
		return methodSerial, judgeSerial(g)
	case g.mac > 0 && s.uniqueMAC(u, v, &g.macHash):
		return methodMAC, judgeMAC(g, g.macHash, u, v)
	case g.name > 0 && s.uniqueName(g.nameHash, u, v):
		return methodHostname, judgeName(g, u, v)
	case g.agrees() == 0:
		return 0, reasonNothing
	case g.mac > 0 || g.weakMAC:
		return methodMAC, reasonWeakMAC
	}
	return methodHostname, reasonAmbiguous
}

// unique reports whether an identifier is on one machine only in the channels of both units. What is no longer alive
// does not count against what is.
func (s *solver) unique(kind uint8, h uint64, u, v *unit) bool {
	return !s.c.uses(ruleAmbiguity) || s.machines(kind, h, u) <= 1 && s.machines(kind, h, v) <= 1
}

func (s *solver) machines(kind uint8, h uint64, u *unit) int32 {
	c := s.countIn(kind, h, u.channel)
	if u.live {
		return c.live
	}
	return c.all
}

// uniqueSerial looks for a serial number that both have and that is unique, and puts it into h.
func (s *solver) uniqueSerial(u, v *unit, h *uint64) bool {
	return s.uniqueOf(kindSerial, u.serials, v.serials, u, v, h)
}

// uniqueMAC does so for an address that counts alone.
func (s *solver) uniqueMAC(u, v *unit, h *uint64) bool {
	return s.uniqueOf(kindMAC, u.macs, v.macs, u, v, h)
}

func (s *solver) uniqueOf(kind uint8, a, b []uint64, u, v *unit, h *uint64) bool {
	found := uint64(0)
	if len(a) > len(b) {
		a, b = b, a
	}
	for _, x := range a {
		if contains(b, x) && (found == 0 || x < found) && (kind != kindMAC || !isWeak(x)) &&
			s.unique(kind, x, u, v) {
			found = x
		}
	}
	if found != 0 {
		*h = found
	}
	return found != 0
}

// uniqueName also takes a name that NetBIOS has cut. One that says what the machine is, such as SERVER, must be on one
// machine only in every product.
func (s *solver) uniqueName(h uint64, u, v *unit) bool {
	kind := kindCut
	if contains(u.placed, h) && contains(v.placed, h) {
		kind = kindName
	}
	return s.unique(kind, h, u, v) && (!u.generic || !s.c.uses(ruleAmbiguity) || s.onceInAll(kind, h))
}

// onceInAll reports whether no channel has an identifier on two machines, live or not.
func (s *solver) onceInAll(kind uint8, h uint64) bool {
	return !slices.ContainsFunc(s.countsOf(kind, h), func(c count) bool { return c.all > 1 })
}

// decideAmbiguous accepts pairs in which nothing is unique by itself but at least two identifiers agree, nothing
// differs, and no other machine of either product agrees as much.
func (s *solver) decideAmbiguous() {
	open := func(p pair) bool {
		return (p.reason == reasonAmbiguous || p.reason == reasonWeakMAC) && p.g.agrees() >= 2 && p.g.differs() <= 0
	}
	if !slices.ContainsFunc(s.pairs, open) {
		return
	}
	s.indexPairs(func(*pair) bool { return true })
	best := s.bestPairs()
	for n := range s.pairs {
		if p := &s.pairs[n]; open(*p) && best[n] == 2 {
			p.reason, p.method = reasonNone, strongest(&p.g)
			p.score = score(p.method, &p.g) - 10 // behind what is unique
		}
	}
}

// indexPairs lists the pairs of each unit that are wanted.
func (s *solver) indexPairs(wanted func(p *pair) bool) {
	s.pairsOf = slices.Grow(s.pairsOf[:0], len(s.units))[:len(s.units)]
	for n := range s.pairsOf {
		s.pairsOf[n] = s.pairsOf[n][:0]
	}
	for n := range s.pairs {
		if p := &s.pairs[n]; wanted(p) {
			s.pairsOf[p.a] = append(s.pairsOf[p.a], int32(n))
			s.pairsOf[p.b] = append(s.pairsOf[p.b], int32(n))
		}
	}
}

// bestPairs counts of each pair for how many of its units no other pair with the same channel agrees as much.
func (s *solver) bestPairs() []uint8 {
	type top struct{ agrees, pairs int }
	best := resized(&s.best, len(s.pairs))
	clear(best)
	tops := make([]top, len(s.c.channels))
	for u, own := range s.pairsOf {
		channelOf := func(p *pair) channel { return s.units[p.a+p.b-int32(u)].channel }
		for _, n := range own {
			p := &s.pairs[n]
			switch t, agrees := &tops[channelOf(p)], p.g.agrees(); {
			case agrees > t.agrees || t.pairs == 0:
				*t = top{agrees, 1}
			case agrees == t.agrees:
				t.pairs++
			}
		}
		for _, n := range own {
			p := &s.pairs[n]
			if t := tops[channelOf(p)]; t.pairs == 1 && t.agrees == p.g.agrees() {
				best[n]++
			}
		}
		for _, n := range own {
			tops[channelOf(&s.pairs[n])] = top{}
		}
	}
	return best
}

// rejectRivals takes back pairs that would give a unit to one of two machines with equal right.
func (s *solver) rejectRivals() {
	if !s.c.uses(ruleAmbiguity) || len(s.pairs) < 2 {
		return
	}
	s.indexPairs(func(p *pair) bool { return p.reason == reasonNone && p.method != methodOverride })
	var rejected []int32
	for n := range s.pairs {
		p := &s.pairs[n]
		if p.reason == reasonNone && p.method != methodOverride && (s.rival(p, p.a, p.b) || s.rival(p, p.b, p.a)) {
			rejected = append(rejected, int32(n))
		}
	}
	for _, n := range rejected {
		s.pairs[n].reason = reasonAmbiguous
	}
}

// rival reports whether the pair of u and v has an equal, of u and another unit of v's channel that contradicts v.
func (s *solver) rival(p *pair, u, v int32) bool {
	for _, n := range s.pairsOf[u] {
		q := &s.pairs[n]
		w := q.a + q.b - u
		if q != p && q.score == p.score && s.units[w].channel == s.units[v].channel &&
			s.conflict(v, w, p.method) != reasonNone {
			return true
		}
	}
	return false
}

// conflict says what keeps the clusters of two units apart that evidence of a method is to join, none if nothing does.
func (s *solver) conflict(a, b int32, by method) reason {
	u, v := &s.units[a], &s.units[b]
	if s.apartUnits(u, v) {
		return reasonOverride
	}
	g := compare(u, v)
	if u.channel != v.channel {
		if r := against(&g, by); r != reasonNone || by != methodPrevious {
			return r
		}
		return s.outdated(u, v, &g)
	}
	switch {
	case g.serial < 0:
		return reasonSerials
	case g.serial > 0 && superseded(u, v) && (g.own || g.text), g.several && g.nested && superseded(u, v):
		return reasonNone
	case !u.live || !v.live:
		if g.mac < 0 && g.name < 0 {
			return reasonTwoAgainst
		}
	case g.mac < 0:
		return reasonMACs
	case g.mac <= 0 && (!g.text || g.elsewhere && g.serial <= 0):
		return reasonLive
	}
	return reasonNone
}

// outdated says why two units that were one machine are not one by that alone: they contradict each other, or they
// share nothing and the links that led to them were withdrawn.
func (s *solver) outdated(u, v *unit, g *agreement) reason {
	_, r := s.judgeAs(u, v, g)
	if r == reasonSerials || r == reasonMACs || r == reasonTwoAgainst || r == reasonOverride || r == reasonNothing &&
		s.withdrawn {
		return r
	}
	return reasonNone
}

// report tells which pairs agree in something and are not one machine in the end.
func (s *solver) report() {
	for n := range s.pairs {
		p := &s.pairs[n]
		if p.reason != reasonNone && p.reason != reasonNothing && s.sets.root[p.a] != s.sets.root[p.b] {
			s.c.findings.unlinked(s, p)
		}
	}
}
