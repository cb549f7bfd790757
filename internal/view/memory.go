package view

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"sync"
	"sync/atomic"
	"time"

	"assetgraph/graph"
	"assetgraph/internal/report"
)

// A memory keeps what is read of the whole graph, so that not every page reads it again. Before it is used it is held
// against the graph: whatever the program writes takes a seal off its scope, changes a count or adds a run.
type memory struct {
	mu    sync.Mutex // held while reading is looked at
	stamp string     // of the graph that reading is of
	fleet *awaited[*fleet]

	index    atomic.Pointer[index]
	indexing atomic.Bool // one is being read
}

// A fleet is every machine with what it lacks.
type fleet struct {
	coverage *report.Coverage    // its Gaps are every machine, by customer and host name
	machines map[string]int      // where in Gaps they are, by key
	of       map[graph.Key][]int // the same of each customer, "" for none
	lacking  []int               // those that lack something
	shared   map[string]bool     // names that several customers have
	kept     kept                // of Gaps
	read     time.Time           // when

	mu      sync.Mutex // held while the others are looked at
	answers map[string]*awaited[*answer]
	book    *awaited[*book]
}

// stamp returns what is another text whenever the graph is another. While a run is under way, or died, the graph changes
// all the time, and pages say so: then it is another once a minute.
func (v *View) stamp(ctx context.Context) (string, error) {
	runs, err := v.o.Source.Store.Runs(ctx, 1)
	if err != nil {
		return "", fmt.Errorf("read past runs: %w", err)
	}
	var b strings.Builder
	if len(runs) > 0 {
		fmt.Fprintf(&b, "%s %s", runs[0].ID, runs[0].FinishedAt)
		if runs[0].FinishedAt.IsZero() {
			b.WriteString(time.Now().Truncate(time.Minute).String())
			return b.String(), nil
		}
	}
	counts, err := v.o.Source.Store.Counts(ctx)
	if err != nil {
		return "", fmt.Errorf("count what the graph holds: %w", err)
	}
	for _, c := range counts {
		fmt.Fprintf(&b, "\n%s %d", c.Scope, c.Count)
		if c.Seal != nil {
			fmt.Fprintf(&b, " %s", c.Seal.Sum)
		}
	}
	return b.String(), nil
}

// fleet returns every machine as the graph has it now. Requests wait for one reading together.
func (v *View) fleet(ctx context.Context) (*fleet, error) {
	stamp, err := v.stamp(ctx)
	if err != nil {
		return nil, err
	}
	return v.fleetOf(ctx, stamp)
}

// fleetOf returns that of the graph that has a stamp.
func (v *View) fleetOf(ctx context.Context, stamp string) (*fleet, error) {
	m := &v.memory
	m.mu.Lock()
	if m.fleet == nil || m.stamp != stamp {
		var reading *awaited[*fleet]
		reading = begin(v.reads, v.readFleet, func() { // the next request has it read again
			m.mu.Lock()
			defer m.mu.Unlock()
			if m.fleet == reading {
				m.fleet = nil
			}
		})
		if reading == nil {
			m.mu.Unlock()
			return nil, errors.New("the graph changes faster than it can be read: try again")
		}
		m.fleet, m.stamp = reading, stamp
	}
	reading := m.fleet
	m.mu.Unlock()
	return reading.wait(ctx)
}

// readFleet reads the whole fleet.
func (v *View) readFleet(ctx context.Context) (*fleet, error) {
	o := v.o.Cover
	o.Every, o.Ages, o.Missing, o.Now = true, true, nil, v.o.Now()
	c, err := report.Cover(ctx, v.o.Source, o)
	if err != nil {
		return nil, err
	}
	c.SortGaps(report.Order{})
	f := &fleet{
		coverage: c, machines: make(map[string]int, len(c.Gaps)), of: map[graph.Key][]int{}, lacking: []int{},
		shared: map[string]bool{}, answers: map[string]*awaited[*answer]{}, read: o.Now,
	}
	for i := range c.Gaps {
		g := &c.Gaps[i]
		f.machines[g.Device] = i
		f.of[g.Customer] = append(f.of[g.Customer], i)
		if g.Missing != "" {
			f.lacking = append(f.lacking, i)
		}
	}
	names := map[string]bool{}
	for i := range c.Organizations {
		name := c.Organizations[i].Organization
		f.shared[name] = names[name]
		names[name] = true
	}
	return f, nil
}

// sourceOf returns the graph that has a stamp as report reads it, with an index for what is searched where there is one
// of it. Where there is none yet it returns nil: the store looks for itself, which takes longer, and an index is read
// meanwhile.
func (v *View) sourceOf(stamp string) (report.Source, *indexed) {
	s := v.o.Source
	x := v.memory.index.Load()
	if x == nil || x.stamp != stamp {
		v.wantIndex(stamp)
		return s, nil
	}
	found := &indexed{Store: s.Store, index: x}
	s.Store = found
	return s, found
}

// wantIndex has an index read unless one is being read.
func (v *View) wantIndex(stamp string) {
	if !v.memory.indexing.CompareAndSwap(false, true) {
		return
	}
	begun := v.reads.add(func(ctx context.Context) {
		defer v.memory.indexing.Store(false)
		x, err := readIndex(ctx, v.o.Source, stamp)
		if err == nil {
			v.memory.index.Store(x)
		} else if ctx.Err() == nil {
			v.o.Logger.Warn("what is searched can't be read ahead; searches take longer", "error", err)
		}
	})
	if !begun {
		v.memory.indexing.Store(false)
	}
}

// scopesOf returns how many elements the graph holds of each instance.
func (v *View) scopesOf(ctx context.Context) (map[string]int, int, error) {
	counts, err := v.o.Source.Store.Counts(ctx)
	if err != nil {
		return nil, 0, fmt.Errorf("count what the graph holds: %w", err)
	}
	of, all := map[string]int{}, 0
	for _, c := range counts {
		if t := v.o.Source.Schema.Type(c.Type); t != nil && !t.IsRelationship() {
			of[c.Instance] += c.Count
		}
		all += c.Count
	}
	return of, all, nil
}

// elementsOf returns the entities with these keys, in no order, of which the named properties are read.
func (v *View) elementsOf(
	ctx context.Context, keys []graph.Key, properties []string, f func(graph.Stored),
) error {
	byType := map[string][]graph.Key{}
	for _, key := range keys {
		typ := key.Scope().Type
		byType[typ] = append(byType[typ], key)
	}
	for _, t := range v.o.Source.Schema.Types() {
		if len(byType[t.Name]) == 0 {
			continue
		}
		selection := graph.Selection{Type: t, Keys: byType[t.Name], Properties: properties}
		for e, err := range v.o.Source.Store.Elements(ctx, selection) {
			if err != nil {
				return fmt.Errorf("read %s: %w", t.Name, err)
			}
			f(e)
		}
	}
	return nil
}

// holds reports whether the graph has an entity of that key.
func (v *View) holds(ctx context.Context, key graph.Key) (there bool, _ error) {
	t := v.o.Source.Schema.Type(key.Scope().Type)
	if t == nil || t.IsRelationship() {
		return false, nil
	}
	err := v.elementsOf(ctx, []graph.Key{key}, []string{}, func(graph.Stored) { there = true })
	return there, err
}
