package e2e

import (
	"compress/gzip"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"runtime"
	"runtime/metrics"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
	"go.uber.org/goleak"

	"assetgraph/internal/executor"
	"assetgraph/internal/simulator"
)

// A flood is an intercept that answers one route in a way that would not end, once it is switched on.
type flood struct {
	route  string
	answer func(w http.ResponseWriter, r *http.Request)
	on     atomic.Bool
	asked  atomic.Int64
}

func (f *flood) intercept(w http.ResponseWriter, r *http.Request, next http.Handler) {
	if !f.on.Load() || routeOf(r) != f.route {
		next.ServeHTTP(w, r)
		return
	}
	f.asked.Add(1)
	f.answer(w, r)
}

// TestEveryAnswerIsBounded lets products answer without end. The step ends as incomplete, and memory stays within
// bounds.
func TestEveryAnswerIsBounded(t *testing.T) {
	onBothStores(t, everyAnswerIsBounded)
}

func everyAnswerIsBounded(t *testing.T, g *ground) {
	f := &flood{}
	e := g.estate(t, simulator.Options{Intercept: f.intercept})
	e.options.RetryTime = -1
	g.load(t, e)
	onServer := map[string]string{ // how much is read does not depend on the store: each kind of answer by one product
		"zeros": "sentinelone", "a long text": "ninjarmm", "many records": "sentinelone",
		"a gzip bomb": "ninjarmm", "long headers": "immybot", "redirect loop": "immybot",
	}
	for product, route := range map[string]string{
		"sentinelone": "GET /web/api/v2.1/agents", "ninjarmm": "GET /v2/devices-detailed", "immybot": "GET /api/v1/computers/paged",
	} {
		for name, answer := range map[string]func(http.ResponseWriter, *http.Request){
			"zeros":        func(w http.ResponseWriter, _ *http.Request) { pour(w, "\x00") },
			"a long text":  func(w http.ResponseWriter, _ *http.Request) { pour(w, `[{"id":"x`, "x") },
			"many records": func(w http.ResponseWriter, _ *http.Request) { pour(w, `{"data":[{"id":"1"}`, `,{"id":"1"}`) },
			"a gzip bomb":  bomb,
			"long headers": func(w http.ResponseWriter, _ *http.Request) { w.Header().Set("X", strings.Repeat("x", 20<<20)) },
			"redirect loop": func(w http.ResponseWriter, r *http.Request) {
				http.Redirect(w, r, r.URL.RequestURI()+"&x=1", http.StatusFound)
			},
		} {
			if product == "immybot" && (name == "zeros" || name == "a long text" || name == "many records") {
				continue // its answers may be eight times as large, and one that is too large is enough
			}
			if g.server != nil && product != onServer[name] {
				continue
			}
			t.Run(product+"/"+name, func(t *testing.T) {
				f.route, f.answer = route, answer
				requireBounded(t, g.fork(t), e, product, f)
			})
		}
	}
}

func requireBounded(t *testing.T, g *ground, e *estate, product string, f *flood) {
	t.Helper()
	store := g.open(t)
	truth := e.truth(t, t.Context())
	f.asked.Store(0)
	f.on.Store(true)
	defer f.on.Store(false)
	limit, measured := uint64(400<<20), watchHeap(t)
	if product == "immybot" {
		limit = 1600 << 20 // lists that come in one answer may have 512 MiB, see collectors/immybot
	}
	report := e.run(t, t.Context(), store, product)
	require.Less(t, measured(), limit, "bytes in use")
	require.NotZero(t, f.asked.Load())
	require.Less(t, f.asked.Load(), int64(100), "requests")
	require.Equal(t, executor.StatusIncomplete, report.Run.Status, "%v", report.Steps)
	require.Zero(t, report.Totals.Deleted)
	requireEqual(t, truth, read(t, t.Context(), store), "nothing was believed")
}

// pour writes texts, the last one again and again, up to 2 GB or until the client goes.
func pour(w http.ResponseWriter, texts ...string) {
	w.Header().Set("Content-Type", "application/json")
	last := strings.Repeat(texts[len(texts)-1], 1+(1<<16)/len(texts[len(texts)-1]))
	_, err := io.WriteString(w, texts[0])
	for sent := 0; sent < 2<<30 && err == nil; sent += len(last) {
		_, err = io.WriteString(w, last)
	}
}

// bomb answers with 2 GB in some megabytes.
func bomb(w http.ResponseWriter, _ *http.Request) {
	w.Header().Set("Content-Type", "application/json")
	w.Header().Set("Content-Encoding", "gzip")
	z := gzip.NewWriter(w)
	defer z.Close()
	text := strings.Repeat(" ", 1<<20)
	for range 2 << 10 {
		if _, err := io.WriteString(z, text); err != nil {
			return
		}
	}
}

