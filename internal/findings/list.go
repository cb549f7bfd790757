package findings

import (
	"cmp"
	"context"
	"fmt"
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
}

// A Finding is one row. The names of its members are a contract. Times are in graph.TimeLayout, null where there is none.
type Finding struct {
	ID           string  `json:"id"`
	Kind         string  `json:"kind"`
	State        string  `json:"state"`  // open, reopened, accepted or closed
	Device       string  `json:"device"` // _key of it, which the graph need not hold any more
	Name         string  `json:"name"`
	Organization string  `json:"organization"` // "" for a machine of no customer
	Reason       string  `json:"reason"`
	FirstSeenOn  *string `json:"firstSeenOn"`
	OpenedOn     *string `json:"openedOn"`
	LastSeenOn   *string `json:"lastSeenOn"`
	ClosedOn     *string `json:"closedOn"`
	Opened       int     `json:"opened"`    // how often
	Exception    string  `json:"exception"` // why it is accepted; "" where it is not
	Owner        string  `json:"owner"`     // of the exception
	Until        *string `json:"until"`     // its last day; null for ever

	Age time.Duration `json:"-"` // since it was opened
}

// Read returns the findings that are kept. A *report.UnknownError says that there is no kind or customer of a name that
// was given.
func Read(ctx context.Context, s report.Source, o ListOptions) (*List, error) {
	if err := checkKinds(o.Kinds, Kinds(s.Model.Tools())); err != nil {
		return nil, err
	}
	out := &List{Findings: []Finding{}}
	customers := map[string]bool{}
	for f, err := range s.Store.Findings(ctx, graph.FindingSelection{States: stored(o.States)}) {
		if err != nil {
			return nil, err
		}
		customers[f.Organization] = true
		if f = f.At(o.Now); o.wants(&f) {
			out.Findings = append(out.Findings, rowOf(&f, o.Now))
		}
	}
	slices.SortFunc(out.Findings, func(a, b Finding) int {
		return cmp.Or(report.ByName(a.Organization, b.Organization), report.ByName(a.Name, b.Name),
			cmp.Compare(a.Device, b.Device), cmp.Compare(a.Kind, b.Kind))
	})
	if err := checkCustomers(ctx, s, o.Customers, customers); err != nil {
		return nil, err
	}
	var err error
	out.Notes, err = notes(ctx, s, o.Now)
	return out, err
}

// stored returns the states in which findings are kept that may be in one of the asked for by now: an exception may have
// ended since the last run.
func stored(asked []graph.FindingState) []graph.FindingState {
	if slices.Contains(asked, graph.FindingReopened) && !slices.Contains(asked, graph.FindingAccepted) {
		return append(slices.Clone(asked), graph.FindingAccepted)
	}
	return asked
}

func (o *ListOptions) wants(f *graph.Finding) bool {
	return (o.States == nil || slices.Contains(o.States, f.State)) && anyFits(o.Kinds, f.Kind) &&
		anyFits(o.Customers, f.Organization) && anyFits(o.Machines, f.Name, string(f.Device)) &&
		o.Now.Sub(f.OpenedOn) >= o.OlderThan
}

func rowOf(f *graph.Finding, now time.Time) Finding {
	row := Finding{
		ID: f.ID, Kind: f.Kind, State: string(f.State), Device: string(f.Device), Name: f.Name,
		Organization: f.Organization, Reason: f.Reason, FirstSeenOn: textOf(f.FirstSeenOn), OpenedOn: textOf(f.OpenedOn),
		LastSeenOn: textOf(f.LastSeenOn), ClosedOn: textOf(f.ClosedOn), Opened: f.Opened,
		Exception: f.Exception.Reason, Owner: f.Exception.Owner, Age: max(0, now.Sub(f.OpenedOn)),
	}
	if until := f.Exception.Until; !until.IsZero() {
		day := until.Add(-time.Nanosecond).UTC().Format(time.DateOnly)
		row.Until = &day
	}
	return row
}

func textOf(t time.Time) *string {
	if t.IsZero() {
		return nil
	}
	text := t.UTC().Format(graph.TimeLayout)
	return &text
}

func checkKinds(asked []string, kinds []Kind) error {
	names := Names(kinds)
	for _, a := range asked {
		if !slices.ContainsFunc(names, func(name string) bool { return report.Fits(a, name) }) {
			return &report.UnknownError{Kind: "kind of findings", Name: a, Near: names}
		}
	}
	return nil
}

// checkCustomers looks in the graph too for the names of customers that have no findings.
func checkCustomers(ctx context.Context, s report.Source, asked []string, known map[string]bool) error {
	missing := slices.DeleteFunc(slices.Clone(asked), func(a string) bool {
		for name := range known {
			if report.Fits(a, name) {
				return true
			}
		}
		return false
	})
	if len(missing) == 0 {
		return nil
	}
	var names []string
	selection := graph.Selection{Type: s.Schema.Type("organization"), Properties: []string{"name"}}
	for e, err := range s.Store.Elements(ctx, selection) {
		if err != nil {
			return fmt.Errorf("read customers: %w", err)
		}
		names = append(names, e.Get("name").Text())
	}
	for _, a := range missing {
		if !slices.ContainsFunc(names, func(name string) bool { return report.Fits(a, name) }) {
			return &report.UnknownError{Kind: "organization", Name: a, Near: report.Nearest(a, names)}
		}
	}
	return nil
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
