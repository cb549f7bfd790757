package correlate

import (
	"slices"
)

// mergeAcross joins units of different channels that are one machine: all pairs are judged, and the strongest evidence is followed first,
// so that where a cluster would contradict itself, the weakest evidence gives way.
func (s *solver) mergeAcross() {
	s.findPairs(func(m int32) int32 { return s.unitOf[m] }, func(a, b int32) bool {
		return s.units[a].channel != s.units[b].channel || s.togetherUnits(a, b)
	})
	for n := range s.pairs {
		p := &s.pairs[n]
		p.g = compare(&s.units[p.a], &s.units[p.b], s.clear)
		p.method, p.reason = s.judge(p)
		p.score = score(p.method, &p.g)
	}
	s.indexPairs()
	s.decideAmbiguous()
	s.rejectRivals()
	slices.SortFunc(s.pairs, byScore)
	for n := range s.pairs {
		p := &s.pairs[n]
		if p.reason == reasonNone {
			if r := s.join(s.units, p.a, p.b, p.method == methodOverride, s.conflict); r != reasonNone {
				p.reason = reasonCluster
			}
		}
	}
	s.report()
}

// judge decides a pair by its strongest identifier that is on one machine only in either product.
func (s *solver) judge(p *pair) (method, reason) {
	u, v, g := &s.units[p.a], &s.units[p.b], &p.g
	switch {
	case s.togetherUnits(p.a, p.b):
		return methodOverride, reasonNone
	case s.apartUnits(p.a, p.b):
		return 0, reasonOverride
	case g.external && s.unique(kindExternal, g.externalHash, u, v):
		if g.serial <= 0 && g.differs() >= 2 {
			return methodLink, reasonTwoAgainst
		}
		return methodLink, reasonNone
	case g.serial > 0 && s.uniqueSerial(u, v, &g.serialHash):
		if g.mac < 0 && g.name < 0 {
			return methodSerial, reasonTwoAgainst
		}
		return methodSerial, reasonNone
	case g.mac > 0 && s.uniqueMAC(u, v, &g.macHash):
		return methodMAC, s.judgeMAC(g)
	case g.name > 0 && s.uniqueName(g.nameHash, u, v):
		return methodHostname, s.judgeName(g)
	case g.agrees() == 0:
		return 0, reasonNothing
	case g.mac > 0 || g.weakMAC:
		return methodMAC, reasonWeakMAC
	}
	return methodHostname, reasonAmbiguous
}

// judgeMAC: an address travels with a dock or an adapter. It is not believed when serial numbers differ, nor when each record has further
// addresses of its own and the names don't agree.
func (s *solver) judgeMAC(g *agreement) reason {
	switch {
	case !s.c.uses(ruleContradiction):
		return reasonNone
	case g.serial < 0:
		return reasonSerials
	case !g.nested && !g.text && g.serial <= 0:
		return reasonMACs
	}
	return reasonNone
}

// judgeName: a name is the weakest evidence, and anything stronger that differs is believed instead.
func (s *solver) judgeName(g *agreement) reason {
	switch {
	case !s.c.uses(ruleContradiction):
		return reasonNone
	case g.serial < 0:
		return reasonSerials
	case g.mac < 0:
		return reasonMACs
	}
	return reasonNone
}

// unique reports whether an identifier is on one machine only in the channels of both units. What is no longer alive does not count
// against what is.
func (s *solver) unique(kind uint8, h uint64, u, v *unit) bool {
	return !s.c.uses(ruleAmbiguity) || s.machines(kind, h, u) <= 1 && s.machines(kind, h, v) <= 1
}

func (s *solver) machines(kind uint8, h uint64, u *unit) int {
	var seen [8]int32
	n := 0
	for _, id := range s.holders(kind, h) {
		at := s.unitOf[id.member]
		if w := &s.units[at]; w.channel == u.channel && (w.live || !u.live) && n < len(seen) && !slices.Contains(seen[:n], at) {
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
		if slices.Contains(b, x) && (found == 0 || x < found) && (kind != kindMAC || s.clear(x)) && s.unique(kind, x, u, v) {
			found = x
		}
	}
	if found != 0 {
		*h = found
	}
	return found != 0
}

// uniqueName also takes a name that NetBIOS has cut.
func (s *solver) uniqueName(h uint64, u, v *unit) bool {
	if slices.Contains(u.placed, h) && slices.Contains(v.placed, h) {
		return s.unique(kindName, h, u, v)
	}
	return s.unique(kindCut, h, u, v)
}

// decideAmbiguous accepts pairs in which nothing is unique by itself but at least two identifiers agree, nothing differs, and no other
// machine of either product agrees as much.
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

func strongest(g *agreement) method {
	switch {
	case g.external:
		return methodLink
	case g.serial > 0:
		return methodSerial
	case g.mac > 0 || g.weakMAC:
		return methodMAC
	}
	return methodHostname
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
			s.units[w].channel == s.units[v].channel && s.conflict(v, w) != reasonNone {
			return true
		}
	}
	return false
}

