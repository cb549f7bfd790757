package correlate

import "iter"

// A partition is disjoint sets of 0 … n-1. Unlike a forest it lists the members of a set, and costs n log n for all
// unions.
type partition struct {
	root, next, size []int32 // next runs round the members of a set
}

// reset makes n sets of one member each.
func (p *partition) reset(n int) {
	resized(&p.root, n)
	resized(&p.next, n)
	resized(&p.size, n)
	for i := range p.root {
		p.root[i], p.next[i], p.size[i] = int32(i), int32(i), 1
	}
}

// members iterates over the set of i, i first.
func (p *partition) members(i int32) iter.Seq[int32] {
	return func(yield func(int32) bool) {
		for at := i; yield(at); {
			if at = p.next[at]; at == i {
				return
			}
		}
	}
}

// union joins the sets of a and b.
func (p *partition) union(a, b int32) {
	a, b = p.root[a], p.root[b]
	if a == b {
		return
	}
	if p.size[a] < p.size[b] {
		a, b = b, a
	}
	for m := range p.members(b) {
		p.root[m] = a
	}
	p.size[a] += p.size[b]
	p.next[a], p.next[b] = p.next[b], p.next[a]
}
