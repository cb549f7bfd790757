package correlate

import (
	"cmp"
	"math/bits"
	"slices"
)

// maxHolders is how many live records that are not one machine may share an identifier before it is taken for one that
// identifies nothing. Below, it is ambiguous when several machines of one product have it.
const maxHolders = 48

// kinds of identifiers, the strongest first.
const (
	kindSame uint8 = iota // what people decided
	kindExternal
	kindSerial
	kindMAC
	kindName
	kindCut
	kindBefore // what the last run took for one machine
)

// components finds the sets of records that share identifiers, directly or through others, and puts each side by side
// in order. What is shared by too many is dropped here.
func (c *Correlator) components() {
	f := newForest(c.records.size())
	t := newTally(c.largestKind())
	for kind := kindExternal; kind <= kindCut; kind++ {
		t.reset()
		c.tallyKind(t, kind)
		c.joinKind(t, kind, f, c.crowdsOf(t, kind))
	}
	for _, group := range c.manual.sameKeys() {
		for _, h := range group[1:] {
			a, ok := c.find(group[0])
			if b, ok2 := c.find(h); ok && ok2 {
				f.union(a, b)
			}
		}
	}
	c.joinBefore(f)
	c.arrange(f)
}

// joinBefore unites what the last run took for one machine.
func (c *Correlator) joinBefore(f forest) {
	if !c.uses(rulePrevious) {
		return
	}
	first := make([]uint32, c.previous.size()) // record of each derived key plus one
	i := uint32(0)
	for r := range c.records.all() {
		if r.before != noKey {
			if first[r.before] == 0 {
				first[r.before] = i + 1
			}
			f.union(first[r.before]-1, i)
		}
		i++
	}
}

// tallyKind counts who has an identifier. Links count where they lead to something.
func (c *Correlator) tallyKind(t *tally, kind uint8) {
	i := uint32(0)
	for r := range c.records.all() {
		for _, id := range c.list(r, kind) {
			if h := c.identity(r, kind, id); h != 0 {
				t.count(h, i, !r.has(dead))
			}
		}
		i++
	}
	if kind == kindExternal && c.uses(ruleLink) {
		for _, h := range c.targets {
			t.countKnown(h)
		}
	}
}

// followed returns what the links of a record lead to, none where links are not followed.
func (c *Correlator) followed(r *record, i uint32) []uint64 {
	if !c.roleOf(r).Machine.Links || !c.uses(ruleLink) {
		return nil
	}
	return c.linksOf(i)
}

// joinKind unites those who share an identifier, and drops it where it is junk.
func (c *Correlator) joinKind(t *tally, kind uint8, f forest, crowds map[uint64]*crowd) {
	for _, of := range crowds {
		if of.isJunk() {
			c.findings.shared(Sharing{kind: kind, id: of.id, Records: of.records, record: of.first})
		}
	}
	i := uint32(0)
	for r := range c.records.all() {
		list := c.list(r, kind)
		for n, id := range list {
			switch h := c.identity(r, kind, id); {
			case h == 0:
			case crowds[h].isJunk():
				list[n] = 0
				c.findings.dropped(kind)
			default:
				t.join(h, i, f)
			}
		}
		if kind == kindExternal {
			for _, h := range c.followed(r, i) {
				if !crowds[h].isJunk() {
					t.join(h, i, f)
				}
			}
		}
		i++
	}
}

// list returns the identifiers of one kind of a record.
func (c *Correlator) list(r *record, kind uint8) []uint64 {
	at, n := 0, count1(r.has(hasExternal))
	for k := kindSerial; k <= kind; k++ {
		at += n
		switch k {
		case kindSerial:
			n = int(r.serials)
		case kindMAC:
			n = int(r.macs)
		case kindName:
			n = count1(r.has(hasName))
		case kindCut:
			n = count1(r.has(hasCut))
		}
	}
	if n == 0 {
		return nil
	}
	return c.arena.slice(r.ids+uint32(at), n)
}

// identity returns an identifier of a record so that equal ones mean something, 0 where it means nothing.
func (c *Correlator) identity(r *record, kind uint8, id uint64) uint64 {
	switch {
	case id == 0:
		return 0
	case kind == kindMAC:
		return mix(id)
	case kind == kindName || kind == kindCut:
		return c.nameIn(r, id)
	}
	return id
}

