package rest

import (
	"context"
	"math"
	"sync"
	"time"

	"golang.org/x/time/rate"
)

// A pacer holds a request back until it may begin; *rate.Limiter is one.
type pacer interface {
	Wait(ctx context.Context) error
}

// Paced returns a client that shares everything with c, the requests in flight as well, but lets at most n requests
// begin in any period of that length, or Options.Pace of them, whatever Config.Rate says. It is for routes that have a
// limit of their own, which is shared by all clients of the process that ask the same host with the same credentials,
// under the limit's name.
func (c *Client) Paced(limit string, n int, period time.Duration) *Client {
	share := c.config.share()
	if share < 0 {
		return c
	}
	wanted := float64(n) * share
	some := max(1, math.Floor(wanted))
	paced := *c
	paced.pace = c.config.sharedWindow(limit, int(some), time.Duration(float64(period)*some/wanted))
	return &paced
}

// share is the part of the limits that requests keep to; negative for no limit.
func (c *Config) share() float64 {
	if c.Options.Pace == 0 {
		return 1
	}
	return c.Options.Pace
}

// paced returns the rate and the burst to keep to.
func (c *Config) paced() (rate.Limit, int) {
	share := c.share()
	if c.Rate <= 0 || share < 0 {
		return rate.Inf, 1
	}
	return c.Rate * rate.Limit(share), max(1, int(float64(c.Burst)*share))
}

// A window is a pacer that allows at most n requests in any period of that length, wherever it begins. A token bucket
// does not keep that: a full bucket and what drips in during the same second are more.
type window struct {
	period time.Duration

	mu    sync.Mutex
	begun []time.Time // when the last requests began or are to begin, as a ring
	next  int         // the oldest of them
}

func newWindow(n int, period time.Duration) *window {
	return &window{period: period, begun: make([]time.Time, max(n, 1))}
}

// Wait implements pacer.
func (w *window) Wait(ctx context.Context) error {
	pause := w.reserve(time.Now())
	if pause <= 0 {
		return ctx.Err()
	}
	timer := time.NewTimer(pause)
	defer timer.Stop()
	select {
	case <-timer.C:
		return nil
	case <-ctx.Done():
		return ctx.Err()
	}
}

// reserve takes the next turn and returns how long it is until then.
func (w *window) reserve(now time.Time) time.Duration {
	w.mu.Lock()
	defer w.mu.Unlock()
	at := w.begun[w.next].Add(w.period)
	if at.Before(now) {
		at = now
	}
	w.begun[w.next] = at
	w.next = (w.next + 1) % len(w.begun)
	return at.Sub(now)
}
