package view

import (
	"context"
	"encoding/json"
	"flag"
	"io"
	"iter"
	"log/slog"
	"net"
	"net/http"
	"net/http/cookiejar"
	"net/url"
	"path/filepath"
	"runtime"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"assetgraph/collectors"
	"assetgraph/differ"
	"assetgraph/graph"
	"assetgraph/graph/sqlite"
	"assetgraph/internal/executor"
	"assetgraph/internal/providers"
	"assetgraph/internal/report"
	"assetgraph/internal/settings"
	"assetgraph/internal/simulator"
)

var (
	benchMachines = flag.Int("machines", 2000, "machines of the fleet that BenchmarkView makes a graph of")
	benchGraph    = flag.String("graph", "", "file of a graph that BenchmarkView reads in place of one of its own")
)

// BenchmarkView measures what a browser waits for, over HTTP: the first page after the start, and each page when what is
// kept in memory was read. first-ms is the first time that the page was asked for. MB is what lives in memory then.
//
//	go test -run xxx -bench View -benchtime 10x ./internal/view -machines 100000
func BenchmarkView(b *testing.B) {
	schema, err := providers.All().Schema()
	require.NoError(b, err)
	file := *benchGraph
	if file == "" {
		file = loadFleet(b, schema)
	}
	b.Run("start", func(b *testing.B) {
		for b.Loop() {
			v := startBench(b, schema, file)
			v.get("/")
			v.stop()
		}
	})
	v := startBench(b, schema, file)
	b.Cleanup(v.stop)
	for ; v.view.memory.index.Load() == nil; time.Sleep(100 * time.Millisecond) {
		require.NoError(b, v.view.readAll(b.Context()))
	}
	pages := v.pages()
	first := map[string]time.Duration{}
	for _, page := range pages {
		begin := time.Now()
		v.get(page)
		first[page] = time.Since(begin)
	}
	for v.view.answering() { // a page is not to be measured beside a question
		time.Sleep(100 * time.Millisecond)
	}
	for _, page := range pages {
		b.Run(strings.NewReplacer("/", "_", "?", "_").Replace(page), func(b *testing.B) {
			for b.Loop() {
				v.get(page)
			}
			b.ReportMetric(float64(first[page].Microseconds())/1000, "first-ms")
		})
	}
	b.Run("memory", func(b *testing.B) {
		var m runtime.MemStats
		for b.Loop() {
			runtime.GC()
			runtime.ReadMemStats(&m)
		}
		b.ReportMetric(float64(m.HeapAlloc)/1e6, "MB")
	})
}

// pages returns the addresses of every page, with tables sorted and filtered.
func (v *benched) pages() []string {
	device := v.row("/machines?format=json&q=-LT-", 0)
	name, key := device["hostname"].(string), url.Values{"key": {device["device"].(string)}}.Encode()
	customer := url.Values{"name": {v.row("/coverage?format=json", 0)["organization"].(string)}}.Encode()
	run := v.row("/runs?format=json", 0)["id"].(string)
	return []string{
		"/", "/coverage", "/coverage?sort=-devices", "/customer?" + customer, "/gaps", "/gaps?missing=edr&sort=hostname",
		"/gaps?sort=-lastSeenOn", "/machines", "/machines?sort=-lastSeenOn&page=9", "/machines?sort=reason",
		"/machines?q=hp", "/findings", "/findings?state=all", "/findings?findings.sort=name", "/findings?findings.sort=-openedOn",
		"/findings?kind=missing-edr&older-than=1h", "/findings?customer=a*", "/findings?findings.q=hp", "/changes", "/questions",
		"/questions/without-edr", "/questions/different-customers", "/runs", "/runs/" + run, "/search?text=" + name[:5],
		"/search?text=nobody-has-this", "/explain?" + key, "/neighbourhood?" + key,
	}
}

// answering reports whether a question is being worked out.
func (v *View) answering() bool {
	f := v.memory.fleet.value
	f.mu.Lock()
	defer f.mu.Unlock()
	for _, a := range f.answers {
		select {
		case <-a.done:
		default:
			return true
		}
	}
	return false
}

