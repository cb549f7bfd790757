package correlate

import (
	"encoding/binary"
	"strings"

	"assetgraph/graph"
)

// noKey stands for no derived key.
const noKey = ^uint32(0)

// previous is what the graph holds of the last run.
type previous struct {
	index  hashTable // of derived keys
	hashes chunked[uint64]
	places chunked[uint32] // where the key of each derived entity begins in text
	text   chunked[byte]   // see appendKey
	taken  []bool          // by a cluster of this run; made when keys are assigned
	of     []before        // of records that were not added before
	links  []scopedLink
	scopes []graph.Scope
	read   map[graph.Scope]bool // whose links were read in full this time
}

// A scopedLink is a link of the last run.
type scopedLink struct {
	link
	scope uint32 // index in scopes: of the record that states it
}

// before says that a record belonged to a derived entity.
type before struct {
	record  uint64
	derived uint32
	linked  bool // by a link of its own
}

func newPrevious() previous { return previous{read: map[graph.Scope]bool{}} }

// derived returns the index of a derived key.
func (p *previous) derived(key string) uint32 {
	h := hash(key)
	if i, ok := p.find(h); ok {
		return i
	}
	return p.enter(h, appendKey(nil, key))
}

// enter keeps a key that is not there, given its hash and its encoding.
func (p *previous) enter(h uint64, encoded []byte) uint32 {
	i := p.hashes.push(h)
	p.places.push(p.text.place(len(encoded)))
	for _, b := range encoded {
		p.text.add(b)
	}
	if !p.index.put(h, i) {
		p.index.grow(0)
		for n := range i + 1 {
			p.index.put(*p.hashes.at(n), n)
		}
	}
	return i
}

// find returns the index of the derived key with the hash.
func (p *previous) find(h uint64) (uint32, bool) {
	return p.index.find(h, func(i uint32) uint64 { return *p.hashes.at(i) })
}

// size returns how many derived keys there are.
func (p *previous) size() int { return p.hashes.size() }

// forms are what keys of derived entities begin with; most texts are kept without it.
func forms() [4]string {
	return [...]string{"", Integration + ":device:", Integration + ":person:", Integration + ":organization:"}
}

// appendKey encodes a derived key: its form, its length, and itself without what the form stands for.
func appendKey(b []byte, key string) []byte {
	form := byte(0)
	for n, prefix := range forms() {
		if rest, ok := strings.CutPrefix(key, prefix); ok && n > 0 {
			key, form = rest, byte(n)
			break
		}
	}
	return append(binary.AppendUvarint(append(b, form), uint64(len(key))), key...)
}

// encoded returns the derived key of an index as appendKey encodes it.
func (p *previous) encoded(i uint32) []byte {
	at := *p.places.at(i)
	b := p.text.chunks[at>>chunkBits][at&(1<<chunkBits-1):]
	n, size := binary.Uvarint(b[1:])
	return b[:1+size+int(n)]
}

// key returns the derived key of an index.
func (p *previous) key(i uint32) graph.Key {
	b := p.encoded(i)
	_, size := binary.Uvarint(b[1:])
	return graph.Key(forms()[b[0]] + string(b[1+size:]))
}

// noteLinks keeps the links that the last run knew, unless they were read in full this time.
func (c *Correlator) noteLinks(e *graph.Element, record uint64) {
	p, scope := &c.previous, e.From.Scope()
	if p.read[scope] {
		return
	}
	note := func(l link) {
		l.from = record
		p.links = append(p.links, scopedLink{link: l, scope: p.scope(scope)})
	}
	if stated := e.Get("links").List(); len(stated) > 0 {
		for _, text := range stated {
			if l, ok := c.parseLink(text, scope.Instance); ok {
				note(l)
			}
		}
		return
	}
	switch e.Get("method").Text() { // of a graph of before links were kept
	case methodLink.String(), methodMapping.String():
		for product, external := range linkTexts(e.Get("matchedValue").Text()) {
			note(link{external: hash(external), connection: c.former(product)})
		}
	}
}

// scope returns the index of a scope.
func (p *previous) scope(s graph.Scope) uint32 {
	for n, known := range p.scopes {
		if known == s {
			return uint32(n)
		}
	}
	p.scopes = append(p.scopes, graph.Scope{Instance: strings.Clone(s.Instance), Type: strings.Clone(s.Type)})
	return uint32(len(p.scopes) - 1)
}

// unreadLinks returns the links of the last run whose scope was not read in full this time.
func (p *previous) unreadLinks() []scopedLink {
	unread := p.links[:0]
	for _, l := range p.links {
		if !p.read[p.scopes[l.scope]] {
			unread = append(unread, l)
		}
	}
	return unread
}

// linkTexts iterates over what matchedValue says of links: "productA 3187; productB ff81…".
func linkTexts(matched string) func(func(product, external string) bool) {
	return func(yield func(string, string) bool) {
		for part := range strings.SplitSeq(matched, "; ") {
			if product, external, ok := strings.Cut(part, " "); ok && !yield(product, external) {
				return
			}
		}
	}
}
