package main

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"net/http"
	"os"
	"runtime"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"assetgraph/graph/sqlite"
	"assetgraph/internal/executor"
	"assetgraph/internal/jupiterone"
	"assetgraph/internal/providers"
	"assetgraph/internal/simulator"
)

// fleet starts a simulator and returns it with the settings that lead to it.
func fleet(t *testing.T, o simulator.Options) (*simulator.Simulator, map[string]string) {
	t.Helper()
	if o.Machines == 0 {
		o.Machines, o.Customers = 60, 5
	}
	o.Unlimited = true
	s, err := simulator.Start(o)
	require.NoError(t, err)
	t.Cleanup(func() { require.NoError(t, s.Close()) })
	return s, s.Env()
}

// runJSON does a run or plan and returns its report.
func runJSON(t *testing.T, code int, env map[string]string, args ...string) executor.Report {
	t.Helper()
	r := execute(t, env, append(args, "--output", "json")...)
	require.Equal(t, code, r.code, r.stderr)
	var report executor.Report
	require.NoError(t, json.Unmarshal([]byte(r.stdout), &report), r.stdout)
	return report
}

func TestDemoFromNothing(t *testing.T) {
	dir := workIn(t)
	r := execute(t, nil, "--demo")
	require.Equal(t, exitDone, r.code, r.stderr)
	for _, s := range []string{"sqlite:demo.db: complete", "sentinelone_agent", "ninjarmm_device", "immybot_computer", "In all: ", "Next"} {
		require.Contains(t, r.stdout, s)
	}
	require.Contains(t, r.stderr, "step=agents")
	requireUntouched(t, dir, "demo.db")

	again := runJSON(t, exitDone, nil, "--demo")
	require.Equal(t, executor.Counts{Unchanged: again.Totals.Unchanged}, again.Totals, "a second run over unchanged data writes nothing")
	require.Positive(t, again.Totals.Unchanged)

	r = execute(t, nil, "query", "--demo", "select name, osType, lastSeenOn from ninjarmm_device where hostname is not null order by name limit 3")
	require.Equal(t, exitDone, r.code, r.stderr)
	require.Contains(t, r.stdout, "(3 rows)")
}

func TestDemoCheck(t *testing.T) {
	dir := workIn(t)
	r := execute(t, nil, "check", "--demo")
	require.Equal(t, exitDone, r.code, r.stdout+r.stderr)
	for _, s := range []string{"no graph yet", "sign in", "agents", "All is fine"} {
		require.Contains(t, r.stdout, s)
	}
	requireUntouched(t, dir)

	r = execute(t, nil, "check", "--demo", "--output", "json")
	var got checked
	require.NoError(t, json.Unmarshal([]byte(r.stdout), &got), r.stdout)
	require.True(t, got.OK)
	require.Greater(t, len(got.Findings), 10)
}

func TestPlanWritesNothing(t *testing.T) {
	dir := workIn(t)
	_, env := fleet(t, simulator.Options{})
	plan := runJSON(t, exitDone, env, "plan")
	require.True(t, plan.Run.Plan)
	requireUntouched(t, dir)

	run := runJSON(t, exitDone, env)
	require.Equal(t, plan.Totals, run.Totals, "a run does what the plan said")
	before, err := os.ReadFile("assetgraph.db")
	require.NoError(t, err)
	plan = runJSON(t, exitDone, env, "plan")
	require.Zero(t, plan.Totals.Created+plan.Totals.Updated+plan.Totals.Refreshed+plan.Totals.Deleted)
	after, err := os.ReadFile("assetgraph.db")
	require.NoError(t, err)
	require.True(t, bytes.Equal(before, after), "the file is as it was, byte for byte")
	require.Equal(t, 1, strings.Count(execute(t, nil, "history", "--output", "json").stdout, `"startedAt"`), "a plan leaves no run record")
}

