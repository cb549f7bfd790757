package main

import (
	"maps"
	"net/http"
	"strconv"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"assetgraph/internal/neo4jserver/neo4jtest"
	"assetgraph/internal/simulator"
)

const (
	maintenanceSQL = `SELECT c.id, c.lastMaintenanceStatus AS status, c.lastMaintenanceOn AS at, c.nonCompliantDeployments AS deviate, c.failedDeployments AS failed,
		d.osSupportEndsOn AS supported
		FROM immybot_computer c JOIN immybot_computer_is_device i ON i._from = c._key JOIN device d ON d._key = i._to ORDER BY c._key`
	maintenanceCypher = `MATCH (c:immybot_computer)-[:IS]->(d:device) RETURN c.id AS id, c.lastMaintenanceStatus AS status, c.lastMaintenanceOn AS at,
		c.nonCompliantDeployments AS deviate, c.failedDeployments AS failed, d.osSupportEndsOn AS supported ORDER BY c._key`
)

// How the computers of a labelled fleet were maintained, what their deployments came to, and until when their systems are supported, is exact in both
// stores, and stays while the sessions are refused, or can't be read.
func TestMaintenanceOfALabelledFleet(t *testing.T) {
	workIn(t)
	var status atomic.Int64 // that the lists of maintenance answer; 0 = as they should
	s, env := fleet(t, simulator.Options{Machines: 400, Customers: 6,
		Intercept: func(w http.ResponseWriter, r *http.Request, next http.Handler) {
			if code := status.Load(); code != 0 && strings.HasSuffix(r.URL.Path, "/dx") {
				http.Error(w, `{"title":"no"}`, int(code))
				return
			}
			next.ServeHTTP(w, r)
		}})
	env["IMMYBOT_COLLECT"] = "all"
	server := neo4jtest.Borrow(t)
	for name, store := range map[string]struct {
		env   map[string]string
		args  []string
		query string
	}{
		"SQLite": {query: maintenanceSQL},
		"Neo4j": {
			env:  map[string]string{"GRAPH_DB_USERNAME": server.Username, "GRAPH_DB_PASSWORD": server.Password},
			args: []string{"--graph", server.Endpoint}, query: maintenanceCypher,
		},
	} {
		t.Run(name, func(t *testing.T) {
			all := maps.Clone(env)
			maps.Copy(all, store.env)
			ask := func() string {
				return answered(t, store.env, append([]string{"query", store.query, "--output", "csv"}, store.args...)...)
			}
			s.Forget()
			runJSON(t, exitDone, all, store.args...)
			require.Empty(t, s.Mistakes())
			before := ask()
			_, rows := csvTable(t, before)
			checkMaintenance(t, s, rows)

			unchanged := func(exit int) {
				t.Helper()
				r := runJSON(t, exit, all, append([]string{"--retry-time", "1s"}, store.args...)...)
				require.Zero(t, r.Totals.Created+r.Totals.Updated+r.Totals.Deleted, "%+v", r.Totals)
				require.Equal(t, before, ask())
			}
			unchanged(exitDone)
			status.Store(http.StatusForbidden) // the role, which is no fault
			unchanged(exitDone)
			status.Store(http.StatusBadGateway)
			unchanged(exitIncomplete)
			status.Store(0)
			unchanged(exitDone)

			_, rows = csvTable(t, answered(t, store.env, append([]string{"query", "@maintenance-failing", "--output", "csv"}, store.args...)...))
			found := map[string]int{}
			for _, r := range rows {
				found[r["maintenance"]]++
			}
			for _, word := range []string{"Failed", "PartialPassed", "PendingConnectivity", "Missed", "unknown"} {
				require.Positive(t, found[word], "%v", found)
			}
			require.Len(t, found, 5)
			all["IMMYBOT_COLLECT"] = "maintenance"
			runJSON(t, exitDone, all, store.args...)
			_, rows = csvTable(t, ask())
			for _, r := range rows {
				require.Empty(t, r["deviate"]+r["failed"], "what is not read nobody knows")
			}
		})
	}
}

func checkMaintenance(t *testing.T, s *simulator.Simulator, rows []map[string]string) {
	t.Helper()
	got := map[string]map[string]string{}
	for _, r := range rows {
		got[r["id"]] = r
	}
	same := func(want time.Time, text string) {
		t.Helper()
		require.Equal(t, want.IsZero(), text == "", "%s, not %s", text, want)
		if text != "" {
			at, err := time.Parse(time.RFC3339, text)
			require.NoError(t, err)
			require.True(t, at.Equal(want.Truncate(time.Millisecond)), "%s, not %s", text, want)
		}
	}
	checked, unknown, failed := 0, 0, 0
	for m := range s.Truth() {
		row, ok := got[strconv.Itoa(m.Computer)]
		if !ok {
			continue
		}
		checked++
		p := s.Posture(m.Number)
		require.Equal(t, p.MaintenanceStatus, row["status"], "%+v", m)
		same(p.MaintainedOn, row["at"])
		require.Equal(t, known(p.NonCompliantDeployments), row["deviate"], "%+v", m)
		require.Equal(t, known(p.FailedDeployments), row["failed"], "%+v", m)
		failed += p.FailedDeployments
		same(p.SupportEndsOn, row["supported"])
		unknown += digit(row["status"] == "")
	}
	t.Logf("%d computers, %d of unknown maintenance", checked, unknown)
	require.Greater(t, checked, 200)
	require.Positive(t, unknown)
	require.Positive(t, failed)
}

// known writes a count that may be unknown, -1.
func known(n int) string {
	if n < 0 {
		return ""
	}
	return strconv.Itoa(n)
}
