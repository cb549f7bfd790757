package neo4j

import (
	"context"
	"testing"
	"time"

	driver "github.com/neo4j/neo4j-go-driver/v5/neo4j"
	"github.com/stretchr/testify/require"

	"assetgraph/graph"
	"assetgraph/internal/neo4jserver/neo4jtest"
)

func leaseOf(t testing.TB, s *Store) graph.Lease {
	t.Helper()
	lease, err := s.Acquire(t.Context(), "s1", "run-1", time.Hour)
	require.NoError(t, err)
	return lease
}

func freshBatch(l graph.Lease, elements ...*graph.Element) graph.Batch {
	b := batchOf(graph.Create, elements...)
	b.Lease, b.Fresh = l, true
	return b
}

func applyFresh(t testing.TB, s *Store, l graph.Lease, elements ...*graph.Element) {
	t.Helper()
	applied, err := s.Apply(t.Context(), freshBatch(l, elements...))
	require.NoError(t, err)
	require.Equal(t, graph.Applied{Written: len(elements)}, applied)
}

func TestFreshBatchWhoseCommitWasNotAnsweredMakesNoTwins(t *testing.T) {
	b, f := newBench(t), newFleet(t)
	p := neo4jtest.NewProxy(t, b.server.Endpoint)
	config := b.config()
	config.URI, config.BatchRows = p.Endpoint, 10
	s := b.openAs(t, config, f.schema)
	lease := leaseOf(t, s)
	group, agents, has := f.agents(t, 300)
	applyFresh(t, s, lease, group)

	t.Run("entities", func(t *testing.T) {
		p.Cut(0, 3, neo4jtest.ProgramSide)
		applyFresh(t, s, lease, agents[:200]...)
		require.Equal(t, 3, p.Cuts())
		require.EqualValues(t, 200, b.one(t, "MATCH (n:sentinelone_agent) RETURN count(n)", nil))
	})
	t.Run("relationships", func(t *testing.T) {
		apply(t, s, graph.Create, agents...)
		p.Cut(0, 3, neo4jtest.ProgramSide)
		applyFresh(t, s, lease, has...)
		require.Equal(t, 6, p.Cuts())
		require.EqualValues(t, 300, b.one(t, "MATCH (:sentinelone_group)-[r:HAS]->(:sentinelone_agent) RETURN count(r)", nil))
	})
}

// A transaction whose answer was lost may still be under way on the server when its rows are sent again. A relationship
// between two nodes that have many is drawn without a lock on either.
func TestFreshBatchThatIsSentAgainWaitsForTheFirstTime(t *testing.T) {
	b, f := newBench(t), newFleet(t)
	s := b.open(t, f.schema)
	lease := leaseOf(t, s)
	group, agents, has := f.agents(t, 20)
	applyFresh(t, s, lease, group)
	applyFresh(t, s, lease, agents...)
	b.run(t, "MATCH (n:Entity) UNWIND range(1, 100) AS i CREATE (n)-[:ABOUT]->(:Ticket)", nil)

	batch := freshBatch(lease, has...)
	first := s.applier(&batch)
	rows := first.newRows(len(has)).of(has)
	session := b.driver.NewSession(t.Context(), driver.SessionConfig{DatabaseName: "neo4j"})
	tx, err := session.BeginTransaction(t.Context())
	require.NoError(t, err)
	o, err := first.execute(t.Context(), tx, &parcel{rows: rows, text: first.fresh})
	require.NoError(t, err)
	require.Equal(t, len(has), o.Written)

	done := make(chan error, 1)
	go func() {
		again := s.applier(&batch)
		_, err := again.transact(t.Context(), &parcel{rows: rows}, "")
		done <- err
	}()
	b.waitForBlocked(t)
	require.NoError(t, tx.Commit(t.Context()))
	require.NoError(t, session.Close(t.Context()))
	require.NoError(t, <-done)
	require.EqualValues(t, len(has), b.one(t, "MATCH ()-[r:HAS]->() RETURN count(r)", nil))
}

