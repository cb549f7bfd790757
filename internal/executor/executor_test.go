package executor_test

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"log/slog"
	"os"
	"path/filepath"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"assetgraph/collectors"
	"assetgraph/converters"
	"assetgraph/differ"
	"assetgraph/graph"
	"assetgraph/graph/sqlite"
	"assetgraph/internal/correlate"
	"assetgraph/internal/executor"
)

// bench is a real SQLite graph and one made-up provider instance "a".
type bench struct {
	*provider
	store     *sqlite.Store
	schema    *graph.Schema
	converter *converters.Converter
	path      string
}

func newBench(t *testing.T) *bench {
	t.Helper()
	b := &bench{converter: testConverter(), path: filepath.Join(t.TempDir(), "graph.db")}
	b.provider = &provider{sites: []string{"s1", "s2"}, fault: map[string]error{}}
	for i := range 30 {
		b.agents = append(b.agents, agent{id: fmt.Sprint(i), site: "s1", hostname: fmt.Sprintf("host-%d", i)})
	}
	var err error
	b.schema, err = graph.NewSchema(append(b.converter.Types, converters.IntegrationType())...)
	require.NoError(t, err)
	b.store, err = sqlite.Open(t.Context(), b.path, b.schema, sqlite.Options{})
	require.NoError(t, err)
	t.Cleanup(func() { require.NoError(t, b.store.Close()) })
	return b
}

func (b *bench) options(instances ...executor.Instance) executor.Options {
	if len(instances) == 0 {
		instances = []executor.Instance{instance("a", b.provider, b.converter)}
	}
	return executor.Options{Instances: instances, Store: b.store, Graph: "sqlite:graph.db", Guard: differ.Guard{MaxPercent: 10, MaxCount: -1}}
}

func (b *bench) run(t *testing.T, instances ...executor.Instance) *executor.Report {
	t.Helper()
	r, err := executor.Run(t.Context(), b.options(instances...))
	require.NoError(t, err)
	return r
}

func (b *bench) population(t *testing.T, instance, typ string) int {
	t.Helper()
	list, err := b.store.Counts(t.Context())
	require.NoError(t, err)
	for _, p := range list {
		if p.Scope == (graph.Scope{Instance: instance, Type: typ}) {
			return p.Count
		}
	}
	return 0
}

func TestFirstRunCreatesAndSecondWritesNothing(t *testing.T) {
	b := newBench(t)
	r := b.run(t)
	require.Equal(t, executor.StatusComplete, r.Run.Status)
	require.Equal(t, executor.Counts{Created: 62}, r.Totals)
	require.Equal(t, executor.Counts{Created: 30}, r.Entities["test_agent"])
	require.Equal(t, executor.Counts{Created: 30}, r.Relationships["test_site_has_agent"])
	require.NotContains(t, r.Entities, "assetgraph_integration", "bookkeeping is not counted")
	require.Equal(t, []string{"a: token expires soon"}, r.Warnings)

	before := b.stamps(t)
	r = b.run(t)
	require.Equal(t, executor.Counts{Unchanged: 62}, r.Totals)
	require.Equal(t, before, b.stamps(t))
}

// stamps returns when each agent was written and changed last.
func (b *bench) stamps(t *testing.T) map[graph.Key][2]time.Time {
	t.Helper()
	out := make(map[graph.Key][2]time.Time)
	for e, err := range b.store.Elements(t.Context(), graph.Selection{Type: b.schema.Type("test_agent")}) {
		require.NoError(t, err)
		out[e.Key] = [2]time.Time{e.CreatedOn, e.UpdatedOn}
	}
	return out
}

