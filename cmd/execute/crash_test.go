package main

import (
	"bytes"
	"encoding/json"
	"io"
	"strings"
	"sync"
	"testing"

	"github.com/stretchr/testify/require"

	"assetgraph/internal/simulator"
)

// A tripwire panics with a secret when a text is written to it, once.
type tripwire struct {
	io.Writer
	text string
	once sync.Once
}

func (w *tripwire) Write(p []byte) (int, error) {
	if strings.Contains(string(p), w.text) {
		w.once.Do(func() { panic(plantedSecret) })
	}
	return w.Writer.Write(p)
}

const plantedSecret = "planted-secret-0815"

// tripped runs a command that panics as soon as it writes a text.
func tripped(t *testing.T, env map[string]string, out, errs string, args ...string) result {
	t.Helper()
	var stdout, stderr bytes.Buffer
	list := []string{"HOME=" + t.TempDir()}
	for name, value := range env {
		list = append(list, name+"="+value)
	}
	code := run(t.Context(), append([]string{"execute"}, args...), list, strings.NewReader(""),
		&tripwire{Writer: &stdout, text: out}, &tripwire{Writer: &stderr, text: errs})
	return result{code, stdout.String(), stderr.String()}
}

func TestPanicIsOneLine(t *testing.T) { onBothGraphs(t, panicIsOneLine) }

func panicIsOneLine(t *testing.T, p place) {
	const never = "\x00never"
	_, env := fleet(t, simulator.Options{})
	env = p.env(env)
	runJSON(t, exitDone, env)
	for name, c := range map[string]struct {
		out, errs string
		args      []string
		recorded  bool
	}{
		"in a step":         {never, "step=agents", []string{"run"}, true},
		"in a phase":        {never, "phase=compare", []string{"run", "--log-format", "text"}, true},
		"in a plan":         {never, "step=devices", []string{"plan"}, false},
		"in the summary":    {"Next", never, []string{"run"}, false},
		"in a query":        {"1", never, []string{"query", p.question("select 1 as n", "RETURN 1 AS n")}, false},
		"in a report":       {"devices", never, []string{"report", "coverage", "--output", "csv"}, false},
		"in an explanation": {"a", never, []string{"history"}, false},
		"in the help":       {"Usage", never, []string{"--help"}, false},
		"in check":          {"sign in", never, []string{"check"}, false},
	} {
		t.Run(name, func(t *testing.T) {
			before := pastRuns(t, p)
			r := tripped(t, env, c.out, c.errs, c.args...)
			require.Equal(t, exitFailed, r.code, r.stderr)
			require.Equal(t, 1, strings.Count(r.stderr, "error: a fault of this program"), r.stderr)
			require.NotContains(t, r.stdout+r.stderr, "goroutine ")
			require.NotContains(t, r.stdout+r.stderr, plantedSecret)
			require.Contains(t, r.stderr, "panic with a string in cmd/execute.(*tripwire).Write")
			require.True(t, strings.HasSuffix(strings.TrimRight(r.stderr, "\n"), "adds"), "nothing comes after the line: %s", r.stderr)
			if !c.recorded {
				return
			}
			after := pastRuns(t, p)
			require.Len(t, after, len(before)+1)
			require.Equal(t, "failed", after[0].Status)
			require.Contains(t, r.stderr, "in run "+after[0].ID+": ")
		})
	}
}

func pastRuns(t *testing.T, p place) (list []pastRun) {
	t.Helper()
	require.NoError(t, json.Unmarshal([]byte(execute(t, p.env(nil), "history", "--output", "json").stdout), &list))
	return list
}

func TestDebugShowsTheStackOfAPanic(t *testing.T) {
	workIn(t)
	_, env := fleet(t, simulator.Options{})
	r := tripped(t, env, "\x00never", "step=agents", "run", "--log-level", "debug")
	require.Equal(t, exitFailed, r.code)
	require.Contains(t, r.stderr, "goroutine ")
	require.Contains(t, r.stderr, "StepDone")
	require.NotContains(t, r.stderr, plantedSecret)
}