func TestFreshBatchFindsEntitiesThatAreThereAfterAll(t *testing.T) {
	b, f := newBench(t), newFleet(t)
	config := b.config()
	config.BatchRows = 50
	s := b.openAs(t, config, f.schema)
	lease := leaseOf(t, s)
	_, agents, _ := f.agents(t, 200)
	apply(t, s, graph.Create, agents[3])
	b.run(t, "CREATE (:Entity:Theirs {_key: $key, remark: 'theirs'})", map[string]any{"key": string(agents[120].Key)})

	batch := freshBatch(lease, agents...)
	batch.At = noon(2)
	applied, err := s.Apply(t.Context(), batch)
	require.NoError(t, err)
	require.Equal(t, graph.Applied{Written: 200}, applied)
	require.EqualValues(t, 200, b.one(t, "MATCH (n:Entity) RETURN count(n)", nil))
	require.Equal(t, [][]any{{"theirs", "pc-120", true}},
		b.run(t, "MATCH (n:Theirs) RETURN n.remark, n.hostname, n:sentinelone_agent", nil))
	for st, err := range s.Elements(t.Context(), graph.Selection{Type: f.agent, Keys: []graph.Key{agents[3].Key}}) {
		require.NoError(t, err)
		require.Equal(t, noon(1), st.CreatedOn, "ours is updated")
		require.Equal(t, noon(2), st.UpdatedOn)
	}
}

func TestOnlyTheFirstTimeOfALeasedCreateIsFresh(t *testing.T) {
	f := newFleet(t)
	lease := graph.Lease{Instance: "s1", Holder: "run-1", Epoch: 1}
	s := &Store{}
	batch := freshBatch(lease, f.anAgent(t, "1", nil))
	a := s.applier(&batch)
	require.Equal(t, createStatement(f.agent), a.fresh)

	var texts []string
	a.op = func(_ context.Context, _ driver.ManagedTransaction, p *parcel) (outcome, error) {
		texts = append(texts, p.text)
		return outcome{}, nil
	}
	first := a.fresh
	for range 2 { // sends of which it is not known whether they were committed
		work := a.work(t.Context(), &parcel{rows: []any{1}}, &first)
		for range 2 { // what the driver repeats by itself
			_, err := work(nil)
			require.NoError(t, err)
		}
	}
	merge := writeStatement(f.agent, notAsked)
	require.Equal(t, []string{createStatement(f.agent), merge, merge, merge}, texts)

	for _, other := range []func(*graph.Batch){
		func(b *graph.Batch) { b.Lease = graph.Lease{} },
		func(b *graph.Batch) { b.Op = graph.Update },
		func(b *graph.Batch) { b.Fresh = false },
	} {
		b := batch
		other(&b)
		require.Empty(t, s.applier(&b).fresh)
	}
}

func TestLeaseCostsNoCountedProperty(t *testing.T) {
	b, f := newBench(t), newFleet(t)
	set := func(l graph.Lease, s *Store, elements []*graph.Element, ops ...graph.Op) int {
		t.Helper()
		for _, op := range ops {
			batch := batchOf(op, elements...)
			batch.Lease = l
			_, err := s.Apply(t.Context(), batch)
			require.NoError(t, err)
		}
		return s.Counters().PropertiesSet
	}
	_, agents, _ := f.agents(t, 10)
	with, without := b.open(t, f.schema), b.open(t, f.schema)
	lease := leaseOf(t, with)
	n := set(lease, with, agents[:5], graph.Create, graph.Refresh, graph.Delete, graph.Delete)
	require.Equal(t, set(graph.Lease{}, without, agents[5:], graph.Create, graph.Refresh, graph.Delete, graph.Delete), n)
	require.Positive(t, n)
}

func TestRunningBatchAndRenewalDoNotWaitForEachOther(t *testing.T) {
	b, f := newBench(t), newFleet(t)
	s := b.open(t, f.schema)
	lease := leaseOf(t, s)
	batch := freshBatch(lease, f.anAgent(t, "1", nil))
	a := s.applier(&batch)
	session := b.driver.NewSession(t.Context(), driver.SessionConfig{DatabaseName: "neo4j"})
	tx, err := session.BeginTransaction(t.Context())
	require.NoError(t, err)
	_, err = a.execute(t.Context(), tx, &parcel{rows: a.newRows(1).of(batch.Elements), text: a.fresh})
	require.NoError(t, err)
	require.NoError(t, s.Renew(t.Context(), lease, time.Hour))
	require.NoError(t, tx.Commit(t.Context()))
	require.NoError(t, session.Close(t.Context()))
	require.Len(t, headers(t, s, f.agent, "s1"), 1)
}

func TestTransactionsOfOneLaneFollowOneAnother(t *testing.T) {
	b, f := newBench(t), newFleet(t)
	s := b.open(t, f.schema)
	lease := leaseOf(t, s)
	for _, fresh := range []bool{true, false} {
		_, agents, _ := f.agents(t, 1)
		batch := freshBatch(lease, agents...)
		batch.Fresh = fresh
		resume := suspended(t, s, lease, 0)
		done := make(chan error, 1)
		go func() {
			_, err := s.Apply(t.Context(), batch)
			done <- err
		}()
		b.waitForBlocked(t)
		require.Empty(t, done)
		require.NoError(t, resume())
		require.NoError(t, <-done)
	}
}