// conflict says what keeps two units in different clusters, whatever links them; none if nothing does.
func (s *solver) conflict(a, b int32) reason {
	u, v := &s.units[a], &s.units[b]
	if s.apartUnits(a, b) {
		return reasonOverride
	}
	g := compare(u, v, s.clear)
	switch {
	case u.channel != v.channel:
		if g.differs() >= 2 && g.serial <= 0 && g.mac <= 0 && !g.external {
			return reasonTwoAgainst
		}
	case g.serial < 0:
		return reasonSerials
	case !u.live || !v.live:
		if g.mac < 0 && g.name < 0 {
			return reasonTwoAgainst
		}
	case g.mac < 0 && !superseded(u, v):
		return reasonMACs
	case !g.text && g.mac <= 0:
		return reasonLive
	}
	return reasonNone
}

func (s *solver) anyPair(a, b int32, is func(a, b int32) bool) bool {
	return slices.ContainsFunc(s.units[a].records, func(x int32) bool {
		return slices.ContainsFunc(s.units[b].records, func(y int32) bool { return is(x, y) })
	})
}

func (s *solver) togetherUnits(a, b int32) bool {
	return len(s.c.manual.group) > 0 && s.anyPair(a, b, s.together)
}

func (s *solver) apartUnits(a, b int32) bool {
	return len(s.c.manual.different) > 0 && s.anyPair(a, b, s.apart)
}

// report tells which pairs agree in something and are not one machine in the end.
func (s *solver) report() {
	for n := range s.pairs {
		p := &s.pairs[n]
		if p.reason != reasonNone && p.reason != reasonNothing && s.units[p.a].root != s.units[p.b].root {
			s.c.findings.unlinked(s, p)
		}
	}
}

// finish writes down the clusters: the leader of each record, why it belongs there, and the order in which clusters are written.
func (s *solver) finish() {
	roots := resized(&s.roots, len(s.units)) // smallest member of each cluster
	for n := range roots {
		roots[n] = -1
	}
	position := resized(&s.position, len(s.members))
	for n := range s.members {
		root := s.units[s.unitOf[n]].root
		if roots[root] < 0 {
			roots[root] = int32(n)
		}
		position[n] = roots[root]
		s.c.leader[s.members[n]] = s.members[position[n]]
	}
	s.explain(position)
	ordered := resized(&s.ordered, len(s.members))[:0]
	for n, at := range position { // clusters by their first members
		if int(at) != n {
			continue
		}
		for m := n; m < len(position); m++ {
			if position[m] == at {
				ordered = append(ordered, s.members[m])
			}
		}
	}
	copy(s.members, ordered)
}

// resized returns the list with length n, its memory used again; what it holds is not defined.
func resized[T any](list *[]T, n int) []T {
	*list = slices.Grow((*list)[:0], n)[:n]
	return *list
}

// explain gives each record the strongest evidence that it shares with another one of its cluster.
func (s *solver) explain(position []int32) {
	for n := range s.members {
		r := s.c.records.at(s.members[n])
		var best agreement
		for m := range s.members {
			if m == n || position[m] != position[n] {
				continue
			}
			g := compare(&s.records[n], &s.records[m], s.clear)
			if s.together(int32(n), int32(m)) {
				r.method, r.confidence = methodOverride, exact
				best = agreement{}
				break
			}
			if better(&g, &best) {
				best = g
			}
		}
		if best.agrees() > 0 {
			var h uint64
			r.method, h, r.confidence = evidence(&best)
			r.match = s.c.placeOf(r, r.method, h)
		}
	}
}

func better(g, h *agreement) bool {
	if g.agrees() == 0 || h.agrees() == 0 {
		return g.agrees() > h.agrees()
	}
	return score(strongest(g), g) > score(strongest(h), h)
}

// evidence names the strongest identifier of an agreement, and how far it can be trusted.
func evidence(g *agreement) (method, uint64, confidence) {
	switch m := strongest(g); {
	case m == methodLink && g.externalHash != 0:
		return m, g.externalHash, exact
	case m == methodSerial:
		if g.mac > 0 || g.name > 0 {
			return m, g.serialHash, exact
		}
		return m, g.serialHash, strong
	case m == methodMAC:
		return m, g.macHash, strong
	}
	return methodHostname, g.nameHash, weak
}