func TestChangesAreAppliedExactly(t *testing.T) {
	b := newBench(t)
	b.run(t)
	b.agents[0].hostname = "renamed"
	b.agents[1].seen = 9
	b.agents[2].site = "s2"
	b.agents = append(b.agents[:29], agent{id: "new", site: "s2", hostname: "new"})
	plan := b.options()
	plan.Plan = true
	var logs bytes.Buffer
	plan.Logger = slog.New(slog.NewTextHandler(&logs, nil))
	planned, err := executor.Run(t.Context(), plan)
	require.NoError(t, err)
	require.Contains(t, logs.String(), "scope=a/test_agent updates=map[hostname:1]", "a plan says what changes")
	r := b.run(t)
	require.Equal(t, executor.Counts{Created: 1, Updated: 1, Refreshed: 1, Deleted: 1, Unchanged: 27}, r.Entities["test_agent"])
	require.Equal(t, executor.Counts{Created: 2, Deleted: 2, Unchanged: 28}, r.Relationships["test_site_has_agent"])
	require.Equal(t, planned.Totals, r.Totals, "the plan said so")
	require.Equal(t, executor.Counts{Unchanged: 62}, b.run(t).Totals)
}

func TestPlanWritesNothingAtAll(t *testing.T) {
	b := newBench(t)
	b.run(t)
	require.NoError(t, b.store.Close())
	before, err := os.ReadFile(b.path)
	require.NoError(t, err)

	b.agents = b.agents[:28]
	b.store, err = sqlite.Open(t.Context(), b.path, b.schema, sqlite.Options{ReadOnly: true})
	require.NoError(t, err)
	o := b.options()
	o.Plan = true
	r, err := executor.Run(t.Context(), o)
	require.NoError(t, err)
	require.True(t, r.Run.Plan)
	require.Equal(t, executor.Counts{Deleted: 4, Unchanged: 58}, r.Totals)
	require.NoError(t, b.store.Close())
	after, err := os.ReadFile(b.path)
	require.NoError(t, err)
	require.Equal(t, before, after)
	b.store, err = sqlite.Open(t.Context(), b.path, b.schema, sqlite.Options{})
	require.NoError(t, err)
}

func TestIncompleteReadNeverDeletes(t *testing.T) {
	for name, test := range map[string]struct {
		fault     func(b *bench)
		status    string
		created   int
		stepError string
	}{
		"the walk of agents breaks off": {func(b *bench) {
			b.agents = append(b.agents[:5], agent{id: "new", site: "s1"})
			b.fault["agents"] = errors.New("page 2: 502")
		}, executor.StatusIncomplete, 2, "page 2: 502"},
		"agents can't be read at all": {func(b *bench) { b.agents, b.fault["agents"] = nil, errors.New("403") }, executor.StatusIncomplete, 0, "403"},
		"one record is broken":        {func(b *bench) { b.agents, b.broken = b.agents[:29], []string{"29"} }, executor.StatusIncomplete, 0, "agent 29: field hostname"},
		"nobody signs in":             {func(b *bench) { b.signIn = errors.New("401: token revoked") }, executor.StatusFailed, 0, "401: token revoked"},
		"everything fails": {func(b *bench) {
			b.sites, b.agents = nil, nil
			b.fault["sites"], b.fault["agents"] = errors.New("503"), errors.New("503")
		}, executor.StatusFailed, 0, "503"},
	} {
		t.Run(name, func(t *testing.T) {
			b := newBench(t)
			b.run(t)
			test.fault(b)
			r := b.run(t)
			require.Equal(t, test.status, r.Run.Status)
			require.Zero(t, r.Totals.Deleted)
			require.Equal(t, test.created, r.Totals.Created)
			require.GreaterOrEqual(t, b.population(t, "a", "test_agent"), 30)
			require.GreaterOrEqual(t, b.population(t, "a", "test_site_has_agent"), 30)
			require.Contains(t, fmt.Sprint(r.Steps), test.stepError)
		})
	}
}

func TestFailedParentKeepsRelationships(t *testing.T) {
	b := newBench(t)
	b.run(t)
	b.sites, b.fault["sites"] = nil, errors.New("500")
	b.agents = b.agents[:29]
	r := b.run(t)
	require.Equal(t, executor.Counts{Withheld: 2}, r.Entities["test_site"])
	require.Equal(t, executor.Counts{Unchanged: 29, Withheld: 1}, r.Relationships["test_site_has_agent"])
	require.Zero(t, r.Totals.Deleted, "the agent stays as long as its relationship can't be judged")
}

