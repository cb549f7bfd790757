package executor_test

import (
	"fmt"
	"testing"

	"github.com/stretchr/testify/require"

	"assetgraph/internal/executor"
)

func TestAnotherAccountIsNotForgottenByTheNextRun(t *testing.T) {
	b := newBench(t)
	b.account = "tenant-1"
	b.run(t)
	b.account, b.agents = "tenant-2", b.agents[:29]
	for i := range 3 {
		r := b.run(t)
		require.Zero(t, r.Totals, "run %d", i)
		require.Contains(t, r.Refused[0].Reason, "pointed at tenant-1 before and points at tenant-2 now")
	}
	b.account = "tenant-1"
	r := b.run(t)
	require.Equal(t, executor.StatusComplete, r.Run.Status, "%v", r.Withheld)
	require.Equal(t, 2, r.Totals.Deleted)
}

func TestClearedInstanceMayPointElsewhere(t *testing.T) {
	b := newBench(t)
	b.account = "tenant-1"
	b.run(t)
	clearOf(t, b.store, b.schema, "a")
	b.account = "tenant-2"
	b.run(t)
	b.agents = b.agents[:29]
	require.Equal(t, 2, b.run(t).Totals.Deleted)
}

func TestProviderThatDoesNotSayWhoseRecordsTheyAreOnce(t *testing.T) {
	b := newBench(t)
	for i, account := range []string{"tenant-1", "", "tenant-1"} {
		b.account, b.agents = account, b.agents[:30-i]
		r := b.run(t)
		require.Equal(t, executor.StatusComplete, r.Run.Status, "%v", r.Withheld)
	}
	b.account = "tenant-2"
	b.agents = b.agents[:27]
	require.Zero(t, b.run(t).Totals.Deleted)
}

func TestTenantOfTheSameNameOnAnotherHost(t *testing.T) {
	b := newBench(t)
	b.account = "1"
	b.run(t)
	b.agents = b.agents[:29]
	in := instance("a", b.provider, b.converter)
	in.Host = "other.example:443"
	r := b.run(t, in)
	require.Zero(t, r.Totals)
	require.Contains(t, fmt.Sprint(r.Refused), "pointed at test.example before and points at other.example now")
}
