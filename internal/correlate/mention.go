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

// findMentions lists which members share identifiers.
func (s *solver) findMentions() {
	s.mentions = s.mentions[:0]
	for n := range s.records {
		u := &s.records[n]
		s.note(kindExternal, n, u.external)
		s.note(kindExternal, n, u.links)
		s.note(kindSerial, n, u.serials)
		s.note(kindMAC, n, u.macs)
		s.note(kindName, n, u.placed)
		s.note(kindCut, n, u.placedCuts)
		s.note(kindBefore, n, u.before)
		if len(s.c.manual.group) == 0 {
			continue
		}
		if group, ok := s.c.manual.group[s.key(int32(n))]; ok {
			s.note(kindSame, n, []uint64{group})
		}
	}
	slices.SortFunc(s.mentions, byIdentity)
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

// holders returns the mentions of one identifier.
func (s *solver) holders(kind uint8, h uint64) []mention {
	first := sort.Search(len(s.mentions), func(n int) bool {
		id := &s.mentions[n]
		return id.kind > kind || id.kind == kind && id.hash >= h
	})
	end := first
	for end < len(s.mentions) && s.mentions[end].kind == kind && s.mentions[end].hash == h {
		end++
	}
	return s.mentions[first:end]
}

// dropSharedSerials takes away serial numbers that live records of one product show for several customers and under
// several names.
func (s *solver) dropSharedSerials() {
	if !s.c.uses(ruleJunkSerials) {
		return
	}
	for h, group := range s.groups() {
		if group[0].kind != kindSerial || len(group) < severalCustomers {
			continue
		}
		if slices.ContainsFunc(group, func(id mention) bool { return s.shared(group, s.records[id.member].channel) }) {
			s.dropSerial(h, group)
		}
	}
}

const severalCustomers = 3

// shared reports whether live records of a channel show an identifier for several customers.
func (s *solver) shared(group []mention, ch channel) bool {
	var seen [severalCustomers]uint32
	n := 0
	for _, id := range group {
		r := s.c.records.at(s.members[id.member])
		if r.channel != ch || r.has(dead) || r.customer == 0 {
			continue
		}
		if o := s.c.customers[r.customer].organization; !slices.Contains(seen[:n], o) {
			seen[n] = o
			if n++; n == severalCustomers {
				return true
			}
		}
	}
	return false
}

func (s *solver) dropSerial(h uint64, group []mention) {
	for _, id := range group {
		u := &s.records[id.member]
		u.serials = slices.DeleteFunc(slices.Clone(u.serials), func(x uint64) bool { return x == h })
		ids := s.c.identifiers(s.c.records.at(s.members[id.member]))
		for n := range ids.serials {
			if ids.serials[n] == h {
				ids.serials[n] = 0
				s.c.findings.dropped(kindSerial)
			}
		}
	}
}

// groups iterates over the mentions by identifier.
func (s *solver) groups() func(func(uint64, []mention) bool) {
	return func(yield func(uint64, []mention) bool) {
		for start := 0; start < len(s.mentions); {
			end := start + 1
			for end < len(s.mentions) && s.mentions[end].kind == s.mentions[start].kind &&
				s.mentions[end].hash == s.mentions[start].hash {
				end++
			}
			if !yield(s.mentions[start].hash, s.mentions[start:end]) {
				return
			}
			start = end
		}
	}
}
