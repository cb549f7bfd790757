package neo4j

import (
	"context"
	"errors"
	"fmt"
	"sync"

	driver "github.com/neo4j/neo4j-go-driver/v5/neo4j"

	"assetgraph/graph"
	"assetgraph/internal/panics"
)

// An applier carries out one batch.
type applier struct {
	store *Store
	batch *graph.Batch
	text  string
	keys  bool   // the statement reads the keys of its rows alone
	fresh string // what is sent the first time instead of text; "" for nothing else
	op    func(ctx context.Context, tx driver.ManagedTransaction, p *parcel) (outcome, error)
}

// A parcel is what one transaction writes.
type parcel struct {
	partition int
	elements  []*graph.Element
	rows      []any  // parallel to elements
	text      string // of the statement
}

// outcome is what one transaction did.
type outcome struct {
	graph.Applied
	counters Counters
	former   []any // what a statement that is logged returns of the elements before; nil for others
}

// Apply carries out the batch in transactions of at most BatchRows entities or twice as many relationships, two of them
// side by side. A part of a Fresh batch is created without a look at what exists when it is sent for the first time
// under a lease, and merged when it is sent again.
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
	if err := s.unseal(ctx, b); err != nil {
		return graph.Applied{}, err
	}
	a := s.applier(b)
	return a.run(ctx, a.partitions())
}

// checkTypes makes sure that what is written is declared; to delete, a key is enough, also of a type that is no longer
// declared.
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
		a.text, a.op = writeStatement(b.Type, formerOf(b)), a.put
	case graph.Refresh:
		a.text, a.op = refreshStatement(b.Type), a.execute
	case graph.Delete:
		a.text, a.keys, a.op = deleteStatement(b.Type, formerOf(b)), true, a.remove
	}
	// Without a lease nothing would make a transaction that is sent again wait for the first one. What is told one by one
	// is little, and the text for it says which relationships lack an end.
	if b.Fresh && b.Op == graph.Create && a.isLeased() && formerOf(b) != formerValues {
		a.fresh = createStatement(b.Type)
	}
	return a
}

func (a *applier) isLeased() bool { return a.batch.Lease != (graph.Lease{}) }

// run sends the rows of each partition, one transaction after another, the partitions side by side. What was done up to
// an error counts.
func (a *applier) run(ctx context.Context, partitions [][]*graph.Element) (graph.Applied, error) {
	ctx, cancel := context.WithCancelCause(ctx)
	defer cancel(nil)
	var (
		mu    sync.Mutex
		total graph.Applied
		wait  panics.Group
	)
	done := func(o outcome) {
		mu.Lock()
		defer mu.Unlock()
		total.Written += o.Written
		total.Missing = append(total.Missing, o.Missing...)
		total.Kept = append(total.Kept, o.Kept...)
		a.store.count(o.counters)
	}
	for partition, elements := range partitions {
		wait.Go(func() {
			if err := a.runPartition(ctx, partition, elements, done); err != nil {
				cancel(err) // the first error is the cause
			}
		})
	}
	wait.Wait()
	return total, context.Cause(ctx)
}

func (a *applier) runPartition(
	ctx context.Context, partition int, elements []*graph.Element, done func(outcome),
) error {
	r := a.newRows(min(len(elements), a.size()))
	for len(elements) > 0 {
		n := min(a.size(), len(elements))
		p := &parcel{partition: partition, elements: elements[:n], rows: r.of(elements[:n])}
		if err := a.send(ctx, p, a.fresh, done); err != nil {
			return err
		}
		elements = elements[n:]
	}
	return nil
}

// size returns how many rows a transaction has at most. A relationship costs the server about a quarter of an entity.
func (a *applier) size() int {
	if a.batch.Type.IsRelationship() {
		return 2 * a.store.config.BatchRows
	}
	return a.store.config.BatchRows
}

// send writes the rows in one transaction, or in several smaller ones when the server can't manage one. first is the
// text for the first time that the rows are sent, "" for that of all other times.
func (a *applier) send(ctx context.Context, p *parcel, first string, done func(outcome)) error {
	o, err := a.transact(ctx, p, first)
	if err == nil {
		done(o)
		return nil
	}
	if !errors.Is(err, errTooLarge) || len(p.rows) == 1 {
		return err
	}
	half := len(p.rows) / 2
	one := &parcel{partition: p.partition, elements: p.elements[:half], rows: p.rows[:half]}
	if err := a.send(ctx, one, "", done); err != nil {
		return err
	}
	return a.send(ctx, &parcel{partition: p.partition, elements: p.elements[half:], rows: p.rows[half:]}, "", done)
}

