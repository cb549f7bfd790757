package report

import (
	"cmp"
	"slices"
	"strings"

	"assetgraph/converters"
)

// MissingWords returns what a machine can lack, as the column `missing` writes it: each tool, each tool that is stale,
// and what keeps each from its work; with a word for all of the last, such as edr-unprotected, which stands in no column.
func MissingWords(tools []*converters.Tool) []string {
	var words []string
	for _, begin := range []string{"", stale} {
		for _, t := range tools {
			words = append(words, begin+t.Name)
		}
	}
	for _, t := range tools {
		if t.Tells() {
			words = append(append(words, t.Name+"-"+t.Fails), workWords(t)...)
		}
	}
	return words
}

// GapWords returns the words that the column `missing` can have of one tool: that it lacks, that it is stale, and what
// keeps it from its work.
func GapWords(t *converters.Tool) []string {
	return append([]string{t.Name, stale + t.Name}, workWords(t)...)
}

// workWords returns the words for what keeps a tool from its work; none where nothing tells.
func workWords(t *converters.Tool) (words []string) {
	if t.Tells() {
		for _, word := range converters.AllAilments.Words() {
			words = append(words, t.Name+"-"+word)
		}
	}
	return words
}

// stale stands before a tool that a machine has and that was not seen for long.
const stale = "stale-"

// CheckMissing returns the words in lower case, an *UnknownError for one that is none.
func CheckMissing(tools []*converters.Tool, words []string) ([]string, error) {
	known := MissingWords(tools)
	var out []string
	for _, w := range words {
		w = strings.ToLower(strings.TrimSpace(w))
		if !slices.Contains(known, w) {
			return nil, &UnknownError{Kind: "tool", Name: w, Near: known}
		}
		out = append(out, w)
	}
	return out, nil
}

// An Order is a column by which rows are sorted.
type Order struct {
	column  string
	reverse bool
}

// A key compares two rows by one column: texts, of which an empty one comes last in either order, or figures.
type key[T any] struct {
	column string
	text   func(*T) string
	figure func(*T) int // where text is nil
}

func gapKeys() []key[Gap] {
	return []key[Gap]{
		{column: "organization", text: func(g *Gap) string { return g.Organization }},
		{column: "device", text: func(g *Gap) string { return g.Device }},
		{column: "hostname", text: func(g *Gap) string { return g.Hostname }},
		{column: "serial", text: func(g *Gap) string { return g.Serial }},
		{column: "missing", text: func(g *Gap) string { return g.Missing }},
		{column: "reason", text: func(g *Gap) string { return g.Reason }},
		{column: "lastSeenOn", text: func(g *Gap) string {
			if g.LastSeenOn == nil {
				return ""
			}
			return *g.LastSeenOn
		}},
		{column: "sources", text: func(g *Gap) string { return g.Sources }},
		{column: "since", text: func(g *Gap) string { return g.oldest() }},
	}
}

// GapColumns returns the names of the columns of a Gap, in their order.
func GapColumns() (names []string) {
	for _, k := range gapKeys() {
		names = append(names, k.column)
	}
	return names
}

// oldest returns the first of the times in Since, "" for none.
func (g *Gap) oldest() (first string) {
	for at := range strings.SplitSeq(g.Since, ";") {
		if at != "" && (first == "" || at < first) {
			first = at
		}
	}
	return first
}

func organizationKeys(tools []*converters.Tool) []key[OrganizationCoverage] {
	list := []key[OrganizationCoverage]{
		{column: "organization", text: func(o *OrganizationCoverage) string { return o.Organization }},
		{column: "devices", figure: func(o *OrganizationCoverage) int { return o.Devices }},
	}
	for i, t := range tools {
		list = append(list, key[OrganizationCoverage]{
			column: t.Name, figure: func(o *OrganizationCoverage) int { return o.Tools[i].Machines },
		})
	}
	list = append(list,
		key[OrganizationCoverage]{column: "complete", figure: func(o *OrganizationCoverage) int { return o.Complete }},
		key[OrganizationCoverage]{
			column: "missing", figure: func(o *OrganizationCoverage) int { return o.Devices - o.Complete },
		},
	)
	for i, t := range tools {
		if t.Tells() {
			list = append(list, key[OrganizationCoverage]{
				column: failingColumn(t.Name, t.Fails),
				figure: func(o *OrganizationCoverage) int { return o.Tools[i].Work.Failing },
			}, key[OrganizationCoverage]{
				column: unknownColumn(t.Name), figure: func(o *OrganizationCoverage) int { return o.Tools[i].Work.Unknown },
			})
		}
	}
	return list
}

// OrderGaps reads the name of a column of Gap in any case, "-" before it for the other way round; the end of a name may
// lack. An *UnknownError names the columns.
func OrderGaps(name string) (Order, error) { return orderOf(name, gapKeys()) }

// OrderOrganizations does the same for OrganizationCoverage; missing is by how many machines lack something.
func OrderOrganizations(tools []*converters.Tool, name string) (Order, error) {
	return orderOf(name, organizationKeys(tools))
}

func orderOf[T any](name string, keys []key[T]) (Order, error) {
	bare, reverse := strings.CutPrefix(strings.ToLower(strings.TrimSpace(name)), "-")
	var columns, begins []string
	for _, k := range keys {
		columns = append(columns, k.column)
		switch column := strings.ToLower(k.column); {
		case column == bare:
			return Order{k.column, reverse}, nil
		case bare != "" && strings.HasPrefix(column, bare):
			begins = append(begins, k.column)
		}
	}
	if len(begins) == 1 {
		return Order{begins[0], reverse}, nil
	}
	return Order{}, &UnknownError{Kind: "column", Name: name, Near: columns}
}

// SortGaps sorts the machines by a column, and those that are alike in it by customer, host name and key; those that have
// nothing in it come last. The zero Order is by customer.
func (c *Coverage) SortGaps(o Order) {
	slices.SortFunc(c.Gaps, func(a, b Gap) int {
		return cmp.Or(ByName(a.Organization, b.Organization), ByName(a.Hostname, b.Hostname),
			cmp.Compare(a.Device, b.Device))
	})
	sortBy(c.Gaps, o, gapKeys())
}

// SortOrganizations sorts the customers by a column; those that are alike in it stay in their order.
func (c *Coverage) SortOrganizations(tools []*converters.Tool, o Order) {
	sortBy(c.Organizations, o, organizationKeys(tools))
}

func sortBy[T any](rows []T, o Order, keys []key[T]) {
	i := slices.IndexFunc(keys, func(k key[T]) bool { return k.column == o.column })
	if i < 0 {
		return
	}
	slices.SortStableFunc(rows, func(a, b T) int { return keys[i].compare(&a, &b, o.reverse) })
}

func (k key[T]) compare(a, b *T, reverse bool) int {
	var n int
	if k.text == nil {
		n = cmp.Compare(k.figure(a), k.figure(b))
	} else {
		x, y := k.text(a), k.text(b)
		if n = ByName(x, y); x == "" || y == "" {
			return n
		}
	}
	if reverse {
		return -n
	}
	return n
}
