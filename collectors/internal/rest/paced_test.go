package rest

import (
	"context"
	"net/http"
	"slices"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
	"golang.org/x/time/rate"

	"assetgraph/collectors"
)

func TestWindowHoldsInEverySecond(t *testing.T) {
	start := time.Date(2026, 1, 1, 0, 0, 0, 0, time.UTC)
	w, now := newWindow(3, time.Second), start
	var begun []time.Duration
	for i := range 20 {
		if i == 10 {
			now = now.Add(700 * time.Millisecond) // a pause that is shorter than the period
		}
		now = now.Add(w.reserve(now))
		begun = append(begun, now.Sub(start))
		now = now.Add(10 * time.Millisecond) // the answer comes
	}
	require.True(t, slices.IsSorted(begun))
	for i := 3; i < len(begun); i++ {
		require.GreaterOrEqual(t, begun[i]-begun[i-3], time.Second, "%v", begun)
	}
	require.Zero(t, begun[0])
	require.Equal(t, 20*time.Millisecond, begun[2], "the first ones need not wait")
	require.Equal(t, time.Second, begun[3])
}

func TestWindowEndsWithTheContext(t *testing.T) {
	w := newWindow(1, time.Hour)
	require.NoError(t, w.Wait(t.Context()))
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	require.ErrorIs(t, w.Wait(ctx), context.Canceled)
	require.ErrorIs(t, newWindow(1, time.Hour).Wait(ctx), context.Canceled)
}

// TestPacedClientsShareWhatIsInFlight holds the only slot with one client and asks with another.
func TestPacedClientsShareWhatIsInFlight(t *testing.T) {
	c := New(Config{InFlight: 1})
	paced := c.Paced("x", 1, time.Second)
	c.host.slots <- struct{}{}
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	_, err := paced.send(ctx, &request{method: http.MethodGet, route: "x"})
	require.ErrorIs(t, err, context.Canceled)
	require.Len(t, paced.host.slots, 1)
	require.NotSame(t, c.pace, paced.pace)
}

func TestPaceIsAShareOfTheLimits(t *testing.T) {
	paced := func(share float64, n int) *window {
		c := New(Config{Rate: 20, Burst: 8, Options: collectors.Options{Pace: share}})
		w, _ := c.Paced("x", n, time.Second).pace.(*window)
		return w
	}
	require.Len(t, paced(0, 25).begun, 25, "all of it, unless people say otherwise")
	require.Len(t, paced(1, 25).begun, 25)
	require.Equal(t, time.Second, paced(1, 25).period)
	half := paced(0.5, 25)
	require.Len(t, half.begun, 12)
	require.Equal(t, 960*time.Millisecond, half.period, "12.5 a second")
	little := paced(0.1, 4)
	require.Len(t, little.begun, 1)
	require.Equal(t, 2500*time.Millisecond, little.period)
	require.Nil(t, paced(-1, 25), "no window of its own")

	limiter := func(share float64) *rate.Limiter {
		return New(Config{Rate: 20, Burst: 8, Options: collectors.Options{Pace: share}}).pace.(*rate.Limiter)
	}
	require.InDelta(t, 20, float64(limiter(0).Limit()), 0)
	require.Equal(t, 8, limiter(0).Burst())
	require.InDelta(t, 5, float64(limiter(0.25).Limit()), 0)
	require.Equal(t, 2, limiter(0.25).Burst())
	require.Equal(t, 1, limiter(0.01).Burst())
	require.Greater(t, float64(limiter(-1).Limit()), 1e300)
}
