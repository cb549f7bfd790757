package view

import (
	"bytes"
	"cmp"
	"context"
	"fmt"
	"hash/maphash"
	"iter"
	"slices"
	"sort"
	"strings"

	"assetgraph/graph"
	"assetgraph/internal/report"
)

// An index holds, of every entity that can be searched for, the values by which it is known: their ASCII letters and
// digits in lower case, as graph.Search compares them. A store reads its whole file for one search, this a tenth of it
// in memory; whole values it finds without looking at the others.
type index struct {
	stamp string
	types map[string]bool // that are indexed
	keys  []graph.Key

	text   []byte   // the values of one entity after those of another, each behind a line feed
	begins []uint32 // where in text each entity begins
	seed   maphash.Seed
	whole  []hashed // of each value, sorted
}

// hashed is a value by its hash. That two values may have one does not matter: who searches looks at what is found.
type hashed struct{ hash, entity uint32 }

// readIndex reads all entities that are searched for once.
func readIndex(ctx context.Context, s report.Source, stamp string) (*index, error) {
	x := &index{stamp: stamp, types: map[string]bool{}, seed: maphash.MakeSeed()}
	properties := report.Searched(s.Schema, s.Model)
	for _, t := range s.Schema.Types() {
		if t.IsRelationship() || s.Model.Role(t.Name) == nil && t.Integration != "assetgraph" {
			continue
		}
		x.types[t.Name] = true
		for e, err := range s.Store.Elements(ctx, graph.Selection{Type: t, Properties: properties}) {
			if err != nil {
				return nil, fmt.Errorf("read %s: %w", t.Name, err)
			}
			x.add(e.Element, properties)
		}
	}
	x.finish()
	return x, nil
}

// finish makes the index ready for searches, when all entities are in it.
func (x *index) finish() {
	x.text = append(x.text, '\n')
	slices.SortFunc(x.whole, func(a, b hashed) int {
		return cmp.Or(cmp.Compare(a.hash, b.hash), cmp.Compare(a.entity, b.entity))
	})
	x.whole = slices.Compact(x.whole)
}

func (x *index) add(e *graph.Element, properties []string) {
	entity, from := uint32(len(x.keys)), len(x.text)
	x.keys = append(x.keys, graph.Key(strings.Clone(string(e.Key))))
	x.begins = append(x.begins, uint32(from))
	for _, p := range properties {
		v := e.Get(p)
		switch v.Kind() {
		case graph.Text:
			x.addValue(entity, from, v.Text())
		case graph.Texts:
			for _, s := range v.List() {
				x.addValue(entity, from, s)
			}
		default:
		}
	}
}

// addValue adds a value of the entity whose values begin at from, unless it is there already.
func (x *index) addValue(entity uint32, from int, s string) {
	at := len(x.text)
	x.text = append(x.text, '\n')
	for i := range len(s) {
		if c := lower(s[i]); c >= 'a' && c <= 'z' || c >= '0' && c <= '9' {
			x.text = append(x.text, c)
		}
	}
	value := x.text[at+1:]
	if len(value) == 0 || slices.ContainsFunc(bytes.Split(x.text[from:at], []byte{'\n'}),
		func(other []byte) bool { return bytes.Equal(other, value) }) {
		x.text = x.text[:at]
		return
	}
	x.whole = append(x.whole, hashed{uint32(maphash.Bytes(x.seed, value)), entity})
}

func lower(c byte) byte {
	if c >= 'A' && c <= 'Z' {
		return c + 'a' - 'A'
	}
	return c
}

// equal yields the entities that have a value.
func (x *index) equal(value string, yield func(entity uint32) bool) bool {
	hash := uint32(maphash.String(x.seed, value))
	i := sort.Search(len(x.whole), func(i int) bool { return x.whole[i].hash >= hash })
	for ; i < len(x.whole) && x.whole[i].hash == hash; i++ {
		if !yield(x.whole[i].entity) {
			return false
		}
	}
	return true
}

// holding yields the entities one of whose values holds a part, those in which it is whole first.
func (x *index) holding(p graph.Part, yield func(entity uint32) bool) {
	if !x.equal(p.Text, yield) || p.Begins && p.Ends {
		return
	}
	needle := []byte(p.Text)
	if p.Begins {
		needle = slices.Insert(needle, 0, '\n')
	}
	if p.Ends {
		needle = append(needle, '\n')
	}
	for at := 0; ; {
		n := bytes.Index(x.text[at:], needle)
		if n < 0 {
			return
		}
		at += n
		begin := at
		if p.Begins {
			begin++
		}
		next := sort.Search(len(x.begins), func(i int) bool { return int(x.begins[i]) >= begin })
		if !yield(uint32(next - 1)) {
			return
		}
		if at = len(x.text); next < len(x.begins) {
			at = int(x.begins[next])
		}
	}
}

// indexed is a store that searches in an index. Without one it searches by itself.
type indexed struct {
	report.Store
	index *index
	cut   bool // there is more than one search yields
}

// isCut reports whether a search had more to yield than it did.
func (s *indexed) isCut() bool { return s != nil && s.cut }

// mostFound is how many entities one search for a part yields: who gets more has to say more.
const mostFound = 500

// Search is that of graph.Reader, but that it yields mostFound entities for a part at most, those that are named so as
// a whole first.
func (s *indexed) Search(ctx context.Context, q graph.Search) iter.Seq2[graph.Key, error] {
	for _, t := range q.Types {
		if !s.index.types[t.Name] {
			return s.Store.Search(ctx, q)
		}
	}
	return func(yield func(graph.Key, error) bool) {
		seen := map[uint32]bool{}
		for _, p := range q.Parts {
			found, stopped := 0, false
			s.index.holding(p, func(entity uint32) bool {
				key := s.index.keys[entity]
				if seen[entity] || !q.Wants(key) {
					return true
				}
				if found++; found > mostFound {
					s.cut = true
					return false
				}
				seen[entity] = true
				stopped = !yield(key, nil)
				return !stopped
			})
			if stopped {
				return
			}
		}
	}
}