func TestRelationshipsAreOnlyDeletedWhenBothEndsAreComplete(t *testing.T) {
	b := newBench(t)
	b.run(t)
	b.agents[0].site = "s2"
	b.fault["sites"] = errors.New("502 behind the last site")
	r := b.run(t)
	require.Equal(t, executor.Counts{Created: 1, Unchanged: 29, Withheld: 1}, r.Relationships["test_site_has_agent"])
	b.fault = map[string]error{}
	require.Equal(t, executor.Counts{Deleted: 1, Unchanged: 30}, b.run(t).Relationships["test_site_has_agent"])
}

func TestOneFailingInstanceDoesNotStopTheOther(t *testing.T) {
	b := newBench(t)
	other := &provider{signIn: errors.New("401"), fault: map[string]error{}}
	r := b.run(t, instance("a", b.provider, b.converter), instance("b", other, b.converter))
	require.Equal(t, executor.StatusIncomplete, r.Run.Status)
	require.Equal(t, 62, r.Totals.Created)
	require.Equal(t, "skipped", r.Steps[len(r.Steps)-1].Status)
	require.Equal(t, map[string]string{"a": "complete", "b": "failed"}, b.statuses(t))
}

// statuses returns what assetgraph_integration says of each instance.
func (b *bench) statuses(t *testing.T) map[string]string {
	t.Helper()
	out := make(map[string]string)
	for e, err := range b.store.Elements(t.Context(), graph.Selection{Type: b.schema.Type("assetgraph_integration")}) {
		require.NoError(t, err)
		out[e.Instance] = e.Get("status").Text()
	}
	return out
}

func TestFreshnessSurvivesAFailure(t *testing.T) {
	b := newBench(t)
	good := b.run(t)
	b.fault["agents"] = errors.New("502")
	bad := b.run(t)
	for e, err := range b.store.Elements(t.Context(), graph.Selection{Type: b.schema.Type("assetgraph_integration")}) {
		require.NoError(t, err)
		require.Equal(t, good.Run.FinishedAt, e.Get("lastSuccessfulOn").Time())
		require.Equal(t, bad.Run.ID, e.Get("lastRunId").Text())
		require.Equal(t, "incomplete", e.Get("status").Text())
		require.Equal(t, "502", e.Get("error").Text())
	}
	b.fault = map[string]error{}
	b.run(t)
	require.Equal(t, map[string]string{"a": "complete"}, b.statuses(t))
}

func TestGuardWithholdsAndApprovalLetsGo(t *testing.T) {
	b := newBench(t)
	b.run(t)
	b.agents = b.agents[:20]
	r := b.run(t)
	require.Equal(t, executor.StatusWithheld, r.Run.Status)
	require.Equal(t, executor.Counts{Unchanged: 42, Withheld: 20}, r.Totals)
	w := r.Withheld[0]
	require.Equal(t, "test_agent", w.Type)
	require.Equal(t, [2]int{30, 10}, [2]int{w.Population, w.Deletes})
	o := b.options()
	o.Guard.Approve = []string{w.Approval}
	r, err := executor.Run(t.Context(), o)
	require.NoError(t, err)
	require.Equal(t, executor.Counts{Unchanged: 42, Deleted: 20}, r.Totals)
	runs, err := b.store.Runs(t.Context(), 1)
	require.NoError(t, err)
	require.Contains(t, string(runs[0].Report), `"approvals":["`+w.Approval+`"]`)
}

func TestInstancePointedAtAnotherAccountDeletesNothing(t *testing.T) {
	b := newBench(t)
	b.account = "tenant-1"
	b.run(t)
	b.account, b.sites, b.agents = "tenant-2", []string{"s9"}, []agent{{id: "900", site: "s9"}}
	r := b.run(t)
	require.Zero(t, r.Totals, "nothing is written or deleted")
	require.Equal(t, executor.StatusFailed, r.Run.Status)
	require.Contains(t, r.Refused[0].Reason, "pointed at tenant-1 before and points at tenant-2 now")
	require.Empty(t, r.Withheld)
	require.Equal(t, 30, b.population(t, "a", "test_agent"))
	require.Equal(t, map[string]string{"a": "failed"}, b.statuses(t))
}

