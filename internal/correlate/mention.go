package correlate

import (
	"cmp"
	"slices"
	"sort"
)

// A mention is one identifier as one member shows it.
type mention struct {
	hash   uint64
	member int32
	kind   uint8
}

// A group is the mentions of one identifier: those from start to end.
type group struct {
	hash       uint64
	start, end int32
	counts     int32 // where its counts begin
	kind       uint8
}

// A count is how many units of a channel have an identifier.
type count struct {
	channel   channel
	live, all int32
}

// findMentions lists which members share identifiers.
func (s *solver) findMentions() {
	s.mentions = s.mentions[:0]
	for n := range s.records {
		u := &s.records[n]
		s.note(kindSame, n, u.same)
		s.note(kindExternal, n, u.external)
		s.note(kindExternal, n, u.links)
		s.note(kindSerial, n, u.serials)
		s.note(kindMAC, n, u.macs)
		s.note(kindName, n, u.placed)
		s.note(kindCut, n, u.placedCuts)
		s.note(kindBefore, n, u.before)
	}
	slices.SortFunc(s.mentions, byIdentity)
	s.groups = s.groups[:0]
	for n := range s.mentions {
		m, last := &s.mentions[n], len(s.groups)-1
		if last < 0 || s.groups[last].kind != m.kind || s.groups[last].hash != m.hash {
			s.groups = append(s.groups, group{hash: m.hash, start: int32(n), kind: m.kind})
			last++
		}
		s.groups[last].end = int32(n + 1)
	}
	s.dropSharedSerials()
}

func byIdentity(a, b mention) int {
	switch {
	case a.kind != b.kind:
		return int(a.kind) - int(b.kind)
	case a.hash != b.hash:
		return cmp.Compare(a.hash, b.hash)
	}
	return int(a.member - b.member)
}

func (s *solver) note(kind uint8, member int, hashes []uint64) {
	for _, h := range hashes {
		if h != 0 {
			s.mentions = append(s.mentions, mention{hash: h, member: int32(member), kind: kind})
		}
	}
}

// holders returns the mentions of a group.
func (s *solver) holders(g *group) []mention { return s.mentions[g.start:g.end] }

// groupOf returns the index of the group of an identifier that a member has.
func (s *solver) groupOf(kind uint8, h uint64) int {
	return sort.Search(len(s.groups), func(n int) bool {
		g := &s.groups[n]
		return g.kind > kind || g.kind == kind && g.hash >= h
	})
}

// countHolders counts how many units have each identifier, by channel. of tells the unit of each member.
func (s *solver) countHolders(units []unit, of []int32) {
	s.counts = s.counts[:0]
	met := resized(&s.met, len(units)) // by unit: the last group it was met in, plus one
	clear(met)
	for n := range s.groups {
		g := &s.groups[n]
		g.counts = int32(len(s.counts))
		if g.kind > kindCut {
			continue
		}
		for _, m := range s.holders(g) {
			if at := of[m.member]; met[at] != int32(n+1) {
				met[at] = int32(n + 1)
				s.countHolder(g, &units[at])
			}
		}
	}
}

func (s *solver) countHolder(g *group, u *unit) {
	own := s.counts[g.counts:]
	at := slices.IndexFunc(own, func(c count) bool { return c.channel == u.channel })
	if at < 0 {
		at = len(own)
		s.counts = append(s.counts, count{channel: u.channel})
		own = s.counts[g.counts:]
	}
	own[at].all++
	own[at].live += int32(count1(u.live))
}

// countsOf returns how many units have an identifier that a member has.
func (s *solver) countsOf(kind uint8, h uint64) []count {
	n := s.groupOf(kind, h)
	end := len(s.counts)
	if n+1 < len(s.groups) {
		end = int(s.groups[n+1].counts)
	}
	return s.counts[s.groups[n].counts:end]
}

// countIn returns how many units of a channel have an identifier that a member has.
func (s *solver) countIn(kind uint8, h uint64, ch channel) count {
	for _, c := range s.countsOf(kind, h) {
		if c.channel == ch {
			return c
		}
	}
	return count{}
}

// dropSharedSerials takes away serial numbers that live records of one product show for several customers and under
// several names.
func (s *solver) dropSharedSerials() {
	if !s.c.uses(ruleJunkSerials) {
		return
	}
	for n := range s.groups {
		g := &s.groups[n]
		holders := s.holders(g)
		if g.kind == kindSerial && len(holders) >= severalCustomers && s.ofSeveralCustomers(holders) {
			s.dropSerial(g.hash, holders)
			s.c.findings.shared(Sharing{kind: kindSerial, id: g.hash, Records: len(holders), record: s.firstOf(holders)})
		}
	}
}

const severalCustomers = 3

// ofSeveralCustomers reports whether live records of one channel show an identifier for several customers.
func (s *solver) ofSeveralCustomers(holders []mention) bool {
	seen := map[channel][]uint32{}
	for _, m := range holders {
		r := s.c.records.at(s.members[m.member])
		if r.has(dead) || r.customer == 0 {
			continue
		}
		if o := s.c.customers[r.customer].organization; !slices.Contains(seen[r.channel], o) {
			seen[r.channel] = append(seen[r.channel], o)
		}
		if len(seen[r.channel]) == severalCustomers {
			return true
		}
	}
	return false
}

func (s *solver) dropSerial(h uint64, holders []mention) {
	for _, m := range holders {
		u := &s.records[m.member]
		u.serials = slices.DeleteFunc(slices.Clone(u.serials), func(x uint64) bool { return x == h })
		ids := s.c.identifiers(s.c.records.at(s.members[m.member]))
		for n := range ids.serials {
			if ids.serials[n] == h {
				ids.serials[n] = 0
				s.c.findings.dropped(kindSerial)
			}
		}
	}
}
