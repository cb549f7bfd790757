package neo4j

import "assetgraph/graph"

// A rowMaker makes the rows of a statement, of one transaction after another in the same memory.
type rowMaker struct {
	store *Store
	batch *graph.Batch
	width int
	rows  []any
	cells []any // of all rows, one after another

	digest, volatile digestCell
}

// rowsOf returns a maker of at most n rows at a time for the statements of the batch.
func (s *Store) rowsOf(b *graph.Batch, n int) *rowMaker {
	m := &rowMaker{store: s, batch: b, width: firstValue(b.Type)}
	if b.Op != graph.Delete {
		m.width += len(b.Type.Properties)
	}
	m.rows, m.cells = make([]any, n), make([]any, n*m.width)
	return m
}

// of returns the rows of the elements. They are overwritten by the next call.
func (m *rowMaker) of(elements []*graph.Element) []any {
	for i, e := range elements {
		row := m.cells[i*m.width : (i+1)*m.width : (i+1)*m.width]
		m.fill(row, e)
		m.rows[i] = row
	}
	return m.rows[:len(elements)]
}

func (m *rowMaker) fill(row []any, e *graph.Element) {
	t := m.batch.Type
	row[rowKey] = string(e.Key)
	if t.IsRelationship() {
		row[rowFrom], row[rowTo] = string(e.From), string(e.To)
	}
	if m.batch.Op == graph.Delete {
		return
	}
	row[rowDigest], row[rowVolatile] = m.digest.of(e.Digest), m.volatile.of(e.Volatile)
	values := row[firstValue(t):]
	for i := range values {
		values[i] = m.store.parameter(e.Value(i))
	}
}

// A digestCell holds the last digest as it is sent: those of relationships without properties are all the same.
type digestCell struct {
	last graph.Digest
	text any
}

func (c *digestCell) of(d graph.Digest) any {
	if c.text == nil || c.last != d {
		c.last, c.text = d, d.String()
	}
	return c.text
}
