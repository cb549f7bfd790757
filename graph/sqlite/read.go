package sqlite

import (
	"context"
	"fmt"
	"iter"
	"slices"
	"strings"
	"time"

	"assetgraph/graph"
)

// Rows that one page of a stream holds. Streams read by pages and hold no connection, and no state of the graph,
// between two values, so that a slow reader neither blocks anybody nor lets the write-ahead log grow.
const (
	headerPage  = 4096
	elementPage = 256
)

// scopeRow is a scope that the graph has, or once had, elements of.
type scopeRow struct {
	id       int64
	instance string
}

// scopes returns the scopes of a type, of all instances when instance is "".
func scopes(ctx context.Context, c *conn, t *graph.Type, instance string) (list []scopeRow, err error) {
	err = c.query(ctx, func(columns []any) error {
		r := scopeRow{id: integerOf(columns[0]), instance: textOf(columns[1])}
		if instance == "" || instance == r.instance {
			list = append(list, r)
		}
		return nil
	}, "SELECT id, instance FROM graph_scope WHERE type = ?", t.Name)
	return list, err
}

// pageQuery selects the columns of at most so many rows of one scope after a key. Its arguments are those of pageArgs.
func pageQuery(t *graph.Type, columns string) string {
	if t.IsRelationship() {
		return "SELECT " + columns + " FROM graph_relationship WHERE scope = ?1 AND key > ?2 ORDER BY key LIMIT ?4"
	}
	return "SELECT " + columns + " FROM graph_entity WHERE key > ?2 AND key < ?3 AND +scope = ?1 ORDER BY key LIMIT ?4"
}

func pageArgs(t *graph.Type, scope scopeRow, after graph.Key, limit int) []any {
	prefix := graph.Scope{Instance: scope.instance, Type: t.Name}.Prefix()
	if after == "" && !t.IsRelationship() {
		after = graph.Key(prefix)
	}
	beyond := strings.TrimSuffix(prefix, ":") + ";" // the byte after ":" ends the range of keys that begin with the prefix
	return []any{scope.id, string(after), beyond, int64(limit)}
}

// Headers implements graph.Reader.
func (s *Store) Headers(ctx context.Context, t *graph.Type, instance string) iter.Seq2[graph.Header, error] {
	return func(yield func(graph.Header, error) bool) {
		page := make([]graph.Header, 0, headerPage)
		var last graph.Header // that was yielded
		for more := true; more; {
			var err error
			if page, err = s.headerPage(ctx, t, instance, last.Key, page[:0]); err != nil {
				yield(graph.Header{}, s.failed("read "+t.Name, err))
				return
			}
			more = len(page) == headerPage
			for _, h := range single(page, more) {
				if err := ctx.Err(); err != nil {
					yield(graph.Header{}, s.failed("read "+t.Name, err))
					return
				}
				if !yield(h, nil) {
					return
				}
				last = h
			}
		}
	}
}

// single returns a page with each key once. One that was there several times, which somebody else must have done, has
// no digests, so that it is written again. When more follows, the last key is left to the next page, which has all of
// its rows.
func single(page []graph.Header, more bool) []graph.Header {
	out := page[:0]
	for _, h := range page {
		if n := len(out); n > 0 && out[n-1].Key == h.Key {
			out[n-1] = graph.Header{Key: h.Key}
		} else {
			out = append(out, h)
		}
	}
	if more && len(out) > 1 {
		out = out[:len(out)-1]
	}
	return out
}

// headerPage appends the headers after a key to page. An unknown instance has none.
func (s *Store) headerPage(
	ctx context.Context, t *graph.Type, instance string, after graph.Key, page []graph.Header,
) ([]graph.Header, error) {
	err := s.pool.read(ctx, func(c *conn) error {
		list, err := scopes(ctx, c, t, instance)
		if err != nil {
			return err
		}
		for _, scope := range list {
			if scope.instance != instance {
				continue
			}
			return c.query(ctx, func(columns []any) error {
				page = append(page, headerOf(textOf(columns[0]), int(integerOf(columns[1]))))
				return nil
			}, pageQuery(t, headerColumns), pageArgs(t, scope, after, headerPage)...)
		}
		return nil
	})
	return page, err
}

// headerColumns gives a header as one text, since each column costs more than what is in it, and how much of it is the
// key.
const headerColumns = "digest || volatile || key, octet_length(key)"

// headerOf reads a header. Its digests are zero, which equals none, when the columns hold no two of their length; behind
// them a clock may lie, of parts of eight bytes.
func headerOf(text string, keyLength int) graph.Header {
	at := len(text) - keyLength
	h := graph.Header{Key: graph.Key(text[at:])}
	if digests := len(h.Digest) + len(h.Volatile); at >= digests && at%8 == 0 {
		copy(h.Digest[:], text)
		copy(h.Volatile[:], text[len(h.Digest):])
		h.Clock = graph.Clock(text[digests:at])
	}
	return h
}

// appendVolatile appends what the column volatile holds: the digest of the volatile properties and the clock.
func appendVolatile(b []byte, e *graph.Element) []byte {
	return e.AppendClock(append(b, e.Volatile[:]...))
}

// digestOf reads a digest, behind which a clock may lie; zero, which equals none, when the column does not hold one.
func digestOf(v any) (d graph.Digest) {
	if b, ok := v.([]byte); ok && len(b) >= len(d) {
		copy(d[:], b)
	}
	return d
}

