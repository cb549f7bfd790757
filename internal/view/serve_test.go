package view

import (
	"context"
	"encoding/json"
	"io"
	"iter"
	"log/slog"
	"net"
	"net/http"
	"net/http/cookiejar"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"assetgraph/collectors"
	"assetgraph/differ"
	"assetgraph/graph/sqlite"
	"assetgraph/internal/executor"
	"assetgraph/internal/providers"
	"assetgraph/internal/report"
	"assetgraph/internal/settings"
	"assetgraph/internal/simulator"
)

// loadFleet reads a fleet into a file, which it returns.
func loadFleet(t testing.TB, machines int) string {
	t.Helper()
	schema, err := providers.All().Schema()
	require.NoError(t, err)
	file := filepath.Join(t.TempDir(), "graph.db")
	sim, err := simulator.Start(simulator.Options{
		Machines: machines, Customers: max(20, machines/250), Unlimited: true, Now: time.Now(),
	})
	require.NoError(t, err)
	defer func() { require.NoError(t, sim.Close()) }()
	store, err := sqlite.Open(t.Context(), file, schema, sqlite.Options{})
	require.NoError(t, err)
	defer func() { require.NoError(t, store.Close()) }()
	o := executor.Options{
		Store: store, Schema: schema, Model: providers.All().Model(), Graph: "bench", Version: "bench",
		Guard: differ.Guard{MaxPercent: 10, MaxCount: -1}, Changes: time.Hour,
	}
	configured, err := providers.All().Instances(settings.Environment(sim.Env()))
	require.NoError(t, err)
	for _, in := range configured {
		c, err := in.Collector(collectors.Options{RequestTimeout: time.Minute, RetryTime: time.Minute, Pace: -1})
		require.NoError(t, err)
		o.Instances = append(o.Instances, executor.Instance{
			Name: in.Name, Vendor: in.Provider.Title, Host: c.Host(), Collector: c, Converter: in.Provider.Converter(),
		})
	}
	r, err := executor.Run(t.Context(), o)
	require.NoError(t, err)
	require.Equal(t, executor.StatusComplete, r.Run.Status)
	return file
}

// A served view serves, and a client has begun with the address that it announced.
type served struct {
	t      testing.TB
	view   *View
	base   string
	client *http.Client
	stop   func()
}

// serve serves the graph in a file.
func serve(t testing.TB, file string, clock func() time.Time) *served {
	t.Helper()
	schema, err := providers.All().Schema()
	require.NoError(t, err)
	store, err := sqlite.Open(t.Context(), file, schema, sqlite.Options{ReadOnly: true, Check: sqlite.Unchecked})
	require.NoError(t, err)
	v, err := New(Options{
		Source: report.Source{Store: store, Language: report.SQL, Schema: schema, Model: providers.All().Model()},
		Cover:  report.CoverOptions{Stale: 30 * 24 * time.Hour}, Now: clock, Logger: slog.New(slog.DiscardHandler),
		Rows: 1000, Time: time.Minute, Patience: 50 * time.Millisecond,
		Write: func(w io.Writer, _ string, columns []string, rows iter.Seq[[]any]) error {
			list := []map[string]any{}
			for row := range rows {
				object := map[string]any{}
				for i, name := range columns {
					object[name] = row[i]
				}
				list = append(list, object)
			}
			return json.NewEncoder(w).Encode(list)
		},
	})
	require.NoError(t, err)
	l, err := net.Listen("tcp", "127.0.0.1:0") //nolint:noctx // it ends when the view does
	require.NoError(t, err)
	jar, err := cookiejar.New(nil)
	require.NoError(t, err)
	out := &served{t: t, view: v, client: &http.Client{Jar: jar}}
	ctx, cancel := context.WithCancel(t.Context())
	announced, served := make(chan string, 1), make(chan error, 1)
	go func() { served <- v.Serve(ctx, l, func(address string) { announced <- address }) }()
	out.stop = func() {
		cancel()
		require.NoError(t, <-served)
		require.NoError(t, store.Close())
	}
	address := <-announced
	out.base, _, _ = strings.Cut(address, "/?")
	out.client.CheckRedirect = func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse }
	answer, err := out.client.Get(address) //nolint:noctx // it is answered at once
	require.NoError(t, err)
	require.NoError(t, answer.Body.Close())
	out.client.CheckRedirect = nil
	return out
}

func (v *served) get(page string) []byte {
	answer, err := v.client.Get(v.base + page) //nolint:noctx // as long as it takes
	require.NoError(v.t, err)
	text, err := io.ReadAll(answer.Body)
	require.NoError(v.t, err)
	require.NoError(v.t, answer.Body.Close())
	require.Equal(v.t, http.StatusOK, answer.StatusCode, "%s: %s", page, text)
	return text
}

// row returns a row of a table, nil where it has fewer.
func (v *served) row(page string, n int) map[string]any {
	var rows []map[string]any
	require.NoError(v.t, json.Unmarshal(v.get(page), &rows), page)
	if n >= len(rows) {
		return nil
	}
	return rows[n]
}
