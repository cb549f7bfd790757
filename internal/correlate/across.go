package correlate

import "slices"

// mergeAcross joins units of different channels that are one machine: all pairs are judged, and the strongest evidence
// is followed first, so that where a cluster would contradict itself, the weakest evidence gives way.
func (s *solver) mergeAcross() {
	s.sets.reset(len(s.units))
	s.findPairs(s.units, s.unitOf, func(a, b int32) bool {
		return s.units[a].channel != s.units[b].channel || s.togetherUnits(&s.units[a], &s.units[b])
	})
	for n := range s.pairs {
		p := &s.pairs[n]
		p.g = compare(&s.units[p.a], &s.units[p.b])
		p.method, p.reason = s.judge(p)
		p.score = score(p.method, &p.g)
	}
	s.indexPairs()
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
}

// continueMachines joins what was one machine in the last run and is linked by nothing now, unless it contradicts
// itself: the record that connected it is not there for once, or one of its records shows less than before.
func (s *solver) continueMachines() {
	for _, group := range s.groups() {
		if group[0].kind != kindBefore {
			continue
		}
		roots := s.group[:0]
		for _, id := range group {
			if root := s.sets.root[s.unitOf[id.member]]; !slices.Contains(roots, root) {
				roots = append(roots, root)
			}
		}
		s.group = roots
		s.withdrawn = s.lostLinks(group)
		for n, a := range roots {
			for _, b := range roots[:n] {
				s.join(s.units, &pair{a: b, b: a, method: methodPrevious}, s.conflict)
			}
		}
	}
}

// lostLinks reports whether a record of what was one machine told links to others of it, and tells none to any of them
// now.
func (s *solver) lostLinks(group []mention) bool {
	for _, id := range group {
		u := &s.records[id.member]
		if u.unlinked && !slices.ContainsFunc(group,
			func(other mention) bool { return common(u.links, s.records[other.member].external) != 0 }) {
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

func (s *solver) machines(kind uint8, h uint64, u *unit) int {
	var seen [8]int32
	n := 0
	for _, id := range s.holders(kind, h) {
		at := s.unitOf[id.member]
		if w := &s.units[at]; w.channel == u.channel && (w.live || !u.live) && n < len(seen) &&
			!slices.Contains(seen[:n], at) {
			seen[n] = at
			n++
		}
	}
	return n
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
	for _, x := range a {
		if slices.Contains(b, x) && (found == 0 || x < found) && (kind != kindMAC || !isWeak(x)) &&
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
	if slices.Contains(u.placed, h) && slices.Contains(v.placed, h) {
		kind = kindName
	}
	return s.unique(kind, h, u, v) && (!u.generic || !s.c.uses(ruleAmbiguity) || s.onceInAll(kind, h))
}

// onceInAll reports whether no channel has an identifier on two machines, live or not.
func (s *solver) onceInAll(kind uint8, h uint64) bool {
	group := s.holders(kind, h)
	for n, id := range group {
		for _, other := range group[:n] {
			a, b := s.unitOf[id.member], s.unitOf[other.member]
			if a != b && s.units[a].channel == s.units[b].channel {
				return false
			}
		}
	}
	return true
}

// decideAmbiguous accepts pairs in which nothing is unique by itself but at least two identifiers agree, nothing
// differs, and no other machine of either product agrees as much.
func (s *solver) decideAmbiguous() {
	for n := range s.pairs {
		p := &s.pairs[n]
		if p.reason != reasonAmbiguous && p.reason != reasonWeakMAC || p.g.agrees() < 2 || p.g.differs() > 0 {
			continue
		}
		if s.best(p, p.a, s.units[p.b].channel) && s.best(p, p.b, s.units[p.a].channel) {
			p.reason, p.method = reasonNone, strongest(&p.g)
			p.score = score(p.method, &p.g) - 10 // behind what is unique
		}
	}
}

// indexPairs lists the pairs of each unit.
func (s *solver) indexPairs() {
	s.pairsOf = slices.Grow(s.pairsOf[:0], len(s.units))[:len(s.units)]
	for n := range s.pairsOf {
		s.pairsOf[n] = s.pairsOf[n][:0]
	}
	for n := range s.pairs {
		p := &s.pairs[n]
		s.pairsOf[p.a] = append(s.pairsOf[p.a], int32(n))
		s.pairsOf[p.b] = append(s.pairsOf[p.b], int32(n))
	}
}

// best reports whether no other unit of the channel agrees with unit u in as many identifiers as the pair does.
func (s *solver) best(p *pair, u int32, ch channel) bool {
	for _, n := range s.pairsOf[u] {
		q := &s.pairs[n]
		if q != p && s.units[q.a+q.b-u].channel == ch && q.g.agrees() >= p.g.agrees() {
			return false
		}
	}
	return true
}

// rejectRivals takes back pairs that would give a unit to one of two machines with equal right.
func (s *solver) rejectRivals() {
	if !s.c.uses(ruleAmbiguity) {
		return
	}
	var rejected []int32
	for n := range s.pairs {
		p := &s.pairs[n]
		if p.reason == reasonNone && (s.rival(p, p.a, p.b) || s.rival(p, p.b, p.a)) {
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
		if q != p && q.reason == reasonNone && q.score == p.score && p.method != methodOverride &&
			s.units[w].channel == s.units[v].channel && s.conflict(v, w, p.method) != reasonNone {
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
