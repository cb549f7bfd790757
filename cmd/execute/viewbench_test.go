package main

import (
	"bytes"
	"net/http"
	"net/url"
	"path/filepath"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"assetgraph/internal/simulator"
)

// BenchmarkView measures each page of a view that somebody looks at: the graph was read ahead, as it is by the first
// page, and no run has changed it since.
//
//	go test -run xxx -bench View -benchtime 5x ./cmd/execute -machines 100000
func BenchmarkView(b *testing.B) {
	s, err := simulator.Start(simulator.Options{Machines: *benchMachines, Customers: max(20, *benchMachines/250), Unlimited: true})
	require.NoError(b, err)
	env := []string{"PATH=/"}
	for name, value := range s.Env() {
		env = append(env, name+"="+value)
	}
	place := "sqlite:" + filepath.Join(b.TempDir(), "graph.db")
	var out, errs bytes.Buffer
	require.Zero(b, run(b.Context(), []string{"execute", "--log-level", "error", "--graph", place}, env, nil, &out, &errs), errs.String())
	require.NoError(b, s.Close())
	v := startView(b, nil, "--graph", place)
	for status, _, _ := v.get(v.address); status != http.StatusOK; status, _, _ = v.get("/") { // until all was read
		require.Equal(b, http.StatusServiceUnavailable, status)
	}
	device := v.first("/machines?format=json&q=-LT-", "device")
	hostname := v.first("/machines?format=json&q=-LT-", "hostname")
	customer := v.first("/coverage?format=json", "organization")
	key := url.Values{"key": {device}}.Encode()
	pages := []string{
		"/", "/coverage", "/coverage?sort=-devices", "/customer?" + url.Values{"name": {customer}}.Encode(), "/gaps", "/gaps?missing=edr&sort=hostname",
		"/machines", "/machines?sort=-lastSeenOn&page=9", "/machines?q=hp", "/changes", "/questions", "/questions/without-edr", "/questions/different-customers",
		"/runs", "/search?text=" + hostname[:5], "/search?text=nobody-has-this", "/explain?" + key, "/neighbourhood?" + key,
	}
	for _, page := range pages { // the first answer to a question, and what is searched, are there from the second time on
		v.get(page)
	}
	for _, page := range pages {
		b.Run(strings.NewReplacer("/", "_", "?", "_").Replace(page), func(b *testing.B) {
			for b.Loop() {
				v.t = b
				status, _, _ := v.get(page)
				require.Equal(b, http.StatusOK, status)
			}
		})
	}
}
