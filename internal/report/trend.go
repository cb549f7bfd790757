package report

import (
	"cmp"
	"context"
	"slices"
	"time"

	"assetgraph/converters"
	"assetgraph/graph"
)

// TrendOptions say what Trends looks at.
type TrendOptions struct {
	Organizations []string  // names or globs in any case; nil for all
	Tools         []string  // names; nil for all
	From, To      time.Time // days, both of them included
	Now           time.Time
}

// A Trend is how many machines of each customer had each tool, day by day.
type Trend struct {
	Lines   []TrendLine // by customer and tool; each has at least one day
	Days    int         // of which there is any figure
	Missed  int         // days between these on which no run kept figures
	Notes   []string    // what makes the answer less than complete or fresh
	Sources []InstanceSource
}

// A TrendLine is one customer and one tool.
type TrendLine struct {
	Customer     graph.Key // "" for machines of none
	Organization string    // as it was called last
	Tool         *converters.Tool
	Days         []TrendDay // in order; days on which nothing was kept are not among them
}

// A TrendDay is one day of a line.
type TrendDay struct {
	graph.Figure
	Reason string // why the share fell since the day before that was read whole, or why the figure is none; "" for neither
	Fall   int64  // by how many tenths of a point it fell since then, at least 1 where it did; 0 where it did not
}

// Tenths returns the share of machines that have the tool, in tenths of a percent, none rounded up; ok is false where
// there is no machine that should have it.
func (d *TrendDay) Tenths() (tenths int64, ok bool) {
	if d.Machines == 0 {
		return 0, false
	}
	return int64(d.Covered) * 1000 / int64(d.Machines), true
}

// counts reports whether a day has a share that can be compared with others.
func (d *TrendDay) counts() bool { return d.Whole && d.Machines > 0 }

// Trends reads the figures that runs have kept day by day. A *UnknownError says that there is no customer or tool of a
// name that was given.
func Trends(ctx context.Context, s Source, o TrendOptions) (*Trend, error) {
	tools, err := chosenTools(s.Model.Tools(), o.Tools)
	if err != nil {
		return nil, err
	}
	found, err := readSources(ctx, s, o.Now)
	if err != nil {
		return nil, err
	}
	out := &Trend{Notes: found.notes, Sources: found.instances}
	if err := out.read(ctx, s, tools, o.From, o.To); err != nil {
		return nil, err
	}
	names, err := s.CustomerNames(ctx)
	if err != nil {
		return nil, err
	}
	for i := range out.Lines {
		names = append(names, out.Lines[i].Organization)
	}
	if err := CheckCustomers(o.Organizations, names); err != nil {
		return nil, err
	}
	about := Options{Organizations: o.Organizations}
	out.Lines = slices.DeleteFunc(out.Lines,
		func(l TrendLine) bool { return !about.about(l.Customer, l.Organization) })
	out.note()
	return out, nil
}

// chosenTools returns the tools of these names, all of them for nil, in their order.
func chosenTools(all []*converters.Tool, names []string) ([]*converters.Tool, error) {
	if names == nil {
		return all, nil
	}
	var known []string
	for _, t := range all {
		known = append(known, t.Name)
	}
	for _, name := range names {
		if !slices.Contains(known, name) {
			return nil, &UnknownError{Kind: "tool", Name: name, Near: known}
		}
	}
	return slices.DeleteFunc(slices.Clone(all),
		func(t *converters.Tool) bool { return !slices.Contains(names, t.Name) }), nil
}

// CustomerNames returns the names of the customers of the graph, in no order.
func (s Source) CustomerNames(ctx context.Context) (names []string, _ error) {
	err := s.eachEntity(ctx, "organization", []string{"name"},
		func(e *graph.Element) { names = append(names, e.Get("name").Text()) })
	return names, err
}

// read reads the lines of some tools, of all customers.
func (t *Trend) read(ctx context.Context, s Source, tools []*converters.Tool, from, to time.Time) error {
	type of struct {
		customer graph.Key
		tool     string
	}
	lines := map[of]*TrendLine{}
	var first, last time.Time
	for f, err := range s.Store.Figures(ctx, graph.FigureSelection{From: from, To: to}) {
		if err != nil {
			return err
		}
		i := slices.IndexFunc(tools, func(t *converters.Tool) bool { return t.Name == f.Tool })
		if i < 0 {
			continue
		}
		if first.IsZero() {
			first = f.Day
		}
		if !f.Day.Equal(last) {
			t.Days, last = t.Days+1, f.Day
		}
		l := lines[of{f.Customer, f.Tool}]
		if l == nil {
			l = &TrendLine{Customer: f.Customer, Tool: tools[i]}
			lines[of{f.Customer, f.Tool}] = l
		}
		l.Organization = f.Organization // days come in order
		l.Days = append(l.Days, TrendDay{Figure: f})
	}
	if t.Days > 0 {
		t.Missed = int(last.Sub(first)/(24*time.Hour)) + 1 - t.Days
	}
	for _, l := range lines {
		l.explain()
		t.Lines = append(t.Lines, *l)
	}
	rank := func(l *TrendLine) int { return slices.Index(tools, l.Tool) }
	slices.SortFunc(t.Lines, func(a, b TrendLine) int {
		return cmp.Or(ByName(a.Organization, b.Organization), cmp.Compare(a.Customer, b.Customer),
			cmp.Compare(rank(&a), rank(&b)))
	})
	return nil
}

// explain says of each day why the share fell, or why there is none.
func (l *TrendLine) explain() {
	var before *TrendDay
	for i := range l.Days {
		d := &l.Days[i]
		switch {
		case !d.Whole:
			d.Reason = "not all of " + l.Tool.Product + " was read"
			continue
		case before != nil && d.Machines > 0 && d.Covered*before.Machines < before.Covered*d.Machines:
			was, _ := before.Tenths()
			is, _ := d.Tenths()
			d.Fall = max(was-is, 1)
			d.Reason = points(-d.Fall) + " points" + d.sinceWhen(before) + ": " + d.why(before)
		}
		if d.counts() {
			before = d
		}
	}
}

// first and last return the first and the last day that count; nil for none.
func (l *TrendLine) first() *TrendDay {
	if i := slices.IndexFunc(l.Days, func(d TrendDay) bool { return d.counts() }); i >= 0 {
		return &l.Days[i]
	}
	return nil
}

func (l *TrendLine) last() *TrendDay {
	for i := range slices.Backward(l.Days) {
		if l.Days[i].counts() {
			return &l.Days[i]
		}
	}
	return nil
}

// lowest returns the first of the days with the lowest share; nil for none.
func (l *TrendLine) lowest() (lowest *TrendDay) {
	for i := range l.Days {
		d := &l.Days[i]
		if d.counts() && (lowest == nil || d.Covered*lowest.Machines < lowest.Covered*d.Machines) {
			lowest = d
		}
	}
	return lowest
}