func TestExportIsValidAndAlwaysTheSame(t *testing.T) {
	workIn(t)
	_, env := fleet(t, simulator.Options{})
	run := runJSON(t, exitDone, env)
	first := execute(t, nil, "export")
	require.Equal(t, exitDone, first.code, first.stderr)
	runJSON(t, exitDone, env)
	second := execute(t, nil, "export")
	require.Equal(t, withoutIntegrations(first.stdout), withoutIntegrations(second.stdout), "a run that changed nothing changes nothing in the export")

	entities, relationships := 0, 0
	keys := map[string]bool{}
	for line := range strings.Lines(first.stdout) {
		var head struct {
			Key   string `json:"_key"`
			Type  string `json:"_type"`
			From  string `json:"_fromEntityKey"`
			To    string `json:"_toEntityKey"`
			Class any    `json:"_class"`
		}
		require.NoError(t, json.Unmarshal([]byte(line), &head))
		require.False(t, keys[head.Key], head.Key)
		keys[head.Key] = true
		if head.From != "" {
			relationships++
			require.True(t, keys[head.From] && keys[head.To], "both ends come before the relationship")
			continue
		}
		require.Zero(t, relationships, "entities come first")
		require.IsType(t, []any{}, head.Class)
		require.NoError(t, jupiterone.Validate([]byte(line)), line)
		if head.Type != "assetgraph_integration" {
			entities++
		}
	}
	require.Equal(t, run.Totals.Created, entities+relationships)

	r := execute(t, nil, "export", "--type", "ninjarmm_device")
	require.Equal(t, run.Entities["ninjarmm_device"].Created, strings.Count(r.stdout, "\n"))
	execute(t, nil, "export", "--type", "ninja_devices").requireFailed(t, exitUsage, "ninja_devices", "ninjarmm_device")
	execute(t, nil, "export", "--instance", "ninja").requireFailed(t, exitUsage, "--instance ninja", "ninjarmm")
}

// withoutIntegrations leaves out what the program writes about itself in each run.
func withoutIntegrations(export string) string {
	var b strings.Builder
	for line := range strings.Lines(export) {
		if !strings.Contains(line, `"_type":"assetgraph_integration"`) {
			b.WriteString(line)
		}
	}
	return b.String()
}

func TestQueryFormsAgree(t *testing.T) {
	workIn(t)
	_, env := fleet(t, simulator.Options{})
	runJSON(t, exitDone, env)
	const question = "select name, lastSeenOn from sentinelone_agent order by _key"
	var rows []map[string]any
	r := execute(t, nil, "query", question, "--output", "json")
	require.NoError(t, json.Unmarshal([]byte(r.stdout), &rows), r.stderr)
	csv := execute(t, nil, "query", question, "--output", "csv")
	require.True(t, strings.HasPrefix(csv.stdout, "name,lastSeenOn\n"))
	require.Equal(t, len(rows)+1, strings.Count(csv.stdout, "\n"))
	require.Contains(t, execute(t, nil, "query", question).stdout, rows[0]["name"])

	execute(t, nil, "query", "delete from sentinelone_agent").requireFailed(t, exitFailed, "read")
	execute(t, nil, "query", "select name from nowhere").requireFailed(t, exitFailed, "nowhere", "schema")
}

func TestSecretsAreNowhere(t *testing.T) { onBothGraphs(t, secretsAreNowhere) }

func secretsAreNowhere(t *testing.T, p place) {
	s, env := fleet(t, simulator.Options{})
	env = p.env(env)
	var out strings.Builder
	for _, args := range [][]string{
		{"check"}, {"plan", "--log-level", "debug"}, {"run", "--log-level", "debug", "--log-format", "json", "--output", "json"},
		{"history", "--output", "json"}, {"changes", "--output", "json"}, {"export"}, {"query", p.question("select * from assetgraph_integration", "MATCH (n:assetgraph_integration) RETURN n")},
		{"query", p.question("select report from graph_run", "MATCH (n) WHERE NOT n:Entity RETURN n")},
	} {
		r := execute(t, env, args...)
		require.Equal(t, exitDone, r.code, r.stderr)
		out.WriteString(r.stdout + r.stderr)
	}
	entries, err := os.ReadDir(".")
	require.NoError(t, err)
	for _, e := range entries {
		text, err := os.ReadFile(e.Name())
		require.NoError(t, err)
		out.Write(text)
	}
	require.Greater(t, len(s.Secrets()), 3, "credentials, tokens, and what is planted in the records")
	secrets := s.Secrets()
	if p.server != nil {
		secrets = append(secrets, p.server.Password)
	}
	for _, secret := range secrets {
		if strings.Contains(out.String(), secret) {
			t.Errorf("secret %q is in the output, the logs or the graph", secret)
		}
	}
	require.Empty(t, s.Mistakes(), "nothing was asked for that a real product would refuse")
}

func TestWrongCredentialsCostOnlyTheirInstance(t *testing.T) {
	workIn(t)
	_, env := fleet(t, simulator.Options{})
	before := runJSON(t, exitDone, env)
	env["SENTINELONE_API_TOKEN"] = "not-the-token-at-all"
	r := execute(t, env, "run")
	require.Equal(t, exitIncomplete, r.code, r.stdout+r.stderr)
	require.NotContains(t, r.stdout+r.stderr, "not-the-token-at-all")
	after := execute(t, nil, "query", "select count(*) as n from sentinelone_agent", "--output", "csv")
	require.Equal(t, before.Entities["sentinelone_agent"].Created, atoi(t, after.stdout), "nothing was deleted")

	r = execute(t, env, "check")
	require.Equal(t, exitFailed, r.code)
	require.Contains(t, r.stdout, "refused")
}

