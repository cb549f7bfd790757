package main

import (
	"testing"

	"github.com/stretchr/testify/require"

	"assetgraph/internal/executor"
	"assetgraph/internal/simulator"
)

func TestSoftExitsAreZeroAndSayWhatHappened(t *testing.T) { onBothGraphs(t, softExitsAreZero) }

func softExitsAreZero(t *testing.T, p place) {
	s, env := fleet(t, simulator.Options{})
	env = p.env(env)
	runJSON(t, exitDone, env)
	statuses := func() (list []string) {
		for _, r := range pastRuns(t, p) {
			list = append(list, r.Status)
		}
		return list
	}

	token := env["SENTINELONE_API_TOKEN"]
	env["SENTINELONE_API_TOKEN"] = "not-the-token-at-all"
	r := runJSON(t, exitDone, env, "run", "--soft-exit", "incomplete")
	require.Equal(t, executor.StatusIncomplete, r.Run.Status)
	runJSON(t, exitIncomplete, env, "run", "--soft-exit", "withheld,busy")
	require.Contains(t, execute(t, env, "plan", "--soft-exit", "incomplete").stdout, ": incomplete\n")
	require.Equal(t, []string{"incomplete", "incomplete", "complete"}, statuses())

	s.Advance(simulator.Change{Remove: 30})
	runJSON(t, exitIncomplete, env, "plan")
	runJSON(t, exitWithheld, env, "plan", "--soft-exit", "incomplete") // that also waits, and for other reasons
	runJSON(t, exitIncomplete, env, "plan", "--soft-exit", "withheld")
	r = runJSON(t, exitDone, env, "plan", "--soft-exit", "withheld", "--soft-exit", "incomplete")
	require.Equal(t, executor.StatusIncomplete, r.Run.Status)

	env["SENTINELONE_API_TOKEN"] = token
	r = runJSON(t, exitDone, env, "--soft-exit", "withheld, busy")
	require.Equal(t, executor.StatusWithheld, r.Run.Status)
	require.NotEmpty(t, r.Withheld)
	require.Equal(t, []string{"withheld", "incomplete", "incomplete", "complete"}, statuses())

	p.lockFor(t, "ninjarmm")
	execute(t, env, "run", "--soft-exit", "withheld").requireFailed(t, exitHeld, "another-run")
	execute(t, env, "run", "--soft-exit", "busy").requireFailed(t, exitDone, "another-run", "locks break")
	execute(t, p.env(nil), "locks", "break", "--instance", "ninjarmm", "--yes")

	for _, name := range []string{"SENTINELONE_API_TOKEN", "NINJARMM_CLIENT_SECRET", "IMMYBOT_CLIENT_SECRET"} {
		env[name] = "not-the-secret-at-all"
	}
	runJSON(t, exitFailed, env, "run", "--soft-exit", "incomplete,withheld,busy")
}

func TestPlanTellsByItsExitCodeWhetherThereIsSomethingToDo(t *testing.T) {
	onBothGraphs(t, planTellsByItsExitCode)
}

func planTellsByItsExitCode(t *testing.T, p place) {
	s, env := fleet(t, simulator.Options{})
	env = p.env(env)
	require.Positive(t, runJSON(t, exitChanges, env, "plan", "--exit-code").Totals.Created)
	runJSON(t, exitDone, env)
	runJSON(t, exitDone, env, "plan", "--exit-code")

	s.Advance(simulator.Change{CheckIn: 20})
	refreshed := runJSON(t, exitChanges, env, "plan", "--exit-code").Totals
	require.Positive(t, refreshed.Refreshed)
	require.Zero(t, refreshed.Created+refreshed.Updated+refreshed.Deleted)
	runJSON(t, exitDone, env)

	s.Advance(simulator.Change{Remove: 30})
	runJSON(t, exitWithheld, env, "plan", "--exit-code")
	runJSON(t, exitWithheld, env)
	runJSON(t, exitWithheld, env, "plan", "--exit-code")
	r := runJSON(t, exitDone, env, "plan", "--exit-code", "--soft-exit", "withheld")
	require.Positive(t, r.Totals.Withheld, "they wait, a run would not delete them either")
	runJSON(t, exitChanges, env, "plan", "--exit-code", "--max-deletes", "100%")

	env["SENTINELONE_API_TOKEN"] = "not-the-token-at-all"
	runJSON(t, exitIncomplete, env, "plan", "--exit-code")
}
