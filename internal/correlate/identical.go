package correlate

import (
	"cmp"
	"slices"
)

// A print stands for all that a record shows.
type print struct {
	hash   uint64
	member int32
}

// mergeIdentical takes records of one channel for one that show the very same, and at least two of serial number,
// addresses and name: thousands of agents of one virtual desktop cost no more than one.
func (s *solver) mergeIdentical() {
	prints := s.prints[:0]
	for n := range s.records {
		if h := s.records[n].print(); h != 0 && len(s.records[n].decided) == 0 {
			prints = append(prints, print{h, int32(n)})
		}
	}
	s.prints = prints
	slices.SortFunc(prints, func(a, b print) int { return cmp.Or(cmp.Compare(a.hash, b.hash), int(a.member-b.member)) })
	for n := 1; n < len(prints); n++ {
		if prints[n].hash != prints[n-1].hash {
			continue
		}
		first := s.same[prints[n-1].member]
		s.same[prints[n].member] = first
		s.records[first].lastFor(&s.records[prints[n].member])
	}
}

// print returns a hash of what a record shows, 0 when that is too little.
func (u *unit) print() uint64 {
	h, kinds := mix(uint64(u.channel)+1), 0
	add := func(list []uint64) {
		told := false
		for _, x := range list {
			h = mix(h ^ x)
			told = told || x != 0
		}
		h = mix(h + 1)
		kinds += count1(told)
	}
	add(u.serials)
	telling := len(u.macs)
	for telling > 0 && isWeak(u.macs[telling-1]) { // they come last
		telling--
	}
	add(u.macs[:telling])
	add(u.placed)
	for _, name := range u.names { // of records of no customer too
		h = mix(h ^ name)
	}
	if kinds < 2 {
		return 0
	}
	return h
}