func atoi(t *testing.T, csv string) int {
	t.Helper()
	var n int
	require.NoError(t, json.Unmarshal([]byte(strings.TrimPrefix(csv, "n\n")), &n))
	return n
}

func TestWithheldDeletesGoThroughWithTheirApproval(t *testing.T) { onBothGraphs(t, withheldDeletes) }

func withheldDeletes(t *testing.T, p place) {
	s, env := fleet(t, simulator.Options{})
	env = p.env(env)
	runJSON(t, exitDone, env)
	s.Advance(simulator.Change{Remove: 30})

	plan := runJSON(t, exitWithheld, env, "plan")
	require.NotEmpty(t, plan.Withheld)
	r := execute(t, env)
	require.Equal(t, exitWithheld, r.code, r.stderr)
	args := []string{"run"}
	for _, w := range plan.Withheld {
		if w.Approval != "" {
			require.Contains(t, r.stdout, " --approve "+w.Approval, "the plan and the run name the same approval")
			if !slices.Contains(args, w.Approval) {
				args = append(args, "--approve", w.Approval)
			}
		}
	}
	require.Greater(t, len(args), 1)
	require.Contains(t, r.stdout, "\n    execute "+strings.Join(args, " ")+"\n", "one command lets all of it go")
	require.Regexp(t, `ninjarmm_device \d+ of \d+ \(more than 10% of the scope\):\s+\S+\s+\([^)]+\)`, r.stdout, "names and customers")
	after := runJSON(t, exitDone, env, args...)
	require.Positive(t, after.Totals.Deleted)
	require.Zero(t, after.Totals.Withheld)
}

func TestMaxDeletesLetsMoreThrough(t *testing.T) {
	workIn(t)
	s, env := fleet(t, simulator.Options{})
	runJSON(t, exitDone, env)
	s.Advance(simulator.Change{Remove: 30})
	require.Positive(t, runJSON(t, exitDone, env, "run", "--max-deletes", "100%").Totals.Deleted)
}

func TestCheckInsAreRefreshes(t *testing.T) {
	workIn(t)
	s, env := fleet(t, simulator.Options{})
	runJSON(t, exitDone, env)
	s.Advance(simulator.Change{CheckIn: 20})
	r := runJSON(t, exitDone, env)
	require.Positive(t, r.Totals.Refreshed)
	require.Zero(t, r.Totals.Created+r.Totals.Updated+r.Totals.Deleted)
}

func TestInstanceNarrowsARun(t *testing.T) {
	workIn(t)
	_, env := fleet(t, simulator.Options{})
	r := runJSON(t, exitDone, env, "run", "--instance", "ninjarmm")
	for _, s := range r.Steps {
		require.Equal(t, "ninjarmm", s.Instance)
	}
	require.Zero(t, r.Entities["sentinelone_agent"].Created)
	require.Positive(t, r.Entities["ninjarmm_device"].Created)
}

func TestHeldLease(t *testing.T) {
	workIn(t)
	_, env := fleet(t, simulator.Options{})
	runJSON(t, exitDone, env)
	schema, err := providers.All().Schema()
	require.NoError(t, err)
	store, err := sqlite.Open(t.Context(), "assetgraph.db", schema, sqlite.Options{})
	require.NoError(t, err)
	_, err = store.Acquire(t.Context(), "ninjarmm", "another-run", time.Minute)
	require.NoError(t, err)
	require.NoError(t, store.Close())
	execute(t, env).requireFailed(t, exitHeld, "ninjarmm", "another-run", "--wait")
}

func TestHistory(t *testing.T) {
	workIn(t)
	_, env := fleet(t, simulator.Options{})
	first := runJSON(t, exitDone, env)
	second := runJSON(t, exitDone, env)
	var runs []pastRun
	r := execute(t, nil, "history", "--output", "json")
	require.NoError(t, json.Unmarshal([]byte(r.stdout), &runs), r.stderr)
	require.Len(t, runs, 2)
	require.Equal(t, []string{second.Run.ID, first.Run.ID}, []string{runs[0].ID, runs[1].ID}, "newest first")
	require.Equal(t, first.Totals, runs[1].Totals)
	require.NotNil(t, runs[0].FinishedAt)
	require.Contains(t, execute(t, nil, "history").stdout, comma(first.Totals.Created))
	require.Equal(t, "[]\n", execute(t, nil, "history", "--output", "json", "--instance", "other").stdout)
}

