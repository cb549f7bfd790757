package neo4j

import (
	"context"
	"errors"
	"fmt"
	"sync"

	driver "github.com/neo4j/neo4j-go-driver/v5/neo4j"

	"assetgraph/graph"
)

// An applier carries out one batch.
type applier struct {
	store *Store
	batch *graph.Batch
	text  string
	op    func(ctx context.Context, tx driver.ManagedTransaction, rows []any) (outcome, error)
}

// outcome is what one transaction did.
type outcome struct {
	graph.Applied
	counters Counters
}

// Apply carries out the batch in transactions of at most BatchRows rows, two of them side by side.
func (s *Store) Apply(ctx context.Context, b graph.Batch) (graph.Applied, error) {
	applied, err := s.apply(ctx, &b)
	if err != nil {
		return applied, fmt.Errorf("neo4j: %s %s of %s: %w", b.Op, b.Type.Name, b.Instance, err)
	}
	return applied, nil
}

func (s *Store) apply(ctx context.Context, b *graph.Batch) (graph.Applied, error) {
	if err := s.writable(); err != nil {
		return graph.Applied{}, err
	}
	if err := s.checkTypes(b); err != nil {
		return graph.Applied{}, err
	}
	a := s.applier(b)
	return a.run(ctx, a.lanes())
}

// checkTypes makes sure that what is written is declared; to delete, a key is enough, also of a type that is no longer declared.
func (s *Store) checkTypes(b *graph.Batch) error {
	if b.Op == graph.Delete {
		return nil
	}
	if s.schema.Type(b.Type.Name) == nil {
		return fmt.Errorf("type %s is not of the schema that the graph was opened with", b.Type.Name)
	}
	for _, e := range b.Elements {
		if e.Type != b.Type || e.Instance != b.Instance {
			return fmt.Errorf("%s is not of the batch's type and instance", e.Key)
		}
	}
	return nil
}

func (s *Store) applier(b *graph.Batch) *applier {
	a := &applier{store: s, batch: b}
	switch b.Op {
	case graph.Create, graph.Update:
		a.text, a.op = writeStatement(b.Type), a.put
	case graph.Refresh:
		a.text, a.op = refreshStatement(b.Type), a.refresh
	case graph.Delete:
		a.text, a.op = deleteStatement(b.Type), a.remove
	}
	return a
}

// run sends the rows of each lane, one transaction after another, the lanes side by side. What was done up to an
// error counts.
func (a *applier) run(ctx context.Context, lanes [][]*graph.Element) (graph.Applied, error) {
	ctx, cancel := context.WithCancelCause(ctx)
	defer cancel(nil)
	var (
		mu    sync.Mutex
		total graph.Applied
		wait  sync.WaitGroup
	)
	done := func(o outcome) {
		mu.Lock()
		defer mu.Unlock()
		total.Written += o.Written
		total.Missing = append(total.Missing, o.Missing...)
		total.Kept = append(total.Kept, o.Kept...)
		a.store.count(o.counters)
	}
	for lane, elements := range lanes {
		wait.Go(func() {
			if err := a.runLane(ctx, lane, elements, done); err != nil {
				cancel(err) // the first error is the cause
			}
		})
	}
	wait.Wait()
	return total, context.Cause(ctx)
}

func (a *applier) runLane(ctx context.Context, lane int, elements []*graph.Element, done func(outcome)) error {
	size := a.store.config.BatchRows
	for len(elements) > 0 {
		n := min(size, len(elements))
		rows := make([]any, n)
		for i, e := range elements[:n] {
			rows[i] = a.store.row(a.batch.Op, a.batch.Type, e)
		}
		if err := a.send(ctx, lane, rows, done); err != nil {
			return err
		}
		elements = elements[n:]
	}
	return nil
}