// loadFleet reads a fleet into a file, which it returns.
func loadFleet(b *testing.B, schema *graph.Schema) string {
	b.Helper()
	file := filepath.Join(b.TempDir(), "graph.db")
	sim, err := simulator.Start(simulator.Options{
		Machines: *benchMachines, Customers: max(20, *benchMachines/250), Unlimited: true, Now: time.Now(),
	})
	require.NoError(b, err)
	defer func() { require.NoError(b, sim.Close()) }()
	store, err := sqlite.Open(b.Context(), file, schema, sqlite.Options{})
	require.NoError(b, err)
	defer func() { require.NoError(b, store.Close()) }()
	o := executor.Options{
		Store: store, Schema: schema, Model: providers.All().Model(), Graph: "bench", Version: "bench",
		Guard: differ.Guard{MaxPercent: 10, MaxCount: -1}, Changes: time.Hour,
	}
	configured, err := providers.All().Instances(settings.Environment(sim.Env()))
	require.NoError(b, err)
	for _, in := range configured {
		c, err := in.Collector(collectors.Options{RequestTimeout: time.Minute, RetryTime: time.Minute})
		require.NoError(b, err)
		o.Instances = append(o.Instances, executor.Instance{
			Name: in.Name, Vendor: in.Provider.Title, Host: c.Host(), Collector: c, Converter: in.Provider.Converter(),
		})
	}
	r, err := executor.Run(b.Context(), o)
	require.NoError(b, err)
	require.Equal(b, executor.StatusComplete, r.Run.Status)
	return file
}

// A benched view serves, and a client has begun with the address that it announced.
type benched struct {
	b      testing.TB
	view   *View
	base   string
	client *http.Client
	stop   func()
}

func startBench(b *testing.B, schema *graph.Schema, file string) *benched {
	b.Helper()
	store, err := sqlite.Open(b.Context(), file, schema, sqlite.Options{ReadOnly: true, Check: sqlite.Unchecked})
	require.NoError(b, err)
	v, err := New(Options{
		Source: report.Source{Store: store, Language: report.SQL, Schema: schema, Model: providers.All().Model()},
		Cover:  report.CoverOptions{Stale: 30 * 24 * time.Hour}, Now: time.Now, Clock: time.Now, Logger: slog.New(slog.DiscardHandler),
		Rows: 1000, Time: time.Minute, Patience: 100 * time.Millisecond,
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
	require.NoError(b, err)
	l, err := net.Listen("tcp", "127.0.0.1:0") //nolint:noctx // it ends when the view does
	require.NoError(b, err)
	jar, err := cookiejar.New(nil)
	require.NoError(b, err)
	out := &benched{b: b, view: v, client: &http.Client{Jar: jar}}
	ctx, cancel := context.WithCancel(b.Context())
	announced, served := make(chan string, 1), make(chan error, 1)
	go func() { served <- v.Serve(ctx, l, func(address string) { announced <- address }) }()
	out.stop = func() {
		cancel()
		require.NoError(b, <-served)
		require.NoError(b, store.Close())
	}
	address := <-announced
	out.base, _, _ = strings.Cut(address, "/?")
	out.client.CheckRedirect = func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse }
	answer, err := out.client.Get(address) //nolint:noctx // it is answered at once
	require.NoError(b, err)
	require.NoError(b, answer.Body.Close())
	out.client.CheckRedirect = nil
	return out
}

func (v *benched) get(page string) []byte {
	answer, err := v.client.Get(v.base + page) //nolint:noctx // as long as it takes
	require.NoError(v.b, err)
	text, err := io.ReadAll(answer.Body)
	require.NoError(v.b, err)
	require.NoError(v.b, answer.Body.Close())
	require.Equal(v.b, http.StatusOK, answer.StatusCode, "%s: %s", page, text)
	return text
}

// row returns a row of a table, nil where it has fewer.
func (v *benched) row(page string, n int) map[string]any {
	var rows []map[string]any
	require.NoError(v.b, json.Unmarshal(v.get(page), &rows), page)
	if n >= len(rows) {
		return nil
	}
	return rows[n]
}
