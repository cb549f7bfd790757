// Package trend keeps how many machines of each customer have which tool, day by day, and why that is another number
// than on the day before (docs/adr/0026-trend.md). What it counts is what report coverage says
// of the same look at the graph; internal/report reads it back.
//
// A figure of a tool that was not read whole is no figure of the day: it says so, and nothing is compared with it.
package trend

import (
	"cmp"
	"context"
	"slices"
	"time"

	"assetgraph/graph"
	"assetgraph/internal/plaintext"
	"assetgraph/internal/report"
)

// Kept is for how many years figures are kept.
const Kept = 2

// Options say of what figures are kept, and when.
type Options struct {
	Store  graph.Store
	Schema *graph.Schema
	Model  report.Model
	Lease  graph.Lease     // of what is derived
	Whole  map[string]bool // tools of which all products were read, by name
	At     time.Time       // of the run, by the clock of the log of changes
	AsOf   time.Time       // what time it is for what products say: the day of the figures
}

// Keep writes the figures of the day of a look at all machines, in place of those that an earlier look of the day
// wrote. It may be repeated after any failure, and comes to the same: figures are written before what the next day is
// compared with.
func Keep(ctx context.Context, survey *report.Survey, o Options) error {
	day := dayOf(o.AsOf)
	memory, err := recall(ctx, o.Store)
	if err != nil {
		return err
	}
	standing, err := standingTools(ctx, o.Store, day)
	if err != nil {
		return err
	}
	k := &keeper{o: &o, survey: survey, day: day, rows: map[row]*graph.Figure{}}
	k.now = k.look()
	var tools []string
	for i, t := range o.Model.Tools() {
		switch whole := o.Whole[t.Name]; {
		case whole && !survey.Never(i):
			if err := k.compare(ctx, t.Name, memory.before(day, t.Name)); err != nil {
				return err
			}
		case !whole && (survey.Never(i) || standing[t.Name]):
			continue // what an earlier look of the day knew stays
		}
		tools = append(tools, t.Name)
	}
	if err := o.Store.SaveFigures(ctx, o.Lease, day, tools, k.figures(tools)); err != nil {
		return err
	}
	if err := memory.with(k.now).save(ctx, o.Store); err != nil {
		return err
	}
	return o.Store.ForgetFigures(ctx, day.AddDate(-Kept, 0, 0))
}

// Forget removes all figures, and what they were compared with.
func Forget(ctx context.Context, store graph.Store) error {
	if err := store.SaveMemory(ctx, memoryName, []byte{}); err != nil {
		return err
	}
	return store.ForgetFigures(ctx, time.Time{})
}

func dayOf(t time.Time) time.Time { return t.UTC().Truncate(24 * time.Hour) }

// standingTools tells of which tools the day has figures that were read whole.
func standingTools(ctx context.Context, store graph.FigureBook, day time.Time) (map[string]bool, error) {
	tools := map[string]bool{}
	for f, err := range store.Figures(ctx, graph.FigureSelection{From: day, To: day}) {
		if err != nil {
			return nil, err
		}
		tools[f.Tool] = tools[f.Tool] || f.Whole
	}
	return tools, nil
}

// A keeper makes the figures of one day.
type keeper struct {
	o      *Options
	survey *report.Survey
	day    time.Time
	now    *snapshot
	rows   map[row]*graph.Figure
}

// A row is what a figure is of.
type row struct {
	tool     string
	customer graph.Key
}

// figure returns the figure of a tool and a customer, which begins with nothing.
func (k *keeper) figure(tool string, customer graph.Key, name string) *graph.Figure {
	at := row{tool, customer}
	if k.rows[at] == nil {
		k.rows[at] = &graph.Figure{
			Day: k.day, Tool: tool, Customer: customer, Organization: plaintext.Clip(name, plaintext.Part),
			Whole: k.o.Whole[tool],
		}
	}
	return k.rows[at]
}

// look counts the machines, and takes down how each stands.
func (k *keeper) look() *snapshot {
	tools := k.o.Model.Tools()
	s := newSnapshot(k.day, k.o.At)
	for i, t := range tools {
		s.Tools = append(s.Tools, t.Name)
		if k.o.Whole[t.Name] && !k.survey.Never(i) {
			s.Known = append(s.Known, t.Name)
		}
	}
	for m := range k.survey.Members {
		name := k.survey.Customer(m.Customer)
		s.add(&m, name)
		if m.Excluded {
			continue
		}
		for i, t := range tools {
			if !m.Tools[i].Counts {
				continue
			}
			count(k.figure(t.Name, m.Customer, name), m.Tools[i])
		}
	}
	s.sort()
	return s
}

// count adds a machine that counts.
func count(f *graph.Figure, s report.Standing) {
	f.Machines++
	f.Covered += one(s.Has)
	f.Stale += one(s.Stale)
	f.Failing += one(s.Failing)
	f.Unknown += one(s.Unknown)
}

func one(is bool) int {
	if is {
		return 1
	}
	return 0
}

// compare counts what came and went of a tool since the look before, nil for none.
func (k *keeper) compare(ctx context.Context, tool string, before *snapshot) error {
	if before == nil {
		return nil
	}
	merged, err := k.merged(ctx, before)
	if err != nil {
		return err
	}
	flows := func(flow graph.Flow, customer graph.Key, name string) {
		f := k.figure(tool, customer, cmp.Or(k.survey.Customer(customer), name))
		if f.Flows == nil {
			f.Flows = map[graph.Flow]int{}
		}
		f.Flows[flow]++
	}
	for machine, c := range changes(before, k.now, tool) {
		out, in := flowsOf(c.before, c.now, merged[machine])
		if out != "" {
			flows(out, c.before.customer, c.before.name)
		}
		if in != "" {
			flows(in, c.now.customer, c.now.name)
		}
	}
	for at, f := range k.rows {
		if at.tool == tool {
			f.Since = before.Day
		}
	}
	return nil
}

// merged returns the machines that were there before and of which a record belongs now to another one that was there
// too.
func (k *keeper) merged(ctx context.Context, before *snapshot) (map[uint64]bool, error) {
	merged := map[uint64]bool{}
	if !slices.ContainsFunc(before.Machines, func(m uint64) bool { return !k.now.has(m) }) {
		return merged, nil
	}
	s := report.Source{Store: k.o.Store, Schema: k.o.Schema, Model: k.o.Model}
	for pair, err := range s.Joined(ctx, before.At) {
		if err != nil {
			return nil, err
		}
		a, b := digest(pair[0]), digest(pair[1])
		if before.has(a) && !k.now.has(a) && before.has(b) && k.now.has(b) {
			merged[a] = true
		}
	}
	return merged, nil
}

// figures returns those of some tools, in order.
func (k *keeper) figures(tools []string) (list []graph.Figure) {
	for at, f := range k.rows {
		if slices.Contains(tools, at.tool) {
			list = append(list, *f)
		}
	}
	slices.SortFunc(list, func(a, b graph.Figure) int {
		return cmp.Or(cmp.Compare(a.Tool, b.Tool), cmp.Compare(a.Customer, b.Customer))
	})
	return list
}
