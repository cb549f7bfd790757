package executor_test

import (
	"context"
	"database/sql"
	"errors"
	"iter"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"assetgraph/graph"
	"assetgraph/internal/executor"
)

// A watched store tells which scopes are read back, and fails when it is told to.
type watched struct {
	graph.Store
	mu   sync.Mutex // scopes are compared side by side
	read []string
	fail func(b graph.Batch) error
}

func (w *watched) Headers(ctx context.Context, t *graph.Type, instance string) iter.Seq2[graph.Header, error] {
	w.mu.Lock()
	w.read = append(w.read, instance+"/"+t.Name)
	w.mu.Unlock()
	return w.Store.Headers(ctx, t, instance)
}

func (w *watched) Apply(ctx context.Context, b graph.Batch) (graph.Applied, error) {
	if w.fail != nil {
		if err := w.fail(b); err != nil {
			return graph.Applied{}, err
		}
	}
	return w.Store.Apply(ctx, b)
}

// watch runs once and returns which scopes were read back.
func (b *bench) watch(t *testing.T, change func(o *executor.Options, w *watched)) ([]string, *executor.Report, error) {
	t.Helper()
	w := &watched{Store: b.store}
	o := b.options()
	o.Store = w
	if change != nil {
		change(&o, w)
	}
	r, err := executor.Run(t.Context(), o)
	slices.Sort(w.read)
	return w.read, r, err
}

const (
	agentScope = "a/test_agent"
	hasScope   = "a/test_site_has_agent"
	siteScope  = "a/test_site"
)

func TestOnlyScopesThatChangedAreReadBack(t *testing.T) {
	b := newBench(t)
	read, r, err := b.watch(t, nil)
	require.NoError(t, err)
	require.True(t, r.Run.Verified, "the first run knows nothing")
	require.Len(t, read, 3)
	read, r, err = b.watch(t, nil)
	require.NoError(t, err)
	require.Empty(t, read)
	require.False(t, r.Run.Verified)
	require.Equal(t, executor.Counts{Unchanged: 62}, r.Totals)

	b.agents[3].hostname = "renamed"
	read, r, err = b.watch(t, nil)
	require.NoError(t, err)
	require.Equal(t, []string{agentScope}, read)
	require.Equal(t, executor.Counts{Updated: 1, Unchanged: 61}, r.Totals)
	read, r, err = b.watch(t, nil)
	require.NoError(t, err)
	require.Empty(t, read)
	require.Equal(t, executor.Counts{Unchanged: 62}, r.Totals)

	read, r, err = b.watch(t, func(o *executor.Options, _ *watched) { o.Verify = true })
	require.NoError(t, err)
	require.Equal(t, []string{agentScope, siteScope, hasScope}, read)
	require.True(t, r.Run.Verified)
	require.Equal(t, executor.Counts{Unchanged: 62}, r.Totals)
	require.Equal(t, []string{"a: token expires soon"}, r.Warnings)
}

// The relationships of an entity that its own list lacks are unchanged, so that their scope need not be read back; but
// they are why the entity stays.
func TestEntityThatUnchangedRelationshipsNameStays(t *testing.T) {
	b := newBench(t)
	b.run(t)
	b.run(t)
	b.sites = []string{"s2"} // s1, of which all agents are, is missing from the list of sites
	o := b.options()
	o.Guard.MaxPercent = 100
	o.Guard.ToZero = true
	r, err := executor.Run(t.Context(), o)
	require.NoError(t, err)
	require.Equal(t, executor.Counts{Unchanged: 1, Withheld: 1}, r.Entities["test_site"])
	require.Equal(t, "records that were read still name it", r.Withheld[0].Reason)
	require.Equal(t, executor.Counts{Unchanged: 30}, r.Relationships["test_site_has_agent"])
	require.Equal(t, 2, b.population(t, "a", "test_site"))
}

func TestRunThatDiedLeavesNoSealOnWhatItWrote(t *testing.T) {
	b := newBench(t)
	b.run(t)
	for i := range 20 {
		b.agents[i].hostname = "renamed"
	}
	b.agents = append(b.agents, agent{id: "new", site: "s2", hostname: "new"})
	died := errors.New("the server is gone")
	_, _, err := b.watch(t, func(_ *executor.Options, w *watched) {
		w.fail = func(b graph.Batch) error {
			if b.Op == graph.Update {
				return died
			}
			return nil
		}
	})
	require.ErrorIs(t, err, died)
	require.Equal(t, 31, b.population(t, "a", "test_agent"), "what was written before stays")
	read, r, err := b.watch(t, nil)
	require.NoError(t, err)
	require.Equal(t, []string{agentScope, hasScope}, read)
	require.Equal(t, executor.Counts{Updated: 20, Unchanged: 11}, r.Entities["test_agent"])
	require.Equal(t, 1, r.Relationships["test_site_has_agent"].Created)
	read, _, err = b.watch(t, nil)
	require.NoError(t, err)
	require.Empty(t, read)
}

func TestWhatIsWithheldIsPartOfTheSeal(t *testing.T) {
	b := newBench(t)
	b.run(t)
	all := b.agents
	b.agents = all[:15] // more than the guard lets go
	for range 2 {
		_, r, err := b.watch(t, nil)
		require.NoError(t, err)
		require.Equal(t, executor.Counts{Unchanged: 15, Withheld: 15}, r.Entities["test_agent"])
	}
	b.agents = all
	read, r, err := b.watch(t, nil)
	require.NoError(t, err)
	require.Empty(t, read, "the graph holds just what was read again")
	require.Equal(t, executor.Counts{Unchanged: 62}, r.Totals)
}