func TestEntityThatTheProviderStillHasStays(t *testing.T) {
	b := newBench(t)
	b.run(t)
	b.agents = b.agents[:28]
	b.alive = []string{"28"}
	r := b.run(t)
	require.Equal(t, executor.Counts{Unchanged: 28, Deleted: 1, Withheld: 1}, r.Entities["test_agent"])
	require.Equal(t, executor.Counts{Unchanged: 28, Deleted: 1, Withheld: 1}, r.Relationships["test_site_has_agent"])
	require.Equal(t, []string{"28", "29"}, b.asked)
}

func TestRecordThatIsMissingFromItsListForGoodMayBeApproved(t *testing.T) {
	b := newBench(t)
	b.run(t)
	b.agents, b.alive = b.agents[:28], []string{"28"}
	for range 2 {
		require.Equal(t, 1, b.run(t).Entities["test_agent"].Withheld)
	}
	b.approve(t, b.run(t))
	require.Equal(t, executor.StatusComplete, b.run(t).Run.Status)
}

func TestSiteThatIsGoneWhileAgentsNameItMayBeApproved(t *testing.T) {
	b := newBench(t)
	b.agents[3].site = "s2"
	b.run(t)
	b.sites = []string{"s1"}
	for range 2 {
		r := b.run(t)
		require.Equal(t, executor.Counts{Unchanged: 1, Withheld: 1}, r.Entities["test_site"])
		require.Contains(t, r.Withheld[0].Reason, "still name it")
	}
	plan := b.options()
	plan.Plan, plan.Guard.Approve = true, []string{b.run(t).Withheld[0].Approval}
	planned, err := executor.Run(t.Context(), plan)
	require.NoError(t, err)
	require.Equal(t, executor.Counts{Deleted: 2, Unchanged: 60}, planned.Totals, "the site and the relationship")
	b.approve(t, b.run(t))
	require.Equal(t, 1, b.population(t, "a", "test_site"))
	require.Equal(t, 29, b.population(t, "a", "test_site_has_agent"))
	r := b.run(t)
	require.Equal(t, executor.Counts{Unchanged: 60}, r.Totals)
	require.Equal(t, executor.StatusComplete, r.Run.Status)
}

func TestNoApprovalLetsGoWhatWasNotRead(t *testing.T) {
	b := newBench(t)
	b.run(t)
	b.agents, b.fault["agents"] = b.agents[:29], errors.New("502")
	r := b.run(t)
	require.Equal(t, 2, r.Totals.Withheld)
	for _, w := range r.Withheld {
		require.Empty(t, w.Approval)
	}
}

func TestApprovalThatFitsNothingIsTold(t *testing.T) {
	b := newBench(t)
	b.run(t)
	b.agents = b.agents[:20]
	r := b.run(t)
	o := b.options()
	o.Guard.Approve = []string{"deadbeefdeadbeef"}
	told, err := executor.Run(t.Context(), o)
	require.NoError(t, err)
	require.Contains(t, told.Warnings[len(told.Warnings)-1], "deadbeefdeadbeef fits no set of deletes of this run; waiting for approval: "+r.Withheld[0].Approval)
	require.NotContains(t, fmt.Sprint(b.run(t).Warnings), "approve")
}

func TestProviderThatCannotBeAskedLeavesItToTheGuard(t *testing.T) {
	b := newBench(t)
	b.run(t)
	b.agents = b.agents[:28]
	b.fault["alive"] = errors.New("502")
	r := b.run(t)
	require.Equal(t, executor.Counts{Unchanged: 28, Withheld: 2}, r.Entities["test_agent"])
	b.fault["alive"] = fmt.Errorf("%w: no such route", collectors.ErrCannotAsk)
	r = b.run(t)
	require.Equal(t, executor.Counts{Unchanged: 28, Deleted: 2}, r.Entities["test_agent"])
	require.Contains(t, r.Warnings[len(r.Warnings)-1], "no such route")
}

func TestInstanceOutOfTheSettingsStays(t *testing.T) {
	b := newBench(t)
	other := &provider{sites: []string{"x"}, fault: map[string]error{}}
	b.run(t, instance("a", b.provider, b.converter), instance("b", other, b.converter))
	o := b.options(instance("b", other, b.converter))
	o.Configured = []string{"b"}
	r, err := executor.Run(t.Context(), o)
	require.NoError(t, err)
	require.Zero(t, r.Totals.Deleted+r.Totals.Withheld)
	require.Contains(t, r.Warnings[len(r.Warnings)-1], "63 elements of instance a, which is not configured")
	require.Equal(t, 30, b.population(t, "a", "test_agent"))
}

