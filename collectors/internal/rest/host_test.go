package rest

import (
	"net/http"
	"net/http/httptest"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
	"golang.org/x/sync/errgroup"

	"assetgraph/collectors"
)

// TestClientsOfOneHostShareItsLimits: together they have no more requests in flight than one has, and what one is told of
// waiting holds for the others.
func TestClientsOfOneHostShareItsLimits(t *testing.T) {
	var now, most, after atomic.Int32
	var mu sync.Mutex
	var told time.Time
	s := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		most.Store(max(most.Load(), now.Add(1)))
		defer now.Add(-1)
		mu.Lock()
		defer mu.Unlock()
		w.Header().Set("Content-Type", "application/json")
		switch {
		case r.URL.Path == "/throttled" && told.IsZero():
			told = time.Now()
			w.Header().Set("Retry-After", "1")
			w.WriteHeader(http.StatusTooManyRequests)
			return
		case r.URL.Path == "/x" && time.Since(told) < 900*time.Millisecond:
			after.Add(1)
		}
		_, _ = w.Write([]byte("{}"))
	}))
	defer s.Close()
	base, err := BaseURL(s.URL, "")
	require.NoError(t, err)
	shared := &collectors.Shared{}
	client := func(token string) *Client {
		return New(Config{BaseURL: base, InFlight: 2, Secrets: []string{token}, Options: collectors.Options{Shared: shared}})
	}
	first, second, third := client("a"), client("b"), client("a")
	require.Same(t, first.host, second.host)
	require.Same(t, first.Paced("x", 1, time.Second).pace, third.Paced("x", 1, time.Second).pace)
	require.NotSame(t, first.Paced("x", 1, time.Second).pace, first.Paced("y", 1, time.Second).pace)
	require.NotSame(t, first.Paced("x", 1, time.Second).pace, second.Paced("x", 1, time.Second).pace, "each token has its own")
	require.NotSame(t, first.host, New(Config{BaseURL: base, InFlight: 2}).host, "nothing is shared by those who don't say so")

	var group errgroup.Group
	group.Go(func() error { _, err := first.Get(t.Context(), "/throttled", nil); return err })
	require.Eventually(t, func() bool {
		first.host.mu.Lock()
		defer first.host.mu.Unlock()
		return !first.host.until.IsZero()
	}, 10*time.Second, time.Millisecond, "the answer has come")
	for i := range 8 {
		group.Go(func() error { _, err := []*Client{first, second, third}[i%3].Get(t.Context(), "/x", nil); return err })
	}
	require.NoError(t, group.Wait())
	require.Zero(t, after.Load(), "nobody asks while one was told to wait")
	require.LessOrEqual(t, most.Load(), int32(2))
}
