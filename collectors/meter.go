package collectors

import (
	"slices"
	"sync"
)

// A Meter is what a step tells of its progress while it runs. The zero Meter is ready; all methods may be called
// from any goroutine.
type Meter struct {
	mu       sync.Mutex
	pages    int
	expected int
	warnings []string
}

// Page counts one page that was read.
func (m *Meter) Page() {
	m.mu.Lock()
	defer m.mu.Unlock()
	m.pages++
}

// Expect sets how many records the provider says there are.
func (m *Meter) Expect(records int) {
	m.mu.Lock()
	defer m.mu.Unlock()
	m.expected = records
}

// Warn adds something that people should know and that makes nothing incomplete.
func (m *Meter) Warn(text string) {
	m.mu.Lock()
	defer m.mu.Unlock()
	m.warnings = append(m.warnings, text)
}

// Pages returns how many pages were read so far.
func (m *Meter) Pages() int {
	m.mu.Lock()
	defer m.mu.Unlock()
	return m.pages
}

// Expected returns how many records the provider says there are, 0 while that is not known.
func (m *Meter) Expected() int {
	m.mu.Lock()
	defer m.mu.Unlock()
	return m.expected
}

// Warnings returns what Warn was told.
func (m *Meter) Warnings() []string {
	m.mu.Lock()
	defer m.mu.Unlock()
	return slices.Clone(m.warnings)
}
