package view

import (
	"flag"
	"net/url"
	"runtime"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
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
	file := *benchGraph
	if file == "" {
		file = loadFleet(b, *benchMachines)
	}
	b.Run("start", func(b *testing.B) {
		for b.Loop() {
			v := serve(b, file, time.Now)
			v.get("/")
			v.stop()
		}
	})
	v := serve(b, file, time.Now)
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
func (v *served) pages() []string {
	device := v.row("/machines?format=json&q=-LT-", 0)
	name, key := device["hostname"].(string), url.Values{"key": {device["device"].(string)}}.Encode()
	customer := url.Values{"name": {v.row("/coverage?format=json", 0)["organization"].(string)}}.Encode()
	run := v.row("/runs?format=json", 0)["id"].(string)
	return []string{
		"/", "/coverage", "/coverage?sort=-devices", "/customer?" + customer, "/gaps", "/gaps?missing=edr&sort=hostname",
		"/gaps?sort=-lastSeenOn", "/machines", "/machines?sort=-lastSeenOn&page=9", "/machines?sort=reason",
		"/machines?q=hp", "/findings", "/findings?state=all", "/findings?findings.sort=name", "/findings?findings.sort=-openedOn",
		"/findings?kind=missing-edr&older-than=1h", "/findings?customer=a*", "/findings?findings.q=hp", "/changes", "/runs",
		"/runs/" + run, "/search?text=" + name[:5], "/search?text=nobody-has-this", "/explain?" + key, "/neighbourhood?" + key,
		"/questions", "/questions/without-edr", "/questions/different-customers", // last: they are worked out beside pages
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
