package correlate

// A partition is disjoint sets of 0 … n-1, which it lists. A member goes from a smaller set to a larger one, at most
// log n times in all.
type partition struct {
	root []int32   // by member: one that stands for its set
	sets [][]int32 // by root: its members
}

// reset makes sets of one member each of numbers, which are 0, 1, 2, ….
func (p *partition) reset(numbers []int32) {
	copy(resized(&p.root, len(numbers)), numbers)
	for i := range resized(&p.sets, len(numbers)) {
		p.sets[i] = numbers[i : i+1 : i+1]
	}
}

// members returns the set of i.
func (p *partition) members(i int32) []int32 { return p.sets[p.root[i]] }

// union joins the sets of a and b.
func (p *partition) union(a, b int32) {
	a, b = p.root[a], p.root[b]
	if a == b {
		return
	}
	if len(p.sets[a]) < len(p.sets[b]) {
		a, b = b, a
	}
	for _, m := range p.sets[b] {
		p.root[m] = a
	}
	p.sets[a] = append(p.sets[a], p.sets[b]...)
	p.sets[b] = nil
}