// nameIn returns a name within the record's organization; 0 without a name or an organization.
func (c *Correlator) nameIn(r *record, name uint64) uint64 {
	if name == 0 || r.customer == 0 || !c.uses(ruleHostname) {
		return 0
	}
	return mix(name ^ mix(uint64(c.customers[r.customer].organization)))
}

// largestKind returns the largest number of identifiers of one kind.
func (c *Correlator) largestKind() int {
	serials, macs := 0, 0
	for r := range c.records.all() {
		serials += int(r.serials)
		macs += int(r.macs)
	}
	return max(c.records.size(), serials, macs)
}

// arrange fills order, starts and leader: records by component, each ascending by hashed key.
func (c *Correlator) arrange(f forest) {
	at := make([]uint32, len(f)) // by root: where the component goes on
	for i := range f {
		at[f.root(uint32(i))]++
	}
	c.starts = c.starts[:0]
	total := uint32(0)
	for root, n := range at {
		at[root] = total
		if n > 0 {
			c.starts = append(c.starts, total)
		}
		total += n
	}
	c.order = make([]uint32, total)
	for i := range f {
		root := f.root(uint32(i))
		c.order[at[root]] = uint32(i)
		at[root]++
	}
	c.starts = append(c.starts, total)
	c.leader = f
	for n := range len(c.starts) - 1 {
		if component := c.order[c.starts[n]:c.starts[n+1]]; len(component) > 1 {
			slices.SortFunc(component,
				func(a, b uint32) int { return cmp.Compare(c.records.at(a).key, c.records.at(b).key) })
		}
	}
}

// A tally counts hashes in a table of fixed size and knows who has each first. It keeps 26 bits of a hash beside those
// that tell the place; that two of a million fall together for once makes a component larger and nothing else. For
// 100,000 machines a map of as many bytes takes 0.04 s to 0.08 s more, two to five times as long (BenchmarkTables).
type tally struct {
	slots   []slot
	crowded bool // some identifier has more holders than maxHolders
}

type slot struct {
	tag   uint32 // of the hash, above the number of holders, 0 for an empty slot
	first uint32 // number of the first holder plus one, whether it is gone or not
}

const holderBits = 6 // 1 for an identifier that nobody alive has, and one more for each live holder: maxHolders+2 at most

func newTally(n int) *tally { return &tally{slots: make([]slot, 1<<bits.Len(uint(n+n/4+8)))} }

func (t *tally) reset() {
	clear(t.slots)
	t.crowded = false
}

// find returns the slot of a hash, or the empty one where it belongs.
func (t *tally) find(h uint64) (s *slot, tag uint32) {
	mask := uint64(len(t.slots) - 1)
	tag = uint32(h>>32) >> holderBits << holderBits
	for at := h & mask; ; at = (at + 1) & mask {
		if s = &t.slots[at]; s.holders() == 0 || s.tag>>holderBits<<holderBits == tag {
			return s, tag
		}
	}
}

func (s *slot) holders() uint32 { return s.tag & (1<<holderBits - 1) }

// count counts record i as a holder of a hash.
func (t *tally) count(h uint64, i uint32, live bool) {
	s, tag := t.find(h)
	if s.holders() == 0 {
		s.tag, s.first = tag|1, i+1
	}
	if live {
		t.another(s)
	}
}

// countKnown counts one more live holder of what is counted already.
func (t *tally) countKnown(h uint64) {
	if s, _ := t.find(h); s.holders() > 0 {
		t.another(s)
	}
}

func (t *tally) another(s *slot) {
	if s.holders() <= maxHolders+1 {
		s.tag++
		t.crowded = t.crowded || s.holders() > maxHolders+1
	}
}

// isCrowd reports whether more than maxHolders live records have a hash.
func (t *tally) isCrowd(h uint64) bool {
	s, _ := t.find(h)
	return s.holders() > maxHolders+1
}

// join unites record i with the first one that has the hash.
func (t *tally) join(h uint64, i uint32, f forest) {
	if s, _ := t.find(h); s.holders() > 0 {
		f.union(s.first-1, i)
	}
}
