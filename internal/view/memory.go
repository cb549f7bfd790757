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
	mu    sync.Mutex // held while fleet is looked at
	fleet *reading

	index    atomic.Pointer[index]
	indexing atomic.Bool // one is being read
}

// A reading is a fleet that is being read, or was.
type reading struct {
	stamp string
	done  chan struct{} // closed when fleet and err are there
	fleet *fleet
	err   error
}

// A fleet is every machine with what it lacks.
type fleet struct {
	coverage *report.Coverage // its Gaps are every machine, by customer and host name
	machines map[string]int   // where in Gaps they are, by key

	asking  sync.Mutex // held while answers is looked at
	answers map[string]*pending
}

// stamp returns what is another text whenever the graph, or the hour that reports count days from, is another. While a
// run is under way, or died, the graph changes all the time, and pages say so: then it is another once a minute.
func (v *View) stamp(ctx context.Context) (string, error) {
	runs, err := v.o.Source.Store.Runs(ctx, 1)
	if err != nil {
		return "", fmt.Errorf("read past runs: %w", err)
	}
	var b strings.Builder
	b.WriteString(v.o.Now().UTC().Truncate(time.Hour).String())
	if len(runs) > 0 {
		fmt.Fprintf(&b, "\n%s %s", runs[0].ID, runs[0].FinishedAt)
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
	m := &v.memory
	m.mu.Lock()
	r := m.fleet
	if r == nil || r.stamp != stamp {
		r = &reading{stamp: stamp, done: make(chan struct{})}
		if !v.reads.add(func(ctx context.Context) { v.readFleet(ctx, r) }) {
			m.mu.Unlock()
			return nil, errors.New("the graph changes faster than it can be read: try again")
		}
		m.fleet = r
	}
	m.mu.Unlock()
	select {
	case <-r.done:
		return r.fleet, r.err
	case <-ctx.Done():
		return nil, ctx.Err()
	}
}

// readFleet reads the whole fleet. When that fails the next request has it read again.
func (v *View) readFleet(ctx context.Context, r *reading) {
	defer close(r.done)
	r.err = faultError()
	o := v.o.Cover
	o.Every, o.Missing, o.Now = true, nil, v.o.Now()
	c, err := report.Cover(ctx, v.o.Source, o)
	if err != nil {
		r.err = err
		v.memory.mu.Lock()
		defer v.memory.mu.Unlock()
		if v.memory.fleet == r {
			v.memory.fleet = nil
		}
		return
	}
	c.SortGaps(report.Order{})
	f := &fleet{coverage: c, machines: make(map[string]int, len(c.Gaps)), answers: map[string]*pending{}}
	for i := range c.Gaps {
		f.machines[c.Gaps[i].Device] = i
	}
	r.fleet, r.err = f, nil
}

// source returns the graph as report reads it, with an index for what is searched where there is one of the graph as it
// is now. Where there is none yet it returns nil: the store looks for itself, which takes longer, and an index is read
// meanwhile.
func (v *View) source(ctx context.Context) (report.Source, *indexed, error) {
	s := v.o.Source
	stamp, err := v.stamp(ctx)
	if err != nil {
		return s, nil, err
	}
	x := v.memory.index.Load()
	if x == nil || x.stamp != stamp {
		v.wantIndex(stamp)
		return s, nil, nil
	}
	found := &indexed{Store: s.Store, index: x}
	s.Store = found
	return s, found, nil
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

// lookEvery is how often the view looks whether a run has ended.
const lookEvery = 10 * time.Second

// readAhead reads what pages need before anybody asks for it: at once, and whenever a run has ended, until ctx ends.
func (v *View) readAhead(ctx context.Context) {
	tick := time.NewTicker(lookEvery)
	defer tick.Stop()
	for last := "-"; ; {
		ended, err := v.lastEnded(ctx)
		if err == nil && ended != last {
			last = ended
			if _, err = v.fleet(ctx); err == nil { // first what the first page shows
				_, _, err = v.source(ctx)
			}
		}
		if err != nil && ctx.Err() == nil {
			v.o.Logger.Warn("the graph can't be read ahead", "error", err)
		}
		select {
		case <-ctx.Done():
			return
		case <-tick.C:
		}
	}
}

// lastEnded returns the id of the newest run, "" for none and while it has not ended.
func (v *View) lastEnded(ctx context.Context) (string, error) {
	runs, err := v.o.Source.Store.Runs(ctx, 1)
	if err != nil || len(runs) == 0 || runs[0].FinishedAt.IsZero() {
		return "", err
	}
	return runs[0].ID, nil
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
