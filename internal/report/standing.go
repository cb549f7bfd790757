package report

import (
	"time"

	"assetgraph/converters"
	"assetgraph/graph"
)

// A Standing is how one machine stands with one tool, which is what reports count. What is false of one that does not
// count is not so of it.
type Standing struct {
	Counts  bool // it should have the tool, or has it all the same
	Has     bool
	Stale   bool // it has the tool, which was not seen for long
	Failing bool // it has the tool, which is known not to do its work
	Unknown bool // it has the tool, and nobody knows whether that does its work
}

// standing says how a machine stands with the ith tool.
func (c *coverer) standing(m *machine, i int) (s Standing) {
	records, t := &m.tools[i], c.tools[i]
	has, last := c.having(records)
	s.Has, s.Counts = has, has || !c.never[i] && (!c.options.Fitting || t.Fits(m.osType))
	s.Stale = has && c.options.Stale > 0 && !last.IsZero() && c.options.Now.Sub(last) > c.options.Stale
	if t.Tells() && records.has && !records.works {
		s.Failing, s.Unknown = records.fails(), !records.fails()
	}
	return s
}

// having reports whether records count as having their tool, and when it was seen last.
func (c *coverer) having(records *sighting) (has bool, last time.Time) {
	has, last = records.has, records.last(converters.Live)
	if c.options.CountPending {
		has = has || records.any(converters.Waiting)
		if waiting := records.last(converters.Waiting); waiting.After(last) {
			last = waiting
		}
	}
	return has, last
}

// staleOn returns from when on a tool that is not seen again is stale, the zero time for one that can't be.
func (c *coverer) staleOn(records *sighting) time.Time {
	has, last := c.having(records)
	if !has || c.options.Stale <= 0 || last.IsZero() {
		return time.Time{}
	}
	return last.Add(c.options.Stale + 1) // it is not at that very moment
}

// A Member is a machine of a survey, as it is counted.
type Member struct {
	Device   graph.Key
	Customer graph.Key  // "" for none
	Excluded bool       // it is left out: nothing of it is counted
	Tools    []Standing // parallel to Model.Tools; valid until the next one is yielded
}

// Members yields all machines of the survey, those that are left out too.
func (s *Survey) Members(yield func(Member) bool) {
	c := s.judge
	tools := make([]Standing, len(c.tools))
	for i := range c.fleet.machines {
		m := &c.fleet.machines[i]
		for n := range tools {
			tools[n] = c.standing(m, n)
		}
		if !yield(Member{graph.Key(m.key), m.organization, m.excluded, tools}) {
			return
		}
	}
}

// Customer returns the name of a customer.
func (s *Survey) Customer(key graph.Key) string { return s.judge.fleet.names[key] }
