package sqlite

import (
	"context"
	"fmt"
	"iter"
	"slices"
	"strings"

	"assetgraph/graph"
	"assetgraph/internal/ahead"
)

const (
	// insertRows is how many rows one statement inserts: its cost is shared, and the driver looks up each of its
	// parameters from the first on.
	insertRows = 8

	// encodedRows is how many rows are encoded ahead of those that are being written.
	encodedRows = 32 * insertRows
)

// encoded is some elements with their properties as JSON.
type encoded struct {
	elements   []*graph.Element
	properties []string // parallel to elements
}

// encoded yields the batch's elements, in their order, and no error.
func (w *writer) encoded() iter.Seq2[encoded, error] {
	return func(yield func(encoded, error) bool) {
		var text []byte
		for part := range slices.Chunk(w.batch.Elements, encodedRows) {
			ends := make([]int, 0, len(part))
			text = text[:0]
			for _, e := range part {
				text = w.json.appendProperties(text, e, all)
				ends = append(ends, len(text))
			}
			whole, start := string(text), 0
			out := encoded{part, make([]string, len(part))}
			for i, end := range ends {
				out.properties[i], start = whole[start:end], end
			}
			if !yield(out, nil) {
				return
			}
		}
	}
}

// insertAll writes the elements of the batch, of which the graph holds none. Properties are encoded while SQLite
// inserts those before them.
func (w *writer) insertAll(ctx context.Context) error {
	for part, err := range ahead.Of(ctx, w.encoded()) {
		if err != nil {
			return err
		}
		for i := 0; i < len(part.elements); {
			n := 1
			if len(part.elements)-i >= insertRows {
				n = insertRows
			}
			if err := w.insert(part.elements[i:i+n], part.properties[i:i+n]); err != nil {
				return fmt.Errorf("%s: %w", part.elements[i].Key, err)
			}
			i += n
		}
	}
	return nil
}

// insert writes elements, insertRows or one of them, that the graph does not hold.
func (w *writer) insert(elements []*graph.Element, properties []string) error {
	text, from, err := w.inserting(elements)
	if err != nil {
		return err
	}
	w.values = w.values[:0]
	for i, e := range elements {
		w.values = append(w.values, string(e.Key), e.Digest[:], appendVolatile(nil, e), properties[i])
		switch {
		case text == w.inserts.sharing:
			w.values = append(w.values, from, string(e.To))
		case w.batch.Type.IsRelationship():
			w.values = append(w.values, string(e.From), string(e.To))
		}
	}
	n, err := w.exec(context.Background(), text, w.values...)
	if err != nil {
		return err
	}
	w.rows += n
	w.applied.Written += int(n)
	missing := len(w.applied.Missing)
	if n < int64(len(elements)) {
		if err := w.findMissing(elements); err != nil {
			return err
		}
	}
	for _, e := range elements {
		if !slices.Contains(w.applied.Missing[missing:], e.Key) {
			w.tally.Created(e)
		}
	}
	return nil
}

// inserting returns the statement for the elements, and the number of the entity that they share as their From end; nil
// when there is none.
func (w *writer) inserting(elements []*graph.Element) (text string, from any, err error) {
	if len(elements) < insertRows {
		return w.inserts.one, nil, nil
	}
	shared := elements[0].From
	for _, e := range elements {
		if e.From != shared || shared == "" {
			return w.inserts.many, nil, nil
		}
	}
	if shared != w.from {
		id, err := w.integer(context.Background(), "SELECT id FROM graph_entity WHERE key = ?", string(shared))
		if err != nil {
			return "", nil, err
		}
		if w.from, w.fromValue = shared, nil; id != 0 {
			w.fromValue = id
		}
	}
	return w.inserts.sharing, w.fromValue, nil
}

// findMissing adds those that were not inserted to the relationships that lack an end.
func (w *writer) findMissing(elements []*graph.Element) error {
	for _, e := range elements {
		row, err := w.find(e.Key)
		if err != nil {
			return err
		}
		if row.id == 0 {
			w.applied.Missing = append(w.applied.Missing, e.Key)
		}
	}
	return nil
}

// inserts are the statements that insert into one scope at one time.
type inserts struct {
	one     string // a row
	many    string // insertRows of them
	sharing string // as many relationships from one entity, whose number is known; "" for entities
}

// newInserts writes what all rows have in common into the text, since binding a value costs more the more there are.
// What fails undoes the whole transaction, so that it need not be able to undo one statement, for which SQLite would
// copy each page that it touches. A relationship that lacks an end is ignored.
func newInserts(t *graph.Type, scope, at int64) inserts {
	common := fmt.Sprintf("(%d, %d, %d, ?, ?, ?, ?", scope, at, at)
	if !t.IsRelationship() {
		const into = "INSERT OR FAIL INTO graph_entity (scope, created, updated, key, digest, volatile, properties) VALUES "
		return inserts{one: into + common + ")", many: into + repeated(common+")")}
	}
	const (
		into   = "INSERT OR IGNORE INTO graph_relationship (scope, created, updated, key, digest, volatile, properties, from_id, to_id) VALUES "
		number = ", (SELECT id FROM graph_entity WHERE key = ?)"
	)
	row := common + number + number + ")"
	return inserts{one: into + row, many: into + repeated(row), sharing: into + repeated(common+", ?"+number+")")}
}

func repeated(row string) string { return row + strings.Repeat(", "+row, insertRows-1) }
