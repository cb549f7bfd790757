package correlate

import (
	"cmp"
	"slices"
	"sort"
)

// An ident is that a member has an identifier.
type ident struct {
	hash   uint64
	member int32
	kind   uint8
}

// findIdents lists which members share identifiers.
func (s *solver) findIdents() {
	s.idents = s.idents[:0]
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
	slices.SortFunc(s.idents, byIdentity)
	s.dropSharedSerials()
}

func byIdentity(a, b ident) int {
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
			s.idents = append(s.idents, ident{hash: h, member: int32(member), kind: kind})
		}
	}
}

// holders returns the idents of one identifier.
func (s *solver) holders(kind uint8, h uint64) []ident {
	first := sort.Search(len(s.idents), func(n int) bool {
		id := &s.idents[n]
		return id.kind > kind || id.kind == kind && id.hash >= h
	})
	end := first
	for end < len(s.idents) && s.idents[end].kind == kind && s.idents[end].hash == h {
		end++
	}
	return s.idents[first:end]
}

// dropSharedSerials takes away serial numbers that live records of one product show for several customers and under several names.
func (s *solver) dropSharedSerials() {
	if !s.c.uses(ruleJunkSerials) {
		return
	}
	for h, group := range s.groups() {
		if group[0].kind != kindSerial || len(group) < severalCustomers {
			continue
		}
		if slices.ContainsFunc(group, func(id ident) bool { return s.shared(group, s.records[id.member].channel) }) {
			s.dropSerial(h, group)
		}
	}
}

const severalCustomers = 3

// shared reports whether live records of a channel show an identifier for several customers.
func (s *solver) shared(group []ident, ch channel) bool {
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

func (s *solver) dropSerial(h uint64, group []ident) {
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

// groups iterates over the idents by identifier.
func (s *solver) groups() func(func(uint64, []ident) bool) {
	return func(yield func(uint64, []ident) bool) {
		for start := 0; start < len(s.idents); {
			end := start + 1
			for end < len(s.idents) && s.idents[end].kind == s.idents[start].kind && s.idents[end].hash == s.idents[start].hash {
				end++
			}
			if !yield(s.idents[start].hash, s.idents[start:end]) {
				return
			}
			start = end
		}
	}
}
