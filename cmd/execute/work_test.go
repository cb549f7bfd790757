package main

import (
	"bytes"
	"encoding/json"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"assetgraph/graph"
	"assetgraph/internal/executor"
	"assetgraph/internal/simulator"
)

// consoles writes a configuration file with three instances for each of n made-up fleets of unequal size.
func consoles(t *testing.T, n int) (instances int) {
	t.Helper()
	var b strings.Builder
	b.WriteString("defaults: {every: 1h}\ninstances:\n")
	for i := range n {
		s, err := simulator.Start(simulator.Options{Machines: 5 + i*i%97*3, Customers: 1 + i%4, Seed: uint64(i + 1), Unlimited: true})
		require.NoError(t, err)
		t.Cleanup(func() { require.NoError(t, s.Close()) })
		env := s.Env()
		fmt.Fprintf(&b, "  - {name: s1-%d, provider: sentinelone, url: %q, apiToken: %q}\n", i, env["SENTINELONE_URL"], env["SENTINELONE_API_TOKEN"])
		fmt.Fprintf(&b, "  - {name: ninja-%d, provider: ninjarmm, url: %q, clientId: %q, clientSecret: %q}\n", i, env["NINJARMM_URL"], env["NINJARMM_CLIENT_ID"], env["NINJARMM_CLIENT_SECRET"])
		fmt.Fprintf(&b, "  - {name: immy-%d, provider: immybot, url: %q, tenantId: %q, clientId: %q, clientSecret: %q, authorityUrl: %q}\n",
			i, env["IMMYBOT_URL"], env["IMMYBOT_TENANT_ID"], env["IMMYBOT_CLIENT_ID"], env["IMMYBOT_CLIENT_SECRET"], env["IMMYBOT_AUTHORITY_URL"])
	}
	require.NoError(t, os.WriteFile("assetgraph.yaml", []byte(b.String()), 0o600))
	return 3 * n
}

// A process is the program in a process of its own.
type process struct {
	cmd      *exec.Cmd
	out, err bytes.Buffer
}

func start(t *testing.T, env map[string]string, args ...string) *process {
	t.Helper()
	self, err := os.Executable()
	require.NoError(t, err)
	p := &process{cmd: exec.CommandContext(t.Context(), self, args...)}
	p.cmd.Env = append(os.Environ(), childVariable+"=", "HOME="+t.TempDir())
	for name, value := range env {
		p.cmd.Env = append(p.cmd.Env, name+"="+value)
	}
	p.cmd.Stdout, p.cmd.Stderr = &p.out, &p.err
	require.NoError(t, p.cmd.Start())
	return p
}

// TestWorkersShareTheInstances: processes that know nothing of each other do each instance once, also when some of them are
// killed and others take their place. ASSETGRAPH_TEST_WORK="67 8" plays it with 67 fleets, 201 instances, and 8 workers.
func TestWorkersShareTheInstances(t *testing.T) {
	if testing.Short() {
		t.Skip("starts many processes")
	}
	onBothGraphs(t, workers)
}

func workers(t *testing.T, p place) {
	fleets, n := 5, 3
	if text := os.Getenv("ASSETGRAPH_TEST_WORK"); text != "" {
		_, err := fmt.Sscan(text, &fleets, &n)
		require.NoError(t, err)
	}
	instances := consoles(t, fleets)
	env := p.env(nil)
	args := []string{"work", "--output", "json", "--soft-exit", "busy"}
	began := time.Now()
	var list []*process
	for range n {
		list = append(list, start(t, env, args...))
	}
	for i := range 2 { // two are killed in the middle of something, and others started
		want := (i + 1) * instances / 6
		require.Eventually(t, func() bool { return len(p.done(t)) >= want }, 5*time.Minute, 20*time.Millisecond)
		require.NoError(t, list[i].cmd.Process.Kill())
		_ = list[i].cmd.Wait() // killed
		list[i] = start(t, env, args...)
	}
	var busy []float64
	for _, one := range list {
		require.NoError(t, one.cmd.Wait(), one.err.String())
		var report executor.Report
		require.NoError(t, json.Unmarshal(one.out.Bytes(), &report), one.err.String())
		seconds := 0.0
		for _, r := range report.Runs {
			require.Equal(t, executor.StatusComplete, r.Status)
			seconds += r.FinishedAt.Sub(r.StartedAt).Seconds()
		}
		busy = append(busy, seconds)
	}
	done := p.done(t)
	require.Len(t, done, instances, "none is lost")
	for name, times := range done {
		require.Equal(t, 1, times, "%s was due once", name)
	}
	t.Logf("%d instances by %d workers in %s; busy %.1f s", instances, n, time.Since(began).Round(time.Second), busy)

	r := execute(t, env, "work")
	require.Equal(t, exitDone, r.code, r.stderr)
	require.Contains(t, r.stdout, "Nothing is due")
	all := runJSON(t, exitDone, env, "plan", "--verify", "--refresh-after", "0s")
	require.Equal(t, executor.Counts{Unchanged: all.Totals.Unchanged}, all.Totals, "one run of all has nothing to do")
	if p.server == nil { // what workers made is what one run makes
		require.Equal(t, derivedCounts(t, env), derivedCounts(t, one(t, env)))
	}
}

