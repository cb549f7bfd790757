package report

import (
	"context"
	"fmt"
	"slices"
	"strings"

	"assetgraph/converters"
)

// Worklist lists each gap of Cover on a line of its own, with where to act: the machine's record in each product that
// has one, by its id and its page of the console, and the customer of the product that the machine lacks.
func Worklist(ctx context.Context, s Source, o CoverOptions) (*Report, error) {
	i, err := readInventory(ctx, s, o.Excludes, o.Now, ofRecords|ofCustomers|ofAges)
	if err != nil {
		return nil, err
	}
	return i.worklist(o)
}

func (i *inventory) worklist(o CoverOptions) (*Report, error) {
	c, err := newCoverer(i.Model.Tools(), i.fleet, i.sources, o).cover()
	if err != nil {
		return nil, err
	}
	c.SortGaps(Order{})
	tools := i.Model.Tools()
	columns := []Column{organizationColumn(), hostnameColumn(), {Name: "gap", Title: "Gap", Least: 9}, reasonColumn(),
		{Name: "target", Title: "Where", Kind: Texts, Least: 12, Optional: true},
		{Name: "targetId", Title: "Id there", Kind: Texts, Least: 10, Optional: true},
		{Name: "targetLink", Title: "Page there", Kind: Link, Least: 30, Optional: true}}
	for _, t := range tools {
		columns = append(columns,
			Column{Name: t.Name + "Id", Title: t.Product + " id", Least: 10, Optional: true},
			Column{Name: t.Name + "Link", Title: t.Product + " page", Kind: Link, Least: 30, Optional: true})
	}
	out := i.report("worklist", "Worklist", append(columns, serialColumn(), lastSeenColumn(), deviceColumn(),
		Column{Name: "since", Title: "Since", Kind: Day, Least: 10, Optional: true})...)
	index := make(map[string]int, len(c.Gaps))
	for n := range i.fleet.machines {
		index[i.fleet.machines[n].key] = n
	}
	var sums totals
	sums.add("machines", int64(len(c.Gaps)))
	for n := range c.Gaps {
		g := &c.Gaps[n]
		m := index[g.Device]
		words, reasons := strings.Split(g.Missing, ";"), strings.Split(g.Reason, "; ")
		since := append(strings.Split(g.Since, ";"), make([]string, len(words))...) // of none where no finding is known
		for w, word := range words {
			if len(o.Missing) > 0 && !meant(tools, o.Missing, word) {
				continue
			}
			target := i.targetOf(&i.fleet.machines[m], toolOfWord(tools, word))
			row := []any{g.Organization, g.Hostname, word, reasonFor(word, words, reasons), target.name, target.id, target.link}
			for tool := range tools {
				row = append(row, "", "")
				if r := i.bestRecord(m, tool); r != nil {
					row[len(row)-2], row[len(row)-1] = r.id, r.link
				}
			}
			var seen any
			if g.LastSeenOn != nil {
				seen = *g.LastSeenOn
			}
			out.Rows = append(out.Rows, append(row, g.Serial, seen, g.Device, textOrNil(since[w])))
			sums.add(word, 1)
		}
	}
	out.Figures = sums.figures
	out.Summary = []string{fmt.Sprintf("%s on %s.", count(len(out.Rows), "gap"), count(len(c.Gaps), "machine"))}
	return out, nil
}

// textOrNil makes a cell of a text, nil of none.
func textOrNil(text string) any {
	if text == "" {
		return nil
	}
	return text
}

// reasonFor returns the reason for one of the words that a machine lacks. A reason begins with its word and may hold
// what parts reasons.
func reasonFor(word string, words, parts []string) string {
	begins := func(part string) bool {
		return slices.ContainsFunc(words, func(w string) bool { return strings.HasPrefix(part, w+": ") })
	}
	n := slices.IndexFunc(parts, func(part string) bool { return strings.HasPrefix(part, word+": ") })
	if n < 0 {
		return ""
	}
	end := n + 1
	for end < len(parts) && !begins(parts[end]) {
		end++
	}
	return strings.TrimPrefix(strings.Join(parts[n:end], "; "), word+": ")
}

// meant reports whether a word is one that is asked for, or one of a group that is: edr-disabled of edr-unprotected.
func meant(tools []*converters.Tool, asked []string, word string) bool {
	tool := toolOfWord(tools, word)
	return slices.Contains(asked, word) || tool >= 0 && tools[tool].Tells() &&
		slices.Contains(asked, tools[tool].Name+"-"+tools[tool].Fails) && strings.HasPrefix(word, tools[tool].Name+"-")
}

// toolOfWord returns the index of the tool of which a word tells: edr, stale-edr, edr-disabled. -1 for none.
func toolOfWord(tools []*converters.Tool, word string) int {
	return slices.IndexFunc(tools, func(t *converters.Tool) bool {
		return word == t.Name || word == stale+t.Name || strings.HasPrefix(word, t.Name+"-")
	})
}

// targetOf returns what the product of a tool calls the machine's customer, in ;-lists where it has several.
func (i *inventory) targetOf(m *machine, tool int) (target struct{ name, id, link string }) {
	if tool < 0 {
		return target
	}
	var names, ids, links []string
	for _, c := range i.called[m.organization] {
		if m.organization == "" || !i.gives(c.integration, tool) {
			continue
		}
		names, ids = append(names, c.name), append(ids, c.id)
		if c.link != "" {
			links = append(links, c.link)
		}
	}
	target.name, target.id, target.link = joined(names), joined(ids), joined(links)
	return target
}

// gives reports whether a product gives a tool.
func (i *inventory) gives(integration string, tool int) bool {
	return slices.ContainsFunc(i.recordTypes(),
		func(r recordType) bool { return r.tool == tool && r.t.Integration == integration })
}

// bestRecord returns the record by which people find a machine in the product of a tool: of the best state, the one
// that was seen last; nil for none.
func (i *inventory) bestRecord(machine, tool int) *record {
	var best *record
	list := i.recordsOf(machine)
	for n := range list {
		r := &list[n]
		if r.tool == tool &&
			(best == nil || r.state < best.state || r.state == best.state && r.seen.After(best.seen)) {
			best = r
		}
	}
	return best
}
