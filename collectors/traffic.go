package collectors

import (
	"maps"
	"sync"
	"time"
)

// Traffic counts what the requests to one instance came to, those for tokens among them. All methods may be called from
// any goroutine; those of a nil Traffic count nothing.
type Traffic struct {
	mu     sync.Mutex
	counts TrafficCounts
}

// TrafficCounts is what a Traffic has counted so far.
type TrafficCounts struct {
	Answers map[int]int   // by HTTP status, 0 for requests that got no answer; a redirect counts by where it led
	Retries int           // how often a request was sent again, since asking once more might help
	Waited  time.Duration // pauses before these, of all requests together
	Paced   time.Duration // what requests waited for their turn under the provider's limits, likewise
}

// Answered counts a request by the status of its answer, 0 for none.
func (t *Traffic) Answered(status int) {
	t.change(func(c *TrafficCounts) {
		if c.Answers == nil {
			c.Answers = make(map[int]int)
		}
		c.Answers[status]++
	})
}

// Retried counts a request that is sent again after a pause.
func (t *Traffic) Retried(pause time.Duration) {
	t.change(func(c *TrafficCounts) { c.Retries, c.Waited = c.Retries+1, c.Waited+pause })
}

// Paced counts what a request waited for its turn.
func (t *Traffic) Paced(wait time.Duration) {
	t.change(func(c *TrafficCounts) { c.Paced += wait })
}

// Counts returns what was counted so far.
func (t *Traffic) Counts() (c TrafficCounts) {
	t.change(func(now *TrafficCounts) {
		c = *now
		c.Answers = maps.Clone(now.Answers)
	})
	return c
}

func (t *Traffic) change(f func(*TrafficCounts)) {
	if t == nil {
		return
	}
	t.mu.Lock()
	defer t.mu.Unlock()
	f(&t.counts)
}
