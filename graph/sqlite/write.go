package sqlite

import (
	"cmp"
	"context"
	"errors"
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
	if b.Op == graph.Delete { // of an entity, when nothing hangs on it: each would be looked for everywhere
		if err := s.BuildIndexes(ctx); err != nil {
			return graph.Applied{}, err
		}
	}
	defer s.changes.Add(1)
	var w *writer
	err := s.pool.write(ctx, func(c *conn) error {
		err := c.transaction(ctx, func() error {
			w = newWriter(c, &b, s.ids)
			return w.run(ctx)
		})
		if err != nil {
			s.ids.forgetAll() // what was inserted may be taken back
		}
		return err
	})
	if err != nil {
		return graph.Applied{}, s.failed(fmt.Sprintf("%s %d %s", b.Op, len(b.Elements), b.Type.Name), err)
	}
	s.writes.Add(w.rows)
	return w.applied, nil
}

// writer carries out one batch within a transaction.
type writer struct {
	*conn
	batch    *graph.Batch
	table    string
	scope    int64  // 0 when the graph never had the scope
	at       int64  // epoch milliseconds
	findText string // the statement of find
	inserts  inserts
	ids      *entityIDs
	inserted []*graph.Element
	json     jsonWriter
	buffer   []byte
	values   []any
	rows     int64 // changed so far
	applied  graph.Applied

	tally   *graph.Tally
	old     graph.Element // that tally is told of
	decoder decoder
}

func newWriter(c *conn, b *graph.Batch, ids *entityIDs) *writer {
	table := tableOf(b.Type)
	return &writer{conn: c, batch: b, ids: ids, table: table, at: b.At.UnixMilli(), json: newJSONWriter(b.Type), tally: b.Tally(),
		findText: "SELECT id, properties, digest FROM " + table + " WHERE key = ? AND scope = ?"}
}

func (w *writer) run(ctx context.Context) error {
	if err := errors.Join(checkLease(ctx, w.conn, w.batch.Lease), w.ids.begin(ctx, w.conn)); err != nil {
		return err
	}
	writesWhole := w.batch.Op == graph.Create || w.batch.Op == graph.Update
	if err := w.findScope(ctx, writesWhole); err != nil {
		return err
	}
	if err := w.unseal(ctx); err != nil {
		return err
	}
	w.inserts = newInserts(w.batch.Type, w.scope, w.at)
	if err := w.elements(ctx); err != nil {
		return err
	}
	if w.batch.Run != nil {
		if err := w.saveRun(ctx, w.batch.Run); err != nil {
			return err
		}
	}
	return w.log()
}

// elements carries the batch out.
func (w *writer) elements(ctx context.Context) error {
	if w.batch.Op == graph.Create {
		if free, err := w.rangeIsFree(ctx); free || err != nil {
			if err == nil {
				err = w.insertAll(ctx)
			}
			return err
		}
	}
	step, err := w.step()
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

// step returns what is done with each element.
func (w *writer) step() (func(*graph.Element) error, error) {
	switch w.batch.Op {
	case graph.Create, graph.Update:
		return w.upsert, nil
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

// findScope looks the scope's number up; a scope that is to be written gets one.
func (w *writer) findScope(ctx context.Context, create bool) (err error) {
	const find = "SELECT id FROM graph_scope WHERE type = ? AND instance = ?"
	w.scope, err = w.integer(ctx, find, w.batch.Type.Name, w.batch.Instance)
	if err != nil || w.scope != 0 || !create {
		return err
	}
	return w.query(ctx, func(columns []any) error {
		w.scope = integerOf(columns[0])
		return nil
	}, "INSERT INTO graph_scope (type, instance) VALUES (?, ?) RETURNING id", w.batch.Type.Name, w.batch.Instance)
}

// rangeIsFree reports whether the graph holds no element of the scope from the least to the greatest key of the batch.
// A plan is in the order of keys, so that a first load finds each batch's range free and need not look for each key.
func (w *writer) rangeIsFree(ctx context.Context) (bool, error) {
	byKey := func(a, b *graph.Element) int { return cmp.Compare(a.Key, b.Key) }
	least, greatest := slices.MinFunc(w.batch.Elements, byKey), slices.MaxFunc(w.batch.Elements, byKey)
	n, err := w.integer(ctx, "SELECT EXISTS (SELECT 1 FROM "+w.table+" WHERE scope = ? AND key BETWEEN ? AND ?)",
		w.scope, string(least.Key), string(greatest.Key))
	return n == 0, err
}

func (w *writer) deleteRelationship(e *graph.Element) error {
	_, err := w.remove("DELETE FROM graph_relationship WHERE key = ? AND scope = ?", e)
	if err == nil {
		w.applied.Written++ // one that is gone is as the batch wants it
	}
	return err
}

// deleteEntity deletes an entity on which nothing hangs.
func (w *writer) deleteEntity(e *graph.Element) error {
	gone, err := w.remove("DELETE FROM graph_entity WHERE key = ? AND scope = ?"+
		" AND NOT EXISTS (SELECT 1 FROM graph_relationship WHERE from_id = graph_entity.id)"+
		" AND NOT EXISTS (SELECT 1 FROM graph_relationship WHERE to_id = graph_entity.id)", e)
	if err != nil {
		return err
	}
	if !gone {
		row, err := w.find(e.Key)
		if err != nil {
			return err
		}
		if row.id != 0 {
			w.applied.Kept = append(w.applied.Kept, e.Key)
			return nil
		}
	}
	w.applied.Written++
	return nil
}

// remove deletes the rows of an element, of which others may have made several, and reports whether there was one.
func (w *writer) remove(text string, e *graph.Element) (gone bool, err error) {
	properties := ""
	err = w.query(context.Background(), func(columns []any) error {
		gone, properties = true, textOf(columns[0])
		w.ids.forget(e.Key)
		w.rows++
		return nil
	}, text+" RETURNING properties", string(e.Key), w.scope)
	if err == nil && gone {
		w.logDelete(e, properties)
	}
	return gone, err
}