// one makes another graph by one run of all instances, and returns the environment that leads there.
func one(t *testing.T, env map[string]string) map[string]string {
	t.Helper()
	other := map[string]string{"GRAPH_DB_ENDPOINT": "sqlite:" + filepath.Join(t.TempDir(), "one.db")}
	for name, value := range env {
		if name != "GRAPH_DB_ENDPOINT" {
			other[name] = value
		}
	}
	runJSON(t, exitDone, other, "run")
	return other
}

// derivedCounts says how many machines have how many records, and which reports tell of them.
func derivedCounts(t *testing.T, env map[string]string) string {
	t.Helper()
	r := execute(t, env, "query", "select hasEdr, hasRmm, hasDeployment, count(*) as n from device group by 1, 2, 3 order by 1, 2, 3", "--output", "csv")
	require.Equal(t, exitDone, r.code, r.stderr)
	return r.stdout
}

// done says how often each instance was read and written to its end.
func (p place) done(t *testing.T) map[string]int {
	t.Helper()
	if p.server == nil {
		if _, err := os.Stat("assetgraph.db"); err != nil {
			return nil
		}
	}
	store := p.store(t)
	defer func() { require.NoError(t, store.Close()) }()
	runs, err := store.Runs(t.Context(), 0)
	require.NoError(t, err)
	times := map[string]int{}
	for _, r := range runs {
		var report executor.Report
		if r.FinishedAt.IsZero() || json.Unmarshal(r.Report, &report) != nil || r.Status != executor.StatusComplete {
			continue
		}
		for _, in := range report.Instances {
			times[in.Instance]++
		}
	}
	return times
}

func TestWorkDoesWhatIsDueAndNothingElse(t *testing.T) {
	workIn(t)
	_, env := fleet(t, simulator.Options{})
	work := func(code int, args ...string) executor.Report {
		return runJSON(t, code, env, append([]string{"work"}, args...)...)
	}
	names := func(r executor.Report) (list []string) {
		for _, one := range r.Runs {
			list = append(list, one.Instance)
		}
		slices.Sort(list)
		return list
	}
	require.Empty(t, work(exitDone, "--for", "1ns").Runs, "nothing is begun after its time")
	require.Equal(t, []string{"", "ninjarmm"}, names(work(exitDone, "--instance", "ninjarmm")))
	require.Equal(t, []string{"", "immybot", "sentinelone"}, names(work(exitDone, "--parallel", "3")))
	require.Empty(t, work(exitDone).Runs)
	r := runJSON(t, exitDone, env, "plan")
	require.Equal(t, executor.Counts{Unchanged: r.Totals.Unchanged}, r.Totals)

	var shared []string
	workIn(t)
	for i := range 3 {
		shared = append(shared, names(work(exitDone, "--shard", strconv.Itoa(i)+"/3"))...)
	}
	shared = slices.DeleteFunc(shared, func(s string) bool { return s == "" })
	slices.Sort(shared)
	require.Equal(t, []string{"immybot", "ninjarmm", "sentinelone"}, shared, "each in one shard")

	workIn(t)
	env["SENTINELONE_API_TOKEN"] = "not-the-token-at-all"
	require.Equal(t, []string{"", "immybot", "ninjarmm", "sentinelone"}, names(work(exitIncomplete)))
	require.Empty(t, work(exitDone).Runs, "one that failed is due again when its time has come")
	for _, args := range [][]string{{"--shard", "3/3"}, {"--shard", "x"}, {"--parallel", "0"}, {"--for", "-1s"}} {
		execute(t, env, append([]string{"work"}, args...)...).requireFailed(t, exitUsage, args[0])
	}
	env["JOB_COMPLETION_INDEX"], env["JOB_COMPLETIONS"] = "2", "2"
	execute(t, env, "work").requireFailed(t, exitUsage, "JOB_COMPLETION_INDEX/JOB_COMPLETIONS 2/2")
}

// A run of one instance by workers must not forget what others pointed at, however many runs lie between.
func TestWorkersRememberAccounts(t *testing.T) {
	workIn(t)
	_, env := fleet(t, simulator.Options{Machines: 10, Customers: 2})
	runJSON(t, exitDone, env, "run")
	store := place{}.store(t)
	for i := range graph.MaxRuns + 1 {
		at := time.Now().Add(time.Duration(i) * time.Second)
		require.NoError(t, store.SaveRun(t.Context(), graph.Run{ID: executor.NewID(at), StartedAt: at, FinishedAt: at, Status: "complete", Report: []byte("{}")}))
	}
	require.NoError(t, store.Close())
	_, other := fleet(t, simulator.Options{Machines: 10, Customers: 2, Seed: 7})
	env["SENTINELONE_URL"], env["SENTINELONE_API_TOKEN"] = other["SENTINELONE_URL"], other["SENTINELONE_API_TOKEN"]
	r := execute(t, env, "run", "--instance", "sentinelone")
	require.Equal(t, exitUsage, r.code, r.stdout+r.stderr)
	require.Contains(t, unfolded(r), "another account")
}
