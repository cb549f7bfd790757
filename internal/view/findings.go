package view

import (
	"cmp"
	"context"
	"errors"
	"net/http"
	"net/url"
	"slices"
	"strings"
	"time"

	"assetgraph/graph"
	"assetgraph/internal/findings"
	"assetgraph/internal/settings"
)

// A book is all findings that are kept, as they stood when the fleet was read.
type book struct {
	list *findings.List
	kept kept // of its findings
}

// findings returns the findings of the graph that a fleet was read of. Requests wait for one reading together.
func (v *View) findings(ctx context.Context, f *fleet) (*book, error) {
	f.mu.Lock()
	if f.book == nil {
		f.book = begin(v.reads, func(ctx context.Context) (*book, error) {
			list, err := findings.Read(ctx, v.o.Source, findings.ListOptions{Now: f.read})
			return &book{list: list}, err
		}, func() {
			f.mu.Lock()
			defer f.mu.Unlock()
			f.book = nil
		})
	}
	reading := f.book
	f.mu.Unlock()
	if reading == nil {
		return nil, errors.New("the graph changes faster than it can be read: try again")
	}
	return reading.wait(ctx)
}

// ofCustomer returns the findings of a customer's machines that are not closed.
func (b *book) ofCustomer(f *fleet, customer graph.Key) []int {
	return b.where(func(one *findings.Finding) bool {
		i, there := f.machines[one.Device]
		return there && f.coverage.Gaps[i].Customer == customer && one.State != string(graph.FindingClosed)
	})
}

// ofMachine returns the findings of a machine.
func (b *book) ofMachine(device string) []int {
	return b.where(func(one *findings.Finding) bool { return one.Device == device })
}

// anyAccepted reports whether somebody has accepted one of some findings.
func (b *book) anyAccepted(rows []int) bool {
	return slices.ContainsFunc(rows, func(row int) bool {
		return b.list.Findings[row].State == string(graph.FindingAccepted)
	})
}

func (b *book) where(fits func(*findings.Finding) bool) []int {
	rows := []int{}
	for i := range b.list.Findings {
		if fits(&b.list.Findings[i]) {
			rows = append(rows, i)
		}
	}
	return rows
}

// allStates is how an address asks for findings whatever their state.
const allStates = "all"

// A findingForm is what the page of findings was asked for, and what there is to choose from.
type findingForm struct {
	Kind, Customer, Machine, State, OlderThan string
	Kinds, States                             []option
	Sentence, Accepted                        string
	Several                                   bool // findings are of several kinds
	Notes                                     []string
}

// An option is a value that people choose by what it is called.
type option struct{ Value, Text string }

func (v *View) findingsPage(r *http.Request) (*content, error) {
	f, err := v.fleet(r.Context())
	if err != nil {
		return nil, err
	}
	b, err := v.findings(r.Context(), f)
	if err != nil {
		return nil, err
	}
	form := v.findingForm(r.URL.Query())
	o, err := form.options()
	if err != nil {
		return nil, err
	}
	rows, err := b.list.Select(o)
	if err != nil {
		return nil, err
	}
	t := v.findingsTable(f, b, rows, o.States == nil || slices.Contains(o.States, graph.FindingAccepted))
	t.name, t.caption = "findings", "Findings"
	form.Notes = b.list.Notes
	if len(rows) > 0 {
		form.Sentence = counted(len(rows), "finding") + " of " + counted(t.different(rows, "device"), "machine") + "."
	}
	kinds := kindsTable(b.list.ByKind(rows), r.URL)
	form.Several = kinds.rows > 1
	return &content{title: "Findings", template: "findings", data: form, tables: []*table{t, kinds}}, nil
}

// findingForm reads what was asked for, by the names of the flags of `findings`.
func (v *View) findingForm(q url.Values) *findingForm {
	text := func(name string) string { return strings.TrimSpace(q.Get(name)) }
	form := &findingForm{
		Kind: text("kind"), Customer: text("customer"), Machine: text("machine"), State: strings.ToLower(text("state")),
		OlderThan: text("older-than"), Accepted: address("/findings", "state", string(graph.FindingAccepted)),
		States: []option{{"", strings.Join(findings.UsualStates(), " and ")}},
	}
	for _, s := range graph.FindingStates() {
		form.States = append(form.States, option{string(s), string(s)})
	}
	form.States = append(form.States, option{allStates, "any"})
	for _, k := range findings.Kinds(v.o.Source.Model.Tools()) {
		form.Kinds = append(form.Kinds, option{k.Name, k.Name + ": " + k.Doc})
	}
	known := func(list []option, value string) []option {
		if value == "" || slices.ContainsFunc(list, func(o option) bool { return o.Value == value }) {
			return list
		}
		return append(list, option{value, value})
	}
	form.Kinds, form.States = known(form.Kinds, form.Kind), known(form.States, form.State)
	return form
}

func (f *findingForm) options() (o findings.ListOptions, err error) {
	one := func(text string) []string {
		if text == "" {
			return nil
		}
		return []string{text}
	}
	o = findings.ListOptions{
		Kinds: findings.Split(f.Kind), Customers: one(f.Customer), Machines: one(f.Machine),
	}
	states := cmp.Or(f.State, strings.Join(findings.UsualStates(), ","))
	if o.States, err = findings.ChosenStates(findings.Split(states)); err != nil {
		return o, badRequest("There is no state %s.", err)
	}
	if f.OlderThan != "" {
		if o.OlderThan, err = settings.ParseDuration(f.OlderThan); err != nil {
			return o, badRequest("%s.", err)
		}
	}
	return o, nil
}

