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
	Unlooked []string // of these, what names kinds that were not looked for lately

	kinds     []Kind
	customers []string // the names that there are
}

// Read returns the findings that are kept. A *report.UnknownError says that there is no kind or customer of a name that
// was given.
func Read(ctx context.Context, s report.Source, o ListOptions) (*List, error) {
	out := &List{Findings: []Finding{}, kinds: Kinds(s.Model.Tools())}
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
	names, err := s.CustomerNames(ctx)
	if err != nil {
		return nil, err
	}
	out.customers = slices.AppendSeq(names, maps.Keys(customers))
	slices.Sort(out.customers)
	out.customers = slices.Compact(out.customers)
	if err := report.CheckCustomers(o.Customers, out.customers); err != nil {
		return nil, err
	}
	fresh, err := report.Fresh(ctx, s, o.Now)
	if err != nil {
		return nil, err
	}
	out.Unlooked, err = unlooked(ctx, s, out.kinds)
	out.Notes = slices.Concat(fresh.Notes, out.Unlooked)
	return out, err
}

// Select returns which findings of a list are asked for, by their indexes. The list has to have been read at the same
// time, and hold all that may be asked for. Errors are those of Read.
func (l *List) Select(o ListOptions) ([]int, error) {
	if err := checkKinds(o.Kinds, l.kinds); err != nil {
		return nil, err
	}
	if err := report.CheckCustomers(o.Customers, l.customers); err != nil {
		return nil, err
	}
	wanted := make([]int, 0, len(l.Findings))
	for i := range l.Findings {
		if o.wants(&l.Findings[i]) {
			wanted = append(wanted, i)
		}
	}
	return wanted, nil
}

// A KindCount is how many findings are of a kind, and since when the oldest of them is open.
type KindCount struct {
	Kind     string        `json:"kind"`
	Doc      string        `json:"about"` // completes "a machine that"; "" for a kind that the program does not know any more
	Findings int           `json:"findings"`
	Since    string        `json:"since"`
	Age      time.Duration `json:"-"` // of the oldest
}

// ByKind counts some findings, by their indexes: kinds that none of them has are left out.
func (l *List) ByKind(rows []int) []KindCount {
	list := make([]KindCount, len(l.kinds))
	index := map[string]int{}
	for i, k := range l.kinds {
		list[i], index[k.Name] = KindCount{Kind: k.Name, Doc: k.Doc}, i
	}
	for _, row := range rows {
		f := &l.Findings[row]
		i, known := index[f.Kind]
		if !known {
			i = len(list)
			list, index[f.Kind] = append(list, KindCount{Kind: f.Kind}), i
		}
		k := &list[i]
		k.Findings++
		if f.OpenedOn != nil && (k.Since == "" || *f.OpenedOn < k.Since) {
			k.Since, k.Age = *f.OpenedOn, f.Age
		}
	}
	return slices.DeleteFunc(list, func(k KindCount) bool { return k.Findings == 0 })
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

func checkKinds(asked []string, kinds []Kind) error {
	names := Names(kinds)
	for _, a := range asked {
		if !anyIs(a, names) {
			return &report.UnknownError{Kind: "kind of findings", Name: a, Near: names}
		}
	}
	return nil
}

// anyIs reports whether one of the names is asked for by that name or glob.
func anyIs(asked string, names []string) bool {
	return slices.ContainsFunc(names, func(name string) bool { return report.Fits(asked, name) })
}

// unlooked says which kinds were not looked for lately.
func unlooked(ctx context.Context, s report.Source, kinds []Kind) (list []string, _ error) {
	checks, err := s.Store.FindingChecks(ctx)
	if err != nil {
		return nil, err
	}
	if len(checks) == 0 {
		return []string{"no run has looked for findings yet; the next one that reads all products does"}, nil
	}
	var last time.Time
	for _, at := range checks {
		if at.After(last) {
			last = at
		}
	}
	old := map[time.Time][]string{}
	for _, k := range kinds {
		if at, ok := checks[k.Name]; ok && at.Before(last) {
			old[at] = append(old[at], k.Name)
		}
	}
	for _, at := range slices.SortedFunc(maps.Keys(old), time.Time.Compare) {
		list = append(list, fmt.Sprintf("last looked for on %s, since what they rest on was not read whole after that: %s",
			at.UTC().Format("2006-01-02 15:04 UTC"), strings.Join(old[at], ", ")))
	}
	return list, nil
}