func TestSecondRunWaitsOrGivesUp(t *testing.T) {
	b := newBench(t)
	lease, err := b.store.Acquire(t.Context(), "a", "somebody", time.Minute)
	require.NoError(t, err)
	r, err := executor.Run(t.Context(), b.options())
	held, ok := errors.AsType[*graph.HeldError](err)
	require.True(t, ok, "%v", err)
	require.Equal(t, "somebody", held.Holder)
	require.Empty(t, r.Steps, "nothing was read")

	time.AfterFunc(50*time.Millisecond, func() { _ = b.store.Release(context.Background(), lease) })
	o := b.options()
	o.Wait = time.Minute
	_, err = executor.Run(t.Context(), o)
	require.NoError(t, err)
}

func TestLeaseIsGivenBack(t *testing.T) {
	b := newBench(t)
	b.run(t)
	_, err := b.store.Acquire(t.Context(), "a", "next", time.Minute)
	require.NoError(t, err)
}

func TestLostLeaseStopsTheRun(t *testing.T) {
	b := newBench(t)
	o := b.options()
	o.Lease = 30 * time.Millisecond
	b.during = func() {
		require.Eventually(t, func() bool {
			_, err := b.store.Acquire(t.Context(), "a", "thief", time.Hour)
			return err == nil
		}, 10*time.Second, time.Millisecond)
	}
	o.Store = neverRenews{b.store}
	_, err := executor.Run(t.Context(), o)
	require.ErrorIs(t, err, graph.ErrLeaseLost)
	require.Zero(t, b.population(t, "a", "test_agent"))
}

// neverRenews is a run that was suspended: its lease runs out.
type neverRenews struct{ *sqlite.Store }

func (neverRenews) Renew(context.Context, graph.Lease, time.Duration) error { return nil }

func TestInterruptedRunSaysSoAndTheNextEndsTheSame(t *testing.T) {
	b := newBench(t)
	ctx, cancel := context.WithCancelCause(t.Context())
	b.during = func() { cancel(errors.New("interrupted by the user")) }
	r, err := executor.Run(ctx, b.options())
	require.ErrorContains(t, err, "interrupted by the user")
	require.Equal(t, executor.StatusFailed, r.Run.Status)
	require.Zero(t, b.population(t, "a", "test_agent"))
	runs, err := b.store.Runs(t.Context(), 0)
	require.NoError(t, err)
	require.Equal(t, executor.StatusFailed, runs[0].Status)
	require.False(t, runs[0].FinishedAt.IsZero())
	require.Equal(t, "agents", r.Steps[1].Step)
	require.Equal(t, executor.StatusFailed, r.Steps[1].Status, "nothing of it was read")
	require.Contains(t, r.Steps[1].Error, "interrupted by the user")
	require.NotContains(t, string(runs[0].Report), `"step":"agents","status":"complete"`)

	b.during = nil
	require.Equal(t, 62, b.run(t).Totals.Created)
}

func TestInterruptedApplyFinishesTheBatchInHand(t *testing.T) {
	b := newBench(t)
	ctx, cancel := context.WithCancelCause(t.Context())
	o := b.options()
	o.Store = &cancelsOnApply{Store: b.store, cancel: func() { cancel(errors.New("SIGTERM")) }}
	r, err := executor.Run(ctx, o)
	require.ErrorContains(t, err, "SIGTERM")
	require.ErrorContains(t, err, "of 62 operations")
	require.Equal(t, 2, r.Totals.Created, "the batch in hand: the sites")
	require.Equal(t, 2, b.population(t, "a", "test_site"))
	require.Equal(t, executor.Counts{Created: 60, Unchanged: 2}, b.run(t).Totals)
}

type cancelsOnApply struct {
	*sqlite.Store
	cancel func()
}

func (c *cancelsOnApply) Apply(ctx context.Context, b graph.Batch) (graph.Applied, error) {
	c.cancel()
	return c.Store.Apply(ctx, b)
}