// send writes the rows in one transaction, or in several smaller ones when the server can't manage one.
func (a *applier) send(ctx context.Context, lane int, rows []any, done func(outcome)) error {
	o, err := a.transact(ctx, lane, rows)
	if err == nil {
		done(o)
		return nil
	}
	if !errors.Is(err, errTooLarge) || len(rows) == 1 {
		return err
	}
	half := len(rows) / 2
	if err := a.send(ctx, lane, rows[:half], done); err != nil {
		return err
	}
	return a.send(ctx, lane, rows[half:], done)
}

// transact writes the rows in one transaction. It begins again when somebody draws a relationship to an entity while it is
// deleted.
func (a *applier) transact(ctx context.Context, lane int, rows []any) (outcome, error) {
	for attempt := 1; ; attempt++ {
		o, err := a.store.send(ctx, func() driver.ManagedTransactionWork { return a.work(ctx, lane, rows) })
		if err == nil {
			return o.(outcome), nil
		}
		if a.batch.Op != graph.Delete || !hangsOn(err) || attempt == maxSends {
			return outcome{}, err
		}
	}
}

// work returns what the driver executes, once or several times.
func (a *applier) work(ctx context.Context, lane int, rows []any) driver.ManagedTransactionWork {
	tries := 0
	return func(tx driver.ManagedTransaction) (any, error) {
		if tries++; tries > maxTries && len(rows) > 1 {
			return nil, errTooLarge
		}
		if err := checkLease(ctx, tx, a.batch.Lease, lane); err != nil {
			return nil, err
		}
		o, err := a.op(ctx, tx, rows)
		return o, final(err)
	}
}

func (a *applier) put(ctx context.Context, tx driver.ManagedTransaction, rows []any) (outcome, error) {
	o, err := a.execute(ctx, tx, rows)
	if err != nil || !a.batch.Type.IsRelationship() || o.Written == len(rows) {
		return o, err
	}
	o.Missing, err = keysOf(ctx, tx, missingStatement(), rows)
	return o, err
}

func (a *applier) refresh(ctx context.Context, tx driver.ManagedTransaction, rows []any) (outcome, error) {
	return a.execute(ctx, tx, rows)
}

func (a *applier) remove(ctx context.Context, tx driver.ManagedTransaction, rows []any) (outcome, error) {
	o, err := a.execute(ctx, tx, rows)
	if err != nil {
		return o, err
	}
	if !a.batch.Type.IsRelationship() && o.Written < len(rows) {
		o.Kept, err = keysOf(ctx, tx, keptStatement(), rows)
	}
	o.Written = len(rows) - len(o.Kept) // what was gone before is as the batch wants it
	return o, err
}

// execute runs the batch's statement; Written is the count that it returns.
func (a *applier) execute(ctx context.Context, tx driver.ManagedTransaction, rows []any) (outcome, error) {
	t := a.batch.Type
	params := map[string]any{"rows": rows}
	if a.batch.Op == graph.Create || a.batch.Op == graph.Update {
		params["at"] = a.store.datetime(a.batch.At)
		params["type"], params["integration"], params["instance"] = t.Name, t.Integration, a.batch.Instance
		params["class"] = t.Classes
		if t.IsRelationship() {
			params["class"] = t.Verb
		}
	}
	result, err := tx.Run(ctx, a.text, params)
	if err != nil {
		return outcome{}, err
	}
	record, err := result.Single(ctx)
	if err != nil {
		return outcome{}, err
	}
	summary, err := result.Consume(ctx)
	if err != nil {
		return outcome{}, err
	}
	n, _ := record.Values[0].(int64)
	return outcome{Applied: graph.Applied{Written: int(n)}, counters: countersOf(summary)}, nil
}

func keysOf(ctx context.Context, tx driver.ManagedTransaction, text string, params []any) ([]graph.Key, error) {
	found, err := rows(ctx, tx, text, map[string]any{"rows": params})
	if err != nil {
		return nil, err
	}
	keys := make([]graph.Key, len(found))
	for i, r := range found {
		key, _ := r.Values[0].(string)
		keys[i] = graph.Key(key)
	}
	return keys, nil
}