// kindsTable says how many of some findings there are of which kind, and which is the oldest of them.
func kindsTable(list []findings.KindCount, at *url.URL) *table {
	return &table{
		name: "kinds", caption: "By kind", rows: len(list), size: len(list), none: "None.",
		columns: []column{
			{name: "kind", title: "Kind"}, {name: "about", title: "The machine", roomy: true},
			{name: "findings", title: "Findings", number: true}, {name: "since", title: "The oldest since (UTC)"},
		},
		value: func(row, i int) any {
			k := &list[row]
			return []any{k.Kind, k.Doc, int64(k.Findings), k.Since}[i]
		},
		cell: func(row, i int) cell {
			k := &list[row]
			switch i {
			case 0:
				q := at.Query()
				q.Set("kind", k.Kind)
				return cell{Text: k.Kind, Link: at.Path + "?" + q.Encode()}
			case 3:
				return aged(k.Since, k.Age)
			}
			return cell{}
		},
	}
}

// findingColumns are the columns of findings as people read them, by those of findings.Columns.
func findingColumns() map[string]column {
	return map[string]column{
		"id": {title: "Finding", code: true}, "kind": {title: "Kind", whole: true}, "state": {title: "State"},
		"device": {title: "Key", code: true}, "name": {title: "Machine"}, "organization": {title: "Customer"},
		"reason": {title: "Why", roomy: true}, "firstSeenOn": {title: "First seen (UTC)"}, "openedOn": {title: "Since (UTC)"},
		"lastSeenOn": {title: "Last seen (UTC)"}, "closedOn": {title: "Closed (UTC)"},
		"opened": {title: "Times", number: true}, "exception": {title: "Accepted because", roomy: true},
		"owner": {title: "Answers for it"}, "until": {title: "Accepted until", whole: true},
	}
}

// findingsTable shows findings, by the members of findings.Finding: those of the named rows, nil for all. With accepted
// ones, why they are comes before times.
func (v *View) findingsTable(f *fleet, b *book, only []int, accepted bool) *table {
	order := []string{"name", "kind", "state", "openedOn", "reason", "organization"}
	why, times := []string{"exception", "owner", "until"}, []string{"lastSeenOn", "firstSeenOn", "closedOn", "opened"}
	if accepted {
		order = slices.Concat(order, why, times)
	} else {
		order = slices.Concat(order, times, why)
	}
	order = append(order, "id", "device")
	shown, list := findingColumns(), b.list.Findings
	t := &table{rows: len(list), only: only, kept: &b.kept, none: "There are no such findings."}
	places := make([]int, len(order))
	for i, name := range order {
		c := shown[name]
		c.name = name
		t.columns, places[i] = append(t.columns, c), slices.Index(findings.Columns(), name)
	}
	t.value = func(row, i int) any { return list[row].Value(places[i]) }
	t.cell = func(row, i int) cell { return findingCell(f, &list[row], order[i]) }
	return t
}

// findingCell shows what stands in a column of a finding; no cell for what is shown as any value is.
func findingCell(f *fleet, one *findings.Finding, name string) cell {
	switch name {
	case "name":
		c := cell{Text: cmp.Or(one.Name, "(no name)")}
		if _, there := f.machines[one.Device]; there {
			c.Link = explained(one.Device)
		}
		return c
	case "organization":
		return f.customerOf(one)
	case "state":
		return stateCell(one)
	case "openedOn":
		if one.OpenedOn != nil {
			return aged(*one.OpenedOn, one.Age)
		}
	case "until":
		if one.State == string(graph.FindingAccepted) && one.Until == nil {
			return cell{Text: "for ever"}
		}
	}
	return cell{}
}

// customerOf shows the customer of a finding, which leads to its page if there is one.
func (f *fleet) customerOf(one *findings.Finding) cell {
	if i, there := f.machines[one.Device]; there && f.coverage.Gaps[i].Organization == one.Organization {
		return f.customer(one.Organization, f.coverage.Gaps[i].Customer)
	}
	c := cell{Text: cmp.Or(one.Organization, noCustomer)}
	if _, there := f.shared[one.Organization]; there {
		c.Link = address("/customer", "name", one.Organization)
	}
	return c
}

// stateCell shows where a finding stands: by a sign and a colour beside the word.
func stateCell(f *findings.Finding) cell {
	c := cell{Text: f.State, Sign: "!", Class: "warn"}
	switch graph.FindingState(f.State) {
	case graph.FindingOpen:
	case graph.FindingReopened:
		c.Sign = "↻"
	case graph.FindingAccepted:
		c.Sign, c.Class = "–", ""
	case graph.FindingClosed:
		c.Sign, c.Class = "✓", "good"
	}
	return c
}

// aged shows since when something is, and how long that is.
func aged(since string, age time.Duration) cell {
	c := plain(since)
	const day = 24 * time.Hour
	switch {
	case age < time.Hour:
		c.Sub = "under an hour"
	case age < day:
		c.Sub = counted(int(age/time.Hour), "hour")
	default:
		c.Sub = counted(int(age/day), "day")
	}
	return c
}