// watchHeap returns a function that ends the watch and gives the most bytes that were in use meanwhile.
func watchHeap(t *testing.T) func() uint64 {
	t.Helper()
	runtime.GC() // what others left
	sample := []metrics.Sample{{Name: "/gc/heap/live:bytes"}}
	var most uint64
	stop, done := make(chan struct{}), sync.WaitGroup{}
	done.Go(func() {
		for {
			metrics.Read(sample)
			most = max(most, sample[0].Value.Uint64())
			select {
			case <-stop:
				return
			case <-time.After(5 * time.Millisecond):
			}
		}
	})
	return func() uint64 {
		close(stop)
		done.Wait()
		t.Logf("%d MiB in use at most", most>>20)
		return most
	}
}

// TestListThatKeepsPromisingMore gives pages without end: always the next cursor, always other or no records.
func TestListThatKeepsPromisingMore(t *testing.T) {
	t.Parallel()
	onBothStores(t, listThatKeepsPromisingMore)
}

func listThatKeepsPromisingMore(t *testing.T, g *ground) {
	f := &flood{}
	e := g.estate(t, simulator.Options{Intercept: f.intercept})
	g.load(t, e)
	for name, test := range map[string]struct {
		product, route string
		page           func(n int64) string
	}{
		"cursors that never end, no records": {"sentinelone", "GET /web/api/v2.1/agents", func(n int64) string {
			return fmt.Sprintf(`{"data":[],"pagination":{"nextCursor":"c%d","totalItems":57}}`, n)
		}},
		"cursors that never end, the same record": {"sentinelone", "GET /web/api/v2.1/agents", func(n int64) string {
			return fmt.Sprintf(`{"data":[{"id":"1"}],"pagination":{"nextCursor":"c%d","totalItems":57}}`, n)
		}},
		"the same rows for ever": {"ninjarmm", "GET /v2/devices-detailed", func(int64) string { return `[{"id":1},{"id":2}]` }},
		"a count that grows": {"immybot", "GET /api/v1/computers/paged", func(n int64) string {
			return fmt.Sprintf(`{"count":%d,"results":[{"id":1}]}`, 1000+n)
		}},
	} {
		t.Run(name, func(t *testing.T) {
			f.route, f.answer = test.route, func(w http.ResponseWriter, _ *http.Request) {
				w.Header().Set("Content-Type", "application/json")
				_, _ = io.WriteString(w, test.page(f.asked.Load()))
			}
			store := g.fork(t).open(t)
			truth := e.truth(t, t.Context(), test.product)
			f.asked.Store(0)
			f.on.Store(true)
			defer f.on.Store(false)
			report := e.run(t, t.Context(), store, test.product)
			require.Contains(t, []string{executor.StatusIncomplete, executor.StatusWithheld}, report.Run.Status, "%v", report.Steps)
			require.Less(t, f.asked.Load(), int64(5000))
			require.Zero(t, report.Totals.Deleted)
			require.Empty(t, truth.without(read(t, t.Context(), store, test.product)))
		})
	}
}

// TestCredentialsDoNotFollowRedirects sends requests to another host.
func TestCredentialsDoNotFollowRedirects(t *testing.T) {
	t.Parallel()
	onBothStores(t, credentialsDoNotFollowRedirects)
}

func credentialsDoNotFollowRedirects(t *testing.T, g *ground) {
	var met atomic.Int64
	other := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		met.Add(1)
		w.Header().Set("Content-Type", "application/json")
		_, _ = io.WriteString(w, `[]`)
	}))
	t.Cleanup(other.Close)
	var status atomic.Int64 // 0 = no redirect
	e := g.estate(t, simulator.Options{Intercept: func(w http.ResponseWriter, r *http.Request, next http.Handler) {
		if status.Load() == 0 {
			next.ServeHTTP(w, r)
			return
		}
		w.Header().Set("Location", other.URL+r.URL.RequestURI())
		w.WriteHeader(int(status.Load()))
	}})
	store := g.loaded(t, e)
	truth := e.truth(t, t.Context())
	for _, code := range few(g, []int64{301, 302, 303, 307, 308}, 4, 0) {
		status.Store(code)
		report := e.run(t, t.Context(), store)
		require.Equal(t, executor.StatusFailed, report.Run.Status)
		requireEqual(t, truth, read(t, t.Context(), store), "nothing changed")
	}
	require.Zero(t, met.Load(), "no request went to the other host")
}

// TestRunLeavesNoGoroutines runs and looks at what is left.
func TestRunLeavesNoGoroutines(t *testing.T) {
	onBothStores(t, func(t *testing.T, g *ground) {
		defer goleak.VerifyNone(t, goleak.IgnoreCurrent())
		t.Run("runs", func(t *testing.T) { // what they use is closed when they have ended
			s := &striker{}
			e := g.estate(t, simulator.Options{Intercept: s.intercept})
			store := g.open(t)
			e.run(t, t.Context(), store)
			for _, f := range few(g, faults()[:12], 4, 0) {
				s.arm(f, target{method: http.MethodGet, route: "GET /api/v1/computers/paged", anyPage: true})
				e.run(t, t.Context(), store)
			}
		})
	})
}