// Elements implements graph.Reader.
func (s *Store) Elements(ctx context.Context, selection graph.Selection) iter.Seq2[graph.Stored, error] {
	return func(yield func(graph.Stored, error) bool) {
		var d decoder
		e, last, names := &graph.Element{}, graph.Key(""), chosenOf(selection.Properties)
		for r, err := range s.rows(ctx, selection) {
			if err == nil && r.key == last {
				continue // it is there several times
			}
			last = r.key
			if err == nil {
				err = ctx.Err()
			}
			if err == nil {
				err = r.read(&d, e, selection.Type, names)
			}
			if err != nil {
				yield(graph.Stored{}, s.failed("read "+selection.Type.Name, err))
				return
			}
			if !yield(graph.Stored{Element: e, CreatedOn: timeOf(r.created), UpdatedOn: timeOf(r.updated)}, nil) {
				return
			}
		}
	}
}

// row is an element as its table holds it.
type row struct {
	instance         string
	key              graph.Key
	digest, volatile graph.Digest
	created, updated int64
	properties       string
}

// timeOf returns the zero time for what was not read.
func timeOf(millis int64) time.Time {
	if millis == 0 {
		return time.Time{}
	}
	return time.UnixMilli(millis).UTC()
}

// rowColumns returns the columns that are read: fewer where properties are selected, since each costs more than what is
// in it.
func rowColumns(s graph.Selection) string {
	if s.Properties != nil {
		return "key, properties"
	}
	return "key, properties, digest, volatile, created, updated"
}

func rowOf(instance string, columns []any) (row, error) {
	key, keyOK := columns[0].(string)
	properties, propertiesOK := columns[1].(string)
	r := row{instance: instance, key: graph.Key(key), properties: properties}
	ok := keyOK && propertiesOK
	if rest := columns[2:]; len(rest) > 0 {
		var createdOK, updatedOK bool
		r.digest, r.volatile = digestOf(rest[0]), digestOf(rest[1])
		r.created, createdOK = rest[2].(int64)
		r.updated, updatedOK = rest[3].(int64)
		ok = ok && createdOK && updatedOK
	}
	if !ok {
		return row{}, fmt.Errorf("row %v is not as the program writes it", columns[0])
	}
	return r, nil
}

// read turns e into the element with the chosen properties. Its key says what its ends are: no part
// of a key but the verb is between bars.
func (r *row) read(d *decoder, e *graph.Element, t *graph.Type, names chosen) error {
	if t.IsRelationship() {
		from, to, _ := strings.Cut(string(r.key), "|"+t.Verb+"|")
		e.ResetRelationship(t, r.instance, graph.Key(from), graph.Key(to))
	} else {
		e.ResetEntity(t, r.instance, "-") // the id is among the properties, the key is known
		e.Set("id", graph.Value{})
	}
	e.Key, e.Digest, e.Volatile = r.key, r.digest, r.volatile
	if err := d.readProperties(e, r.properties, names); err != nil {
		return fmt.Errorf("%s: %w", r.key, err)
	}
	return nil
}

// rows yields the selected rows in the order of their keys.
func (s *Store) rows(ctx context.Context, selection graph.Selection) iter.Seq2[row, error] {
	if selection.Keys != nil {
		return s.rowsOfKeys(ctx, selection)
	}
	return func(yield func(row, error) bool) {
		var list []scopeRow
		err := s.pool.read(ctx, func(c *conn) (err error) {
			list, err = scopes(ctx, c, selection.Type, selection.Instance)
			return err
		})
		if err != nil {
			yield(row{}, err)
			return
		}
		m := merge{}
		for _, scope := range list {
			m = append(m, &cursor{store: s, selection: selection, scope: scope})
		}
		m.run(ctx, yield)
	}
}

// rowsOfKeys looks up one key after another, a page of them on one connection.
func (s *Store) rowsOfKeys(ctx context.Context, selection graph.Selection) iter.Seq2[row, error] {
	return func(yield func(row, error) bool) {
		keys := slices.Compact(slices.Sorted(slices.Values(selection.Keys)))
		for part := range slices.Chunk(keys, elementPage) {
			page, err := s.lookUp(ctx, selection, part)
			if err != nil {
				yield(row{}, err)
				return
			}
			for _, r := range page {
				if !yield(r, nil) {
					return
				}
			}
		}
	}
}

func (s *Store) lookUp(ctx context.Context, selection graph.Selection, keys []graph.Key) (page []row, err error) {
	text := "SELECT " + rowColumns(selection) + " FROM " + tableOf(selection.Type) + " WHERE scope = ? AND key = ?"
	err = s.pool.read(ctx, func(c *conn) error {
		list, err := scopes(ctx, c, selection.Type, selection.Instance)
		for _, key := range keys {
			for _, scope := range list {
				if err != nil {
					return err
				}
				err = c.query(context.Background(), func(columns []any) error {
					r, err := rowOf(scope.instance, columns)
					page = append(page, r)
					return err
				}, text, scope.id, string(key))
			}
		}
		return err
	})
	return page, err
}

func tableOf(t *graph.Type) string {
	if t.IsRelationship() {
		return "graph_relationship"
	}
	return "graph_entity"
}
