package findings

import (
	"fmt"
	"slices"
	"strings"
	"time"

	"assetgraph/graph"
)

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

// Columns returns the names of the members of a Finding, as those call them who have them in rows.
func Columns() []string {
	return []string{
		"id", "kind", "state", "device", "name", "organization", "reason", "firstSeenOn", "openedOn", "lastSeenOn",
		"closedOn", "opened", "exception", "owner", "until",
	}
}

// Value returns what stands in a column, by its index in Columns: a string, an int64, or nil for none.
func (f *Finding) Value(column int) any {
	const texts, times = 7, 11 // where others follow them
	switch {
	case column < texts:
		return [...]string{f.ID, f.Kind, f.State, f.Device, f.Name, f.Organization, f.Reason}[column]
	case column < times:
		return orNil([...]*string{f.FirstSeenOn, f.OpenedOn, f.LastSeenOn, f.ClosedOn}[column-texts])
	}
	return [...]any{int64(f.Opened), f.Exception, f.Owner, orNil(f.Until)}[column-times]
}

func orNil(s *string) any {
	if s == nil {
		return nil
	}
	return *s
}

// Days is how many days ago it was opened.
func (f *Finding) Days() int { return int(f.Age / (24 * time.Hour)) }

// Split returns names that stand in a text with commas between, nil for none.
func Split(text string) (list []string) {
	for name := range strings.SplitSeq(text, ",") {
		if name = strings.TrimSpace(name); name != "" {
			list = append(list, name)
		}
	}
	return list
}

// ChosenStates reads names of states in any case, nil for all of them.
func ChosenStates(names []string) (list []graph.FindingState, _ error) {
	for _, name := range names {
		state := graph.FindingState(strings.ToLower(strings.TrimSpace(name)))
		if state == "all" {
			return nil, nil
		}
		if !slices.Contains(graph.FindingStates(), state) {
			return nil, fmt.Errorf("%s: known are open, reopened, accepted, closed, all", name)
		}
		list = append(list, state)
	}
	return list, nil
}

// UsualStates are the names of those that wait for somebody, which people see who ask for no states.
func UsualStates() []string {
	return []string{string(graph.FindingOpen), string(graph.FindingReopened)}
}

// rows make rows of findings. A hundred thousand findings have a few names and times: each of these is kept once.
type rows struct {
	now   time.Time
	names map[string]string
	times map[time.Time]*string
}

func newRows(now time.Time) *rows {
	return &rows{now: now, names: map[string]string{}, times: map[time.Time]*string{}}
}

func (r *rows) of(f graph.Finding) Finding {
	row := Finding{
		ID: f.ID, Kind: r.name(f.Kind), State: r.name(string(f.State)), Device: r.name(string(f.Device)),
		Name: r.name(f.Name), Organization: r.name(f.Organization), Reason: r.name(f.Reason),
		FirstSeenOn: r.time(f.FirstSeenOn), OpenedOn: r.time(f.OpenedOn), LastSeenOn: r.time(f.LastSeenOn),
		ClosedOn: r.time(f.ClosedOn), Opened: f.Opened, Exception: r.name(f.Exception.Reason),
		Owner: r.name(f.Exception.Owner), Age: max(0, r.now.Sub(f.OpenedOn)),
	}
	if until := f.Exception.Until; !until.IsZero() {
		day := r.name(until.Add(-time.Nanosecond).UTC().Format(time.DateOnly))
		row.Until = &day
	}
	return row
}

func (r *rows) name(s string) string {
	if kept, ok := r.names[s]; ok {
		return kept
	}
	r.names[s] = s
	return s
}

func (r *rows) time(t time.Time) *string {
	if t.IsZero() {
		return nil
	}
	text, ok := r.times[t]
	if !ok {
		s := t.UTC().Format(graph.TimeLayout)
		text = &s
		r.times[t] = text
	}
	return text
}
