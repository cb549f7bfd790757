package collectors

import "sync"

// Shared is what the collectors of one process have in common: limits that a host, or an account there, sets for all of
// them together. The zero value is ready; it may be used from any goroutine. A nil *Shared shares nothing.
type Shared struct {
	mu  sync.Mutex
	all map[string]any
}

// Of returns what is shared under the name; the first who asks makes it.
func (s *Shared) Of(name string, make func() any) any {
	if s == nil {
		return make()
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	if v, ok := s.all[name]; ok {
		return v
	}
	if s.all == nil {
		s.all = map[string]any{}
	}
	v := make()
	s.all[name] = v
	return v
}
