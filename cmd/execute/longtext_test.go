package main

import (
	"database/sql"
	"strings"
	"sync/atomic"
	"testing"

	"github.com/stretchr/testify/require"

	"assetgraph/internal/simulator"
)

// A text of a provider in a message has a limit, whatever the message: ids of records that are left out, names of
// customers, texts of errors. Output, logs and run record of a run stay as small as they are without it.
func TestLongTextsAreCutInMessages(t *testing.T) {
	const megabyte = 1 << 20
	long := strings.Repeat("7", megabyte)
	for name, c := range map[string]struct{ expression, text string }{
		"ids of records":     {`"id":\s*"?\d+"?`, `"id":"` + long + `"`},
		"names of customers": {`"name":\s*"[^"]*"`, `"name":"` + long + `"`},
		"shapes of fields":   {`"computerName":\s*"[^"]*"`, `"computerName":{"` + long + `":1}`},
		"kinds":              {`"nodeClass":\s*"[^"]*"`, `"nodeClass":"` + long + `"`},
	} {
		t.Run(name, func(t *testing.T) {
			workIn(t)
			var done atomic.Int64
			_, env := rewriting(t, simulator.Options{}, c.expression, func(found string) string {
				if done.Add(1) > 4 {
					return found
				}
				return c.text
			})
			r := execute(t, env, "run", "--log-level", "debug")
			require.Less(t, len(r.stdout), 20_000)
			require.Less(t, len(r.stderr), 300_000, "all requests are in it")
			for line := range strings.Lines(r.stdout + r.stderr) {
				require.Less(t, len(line), 5_000)
			}
			db, err := sql.Open("sqlite", "assetgraph.db")
			require.NoError(t, err)
			defer db.Close()
			var size int
			require.NoError(t, db.QueryRow("select max(length(report)) from graph_run").Scan(&size))
			require.Less(t, size, 30_000)
			for _, args := range [][]string{{"history"}, {"history", "--output", "json"}, {"report", "coverage"}} {
				require.Less(t, len(execute(t, env, args...).stdout), 40_000, args)
			}
			require.Less(t, len(execute(t, env, "report", "coverage", "--organization", "xyz").stderr), 10_000)
		})
	}
}
