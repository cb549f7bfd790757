package sqlite

import (
	"cmp"
	"context"
	"database/sql/driver"
	"fmt"
	"slices"

	"assetgraph/graph"
)

// Apply implements graph.Writer, in one transaction.
func (s *Store) Apply(ctx context.Context, b graph.Batch) (graph.Applied, error) {
	if s.readOnly {
		return graph.Applied{}, s.failed("write", graph.ErrReadOnly)
	}
	if len(b.Elements) == 0 {
		return graph.Applied{}, ctx.Err()
	}
	var w writer
	err := s.pool.write(ctx, func(c *conn) error {
		return c.transaction(ctx, func() error {
			w = writer{conn: c, batch: &b, table: tableOf(b.Type), at: b.At.UnixMilli()}
			return w.run(ctx)
		})
	})
	if err != nil {
		return graph.Applied{}, s.failed(fmt.Sprintf("%s %d %s", b.Op, len(b.Elements), b.Type.Name), err)
	}
	s.writes.Add(w.rows)
	return w.applied, nil
}

// writer carries out one batch within a transaction. Each of its statements touches one row.
type writer struct {
	*conn
	batch   *graph.Batch
	table   string
	scope   int64 // 0 when the graph never had the scope
	at      int64
	buffer  []byte
	values  []driver.Value
	rows    int64 // changed so far
	applied graph.Applied
}

func (w *writer) run(ctx context.Context) error {
	if err := w.checkLease(ctx); err != nil {
		return err
	}
	writesWhole := w.batch.Op == graph.Create || w.batch.Op == graph.Update
	if err := w.findScope(ctx, writesWhole); err != nil {
		return err
	}
	step, err := w.step(ctx)
	if err != nil {
		return err
	}
	for _, e := range w.batch.Elements {
		if err := ctx.Err(); err != nil {
			return err
		}
		if err := step(e); err != nil {
			return fmt.Errorf("%s: %w", e.Key, err)
		}
	}
	return nil
}

// findScope looks the scope's number up; a scope that is to be written gets one.
func (w *writer) findScope(ctx context.Context, create bool) (err error) {
	const find = "SELECT id FROM graph_scope WHERE type = ? AND instance = ?"
	w.scope, err = w.integer(ctx, find, w.batch.Type.Name, w.batch.Instance)
	if err != nil || w.scope != 0 || !create {
		return err
	}
	return w.query(ctx, func(columns []driver.Value) error {
		w.scope = integerOf(columns[0])
		return nil
	}, "INSERT INTO graph_scope (type, instance) VALUES (?, ?) RETURNING id", w.batch.Type.Name, w.batch.Instance)
}

// step returns what is done with each element.
func (w *writer) step(ctx context.Context) (func(*graph.Element) error, error) {
	switch w.batch.Op {
	case graph.Create:
		free, err := w.rangeIsFree(ctx)
		if free {
			return w.insert, err
		}
		return w.create, err
	case graph.Update:
		return w.update, nil
	case graph.Refresh:
		return w.refresh, nil
	case graph.Delete:
		if w.batch.Type.IsRelationship() {
			return w.deleteRelationship, nil
		}
		return w.deleteEntity, nil
	}
	return nil, fmt.Errorf("unknown operation %d", w.batch.Op)
}

// rangeIsFree reports whether the graph holds no element of the scope from the least to the greatest key of the batch. A
// plan is in the order of keys, so that a first load finds each batch's range free and need not look for each key.
func (w *writer) rangeIsFree(ctx context.Context) (bool, error) {
	byKey := func(a, b *graph.Element) int { return cmp.Compare(a.Key, b.Key) }
	least, greatest := slices.MinFunc(w.batch.Elements, byKey), slices.MaxFunc(w.batch.Elements, byKey)
	n, err := w.integer(ctx, "SELECT EXISTS (SELECT 1 FROM "+w.table+" WHERE scope = ? AND key BETWEEN ? AND ?)",
		w.scope, string(least.Key), string(greatest.Key))
	return n == 0, err
}

// insert writes an element that the graph does not hold.
func (w *writer) insert(e *graph.Element) error {
	inserted, err := w.insertNew(e)
	return w.wrote(e, inserted, err)
}

// create writes an element that the graph most likely does not hold.
func (w *writer) create(e *graph.Element) error {
	done, err := w.insertUnlessThere(e)
	if !done && err == nil {
		done, err = w.rewrite(e)
	}
	return w.wrote(e, done, err)
}

