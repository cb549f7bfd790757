package notify

import (
	"context"
	"encoding/json"
	"fmt"
	"maps"
	"slices"
	"time"
)

// A Memory keeps what was told to whom, under names; graph.Journal is one.
type Memory interface {
	Memory(ctx context.Context, name string) ([]byte, error)
	SaveMemory(ctx context.Context, name string, data []byte) error
}

// A section is what is remembered of the findings about one thing: an instance, what is derived, or runs as such. Runs
// of different instances change different sections, so none undoes what another noted.
type section struct {
	memory Memory
	name   string
	saved  string // as it lies in the memory

	Findings map[string]*entry `json:"findings"`
	Best     map[string]level  `json:"best,omitempty"` // coverage, by id of the finding that would say that it fell
}

// An entry is a finding with what was told of it.
type entry struct {
	Finding Finding           `json:"finding"`
	Since   time.Time         `json:"since"`
	Closed  bool              `json:"closed"` // it is over, and somebody is still to be told
	Told    map[string]string `json:"told"`   // the mark that each target was told, by its name
}

// load reads a section. What can't be read as one counts as nothing.
func load(ctx context.Context, memory Memory, about string) (*section, error) {
	s := &section{memory: memory, name: "notifications/" + about}
	data, err := memory.Memory(ctx, s.name)
	if err != nil {
		return nil, fmt.Errorf("read what was told: %w", err)
	}
	if json.Unmarshal(data, s) != nil {
		s.Findings, s.Best = nil, nil
	}
	s.saved = string(data)
	if s.Findings == nil {
		s.Findings = make(map[string]*entry)
	}
	if s.Best == nil {
		s.Best = make(map[string]level)
	}
	return s, nil
}

// save writes the section unless it is as it was.
func (s *section) save(ctx context.Context) error {
	data, err := json.Marshal(s)
	if err != nil || string(data) == s.saved || s.saved == "" && len(s.Findings)+len(s.Best) == 0 {
		return err
	}
	if err := s.memory.SaveMemory(ctx, s.name, data); err != nil {
		return fmt.Errorf("remember what was told: %w", err)
	}
	return nil
}

// take notes what a run says.
func (s *section) take(v verdict, now time.Time) {
	for _, f := range v.open {
		e := s.Findings[f.ID]
		if e == nil || e.Closed && len(e.Told) == 0 {
			e = &entry{Since: now.UTC(), Told: make(map[string]string)}
			s.Findings[f.ID] = e
		}
		e.Finding, e.Closed = f, false
	}
	for _, id := range v.closed {
		if e := s.Findings[id]; e != nil {
			e.Closed = true
		}
	}
}

// The events of a finding.
const (
	opened  = "opened"
	changed = "changed"
	closed  = "closed"
)

// An event is what one target is to be told of one finding.
type event struct {
	*entry
	what string
}

// events returns what the target has not been told yet, by id.
func (s *section) events(t *Target) (list []event) {
	for _, id := range slices.Sorted(maps.Keys(s.Findings)) {
		e := s.Findings[id]
		mark, told := e.Told[t.name()]
		switch {
		case e.Closed && told && t.wants(Recovered):
			list = append(list, event{e, closed})
		case e.Closed || !t.wants(e.Finding.Kind):
		case !told:
			list = append(list, event{e, opened})
		case mark != e.Finding.Mark:
			list = append(list, event{e, changed})
		}
	}
	return list
}

// tell notes that the target was told.
func (e event) tell(t *Target) {
	if e.what == closed {
		delete(e.Told, t.name())
		return
	}
	e.Told[t.name()] = e.Finding.Mark
}

// forget drops what is over and of which none of the targets is still to be told.
func (s *section) forget(targets []Target) {
	for id, e := range s.Findings {
		waits := slices.ContainsFunc(targets, func(t Target) bool {
			_, told := e.Told[t.name()]
			return told && t.wants(Recovered)
		})
		if e.Closed && !waits {
			delete(s.Findings, id)
		}
	}
}
