package correlate

import (
	"cmp"
	"slices"
	"strings"

	"assetgraph/graph"
)

// noKey stands for no derived key.
const noKey = ^uint32(0)

// previous is what the graph holds of the last run.
type previous struct {
	index map[uint64]uint32 // of derived by hash of key
	spans []uint64          // where the key of each derived entity ends in text
	text  []byte
	taken []bool   // by a cluster of this run; made when keys are assigned
	of    []before // which derived entity each record belonged to
	links []scopedLink
	read  map[graph.Scope]bool // whose links were read in full this time
}

// A scopedLink is a link of the last run.
type scopedLink struct {
	link
	scope graph.Scope // of the computer or tenant that states it
}

// before says that a record belonged to a derived entity.
type before struct {
	record  uint64
	derived uint32
}

func newPrevious() previous {
	return previous{index: map[uint64]uint32{}, read: map[graph.Scope]bool{}}
}

// derived returns the index of a derived key.
func (p *previous) derived(key string) uint32 {
	h := hash(key)
	if i, ok := p.index[h]; ok {
		return i
	}
	i := uint32(len(p.spans))
	p.index[h] = i
	p.text = append(p.text, key...)
	p.spans = append(p.spans, uint64(len(p.text)))
	return i
}

// key returns the derived key of an index.
func (p *previous) key(i uint32) graph.Key {
	start := uint64(0)
	if i > 0 {
		start = p.spans[i-1]
	}
	return graph.Key(p.text[start:p.spans[i]])
}

func (p *previous) relationship(e *graph.Element) {
	record := hash(string(e.From))
	p.of = append(p.of, before{record: record, derived: p.derived(string(e.To))})
	switch e.Get("method").Text() {
	case methodLink.String(), methodMapping.String():
		switch e.Type.From {
		case "immybot_computer", "immybot_tenant":
			scope := p.scope(e.From)
			for product, external := range linkTexts(e.Get("matchedValue").Text()) {
				p.links = append(p.links, scopedLink{link: link{from: record, external: hash(product, external)}, scope: scope})
			}
		}
	}
}

// scope returns the scope of a key; its texts are kept once for all links.
func (p *previous) scope(k graph.Key) graph.Scope {
	s := k.Scope()
	if n := len(p.links); n > 0 && p.links[n-1].scope == s {
		return p.links[n-1].scope
	}
	return graph.Scope{Instance: strings.Clone(s.Instance), Type: strings.Clone(s.Type)}
}

// linkTexts iterates over what matchedValue says of links: "ninjarmm 3187; sentinelone ff81…".
func linkTexts(matched string) func(func(product, external string) bool) {
	return func(yield func(string, string) bool) {
		for part := range strings.SplitSeq(matched, "; ") {
			if product, external, ok := strings.Cut(part, " "); ok && !yield(product, external) {
				return
			}
		}
	}
}

// completeLinks adds the links that the last run knew of computers and tenants of which none was read this time. What was read says more:
// a counterpart that it gives to someone else is not taken from there.
func (c *Correlator) completeLinks() {
	sortLinks(c.links)
	claimed := make([]uint64, len(c.links))
	for i, l := range c.links {
		claimed[i] = l.external
	}
	slices.Sort(claimed)
	read := c.links
	for _, l := range c.previous.links {
		_, known := slices.BinarySearchFunc(read, l.from, func(l link, from uint64) int { return cmp.Compare(l.from, from) })
		_, elsewhere := slices.BinarySearch(claimed, l.external)
		if !known && !elsewhere && !c.previous.read[l.scope] {
			c.links = append(c.links, l.link)
		}
	}
	c.previous.links = nil
	sortLinks(c.links)
	c.links = slices.Compact(c.links)
}

func sortLinks(links []link) {
	slices.SortFunc(links, func(a, b link) int { return cmp.Or(cmp.Compare(a.from, b.from), cmp.Compare(a.external, b.external)) })
}

// linksOf returns the links that the element with the hashed key states.
func (c *Correlator) linksOf(key uint64) []link {
	first, found := slices.BinarySearchFunc(c.links, key, func(l link, from uint64) int { return cmp.Compare(l.from, from) })
	if !found {
		return nil
	}
	end := first
	for end < len(c.links) && c.links[end].from == key {
		end++
	}
	return c.links[first:end]
}

// index sorts the records by key and drops those that were added twice.
func (c *Correlator) index() {
	c.byKey = make([]uint32, c.records.size())
	for i := range c.byKey {
		c.byKey[i] = uint32(i)
	}
	slices.SortFunc(c.byKey, func(a, b uint32) int {
		return cmp.Or(cmp.Compare(c.records.at(a).key, c.records.at(b).key), cmp.Compare(a, b))
	})
	c.byKey = slices.CompactFunc(c.byKey, func(a, b uint32) bool { return c.records.at(a).key == c.records.at(b).key })
}

// find returns the record with the hashed key.
func (c *Correlator) find(key uint64) (uint32, bool) {
	i, found := slices.BinarySearchFunc(c.byKey, key, func(r uint32, key uint64) int { return cmp.Compare(c.records.at(r).key, key) })
	if !found {
		return 0, false
	}
	return c.byKey[i], true
}
