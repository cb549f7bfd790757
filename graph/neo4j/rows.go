package neo4j

import (
	"encoding/hex"

	"assetgraph/graph"
)

// A rowMaker makes the rows of a statement, of one transaction after another in the same memory.
type rowMaker struct {
	store *Store
	typ   *graph.Type
	keys  bool // the rows hold keys alone: nothing else of the elements need be set
	width int
	rows  []any
	cells []any // of all rows, one after another

	digest, volatile digestCell
	clock            []byte
}

// newRows returns a maker of at most n rows at a time for the applier's statement.
func (a *applier) newRows(n int) *rowMaker {
	m := &rowMaker{store: a.store, typ: a.batch.Type, keys: a.keys, width: firstValue(a.batch.Type)}
	if !m.keys {
		m.width += len(m.typ.Properties)
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
	row[rowKey] = string(e.Key)
	if m.typ.IsRelationship() {
		row[rowFrom], row[rowTo] = string(e.From), string(e.To)
	}
	if m.keys {
		return
	}
	row[rowDigest], row[rowVolatile] = m.digest.of(e.Digest), m.volatileOf(e)
	values := row[firstValue(m.typ):]
	for i := range values {
		values[i] = m.store.parameter(e.Value(i))
	}
}

// volatileOf returns the digest of the volatile properties with the clock, if there is one, as hexadecimal digits.
func (m *rowMaker) volatileOf(e *graph.Element) any {
	if m.clock = e.AppendClock(m.clock[:0]); len(m.clock) == 0 {
		return m.volatile.of(e.Volatile)
	}
	return e.Volatile.String() + hex.EncodeToString(m.clock)
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
