package rest

import (
	"context"
	"fmt"
	"hash/fnv"
	"sync"
	"time"
)

// longestHold is how long one answer keeps others from asking the same host: who it was for waits as long as it says.
const longestHold = time.Minute

// A host is what all clients of one host share within a process: how many requests are in flight there, and until when
// none is to begin. Products limit by address and by account; what one client is told holds for the others.
type host struct {
	slots chan struct{}

	mu    sync.Mutex
	until time.Time
}

func (c *Config) sharedHost() *host {
	name := fmt.Sprintf("host %s %d", c.BaseURL.Host, c.InFlight)
	return c.Options.Shared.Of(name, func() any { return &host{slots: make(chan struct{}, c.InFlight)} }).(*host)
}

// sharedWindow is the window of a limit that the provider counts for each pair of credentials.
func (c *Config) sharedWindow(limit string, n int, period time.Duration) *window {
	h := fnv.New64a()
	for _, secret := range c.Secrets {
		_, _ = fmt.Fprintf(h, "%d %s", len(secret), secret) // never fails
	}
	name := fmt.Sprintf("window %s %x %s", c.BaseURL.Host, h.Sum64(), limit)
	return c.Options.Shared.Of(name, func() any { return newWindow(n, period) }).(*window)
}

// hold keeps requests from beginning for a while.
func (h *host) hold(pause time.Duration) {
	h.mu.Lock()
	defer h.mu.Unlock()
	if until := time.Now().Add(min(pause, longestHold)); until.After(h.until) {
		h.until = until
	}
}

// wait waits until requests may begin again.
func (h *host) wait(ctx context.Context) error {
	for {
		h.mu.Lock()
		pause := time.Until(h.until)
		h.mu.Unlock()
		if pause <= 0 {
			return ctx.Err()
		}
		timer := time.NewTimer(pause)
		select {
		case <-timer.C:
		case <-ctx.Done():
			timer.Stop()
			return ctx.Err()
		}
	}
}
