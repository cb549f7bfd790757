package neo4j

import (
	"context"
	"errors"
	"fmt"
	"time"

	driver "github.com/neo4j/neo4j-go-driver/v5/neo4j"

	"assetgraph/graph"
)

// A lease is a node (:AssetgraphLease {instance, holder, epoch, acquired, expires}), times in milliseconds of the
// server's clock. It stays when the lease is given back, so that its epoch goes on growing.
//
// A check alone does not keep a former holder out: its transaction may have passed the check, be suspended, and commit
// after another has taken the lease. So each writer of a batch locks, before it checks, a node of its own
// (:AssetgraphWriter {id: "<instance>#<lane>"}), and Acquire locks all of them before it hands the lease to another.
// Then either the transaction has ended before the lease changes hands, or its check comes after and fails. Writers of
// one batch have different nodes and do not wait for each other, as they would on the lease node itself. writeTime
// bounds how long a suspended writer can keep Acquire waiting.
//
// The lock also puts the transactions of one lane in a row: one that is sent again begins when the first one has ended,
// whichever way, although nobody heard of it.

// touch takes the write lock of a node in the way that Cypher offers: by setting a property.
const touch = "SET n._lock = true "

// serverTime is the server's clock now, and not when the transaction began.
const serverTime = "datetime.realtime().epochMillis"

const (
	lockWriter = "MATCH (n:" + writerLabel + " {id: $writer}) " + touch
	leaseHolds = "n.holder = $holder AND n.epoch = $epoch AND n.expires > " + serverTime
)

// checkLease locks the lane's writer node until the transaction ends and returns graph.ErrLeaseLost unless l is in
// force.
func checkLease(ctx context.Context, tx driver.ManagedTransaction, l graph.Lease, lane int) error {
	if l == (graph.Lease{}) {
		return nil
	}
	params := leaseParams(l, 0)
	params["writer"] = writerID(l.Instance, lane)
	if _, err := rows(ctx, tx, lockWriter, params); err != nil {
		return err
	}
	found, err := rows(ctx, tx, "MATCH (n:"+leaseLabel+" {instance: $instance}) WHERE "+leaseHolds+" RETURN 1", params)
	if err == nil && len(found) == 0 {
		err = graph.ErrLeaseLost
	}
	return err
}

// leased returns the text with the same check put before it, which saves two questions to the server for each
// transaction. Where the check fails the text gets no row to work on. An update between two parts of a text keeps the
// server from changing their order, so what follows the lock sees all that its former owner committed.
func leased(text string) string {
	return lockWriter + "WITH n AS writer MATCH (n:" + leaseLabel + " {instance: $leased}) WHERE " + leaseHolds +
		" WITH n AS lease " + text
}

// addLease adds the parameters of leased.
func addLease(params map[string]any, l graph.Lease, lane int) {
	params["writer"], params["leased"] = writerID(l.Instance, lane), l.Instance
	params["holder"], params["epoch"] = l.Holder, l.Epoch
}

func writerID(instance string, lane int) string { return fmt.Sprintf("%s#%d", instance, lane) }

func leaseParams(l graph.Lease, ttl time.Duration) map[string]any {
	return map[string]any{"instance": l.Instance, "holder": l.Holder, "epoch": l.Epoch, "ttl": ttl.Milliseconds()}
}

// Acquire takes the lease of an instance; a holder that has it already gets it anew. It waits for transactions of the
// former holder that are under way.
func (s *Store) Acquire(ctx context.Context, instance, holder string, ttl time.Duration) (graph.Lease, error) {
	if err := s.leasable(ttl); err != nil {
		return graph.Lease{}, err
	}
	l := graph.Lease{Instance: instance, Holder: holder}
	v, err := s.write(ctx, func(tx driver.ManagedTransaction) (any, error) { return acquire(ctx, tx, l, ttl) })
	if held, ok := errors.AsType[*graph.HeldError](err); ok {
		return graph.Lease{}, held
	}
	if err != nil {
		return graph.Lease{}, fmt.Errorf("neo4j: acquire the lease of %s: %w", instance, err)
	}
	l.Epoch = v.(int64)
	return l, nil
}

func acquire(ctx context.Context, tx driver.ManagedTransaction, l graph.Lease, ttl time.Duration) (any, error) {
	params := leaseParams(l, ttl)
	found, err := rows(ctx, tx, "MERGE (n:"+leaseLabel+" {instance: $instance}) ON CREATE SET n.epoch = 0 "+touch+
		"WITH n, "+serverTime+" AS now RETURN n.holder, now - n.acquired, n.expires - now", params)
	if err != nil {
		return nil, err
	}
	if held := heldBy(found[0], l); held != nil {
		return nil, held
	}
	for lane := range writers {
		params["id"] = writerID(l.Instance, lane)
		if _, err := rows(ctx, tx, "MERGE (n:"+writerLabel+" {id: $id}) "+touch, params); err != nil {
			return nil, err
		}
	}
	found, err = rows(ctx, tx, "MATCH (n:"+leaseLabel+" {instance: $instance}) WITH n, "+serverTime+" AS now "+
		"SET n.holder = $holder, n.epoch = n.epoch + 1, n.acquired = now, n.expires = now + $ttl RETURN n.epoch",
		params)
	if err != nil {
		return nil, err
	}
	epoch, ok := found[0].Values[0].(int64)
	if !ok {
		return nil, errors.New("the lease node's epoch is not a number")
	}
	return epoch, nil
}