// Somebody else's delete shows in the counts at once; what keeps the counts shows when everything is read back.
func TestWhatOthersChangedIsNoticed(t *testing.T) {
	b := newBench(t)
	b.run(t)
	other := func(text string) {
		t.Helper()
		db, err := sql.Open("sqlite", b.path)
		require.NoError(t, err)
		_, err = db.ExecContext(t.Context(), text)
		require.NoError(t, err)
		require.NoError(t, db.Close())
	}
	drift := func(r *executor.Report) (scopes []string) {
		for _, w := range r.Warnings {
			if scope, _, ok := strings.Cut(w, ": others have changed"); ok {
				scopes = append(scopes, scope)
			}
		}
		return scopes
	}
	other("DELETE FROM graph_relationship WHERE id = (SELECT max(id) FROM graph_relationship)")
	read, r, err := b.watch(t, nil)
	require.NoError(t, err)
	require.Equal(t, []string{hasScope}, read)
	require.Equal(t, []string{hasScope}, drift(r))
	require.Equal(t, executor.Counts{Created: 1, Unchanged: 61}, r.Totals)

	other("UPDATE graph_entity SET digest = zeroblob(16) WHERE key LIKE 'a:test_agent:7'")
	read, r, err = b.watch(t, nil)
	require.NoError(t, err)
	require.Empty(t, read, "the seal and the count say nothing of it")
	require.Equal(t, executor.Counts{Unchanged: 62}, r.Totals)
	_, r, err = b.watch(t, func(o *executor.Options, _ *watched) { o.Verify = true })
	require.NoError(t, err)
	require.Equal(t, []string{agentScope}, drift(r))
	require.Equal(t, executor.Counts{Updated: 1, Unchanged: 61}, r.Totals)
}

func TestEverythingIsReadBackFromTimeToTime(t *testing.T) {
	b := newBench(t)
	now := time.Date(2026, 11, 26, 12, 0, 0, 0, time.UTC)
	verified := func() bool {
		t.Helper()
		read, r, err := b.watch(t, func(o *executor.Options, _ *watched) { o.Now = func() time.Time { return now } })
		require.NoError(t, err)
		require.Equal(t, r.Run.Verified, len(read) == 3, "%v", read)
		return r.Run.Verified
	}
	var when []int
	for n := range 50 {
		now = now.Add(time.Hour)
		if verified() {
			when = append(when, n)
		}
	}
	require.Equal(t, []int{0, 24, 48}, when, "hourly: once a day")
	now = now.Add(6 * 24 * time.Hour)
	require.False(t, verified())
	now = now.Add(24 * time.Hour)
	require.True(t, verified(), "a week after the last")
}

func TestTimeThatMovedALittleIsNotWritten(t *testing.T) {
	b := newBench(t)
	b.run(t)
	run := func(after time.Duration) executor.Counts {
		t.Helper()
		_, r, err := b.watch(t, func(o *executor.Options, _ *watched) { o.RefreshAfter = after })
		require.NoError(t, err)
		return r.Entities["test_agent"]
	}
	at := time.Date(2026, 11, 26, 12, 0, 0, 0, time.UTC)
	move := func(by time.Duration) {
		at = at.Add(by)
		for i := range b.agents[:10] {
			b.agents[i].at = at
		}
	}
	move(0) // none was seen before: that is more than a moved time
	require.Equal(t, executor.Counts{Refreshed: 10, Unchanged: 20}, run(time.Hour))
	move(time.Hour)
	require.Equal(t, executor.Counts{Unchanged: 30}, run(time.Hour))
	b.agents[0].hostname = "renamed"
	require.Equal(t, executor.Counts{Updated: 1, Unchanged: 29}, run(time.Hour), "what changed is written whole")
	move(time.Second) // an hour and a second since it was written
	require.Equal(t, executor.Counts{Refreshed: 9, Unchanged: 21}, run(time.Hour))
	b.agents[1].seen = 1
	require.Equal(t, executor.Counts{Refreshed: 1, Unchanged: 29}, run(time.Hour), "what is no time counts at once")
	move(time.Second)
	require.Equal(t, executor.Counts{Refreshed: 10, Unchanged: 20}, run(0))
	require.Equal(t, executor.Counts{Unchanged: 30}, run(0))
	for e, err := range b.store.Elements(t.Context(), graph.Selection{Type: b.schema.Type("test_agent"), Keys: []graph.Key{"a:test_agent:1"}}) {
		require.NoError(t, err)
		require.True(t, at.Equal(e.Get("lastSeenOn").Time()))
	}
}

// A run that came to nothing, or that left an instance out, has read nothing of it back.
func TestOnlyWhatWasReadBackCounts(t *testing.T) {
	b := newBench(t)
	other := &provider{sites: []string{"x"}, fault: map[string]error{}}
	one, two := instance("a", b.provider, b.converter), instance("b", other, b.converter)
	b.run(t, one, two)
	for range 23 {
		require.False(t, b.run(t, two).Run.Verified)
	}
	other.signIn = errors.New("401")
	require.True(t, b.run(t, two).Run.Verified, "the 24th since, which could not sign in")
	other.signIn = nil
	require.False(t, b.run(t, one).Run.Verified, "the second of this one")
	require.True(t, b.run(t, two).Run.Verified)
	require.False(t, b.run(t, two).Run.Verified)
}
