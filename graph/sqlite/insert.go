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

// insert writes elements that the graph does not hold, insertRows of them or fewer. Relationships that lack an end are left
// out.
func (w *writer) insert(elements []*graph.Element, properties []string) error {
	w.values, w.inserted = w.values[:0], w.inserted[:0]
	for i, e := range elements {
		ends, err := w.endsOf(e)
		if err != nil {
			return err
		}
		if slices.Contains(ends, any(int64(0))) {
			w.applied.Missing = append(w.applied.Missing, e.Key)
			continue
		}
		w.values = append(w.values, string(e.Key), e.Digest[:], appendVolatile(nil, e), properties[i])
		w.values = append(w.values, ends...)
		w.inserted = append(w.inserted, e)
	}
	if len(w.inserted) == insertRows {
		return w.insertRows(w.inserts.many, w.values, w.inserted)
	}
	for i := range w.inserted {
		width := len(w.values) / len(w.inserted)
		if err := w.insertRows(w.inserts.one, w.values[i*width:][:width], w.inserted[i:i+1]); err != nil {
			return err
		}
	}
	return nil
}

// insertRows runs a statement that inserts all of the elements. Their numbers follow each other.
func (w *writer) insertRows(text string, values []any, elements []*graph.Element) error {
	result, err := w.result(context.Background(), text, values...)
	if err != nil {
		return err
	}
	last, err := result.LastInsertId()
	if err != nil {
		return err
	}
	for i, e := range elements {
		if !w.batch.Type.IsRelationship() {
			w.ids.put(e.Key, last-int64(len(elements)-1-i))
		}
		w.tally.Created(e)
	}
	w.rows += int64(len(elements))
	w.applied.Written += len(elements)
	return nil
}

// inserts are the statements that insert into one scope at one time.
type inserts struct {
	one  string // a row
	many string // insertRows of them
}

// newInserts writes what all rows have in common into the text, since binding a value costs more the more there are.
// What fails undoes the whole transaction, so that it need not be able to undo one statement, for which SQLite would
// copy each page that it touches.
func newInserts(t *graph.Type, scope, at int64) inserts {
	into, ends, marks := "INSERT OR FAIL INTO "+tableOf(t)+" (scope, created, updated, key, digest, volatile, properties", "", ""
	if t.IsRelationship() {
		ends, marks = ", from_id, to_id", ", ?, ?"
	}
	row := fmt.Sprintf("(%d, %d, %d, ?, ?, ?, ?%s)", scope, at, at, marks)
	into += ends + ") VALUES "
	return inserts{one: into + row, many: into + row + strings.Repeat(", "+row, insertRows-1)}
}