// transact writes the rows in one transaction. It begins again when somebody draws a relationship to an entity while it
// is deleted, and when an entity that was to be new is there.
func (a *applier) transact(ctx context.Context, p *parcel, first string) (outcome, error) {
	for attempt := 1; ; attempt++ {
		o, err := a.store.send(ctx, func() driver.ManagedTransactionWork { return a.work(ctx, p, &first) })
		if err == nil {
			return o.(outcome), nil
		}
		if a.batch.Op != graph.Delete && a.fresh == "" || !violates(err) || attempt == maxSends {
			return outcome{}, err
		}
	}
}

// work returns what the driver executes, once or several times. It uses up first: whatever became of a transaction that
// was sent with it, the next one looks.
func (a *applier) work(ctx context.Context, p *parcel, first *string) driver.ManagedTransactionWork {
	tries := 0
	return func(tx driver.ManagedTransaction) (any, error) {
		if tries++; tries > maxTries && len(p.rows) > 1 {
			return nil, errTooLarge
		}
		p.text, *first = *first, ""
		if p.text == "" {
			p.text = a.text
		}
		o, err := a.op(ctx, tx, p)
		if err == nil {
			err = a.log(ctx, tx, p, o)
		}
		if err == nil && a.batch.Run != nil {
			err = a.store.saveRun(ctx, tx, a.batch.Run)
		}
		return o, final(err)
	}
}

func (a *applier) put(ctx context.Context, tx driver.ManagedTransaction, p *parcel) (outcome, error) {
	o, err := a.execute(ctx, tx, p)
	if err != nil || !a.batch.Type.IsRelationship() || o.Written == len(p.rows) {
		return o, err
	}
	o.Missing, err = keysOf(ctx, tx, missingStatement(), p.rows)
	return o, err
}

func (a *applier) remove(ctx context.Context, tx driver.ManagedTransaction, p *parcel) (outcome, error) {
	o, err := a.execute(ctx, tx, p)
	if err != nil {
		return o, err
	}
	if !a.batch.Type.IsRelationship() && o.Written < len(p.rows) {
		o.Kept, err = keysOf(ctx, tx, keptStatement(), p.rows)
	}
	o.Written = len(p.rows) - len(o.Kept) // what was gone before is as the batch wants it
	return o, err
}

// execute runs the parcel's statement under the batch's lease; Written is the count that it returns. When that is
// nothing, the lease may be the reason: it is looked at for itself, and when it holds the statement is run without it.
func (a *applier) execute(ctx context.Context, tx driver.ManagedTransaction, p *parcel) (outcome, error) {
	params := a.params(p)
	if !a.isLeased() {
		return count(ctx, tx, p.text, params)
	}
	addLease(params, a.batch.Lease, p.partition)
	o, err := count(ctx, tx, leased(p.text), params)
	o.counters.PropertiesSet-- // the lock of the writer node
	if err != nil || o.Written > 0 {
		return o, err
	}
	if err := checkLease(ctx, tx, a.batch.Lease, p.partition); err != nil {
		return outcome{}, err
	}
	return count(ctx, tx, a.text, params)
}

func (a *applier) params(p *parcel) map[string]any {
	t := a.batch.Type
	params := map[string]any{"rows": p.rows, "at": a.store.datetime(a.batch.At)}
	params["type"], params["integration"], params["instance"] = t.Name, t.Integration, a.batch.Instance
	params["class"] = t.Classes
	if t.IsRelationship() {
		params["class"] = t.Verb
	}
	return params
}

// count runs a statement that returns a number, which it takes for Written, and maybe what was there before.
func count(ctx context.Context, tx driver.ManagedTransaction, text string, params map[string]any) (outcome, error) {
	result, err := tx.Run(ctx, text, params)
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
	o := outcome{Applied: graph.Applied{Written: int(n)}, counters: countersOf(summary)}
	if len(record.Values) > 1 {
		o.former, _ = record.Values[1].([]any)
	}
	return o, nil
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