func TestRelationshipsWithoutEndAreReported(t *testing.T) {
	b := newBench(t)
	b.agents = append(b.agents, agent{id: "lost", site: "nowhere"})
	r := b.run(t)
	require.Equal(t, 31, r.Entities["test_agent"].Created)
	require.Equal(t, 30, r.Relationships["test_site_has_agent"].Created)
	require.Contains(t, r.Warnings[len(r.Warnings)-1], "a:test_site:nowhere")
	require.Equal(t, executor.Counts{Unchanged: 63}, b.run(t).Totals)
}

func TestCheckCountsAndWritesNothing(t *testing.T) {
	b := newBench(t)
	b.fault["agents"] = errors.New("403: Endpoints.view is missing")
	bad := &provider{signIn: errors.New("401")}
	var found []string
	err := executor.Check(t.Context(), []executor.Instance{instance("a", b.provider, b.converter), instance("b", bad, b.converter)}, func(f executor.Finding) {
		found = append(found, fmt.Sprintf("%s %s %d %v", f.Instance, f.Step, f.Records, f.Err))
	})
	require.NoError(t, err)
	require.Equal(t, []string{"a sign in -1 <nil>", "a sites 2 <nil>", "a agents -1 403: Endpoints.view is missing", "b sign in -1 401"}, found)
}

// clearOf deletes what there is of an instance, all of it.
func clearOf(t *testing.T, store graph.Store, schema *graph.Schema, name string) []graph.ScopeCount {
	t.Helper()
	c, err := executor.FindClearance(t.Context(), store, schema, name)
	require.NoError(t, err)
	deleted, kept, err := c.Carry(t.Context())
	require.NoError(t, err)
	require.Empty(t, kept)
	return deleted
}

func TestClearDeletesOneInstance(t *testing.T) {
	b := newBench(t)
	other := &provider{sites: []string{"x"}, fault: map[string]error{}}
	b.run(t, instance("a", b.provider, b.converter), instance("b", other, b.converter))
	clearOf(t, b.store, b.schema, "a")
	list, err := b.store.Counts(t.Context())
	require.NoError(t, err)
	for i := range list {
		list[i].Seal = nil
	}
	require.Equal(t, []graph.ScopeCount{
		{Scope: graph.Scope{Instance: "b", Type: "assetgraph_integration"}, Count: 1},
		{Scope: graph.Scope{Instance: "b", Type: "test_site"}, Count: 1},
	}, list)
}

var _ collectors.Collector = (*provider)(nil)

func TestClearOfOneInstanceTakesItsDerivedRelationshipsAlong(t *testing.T) {
	schema := machines(t)
	store, err := sqlite.Open(t.Context(), filepath.Join(t.TempDir(), "graph.db"), schema, sqlite.Options{})
	require.NoError(t, err)
	t.Cleanup(func() { require.NoError(t, store.Close()) })
	put := func(e *graph.Element) graph.Key {
		require.NoError(t, e.Seal())
		_, err := store.Apply(t.Context(), graph.Batch{Type: e.Type, Instance: e.Instance, Elements: []*graph.Element{e}, At: time.Now()})
		require.NoError(t, err)
		return e.Key
	}
	device := put(graph.NewEntity(schema.Type("device"), correlate.Integration, "1"))
	for _, instance := range []string{"a", "b"} {
		computer := put(graph.NewEntity(schema.Type("immy_computer"), instance, "1"))
		put(graph.NewRelationship(schema.Type("immy_computer_is_device"), correlate.Integration, computer, device))
	}
	deleted := clearOf(t, store, schema, "a")
	require.Equal(t, []graph.ScopeCount{
		{Scope: graph.Scope{Instance: correlate.Integration, Type: "immy_computer_is_device"}, Count: 1},
		{Scope: graph.Scope{Instance: "a", Type: "immy_computer"}, Count: 1},
	}, deleted)
	left, err := store.Counts(t.Context())
	require.NoError(t, err)
	require.Len(t, left, 3, "the device, the other computer and what is between them")
}

// machines is a schema of computers and devices.
func machines(t *testing.T) *graph.Schema {
	t.Helper()
	_, schema := modelOf(t, (&machineRoom{kind: "computer"}).converter())
	return schema
}
