package main

import (
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"assetgraph/internal/executor"
	"assetgraph/internal/simulator"
)

// The threats of a labelled fleet are exact in both stores: those that are open, and those that were resolved in the
// last 90 days, each at its agent unless the console has forgotten that. None is deleted that could not be read, and
// that there is none any more is no fault.
func TestThreatsOfALabelledFleet(t *testing.T) { onBothGraphs(t, threatsOfALabelledFleet) }

func threatsOfALabelledFleet(t *testing.T, p place) {
	spoilt := &spoiler{}
	s, env := fleet(t, simulator.Options{Machines: 400, Customers: 6, Intercept: spoilt.intercept})
	env = p.env(env)
	first := runJSON(t, exitDone, env)
	require.NotContains(t, strings.Join(first.Warnings, "\n"), "threat")
	require.Empty(t, s.Mistakes())
	want := threatsIn(s)
	require.Equal(t, want, p.threats(t, env))
	require.Equal(t, 3, s.Requests()["sentinelone GET /threats"], "three lists that fit into a page")

	t.Run("unchanged", func(t *testing.T) {
		second := runJSON(t, exitDone, env)
		require.Zero(t, second.Totals.Created+second.Totals.Updated+second.Totals.Refreshed+second.Totals.Deleted, "%+v", second.Totals)
	})
	for name, how := range map[string]simulator.Refusal{"not permitted": simulator.NotPermitted, "not there": simulator.NotThere} {
		t.Run(name, func(t *testing.T) {
			s.Refuse("/threats", how)
			defer s.Refuse("/threats", simulator.Granted)
			r := runJSON(t, exitDone, env)
			require.Equal(t, executor.StatusUnavailable, stepNamed(t, r, "SENTINELONE_COLLECT", "threats").Status)
			require.Equal(t, executor.StatusComplete, r.Run.Status)
			require.Zero(t, r.Totals.Deleted)
			require.Equal(t, want, p.threats(t, env))
		})
	}
	for name, spoil := range map[string]func(w http.ResponseWriter){
		"out of order": func(w http.ResponseWriter) { http.Error(w, "Bad Gateway", http.StatusBadGateway) },
		"cut": func(w http.ResponseWriter) {
			w.Header().Set("Content-Type", "application/json")
			_, _ = w.Write([]byte(`{"data":[],"pagination":{"nextCursor":null,"totalItems":1}}`))
		},
		"refused by a gateway": func(w http.ResponseWriter) { http.Error(w, "404 page not found", http.StatusNotFound) },
	} {
		t.Run(name, func(t *testing.T) {
			spoilt.at("/threats", spoil)
			defer spoilt.at("", nil)
			r := runJSON(t, exitIncomplete, env, "run", "--retry-time", "100ms")
			require.Contains(t, []string{executor.StatusFailed, executor.StatusIncomplete}, stepNamed(t, r, "SENTINELONE_COLLECT", "threats").Status)
			require.Zero(t, r.Totals.Deleted)
			require.Equal(t, want, p.threats(t, env))
		})
	}
	t.Run("later", func(t *testing.T) { // some are resolved for too long by now, and some agents are gone
		s.Advance(simulator.Change{Clock: 30 * 24 * time.Hour, Remove: 8})
		r := runJSON(t, exitDone, env)
		require.Positive(t, r.Totals.Deleted)
		later := threatsIn(s)
		require.NotEqual(t, len(want), len(later))
		require.Equal(t, later, p.threats(t, env))
	})
	t.Run("none any more", func(t *testing.T) {
		s.Refuse("/threats", simulator.NoRows)
		r := runJSON(t, exitDone, env)
		require.Equal(t, executor.StatusComplete, r.Run.Status)
		require.Empty(t, p.threats(t, env))
	})
}

// threatsIn gives what the graph must hold of threats: by id, whether it is open and the agent that found it.
func threatsIn(s *simulator.Simulator) map[string]string {
	want := map[string]string{}
	since := s.Now().Add(-90 * 24 * time.Hour)
	for _, one := range s.Threats() {
		switch {
		case one.Open:
			want[one.ID] = "true " + one.Agent
		case !one.Changed.Before(since):
			want[one.ID] = "false " + one.Agent
		}
	}
	return want
}

// threats gives the same as the graph has it.
func (p place) threats(t *testing.T, env map[string]string) map[string]string {
	t.Helper()
	got := map[string]string{}
	_, rows := csvTable(t, answered(t, env, "query", "--output", "csv", p.question(
		`SELECT t.id, t.open, a.id AS agent FROM sentinelone_threat t
			LEFT JOIN sentinelone_agent_identified_threat r ON r._to = t._key LEFT JOIN sentinelone_agent a ON a._key = r._from`,
		`MATCH (t:sentinelone_threat) OPTIONAL MATCH (a:sentinelone_agent)-[:IDENTIFIED]->(t) RETURN t.id AS id, t.open AS open, a.id AS agent`)))
	for _, row := range rows {
		got[row["id"]] = plain(row["open"]) + " " + row["agent"]
	}
	return got
}
