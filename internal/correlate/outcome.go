package correlate

import (
	"cmp"
	"slices"
)

// finish writes down the clusters: the leader of each record, why it belongs there, and the order in which clusters are
// written.
func (s *solver) finish() {
	first := resized(&s.arranging, len(s.units)) // smallest member of each cluster, by root
	for n := range first {
		first[n] = -1
	}
	position := resized(&s.position, len(s.members))
	for n := range s.members {
		root := s.sets.root[s.unitOf[n]]
		if first[root] < 0 {
			first[root] = int32(n)
		}
		position[n] = first[root]
		s.c.leader[s.members[n]] = s.members[position[n]]
	}
	order := append(s.arranging[:0], s.numbers[:len(s.members)]...) // clusters by their first members
	s.arranging = order
	slices.SortFunc(order, func(a, b int32) int { return cmp.Or(int(position[a]-position[b]), int(a-b)) })
	if len(order) > mostToExplain {
		s.groupByCluster(position)
	}
	for start := 0; start < len(order); {
		end := start + 1
		for end < len(order) && position[order[end]] == position[order[start]] {
			end++
		}
		s.explain(order[start:end])
		start = end
	}
	ordered := resized(&s.ordered, len(s.members))
	for n, member := range order {
		ordered[n] = s.members[member]
	}
	copy(s.members, ordered)
}

// resized returns the list with length n, its memory used again; what it holds is not defined.
func resized[T any](list *[]T, n int) []T {
	*list = slices.Grow((*list)[:0], n)[:n]
	return *list
}

// mostToExplain is with how many records of its machine one is compared to say why it is there; few machines have more.
const mostToExplain = 32

// groupByCluster orders the mentions of each identifier by cluster, which position tells of each member.
func (s *solver) groupByCluster(position []int32) {
	for n := range s.groups {
		slices.SortFunc(s.holders(&s.groups[n]),
			func(a, b mention) int {
				return cmp.Or(int(position[a.member]-position[b.member]), int(a.member-b.member))
			})
	}
}

// fellows returns with which records of its cluster one is compared: all, or of many the first ones, and of each of its
// identifiers the first two that share it.
func (s *solver) fellows(n int32, cluster []int32) []int32 {
	if len(cluster) <= mostToExplain {
		return cluster
	}
	list := append(s.sharers[:0], cluster[:mostToExplain]...)
	u, position := &s.records[n], s.position
	for _, of := range [...]struct {
		kind   uint8
		hashes []uint64
	}{
		{kindSame, u.same}, {kindExternal, u.external}, {kindExternal, u.links}, {kindSerial, u.serials},
		{kindMAC, u.macs}, {kindName, u.placed}, {kindCut, u.placedCuts},
	} {
		for _, h := range of.hashes {
			if h == 0 {
				continue
			}
			holders := s.holders(&s.groups[s.groupOf(of.kind, h)])
			first, _ := slices.BinarySearchFunc(holders, position[n],
				func(m mention, at int32) int { return int(position[m.member] - at) })
			for _, m := range holders[first:min(first+2, len(holders))] {
				if position[m.member] == position[n] {
					list = append(list, m.member)
				}
			}
		}
	}
	s.sharers = list
	return list
}

// explain gives each record of a cluster the strongest evidence that it shares with another one.
func (s *solver) explain(cluster []int32) {
	for _, n := range cluster {
		r := s.c.records.at(s.members[n])
		var best agreement
		for _, m := range s.fellows(n, cluster) {
			if m == n {
				continue
			}
			if s.togetherUnits(&s.records[n], &s.records[m]) {
				r.method, r.confidence = methodOverride, exact
				best = agreement{}
				break
			}
			if g := compare(&s.records[n], &s.records[m]); better(&g, &best) {
				best = g
			}
		}
		switch {
		case best.agrees() > 0:
			var h uint64
			r.method, h, r.confidence = evidence(&best)
			r.match = s.c.placeOf(r, r.method, h)
		case len(cluster) > 1 && r.method != methodOverride && r.before != noKey:
			r.method, r.confidence = methodPrevious, weak
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
	case m == methodMAC && g.mac <= 0:
		return m, g.macHash, weak
	case m == methodMAC:
		return m, g.macHash, strong
	}
	return methodHostname, g.nameHash, weak
}
