package sqlite

import (
	"context"
	"iter"
	"slices"
	"strings"

	"assetgraph/graph"
	"assetgraph/internal/panics"
)

// searchers is how many connections share the reading of a search.
const searchers = 2

// Search implements graph.Reader. It reads the properties of all entities as they are stored and takes none of them
// apart, which is a tenth of the work; which property it is that holds a part it does not know.
//
// No index serves it: what SQLite has to find parts of texts (FTS5 by trigrams) would be written with each entity, and
// knows no text by its letters and digits alone. LIKE knows none either. It takes a scan as long as reading the rows
// does, the matcher twice that, for any number of parts.
func (s *Store) Search(ctx context.Context, q graph.Search) iter.Seq2[graph.Key, error] {
	return func(yield func(graph.Key, error) bool) {
		keys, err := s.search(ctx, newMatcher(q.Parts))
		for _, key := range keys {
			if q.Wants(key) && !yield(key, nil) {
				return
			}
		}
		if err != nil {
			yield("", s.failed("search", err))
		}
	}
}

func (s *Store) search(ctx context.Context, m matcher) ([]graph.Key, error) {
	var last int64
	err := s.pool.read(ctx, func(c *conn) (err error) {
		last, err = c.integer(ctx, "SELECT coalesce(max(id), 0) FROM graph_entity")
		return err
	})
	if err != nil {
		return nil, err
	}
	var (
		keys    [searchers][]graph.Key
		errs    [searchers]error
		waiting panics.Group
	)
	for n := range int64(searchers) {
		waiting.Go(func() {
			errs[n] = s.pool.read(ctx, func(c *conn) error {
				return c.query(ctx, func(columns []any) error {
					if m.matches(textOf(columns[1])) {
						keys[n] = append(keys[n], graph.Key(textOf(columns[0])))
					}
					return nil
				}, "SELECT key, properties FROM graph_entity WHERE id > ? AND id <= ?", last*n/searchers,
					last*(n+1)/searchers)
			})
		})
	}
	waiting.Wait()
	for _, err := range errs {
		if err != nil {
			return nil, err
		}
	}
	return slices.Concat(keys[:]...), nil
}

// A matcher finds any of many parts in one walk over a text (Aho and Corasick, 1975): its states are the beginnings of
// the parts, and each knows the one that follows upon every byte.
type matcher [][256]int32

// found is the state of a matcher that has found a part.
const found = -1

// The symbols that count: digits, letters, and the quote that a JSON string begins and ends with.
const symbols = "0123456789abcdefghijklmnopqrstuvwxyz\""

func newMatcher(parts []graph.Part) matcher {
	t := trie{{}}
	for _, p := range parts {
		t.add(p)
	}
	fallback := make([]int32, len(t))
	queue := []int32{0}
	for ; len(queue) > 0; queue = queue[1:] {
		state := queue[0]
		other := fallback[state]
		t[state].ends = t[state].ends || t[other].ends
		for i, child := range t[state].next {
			switch {
			case child == 0:
				t[state].next[i] = t[other].next[i]
			case state == 0:
				queue = append(queue, child)
			default:
				fallback[child] = t[other].next[i]
				queue = append(queue, child)
			}
		}
	}
	return t.matcher()
}

// A trie holds the parts from their beginnings on; no state leads back to the first, whose number stands for none.
type trie []struct {
	next [len(symbols)]int32
	ends bool // a part ends here
}

func (t *trie) add(p graph.Part) {
	text := p.Text
	if p.Begins {
		text = `"` + text
	}
	if p.Ends {
		text += `"`
	}
	state := int32(0)
	for i := range len(text) {
		symbol := strings.IndexByte(symbols, text[i])
		if symbol < 0 {
			continue
		}
		child := (*t)[state].next[symbol]
		if child == 0 {
			child = int32(len(*t))
			*t = append(*t, trie{{}}...)
			(*t)[state].next[symbol] = child
		}
		state = child
	}
	(*t)[state].ends = state != 0
}

// matcher spreads symbols over the bytes that stand for them; of other bytes no state takes notice.
func (t trie) matcher() matcher {
	m := make(matcher, len(t))
	for state := range m {
		for c := range m[state] {
			next := int32(state)
			if symbol := strings.IndexByte(symbols, lower(byte(c))); symbol >= 0 {
				next = t[state].next[symbol]
			}
			if t[next].ends {
				next = found
			}
			m[state][c] = next
		}
	}
	return m
}

func lower(c byte) byte {
	if c >= 'A' && c <= 'Z' {
		return c + 'a' - 'A'
	}
	return c
}

// matches reports whether one of the parts is in a JSON text as this package writes it.
func (m matcher) matches(text string) bool {
	state := int32(0)
	for i := 0; i < len(text); i++ {
		c := text[i]
		if c == '\\' { // an escape stands for what does not count
			if i++; i < len(text) && text[i] == 'u' {
				i += 4
			}
			continue
		}
		if state = m[state][c]; state == found {
			return true
		}
	}
	return false
}
