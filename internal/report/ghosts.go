package report

import (
	"cmp"
	"context"
	"fmt"
	"slices"
	"strings"
	"time"

	"assetgraph/converters"
)

// The kinds of ghosts.
const (
	StaleEverywhere = "stale-everywhere" // a machine that no product has seen for long
	Decommissioned  = "decommissioned"   // a product has given the machine up, others still see it
	Duplicate       = "duplicate"        // an older record of a product that has a newer one of the same machine
	NoMachine       = "no-machine"       // a record that belongs to no machine
)

// Ghosts lists what products keep of machines that are not there any more, or not there as they say. A seat is wasted
// by each live record of a machine that is stale everywhere, and by each duplicate.
func Ghosts(ctx context.Context, s Source, o Options) (*Report, error) {
	i, err := readInventory(ctx, s, o.Excludes, o.Now, ofRecords|ofCustomers)
	if err != nil {
		return nil, err
	}
	if err := i.check(o.Organizations); err != nil {
		return nil, err
	}
	return i.ghosts(&o), nil
}

func (i *inventory) ghosts(o *Options) *Report {
	out := i.report("ghosts", "Ghosts", organizationColumn(), hostnameColumn(),
		Column{Name: "kind", Title: "Kind", Least: len(StaleEverywhere)}, figureColumn("seats", "Seats"), reasonColumn(),
		Column{Name: "product", Title: "Product", Kind: Texts, Least: 11, Optional: true}, lastSeenColumn(), serialColumn(),
		Column{Name: "record", Title: "Record", Least: 48, Optional: true}, deviceColumn())
	g := &ghostFinder{inventory: i, options: o, tools: i.Model.Tools(), out: out}
	for _, kind := range []string{StaleEverywhere, Decommissioned, Duplicate, NoMachine} {
		g.sums.add(kind, 0)
	}
	g.sums.add("seats", 0)
	for n, m := range i.machines(o) {
		g.look(m, i.recordsOf(n))
	}
	for n := range i.loose() {
		g.addLoose(&i.loose()[n])
	}
	slices.SortStableFunc(out.Rows, byRows(3))
	out.Figures = g.sums.figures
	out.Summary = g.sentences()
	return out
}

type ghostFinder struct {
	*inventory
	options *Options
	tools   []*converters.Tool
	sums    totals
	out     *Report
}

func (g *ghostFinder) sentences() []string {
	if len(g.out.Rows) == 0 {
		return []string{"No ghosts."}
	}
	n := func(kind string) int { return int(g.out.figure(kind)) }
	list := []string{fmt.Sprintf(
		"%s that nobody has seen for long, %d given up by one product and seen by another, %s, %s of no machine.",
		count(n(StaleEverywhere), "machine"), n(Decommissioned), count(n(Duplicate), "duplicate"),
		count(n(NoMachine), "record"))}
	if seats := n("seats"); seats > 0 {
		list = append(list, "Wasted: "+count(seats, "seat")+".")
	}
	return list
}

func (g *ghostFinder) add(
	kind string, m *machine, r *record, product string, seats int, seen time.Time, reason string,
) {
	row := []any{g.fleet.names[m.organization], m.name, kind, int64(seats), reason, product, timeCell(seen), m.serial, "",
		m.key}
	if r != nil {
		row[8] = string(r.key)
	}
	g.out.Rows = append(g.out.Rows, row)
	g.sums.add(kind, 1)
	g.sums.add("seats", int64(seats))
}

// look adds what is wrong with a machine. Of one that is stale everywhere nothing else is said: all of it can go.
func (g *ghostFinder) look(m *machine, list []record) {
	live := make([]int, len(g.tools))
	gone := make([]*record, len(g.tools)) // the last seen of each tool
	var products []string
	seats := 0
	var last *record // the last seen live one
	for n := range list {
		r := &list[n]
		switch r.state {
		case converters.Live:
			if live[r.tool] == 0 {
				products = append(products, g.tools[r.tool].Product)
			}
			live[r.tool]++
			seats++
			if last == nil || r.seen.After(last.seen) {
				last = r
			}
		case converters.Gone:
			if gone[r.tool] == nil || r.seen.After(gone[r.tool].seen) {
				gone[r.tool] = r
			}
		case converters.Waiting, converters.Observed, converters.NoMachine:
		}
	}
	if last := m.lastSeen(); g.options.isStale(last) {
		g.add(StaleEverywhere, m, nil, joined(products), seats, last, "last seen "+g.options.ago(last))
		return
	}
	for tool, r := range gone {
		if r != nil && live[tool] == 0 && last != nil && !g.options.isStale(last.seen) {
			g.add(Decommissioned, m, r, g.tools[tool].Product, 0, r.seen, fmt.Sprintf("%s%s; %s sees the machine%s",
				article(converters.Gone.String()+" "+g.tools[tool].Noun), g.seen(", last seen ", r.seen),
				g.tools[last.tool].Product, g.seen(", last on ", last.seen)))
		}
	}
	for tool, n := range live {
		if n > 1 {
			g.addDuplicates(m, list, tool)
		}
	}
}

func (g *ghostFinder) seen(begin string, t time.Time) string {
	if t.IsZero() {
		return ""
	}
	return begin + g.options.ago(t)
}

// addDuplicates adds all live records of a tool but the one that was seen last.
func (g *ghostFinder) addDuplicates(m *machine, list []record, tool int) {
	var live []*record
	for n := range list {
		if r := &list[n]; r.tool == tool && r.state == converters.Live {
			live = append(live, r)
		}
	}
	slices.SortStableFunc(live, func(a, b *record) int { return b.seen.Compare(a.seen) })
	for _, r := range live[1:] {
		g.add(Duplicate, m, r, g.tools[tool].Product, 1, r.seen,
			fmt.Sprintf("%s %s%s; %s was seen later", g.tools[tool].Noun, r.id, g.seen(", last seen ", r.seen), live[0].id))
	}
}

// addLoose adds a record that belongs to no machine, where its customer is asked for. Exclusions are of machines, and
// leave none of these out.
func (g *ghostFinder) addLoose(r *record) {
	organization := g.organizationOf(r.customer)
	name := g.fleet.names[organization]
	if len(g.options.Systems) > 0 || !g.options.about(organization, name) {
		return
	}
	reason := "its identifiers are too poor, or contradict each other"
	if r.state == converters.NoMachine {
		reason = "no machine that other products could know"
	}
	if r.kind != "" {
		reason = strings.ToLower(strings.ReplaceAll(r.kind, "_", " ")) + ": " + reason
	}
	g.out.Rows = append(g.out.Rows, []any{name, cmp.Or(r.name, r.id), NoMachine, int64(0), reason,
		g.tools[r.tool].Product, timeCell(r.seen), "", string(r.key), ""})
	g.sums.add(NoMachine, 1)
}