// update writes an element that the graph most likely holds.
func (w *writer) update(e *graph.Element) error {
	done, err := w.rewrite(e)
	if !done && err == nil {
		done, err = w.insertNew(e)
	}
	return w.wrote(e, done, err)
}

// wrote counts an element. One that was neither there nor inserted is a relationship that lacks an end.
func (w *writer) wrote(e *graph.Element, done bool, err error) error {
	switch {
	case err != nil:
		return err
	case done:
		w.applied.Written++
	default:
		w.applied.Missing = append(w.applied.Missing, e.Key)
	}
	return nil
}

const (
	insertEntity = "INSERT INTO graph_entity (scope, key, digest, volatile, created, updated, properties)" +
		" SELECT ?, ?, ?, ?, ?, ?, ?"
	insertRelationship = "INSERT INTO graph_relationship (scope, key, digest, volatile, created, updated, properties, from_id, to_id)" +
		" SELECT ?, ?, ?, ?, ?, ?, ?, f.id, t.id FROM graph_entity f, graph_entity t WHERE f.key = ? AND t.key = ?"
	unlessEntity       = " WHERE NOT EXISTS (SELECT 1 FROM graph_entity WHERE key = ? AND scope = ?)"
	unlessRelationship = " AND NOT EXISTS (SELECT 1 FROM graph_relationship WHERE key = ? AND scope = ?)"
)

func (w *writer) insertNew(e *graph.Element) (bool, error) {
	if w.batch.Type.IsRelationship() {
		return w.one(insertRelationship, append(w.columns(e), string(e.From), string(e.To))...)
	}
	return w.one(insertEntity, w.columns(e)...)
}

func (w *writer) insertUnlessThere(e *graph.Element) (bool, error) {
	if w.batch.Type.IsRelationship() {
		return w.one(insertRelationship+unlessRelationship, append(w.columns(e), string(e.From), string(e.To), string(e.Key), w.scope)...)
	}
	return w.one(insertEntity+unlessEntity, append(w.columns(e), string(e.Key), w.scope)...)
}

func (w *writer) columns(e *graph.Element) []driver.Value {
	w.values = append(w.values[:0], w.scope, string(e.Key), e.Digest[:], e.Volatile[:], w.at, w.at, w.properties(e, present))
	return w.values
}

// rewrite writes an element over the one that is there. The patch takes away declared properties that vanished, and
// leaves alone what others put beside them.
func (w *writer) rewrite(e *graph.Element) (bool, error) {
	return w.one("UPDATE "+w.table+" SET digest = ?, volatile = ?, updated = ?, properties = json_patch(properties, ?) WHERE key = ? AND scope = ?",
		e.Digest[:], e.Volatile[:], w.at, w.properties(e, declared), string(e.Key), w.scope)
}

// refresh writes the volatile properties of an element that is there.
func (w *writer) refresh(e *graph.Element) error {
	done, err := w.one("UPDATE "+w.table+" SET volatile = ?, properties = json_patch(properties, ?) WHERE key = ? AND scope = ?",
		e.Volatile[:], w.properties(e, volatile), string(e.Key), w.scope)
	if done {
		w.applied.Written++
	}
	return err
}

func (w *writer) deleteRelationship(e *graph.Element) error {
	_, err := w.one("DELETE FROM graph_relationship WHERE key = ? AND scope = ?", string(e.Key), w.scope)
	w.applied.Written++
	return err
}

// deleteEntity deletes an entity on which nothing hangs.
func (w *writer) deleteEntity(e *graph.Element) error {
	const here = "graph_entity WHERE key = ? AND scope = ?"
	deleted, err := w.one("DELETE FROM "+here+
		" AND NOT EXISTS (SELECT 1 FROM graph_relationship WHERE from_id = graph_entity.id)"+
		" AND NOT EXISTS (SELECT 1 FROM graph_relationship WHERE to_id = graph_entity.id)", string(e.Key), w.scope)
	if err != nil {
		return err
	}
	if !deleted {
		n, err := w.integer(context.Background(), "SELECT count(*) FROM "+here, string(e.Key), w.scope)
		if err != nil {
			return err
		}
		if n > 0 {
			w.applied.Kept = append(w.applied.Kept, e.Key)
			return nil
		}
	}
	w.applied.Written++
	return nil
}

// one runs a statement on one row, and reports whether there was one.
func (w *writer) one(text string, args ...driver.Value) (bool, error) {
	n, err := w.exec(context.Background(), text, args...)
	w.rows += n
	return n > 0, err
}

func (w *writer) properties(e *graph.Element, which extent) string {
	w.buffer = appendProperties(w.buffer[:0], e, which)
	return string(w.buffer)
}
