package graph

// A nameIndex finds the properties of a type by name: a table of indexes plus one, zero for free, with linear probing.
// Each property of each element goes through it, and a map costs three times as much.
type nameIndex []uint16

// newNameIndex returns an index for n names. It is at most a quarter full.
func newNameIndex(n int) nameIndex {
	size := 4
	for size < 4*n {
		size *= 2
	}
	return make(nameIndex, size)
}

// add puts in the property at index i of the list. It reports false when the name is there already.
func (x nameIndex) add(list []Property, i int) bool {
	slot, found := x.slot(list, list[i].Name)
	x[slot] = uint16(i + 1)
	return !found
}

// find returns the index of the named property in the list that was put in, -1 when it is not there.
func (x nameIndex) find(list []Property, name string) int {
	if len(x) == 0 {
		return -1
	}
	slot, _ := x.slot(list, name)
	return int(x[slot]) - 1
}

// slot returns where the name stands, else where it would.
func (x nameIndex) slot(list []Property, name string) (slot int, found bool) {
	mask := len(x) - 1
	for slot = nameHash(name) & mask; ; slot = (slot + 1) & mask {
		i := x[slot]
		if i == 0 {
			return slot, false
		}
		if list[i-1].Name == name {
			return slot, true
		}
	}
}

// nameHash looks at the length and three bytes, which tell the names of a type apart well enough.
func nameHash(s string) int {
	n := len(s)
	if n == 0 {
		return 0
	}
	h := uint32(n)<<24 ^ uint32(s[0])<<16 ^ uint32(s[n/2])<<8 ^ uint32(s[n-1])
	return int(h * 0x9E3779B1 >> 16)
}