func TestClear(t *testing.T) {
	workIn(t)
	_, env := fleet(t, simulator.Options{})
	run := runJSON(t, exitDone, env)
	execute(t, nil, "clear", "--instance", "ninja", "--yes").requireFailed(t, exitUsage, "--instance ninja", "ninjarmm")

	r := execute(t, nil, "clear", "--instance", "ninjarmm", "--yes")
	require.Equal(t, exitDone, r.code, r.stderr)
	require.Contains(t, r.stdout, "ninjarmm_device")
	require.NotContains(t, r.stdout, "sentinelone_agent  ")
	count := func(typ string) int {
		return atoi(t, execute(t, nil, "query", "select count(*) as n from "+typ, "--output", "csv").stdout)
	}
	require.Zero(t, count("ninjarmm_device"))
	require.Equal(t, run.Entities["sentinelone_agent"].Created, count("sentinelone_agent"))

	r = execute(t, nil, "clear", "--all", "--yes", "--output", "json")
	require.Equal(t, exitDone, r.code, r.stderr)
	require.Zero(t, count("sentinelone_agent"))
}

func TestClearAsksOnATerminal(t *testing.T) {
	workIn(t)
	_, env := fleet(t, simulator.Options{})
	run := runJSON(t, exitDone, env)
	var printed string
	ask := func(answer string) (int, string) {
		var out, errs bytes.Buffer
		a := newApp([]string{"execute", "clear", "--instance", "ninjarmm"}, nil, strings.NewReader(answer), &out, &errs)
		a.isTerminal = func(stream any) bool { return stream == a.stdin }
		code := a.execute(t.Context())
		printed = out.String()
		return code, errs.String()
	}
	code, text := ask("yes\n")
	require.Equal(t, exitFailed, code)
	require.Contains(t, text, "Type ninjarmm to go on")
	require.Contains(t, text, "nothing was deleted")
	code, _ = ask("")
	require.Equal(t, exitFailed, code)
	n := atoi(t, execute(t, nil, "query", "select count(*) as n from ninjarmm_device", "--output", "csv").stdout)
	require.Equal(t, run.Entities["ninjarmm_device"].Created, n)
	code, text = ask("ninjarmm\n")
	require.Equal(t, exitDone, code, text)
	_, announced, _ := strings.Cut(text, "This deletes ")
	announced, _, _ = strings.Cut(announced, " (of ninjarmm)")
	require.Contains(t, printed, "Deleted "+announced+" from", "what is derived from it included")
}

func TestTimeoutEndsARun(t *testing.T) {
	workIn(t)
	_, env := fleet(t, simulator.Options{Latency: 5 * time.Second})
	r := execute(t, env, "--timeout", "300ms")
	require.Equal(t, exitFailed, r.code)
	require.Contains(t, r.stderr, "error: not done within --timeout 300ms")
	require.Contains(t, r.stderr, "hint: ")
}

func TestInterruptEndsARunCleanly(t *testing.T) {
	if runtime.GOOS == "windows" {
		t.Skip("there a process can't interrupt itself")
	}
	workIn(t)
	self, err := os.FindProcess(os.Getpid())
	require.NoError(t, err)
	var once sync.Once
	_, env := fleet(t, simulator.Options{Intercept: func(w http.ResponseWriter, r *http.Request, next http.Handler) {
		if strings.Contains(r.URL.Path, "devices") {
			once.Do(func() { require.NoError(t, self.Signal(os.Interrupt)) })
			<-r.Context().Done()
			return
		}
		next.ServeHTTP(w, r)
	}})
	r := execute(t, env)
	require.Equal(t, exitFailed, r.code)
	require.Contains(t, r.stderr, "stopping after the batch in hand")
	require.Contains(t, r.stderr, "error: stopped by signal: interrupt")
	require.Contains(t, r.stdout, "failed", "says what was done")
}

func TestCancelledContextIsSaid(t *testing.T) {
	workIn(t)
	_, env := fleet(t, simulator.Options{})
	ctx, cancel := context.WithCancelCause(t.Context())
	cancel(errors.New("the caller gave up"))
	var out, errs bytes.Buffer
	list := make([]string, 0, len(env))
	for name, value := range env {
		list = append(list, name+"="+value)
	}
	require.Equal(t, exitFailed, run(ctx, []string{"execute"}, list, strings.NewReader(""), &out, &errs))
	require.Contains(t, errs.String(), "error: the caller gave up")
}
