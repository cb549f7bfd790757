package findings

import (
	"cmp"
	"context"
	"fmt"
	"maps"
	"slices"
	"strings"
	"time"

	"assetgraph/graph"
	"assetgraph/internal/report"
)

// ListOptions say which findings List returns. Globs are in any case; nil means all.
type ListOptions struct {
	Kinds     []string // globs
	Customers []string // names or globs
	Machines  []string // globs of names and keys
	States    []graph.FindingState
	OlderThan time.Duration // how long ago they were opened, at least
	Now       time.Time
}

// A List is findings, by customer, machine and kind; those of no customer come last.
type List struct {
	Findings []Finding
	Notes    []string // what makes the answer less than complete or fresh

	kinds, customers []string // the names that there are
}

// Read returns the findings that are kept. A *report.UnknownError says that there is no kind or customer of a name that
// was given.
func Read(ctx context.Context, s report.Source, o ListOptions) (*List, error) {
	out := &List{Findings: []Finding{}, kinds: Names(Kinds(s.Model.Tools()))}
	if err := checkKinds(o.Kinds, out.kinds); err != nil {
		return nil, err
	}
	customers, rows := map[string]bool{}, newRows(o.Now)
	for f, err := range s.Store.Findings(ctx, graph.FindingSelection{States: stored(o.States)}) {
		if err != nil {
			return nil, err
		}
		customers[f.Organization] = true
		if row := rows.of(f.At(o.Now)); o.wants(&row) {
			out.Findings = append(out.Findings, row)
		}
	}
	slices.SortFunc(out.Findings, func(a, b Finding) int {
		return cmp.Or(report.ByName(a.Organization, b.Organization), report.ByName(a.Name, b.Name),
			cmp.Compare(a.Device, b.Device), cmp.Compare(a.Kind, b.Kind))
	})
	var err error
	if out.customers, err = customerNames(ctx, s, customers); err != nil {
		return nil, err
	}
	if err := checkCustomers(o.Customers, out.customers); err != nil {
		return nil, err
	}
	out.Notes, err = notes(ctx, s, o.Now)
	return out, err
}

// Select returns which findings of a list are asked for, by their indexes. The list has to have been read at the same
// time, and hold all that may be asked for. Errors are those of Read.
func (l *List) Select(o ListOptions) ([]int, error) {
	if err := checkKinds(o.Kinds, l.kinds); err != nil {
		return nil, err
	}
	if err := checkCustomers(o.Customers, l.customers); err != nil {
		return nil, err
	}
	wanted := []int{}
	for i := range l.Findings {
		if o.wants(&l.Findings[i]) {
			wanted = append(wanted, i)
		}
	}
	return wanted, nil
}

// stored returns the states in which findings are kept that may be in one of the asked for by now: an exception may have
// ended since the last run.
func stored(asked []graph.FindingState) []graph.FindingState {
	if slices.Contains(asked, graph.FindingReopened) && !slices.Contains(asked, graph.FindingAccepted) {
		return append(slices.Clone(asked), graph.FindingAccepted)
	}
	return asked
}

func (o *ListOptions) wants(f *Finding) bool {
	return (o.States == nil || slices.Contains(o.States, graph.FindingState(f.State))) && anyFits(o.Kinds, f.Kind) &&
		anyFits(o.Customers, f.Organization) && anyFits(o.Machines, f.Name, f.Device) && f.Age >= o.OlderThan
}

func checkKinds(asked, kinds []string) error {
	for _, a := range asked {
		if !anyIs(a, kinds) {
			return &report.UnknownError{Kind: "kind of findings", Name: a, Near: kinds}
		}
	}
	return nil
}

func checkCustomers(asked, customers []string) error {
	for _, a := range asked {
		if !anyIs(a, customers) {
			return &report.UnknownError{Kind: "organization", Name: a, Near: report.Nearest(a, customers)}
		}
	}
	return nil
}

// anyIs reports whether one of the names is asked for by that name or glob.
func anyIs(asked string, names []string) bool {
	return slices.ContainsFunc(names, func(name string) bool { return report.Fits(asked, name) })
}

// customerNames returns the names of customers: of those of which there are findings, and of those that the graph holds.
func customerNames(ctx context.Context, s report.Source, known map[string]bool) ([]string, error) {
	selection := graph.Selection{Type: s.Schema.Type("organization"), Properties: []string{"name"}}
	for e, err := range s.Store.Elements(ctx, selection) {
		if err != nil {
			return nil, fmt.Errorf("read customers: %w", err)
		}
		known[e.Get("name").Text()] = true
	}
	return slices.Sorted(maps.Keys(known)), nil
}

// notes says how fresh what the findings rest on is, and which kinds were not looked for lately.
func notes(ctx context.Context, s report.Source, now time.Time) ([]string, error) {
	checks, err := s.Store.FindingChecks(ctx)
	if err != nil {
		return nil, err
	}
	fresh, err := report.Fresh(ctx, s, now)
	if err != nil {
		return nil, err
	}
	list := fresh.Notes
	if len(checks) == 0 {
		return append(list, "no run has looked for findings yet; the next one that reads all products does"), nil
	}
	var last time.Time
	for _, at := range checks {
		if at.After(last) {
			last = at
		}
	}
	old := map[time.Time][]string{}
	for _, k := range Kinds(s.Model.Tools()) {
		if at, ok := checks[k.Name]; ok && at.Before(last) {
			old[at] = append(old[at], k.Name)
		}
	}
	times := make([]time.Time, 0, len(old))
	for at := range old {
		times = append(times, at)
	}
	slices.SortFunc(times, time.Time.Compare)
	for _, at := range times {
		list = append(list, fmt.Sprintf("last looked for on %s, since what they rest on was not read whole after that: %s",
			at.UTC().Format("2006-01-02 15:04 UTC"), strings.Join(old[at], ", ")))
	}
	return list, nil
}
