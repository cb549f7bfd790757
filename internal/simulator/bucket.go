package simulator

import (
	"sync"
	"time"
)

// A bucket allows so many requests a second, after a burst, on the wall clock.
type bucket struct {
	perSecond, burst float64

	mu   sync.Mutex
	left float64
	last time.Time
}

// take uses up one request and reports whether there was one left.
func (b *bucket) take() bool {
	b.mu.Lock()
	defer b.mu.Unlock()
	now := time.Now()
	if b.last.IsZero() {
		b.left = b.burst
	} else {
		b.left = min(b.burst, b.left+now.Sub(b.last).Seconds()*b.perSecond)
	}
	b.last = now
	if b.left < 1 {
		return false
	}
	b.left--
	return true
}

// edrLimits are the vendor's limits for each token (docs/providers/sentinelone-api.md, "Rate limits"); where no burst
// is known it is a second's worth.
func edrLimits() map[string]*bucket {
	agents := &bucket{perSecond: 25, burst: 25}
	return map[string]*bucket{
		"/accounts": {perSecond: 100, burst: 10}, "/sites": {perSecond: 100, burst: 10},
		"/agents": agents, "/agents/count": agents,
		"/threats": {perSecond: 10, burst: 50},
		"/users":   {perSecond: 40, burst: 80}, "/system/status": {perSecond: 2, burst: 2},
		inventoryRoute: {perSecond: 3, burst: 3},
	}
}
