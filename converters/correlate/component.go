package correlate

import "math/bits"

// maxHolders is how many records may share an identifier before it is taken for one that identifies nothing. Below, it is ambiguous when
// several machines of one product have it.
const maxHolders = 48

// kinds of identifiers, the strongest first.
const (
	kindSame uint8 = iota // what people decided
	kindExternal
	kindSerial
	kindMAC
	kindName
	kindCut
)

// components finds the sets of records that share identifiers, directly or through others, and puts each side by side in order. What is
// shared by too many is dropped here.
func (c *Correlator) components() {
	f := newForest(c.records.size())
	t := newTally(c.largestKind())
	for kind := kindExternal; kind <= kindCut; kind++ {
		t.reset()
		for _, i := range c.byKey {
			c.eachIdentifier(i, kind, func(h uint64, _ *uint64) { t.count(h) })
		}
		for _, i := range c.byKey {
			c.eachIdentifier(i, kind, func(h uint64, place *uint64) {
				switch slot := t.find(h); {
				case t.holders[slot] > maxHolders:
					c.drop(kind, place)
				case t.first[slot] == 0:
					t.first[slot] = i + 1
				default:
					f.union(t.first[slot]-1, i)
				}
			})
		}
	}
	for _, group := range c.manual.sameKeys() {
		for _, h := range group[1:] {
			a, ok := c.find(group[0])
			if b, ok2 := c.find(h); ok && ok2 {
				f.union(a, b)
			}
		}
	}
	c.arrange(f)
}

// drop takes away an identifier that too many share. place is nil for a link, which leads nowhere then.
func (c *Correlator) drop(kind uint8, place *uint64) {
	if place != nil {
		*place = 0
		c.findings.dropped(kind)
	}
}

// eachIdentifier visits the identifiers of one kind of a record, hashed so that equal ones mean something. place is where it lies, nil for a
// link.
func (c *Correlator) eachIdentifier(i uint32, kind uint8, visit func(h uint64, place *uint64)) {
	r := c.records.at(i)
	ids := c.identifiers(r)
	each := func(list []uint64, hashed func(uint64) uint64) {
		for n, h := range list {
			if h != 0 {
				if h = hashed(h); h != 0 {
					visit(h, &list[n])
				}
			}
		}
	}
	same := func(h uint64) uint64 { return h }
	switch kind {
	case kindExternal:
		each(ids.external, same)
		if r.channel == computers && c.uses(ruleLink) {
			for _, l := range c.linksOf(r.key) {
				visit(l.external, nil)
			}
		}
	case kindSerial:
		each(ids.serials, same)
	case kindMAC:
		each(ids.macs, mix)
	case kindName:
		each(ids.name, func(h uint64) uint64 { return c.nameIn(r, h) })
	case kindCut:
		each(ids.cut, func(h uint64) uint64 { return c.nameIn(r, h) })
	}
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
	var n [kindCut + 1]int
	for _, i := range c.byKey {
		r := c.records.at(i)
		n[kindExternal]++
		n[kindSerial] += int(r.serials)
		n[kindMAC] += int(r.macs)
	}
	return max(n[kindExternal]+len(c.links), n[kindSerial], n[kindMAC])
}

// arrange fills order, starts and leader: records by component, each ascending by hashed key.
func (c *Correlator) arrange(f forest) {
	at := make([]uint32, len(f)+1) // by root: where the component goes on
	for _, i := range c.byKey {
		at[f.root(i)+1]++
	}
	c.starts = c.starts[:0]
	total := uint32(0)
	for root := range f {
		n := at[root+1]
		at[root+1] = 0
		at[root], total = total, total+n
		if n > 0 {
			c.starts = append(c.starts, at[root])
		}
		at[root+1] += n
	}
	c.order = make([]uint32, total)
	for _, i := range c.byKey {
		root := f.root(i)
		c.order[at[root]] = i
		at[root]++
	}
	c.starts = append(c.starts, total)
	c.leader = f
}

// tally counts hashes in a table of fixed size.
type tally struct {
	hashes  []uint64
	first   []uint32
	holders []uint8
}

func newTally(n int) *tally {
	size := 1 << bits.Len(uint(n+n/3+8))
	return &tally{hashes: make([]uint64, size), first: make([]uint32, size), holders: make([]uint8, size)}
}

func (t *tally) reset() {
	clear(t.hashes)
	clear(t.first)
	clear(t.holders)
}

func (t *tally) find(h uint64) int {
	mask := uint64(len(t.hashes) - 1)
	for at := h & mask; ; at = (at + 1) & mask {
		if t.hashes[at] == h || t.hashes[at] == 0 {
			return int(at)
		}
	}
}

func (t *tally) count(h uint64) {
	slot := t.find(h)
	t.hashes[slot] = h
	if t.holders[slot] <= maxHolders {
		t.holders[slot]++
	}
}
