package neo4j

import (
	"context"
	"testing"
	"time"

	driver "github.com/neo4j/neo4j-go-driver/v5/neo4j"
	"github.com/stretchr/testify/require"

	"assetgraph/graph"
)

// suspended begins a transaction of the lease's holder on a lane that passes the check, and stays in the middle of it
// until resume is called, which returns how it ended.
func suspended(t *testing.T, s *Store, l graph.Lease, lane int) (resume func() error) {
	t.Helper()
	checked, goOn, ended := make(chan struct{}), make(chan struct{}), make(chan error, 1)
	go func() {
		_, err := s.write(t.Context(), func(tx driver.ManagedTransaction) (any, error) {
			if err := checkLease(t.Context(), tx, l, lane); err != nil {
				return nil, err
			}
			close(checked)
			<-goOn
			return rows(t.Context(), tx, "CREATE (:Late)", nil)
		})
		ended <- err
	}()
	select {
	case <-checked:
	case err := <-ended:
		require.NoError(t, err)
	}
	return func() error {
		close(goOn)
		return <-ended
	}
}

func TestLeaseChangesHandsOnlyWhenNoTransactionOfTheFormerHolderIsUnderWay(t *testing.T) {
	b, f := newBench(t), newFleet(t)
	former, next := b.open(t, f.schema), b.open(t, f.schema)
	lease, err := former.Acquire(t.Context(), "s1", "run-1", time.Hour)
	require.NoError(t, err)
	resume := suspended(t, former, lease, 1)
	b.run(t, "MATCH (n:AssetgraphLease) SET n.expires = 1", nil) // it has run out

	taken := make(chan graph.Lease, 1)
	go func() {
		l, err := next.Acquire(context.WithoutCancel(t.Context()), "s1", "run-2", time.Hour)
		if err != nil {
			t.Error(err)
		}
		taken <- l
	}()
	b.waitForBlocked(t)
	require.Empty(t, taken, "the lease is not handed over while the former holder can still commit")
	require.NoError(t, resume())
	got := <-taken
	require.Greater(t, got.Epoch, lease.Epoch)

	_, agents, _ := f.agents(t, 300)
	batch := batchOf(graph.Create, agents...)
	batch.Lease = lease
	_, err = former.Apply(t.Context(), batch)
	require.ErrorIs(t, err, graph.ErrLeaseLost)
	require.Empty(t, headers(t, former, f.agent, "s1"))
	batch.Lease = got
	_, err = next.Apply(t.Context(), batch)
	require.NoError(t, err)
}

func TestWritersOfOneLeaseDoNotWaitForEachOther(t *testing.T) {
	b, f := newBench(t), newFleet(t)
	s := b.open(t, f.schema)
	lease, err := s.Acquire(t.Context(), "s1", "run-1", time.Hour)
	require.NoError(t, err)
	resume := suspended(t, s, lease, 0)
	require.NoError(t, suspended(t, s, lease, 1)())
	require.NoError(t, s.Renew(t.Context(), lease, time.Hour), "nor does the renewal")
	require.NoError(t, resume())
}

func TestExpiredLeaseWritesNothingUntilItIsRenewed(t *testing.T) {
	b, f := newBench(t), newFleet(t)
	s := b.open(t, f.schema)
	lease, err := s.Acquire(t.Context(), "s1", "run-1", time.Millisecond)
	require.NoError(t, err)
	time.Sleep(20 * time.Millisecond)
	batch := batchOf(graph.Create, f.anAgent(t, "1", nil))
	batch.Lease = lease
	_, err = s.Apply(t.Context(), batch)
	require.ErrorIs(t, err, graph.ErrLeaseLost)
	require.NoError(t, s.Renew(t.Context(), lease, time.Hour))
	_, err = s.Apply(t.Context(), batch)
	require.NoError(t, err)
}

func TestLeaseThatSomebodyDeletedIsLost(t *testing.T) {
	b, f := newBench(t), newFleet(t)
	s := b.open(t, f.schema)
	lease, err := s.Acquire(t.Context(), "s1", "run-1", time.Hour)
	require.NoError(t, err)
	b.run(t, "MATCH (n:AssetgraphLease) DETACH DELETE n", nil)
	batch := batchOf(graph.Create, f.anAgent(t, "1", nil))
	batch.Lease = lease
	_, err = s.Apply(t.Context(), batch)
	require.ErrorIs(t, err, graph.ErrLeaseLost)
	require.ErrorIs(t, s.Renew(t.Context(), lease, time.Hour), graph.ErrLeaseLost)
}
