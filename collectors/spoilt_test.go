package collectors_test

import (
	"bytes"
	"errors"
	"maps"
	"net/http"
	"net/http/httptest"
	"strconv"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"assetgraph/collectors"
	"assetgraph/internal/simulator"
)

// spoilt starts the demo's fleet behind an interceptor, which gets the answer that the product would give.
func spoilt(
	t *testing.T, intercept func(w http.ResponseWriter, r *http.Request, whole func() []byte),
) *simulator.Simulator {
	t.Helper()
	s, err := simulator.Start(simulator.Options{Machines: 150, Customers: 12, Unlimited: true,
		Intercept: func(w http.ResponseWriter, r *http.Request, next http.Handler) {
			recorded := httptest.NewRecorder()
			intercept(w, r, func() []byte {
				next.ServeHTTP(recorded, r)
				maps.Copy(w.Header(), recorded.Header())
				w.WriteHeader(recorded.Code)
				return recorded.Body.Bytes()
			})
		}})
	require.NoError(t, err)
	t.Cleanup(func() { require.NoError(t, s.Close()) })
	return s
}

// requireSameRecords reads every product with one that answers as it should and with one that does not.
func requireSameRecords(t *testing.T, healthy, other *simulator.Simulator, o collectors.Options) {
	t.Helper()
	one := instances(t, healthy, o.PageSize)
	for name, c := range instancesWith(t, other, o) {
		_, err := one[name].SignIn(t.Context())
		require.NoError(t, err)
		_, err = c.SignIn(t.Context())
		require.NoError(t, err, name)
		want, got := one[name].Steps(), c.Steps()
		for i := range got {
			w, g := readStep(t, want[i]), readStep(t, got[i])
			if _, gap := errors.AsType[*collectors.IncompleteError](g.err); gap && strings.Contains(got[i].Route, "/v2/queries/") {
				continue // the server has moved its cursor past the page that was lost, and says so
			}
			require.NoError(t, g.err, "%s %s", name, got[i].Name)
			require.NotEmpty(t, g.records)
			require.Equal(t, keys(w.records), keys(g.records), "%s %s", name, got[i].Name)
		}
	}
}

func keys(records map[string]any) map[string]bool {
	set := map[string]bool{}
	for key := range records {
		set[key] = true
	}
	return set
}

// Every request of every product is answered with something else than JSON when it comes for the first time.
func TestAnswerThatIsNoJSONOnce(t *testing.T) {
	healthy := spoilt(t, func(w http.ResponseWriter, _ *http.Request, whole func() []byte) { _, _ = w.Write(whole()) })
	page := func(w http.ResponseWriter) {
		w.Header().Set("Content-Type", "text/html")
		_, _ = w.Write([]byte("<!doctype html><html><title>Too many requests</title></html>"))
	}
	for name, spoil := range map[string]func(w http.ResponseWriter, whole func() []byte){
		"web page":   func(w http.ResponseWriter, _ func() []byte) { page(w) },
		"nothing":    func(http.ResponseWriter, func() []byte) {},
		"no content": func(w http.ResponseWriter, _ func() []byte) { w.WriteHeader(http.StatusNoContent) },
		"cut off at the end of a record": func(w http.ResponseWriter, whole func() []byte) {
			body := whole()
			if bytes.HasPrefix(body, []byte(`{"errors"`)) { // that there is no policy is told with a status, and not asked again
				_, _ = w.Write(body)
				return
			}
			_, _ = w.Write(body[:bytes.LastIndexByte(body[:len(body)*2/3], '}')+1])
		},
	} {
		t.Run(name, func(t *testing.T) {
			var mu sync.Mutex
			seen := map[string]bool{}
			other := spoilt(t, func(w http.ResponseWriter, r *http.Request, whole func() []byte) {
				mu.Lock()
				again := seen[r.Host+r.URL.String()]
				seen[r.Host+r.URL.String()] = true
				mu.Unlock()
				if again {
					_, _ = w.Write(whole())
					return
				}
				spoil(w, whole)
			})
			requireSameRecords(t, healthy, other, collectors.Options{PageSize: 50, RetryTime: time.Second})
		})
	}
}

// From some page of a list on, those of more than twenty rows take the product too long.
func TestPagesGetSmallerInTheMiddleOfAWalk(t *testing.T) {
	healthy := spoilt(t, func(w http.ResponseWriter, _ *http.Request, whole func() []byte) { _, _ = w.Write(whole()) })
	for name, from := range map[string]int{"from the first page on": 0, "from the second page on": 1} {
		t.Run(name, func(t *testing.T) {
			var mu sync.Mutex
			pages, smallest := map[string]int{}, map[string]int{}
			other := spoilt(t, func(w http.ResponseWriter, r *http.Request, whole func() []byte) {
				mu.Lock()
				defer mu.Unlock()
				rows := 0
				for _, param := range []string{"limit", "pageSize", "take"} {
					if n, err := strconv.Atoi(r.URL.Query().Get(param)); err == nil {
						rows = n
					}
				}
				list := r.URL.Path + r.URL.Query().Get("df")
				if pages[list] >= from && rows > 20 {
					w.WriteHeader(http.StatusGatewayTimeout)
					return
				}
				if rows > 1 {
					pages[list]++
					smallest[r.URL.Path] = rows
				}
				_, _ = w.Write(whole())
			})
			requireSameRecords(t, healthy, other, collectors.Options{PageSize: 60, RetryTime: time.Second})
			for _, route := range []string{
				"/web/api/v2.1/agents", "/v2/devices-detailed", "/api/v1/computers/paged",
				"/api/v1/provider-agents/pending",
			} {
				require.Equal(t, 15, smallest[route], route)
			}
		})
	}
}