// heldBy returns who keeps l from being acquired, or nil.
func heldBy(r *driver.Record, l graph.Lease) error {
	holder, _ := r.Values[0].(string)
	age, _ := r.Values[1].(int64)
	left, _ := r.Values[2].(int64)
	expires := time.Duration(left) * time.Millisecond
	if holder == "" || holder == l.Holder || !graph.InForce(expires) {
		return nil
	}
	return &graph.HeldError{
		Instance: l.Instance, Holder: holder, Age: time.Duration(max(0, age)) * time.Millisecond, Expires: expires,
	}
}

func (s *Store) leasable(ttl time.Duration) error {
	if ttl > graph.MaxLease {
		return fmt.Errorf("neo4j: %w", graph.ErrLeaseLong)
	}
	return s.writable()
}

// Held implements graph.Leaser.
func (s *Store) Held(ctx context.Context) ([]graph.Held, error) {
	found, err := s.read(ctx, "MATCH (n:"+leaseLabel+
		") WHERE n.holder IS NOT NULL RETURN n.instance, n.holder, n.acquired, n.expires, "+serverTime+
		" ORDER BY n.instance", nil)
	if err != nil {
		return nil, fmt.Errorf("neo4j: read the leases: %w", err)
	}
	list := []graph.Held{}
	for _, r := range found {
		var h graph.Held
		h.Instance, _ = r.Values[0].(string)
		h.Holder, _ = r.Values[1].(string)
		since, _ := r.Values[2].(int64)
		until, _ := r.Values[3].(int64)
		clock, _ := r.Values[4].(int64)
		h.Since, h.Until = time.UnixMilli(since).UTC(), time.UnixMilli(until).UTC()
		if graph.InForce(time.Duration(until-clock) * time.Millisecond) {
			list = append(list, h)
		}
	}
	return list, nil
}

// Break implements graph.Leaser.
func (s *Store) Break(ctx context.Context, instance, holder string) (bool, error) {
	if err := s.writable(); err != nil {
		return false, err
	}
	broken, err := s.write(ctx, func(tx driver.ManagedTransaction) (any, error) {
		found, err := rows(ctx, tx, "MATCH (n:"+leaseLabel+" {instance: $instance}) "+touch+
			"WITH n WHERE n.holder = $holder SET n.holder = null, n.expires = 0, n.epoch = n.epoch + 1 RETURN 1",
			map[string]any{"instance": instance, "holder": holder})
		return len(found) > 0, err
	})
	if err != nil {
		return false, fmt.Errorf("neo4j: break the lease of %s: %w", instance, err)
	}
	return broken.(bool), nil
}

// Renew makes the lease last ttl from now, also one that ran out and that nobody took.
func (s *Store) Renew(ctx context.Context, l graph.Lease, ttl time.Duration) error {
	if err := s.leasable(ttl); err != nil {
		return err
	}
	_, err := s.write(ctx, func(tx driver.ManagedTransaction) (any, error) {
		found, err := rows(ctx, tx, "MATCH (n:"+leaseLabel+" {instance: $instance}) "+touch+
			"WITH n WHERE n.holder = $holder AND n.epoch = $epoch SET n.expires = "+serverTime+" + $ttl RETURN 1",
			leaseParams(l, ttl))
		if err == nil && len(found) == 0 {
			err = graph.ErrLeaseLost
		}
		return nil, err
	})
	if err != nil {
		return fmt.Errorf("neo4j: renew the lease of %s: %w", l.Instance, err)
	}
	return nil
}

// Release gives the lease back.
func (s *Store) Release(ctx context.Context, l graph.Lease) error {
	if err := s.writable(); err != nil {
		return err
	}
	_, err := s.write(ctx, func(tx driver.ManagedTransaction) (any, error) {
		return rows(ctx, tx, "MATCH (n:"+leaseLabel+" {instance: $instance}) "+touch+
			"WITH n WHERE n.holder = $holder AND n.epoch = $epoch SET n.holder = null, n.expires = 0",
			leaseParams(l, 0))
	})
	if err != nil {
		return fmt.Errorf("neo4j: release the lease of %s: %w", l.Instance, err)
	}
	return nil
}
