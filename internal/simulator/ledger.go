package simulator

import (
	"fmt"
	"maps"
	"slices"
	"sync"
	"sync/atomic"
)

// A ledger counts what clients ask for and what they do wrong.
type ledger struct {
	bytes atomic.Int64

	mu       sync.Mutex
	requests map[string]int
	mistakes map[string]int
}

func newLedger() *ledger {
	return &ledger{requests: map[string]int{}, mistakes: map[string]int{}}
}

func (l *ledger) request(route string) {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.requests[route]++
}

func (l *ledger) mistake(route, format string, args ...any) {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.mistakes[route+": "+fmt.Sprintf(format, args...)]++
}

// list gives the mistakes in alphabetical order, with how often each was made.
func (l *ledger) list() []string {
	l.mu.Lock()
	defer l.mu.Unlock()
	texts := make([]string, 0, len(l.mistakes))
	for _, text := range slices.Sorted(maps.Keys(l.mistakes)) {
		texts = append(texts, fmt.Sprintf("%s (%d)", text, l.mistakes[text]))
	}
	return texts
}

func (l *ledger) counts() map[string]int {
	l.mu.Lock()
	defer l.mu.Unlock()
	return maps.Clone(l.requests)
}

func (l *ledger) forget() {
	l.mu.Lock()
	defer l.mu.Unlock()
	clear(l.requests)
	clear(l.mistakes)
	l.bytes.Store(0)
}
