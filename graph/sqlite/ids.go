package sqlite

import (
	"context"
	"hash/maphash"
	"math"

	"assetgraph/graph"
)

// entityIDs remembers the numbers of entities that the store has inserted or looked up, until what a run writes is sealed.
// A first load inserts entities first, and then looks both ends of each relationship up: by the index on keys, which
// grows far beyond the cache, that would be most of what a row costs more in a large graph than in a small one.
//
// It is for whoever has the connection for writing. In place of keys it has 96 bits of their hashes, which no two of a
// graph share: of ten million that would happen once in 10^15 graphs.
type entityIDs struct {
	seeds  [2]maphash.Seed
	ids    map[[3]uint32]uint32
	others othersWrites // when ids was empty
}

func newEntityIDs() *entityIDs {
	return &entityIDs{seeds: [2]maphash.Seed{maphash.MakeSeed(), maphash.MakeSeed()}}
}

// begin is called first in each transaction. What was remembered holds as long as nobody else writes.
func (m *entityIDs) begin(ctx context.Context, c *conn) error {
	others, err := c.othersWrites(ctx)
	if err == nil && others != m.others {
		m.forgetAll()
		m.others = others
	}
	return err
}

func (m *entityIDs) hash(key graph.Key) [3]uint32 {
	a, b := maphash.String(m.seeds[0], string(key)), maphash.String(m.seeds[1], string(key))
	return [3]uint32{uint32(a), uint32(a >> 32), uint32(b)}
}

func (m *entityIDs) put(key graph.Key, id int64) {
	if id < 1 || id > math.MaxUint32 {
		return
	}
	if m.ids == nil {
		m.ids = make(map[[3]uint32]uint32)
	}
	m.ids[m.hash(key)] = uint32(id)
}

// get returns 0 for what is not remembered.
func (m *entityIDs) get(key graph.Key) int64 { return int64(m.ids[m.hash(key)]) }

func (m *entityIDs) forget(key graph.Key) { delete(m.ids, m.hash(key)) }

func (m *entityIDs) forgetAll() { m.ids = nil }

// idOf returns the number of the entity of that key, 0 when the graph holds none.
func (w *writer) idOf(key graph.Key) (id int64, err error) {
	if id = w.ids.get(key); id == 0 {
		id, err = w.integer(context.Background(), "SELECT id FROM graph_entity WHERE key = ?", string(key))
		w.ids.put(key, id)
	}
	return id, err
}

// endsOf returns the numbers of both ends of a relationship, 0 for one that the graph lacks; nothing for an entity.
func (w *writer) endsOf(e *graph.Element) ([]any, error) {
	if !e.Type.IsRelationship() {
		return nil, nil
	}
	from, err := w.idOf(e.From)
	if err != nil {
		return nil, err
	}
	to, err := w.idOf(e.To)
	return []any{from, to}, err
}
