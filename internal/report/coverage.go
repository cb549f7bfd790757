package report

import (
	"cmp"
	"context"
	"fmt"
	"maps"
	"slices"
	"strings"
	"time"

	"assetgraph/converters"
	"assetgraph/graph"
)

// CoverOptions say what Cover looks at.
type CoverOptions struct {
	Organizations []string      // names or globs in any case; nil for all
	Systems       []string      // values of osType; nil for all
	Excludes      []Exclude     // machines to leave out
	Stale         time.Duration // how long ago a tool may have been seen last; 0 for ever
	CountPending  bool          // a record that waits for approval counts as having the tool
	Fitting       bool          // a tool lacks only where it can run
	Missing       []string      // of MissingWords: only machines that lack one of these, and their customers; nil for all
	Every         bool          // Gaps has every machine, one that lacks nothing with nothing in Missing
	Ages          bool          // Gaps say since when, as the findings that runs keep know it
	Now           time.Time

	customer *graph.Key // see Options
}

// A Coverage is which machines lack which tool.
type Coverage struct {
	Organizations []OrganizationCoverage // with at least one machine, by name; machines of no customer last
	Gaps          []Gap                  // machines that lack something, or every one, in no order before SortGaps
	Totals        Totals
	Notes         []string // what makes the answer less than complete or fresh
	Sources       []InstanceSource
}

// An OrganizationCoverage is one customer's row.
type OrganizationCoverage struct {
	Organization string    // "" for machines of no customer
	Customer     graph.Key // its key, which tells those of one name apart; "" for machines of none; in no column
	Devices      int
	Tools        []ToolCount // machines that have it, stale ones too, of each tool
	Complete     int         // machines that lack nothing, and on which each tool does its work as far as anybody knows
}

// A ToolCount is how many machines have a tool.
type ToolCount struct {
	Tool     string // its name
	Machines int

	Work *WorkCount // of a tool of which a product tells whether it does its work, else nil
}

// A WorkCount is on how many machines that have a tool it is known not to do its work, and of how many nobody knows.
type WorkCount struct {
	Fails   string // what such machines are called: "unprotected"
	Failing int
	Unknown int
}

// A Gap is one machine's row. The names of its columns are a contract.
type Gap struct {
	Organization string  `json:"organization"`
	Device       string  `json:"device"`     // _key of it
	Hostname     string  `json:"hostname"`   // its name when it has no host name
	Serial       string  `json:"serial"`     // "" for none
	Missing      string  `json:"missing"`    // of MissingWords, joined by ";"
	Reason       string  `json:"reason"`     // one for each of them, likewise
	LastSeenOn   *string `json:"lastSeenOn"` // by any product, in graph.TimeLayout; nil where it is not known
	Sources      string  `json:"sources"`    // the products that see it, likewise
	Since        string  `json:"since"`      // when a run found each of Missing, in graph.TimeLayout, likewise; "" where none did yet

	Customer graph.Key `json:"-"` // that of Organization, "" for none
}

// Totals count machines over all rows.
type Totals struct {
	Organizations, Devices, Complete int
	Tools                            []ToolTotals // of each tool
	Excluded                         int
	Lacking                          int // machines that lack something, or something of CoverOptions.Missing
}

// ToolTotals count machines by one tool.
type ToolTotals struct {
	Title                 string // of the tool
	Missing, Stale, Unfit int    // Unfit are those of Missing on which the tool can't run

	// Of a tool of which a product tells whether it does its work, which Works says. Machines may be among Stale, too.
	Works    string
	Failing  int            // machines that have it and on which it is known not to do its work
	Ailments map[string]int // how many of these for each reason
	Unknown  int            // machines that have it of which nobody knows
}

// Cover reads the graph once and says which machines lack which tool.
//
// A machine has a tool when the graph says so by the tool's property of device. A tool whose product was never read
// lacks nowhere; a note says so. One that was last seen longer than Stale ago is stale, which is not missing: such a
// machine counts as having it and is listed among the gaps with "stale-" before the tool. One that is known not to do
// its work is not missing either, and such a machine is not complete: it is listed among the gaps with the tool before
// the reason, such as "edr-disabled". That nobody knows is no gap, and is counted.
func Cover(ctx context.Context, s Source, o CoverOptions) (*Coverage, error) {
	var sources sources
	var f *fleet
	err := together(
		func() (err error) { sources, err = readSources(ctx, s, o.Now); return err },
		func() (err error) {
			f, err = loadFleet(ctx, s, fleetOptions{excludes: o.Excludes, ages: o.Ages})
			return err
		},
	)
	if err != nil {
		return nil, err
	}
	return newCoverer(s.Model.Tools(), f, sources, o).cover()
}

func newCoverer(tools []*converters.Tool, f *fleet, sources sources, o CoverOptions) *coverer {
	c := &coverer{options: o, tools: tools, fleet: f, never: sources.never,
		rows: map[graph.Key]*OrganizationCoverage{}, lack: map[graph.Key]bool{},
		out: &Coverage{Notes: sources.notes, Sources: sources.instances}}
	for _, t := range c.tools {
		c.out.Totals.Tools = append(c.out.Totals.Tools, ToolTotals{Title: t.Title, Works: t.Works})
	}
	return c
}

// cover judges all machines of the fleet.
func (c *coverer) cover() (*Coverage, error) {
	for i := range c.fleet.machines {
		c.add(&c.fleet.machines[i])
	}
	return c.finish()
}

// ChosenSystems checks values of osType, as people write them.
func ChosenSystems(list []string) ([]string, error) {
	var out []string
	for _, s := range list {
		switch s = strings.ToLower(strings.TrimSpace(s)); s {
		case "windows", "darwin", "linux", "ios", "android", "other":
			out = append(out, s)
		case "macos", "mac":
			out = append(out, "darwin")
		default:
			return nil, fmt.Errorf("%s: known are windows, darwin (or macos), linux, ios, android, other", s)
		}
	}
	return out, nil
}

type coverer struct {
	options CoverOptions
	tools   []*converters.Tool
	fleet   *fleet
	never   []bool // tools whose products were never read
	rows    map[graph.Key]*OrganizationCoverage
	lack    map[graph.Key]bool // organizations with a machine of Totals.Lacking
	out     *Coverage
}

func (c *coverer) wanted(m *machine) bool {
	if len(c.options.Systems) > 0 && !slices.Contains(c.options.Systems, m.osType) {
		return false
	}
	o := Options{Organizations: c.options.Organizations, customer: c.options.customer}
	return o.about(m.organization, c.fleet.names[m.organization])
}

// Fits reports whether a name is asked for by that name, or glob, in any case.
func Fits(asked, name string) bool { return strings.EqualFold(asked, name) || glob(fold(asked), name) }

func (c *coverer) add(m *machine) {
	if !c.wanted(m) {
		return
	}
	if m.excluded {
		c.out.Totals.Excluded++
		return
	}
	row := c.rows[m.organization]
	if row == nil {
		row = &OrganizationCoverage{
			Organization: c.fleet.names[m.organization], Customer: m.organization, Tools: make([]ToolCount, len(c.tools)),
		}
		for i, t := range c.tools {
			row.Tools[i].Tool = t.Name
			if t.Tells() {
				row.Tools[i].Work = &WorkCount{Fails: t.Fails}
			}
		}
		c.rows[m.organization] = row
	}
	row.Devices++
	g := gap{machine: m, now: c.options.Now}
	for i := range c.tools {
		if c.judge(&g, i) {
			row.Tools[i].Machines++
		}
		c.judgeWork(&g, i, row.Tools[i].Work)
	}
	if !g.missing {
		row.Complete++
	}
	if c.asked(&g) {
		c.out.Totals.Lacking++
		c.lack[m.organization] = true
	} else if len(c.options.Missing) > 0 {
		return
	}
	if len(g.words) > 0 || c.options.Every {
		out := g.row(row.Organization)
		out.Since = c.fleet.ages.of(graph.Key(m.key), c.tools, g.words)
		if n := len(c.out.Gaps); n == cap(c.out.Gaps) {
			c.out.Gaps = slices.Grow(c.out.Gaps, n+1) // append copies a long list five times as often
		}
		c.out.Gaps = append(c.out.Gaps, out)
	}
}

// asked reports whether a machine lacks something, or something that was asked for.
func (c *coverer) asked(g *gap) bool {
	if len(c.options.Missing) == 0 {
		return g.missing
	}
	return slices.ContainsFunc(c.options.Missing, g.lacks)
}

// judge notes what is wrong with one tool and reports whether the machine has it.
func (c *coverer) judge(g *gap, i int) bool {
	m, t, totals := g.machine, c.tools[i], &c.out.Totals.Tools[i]
	s := c.standing(m, i)
	switch {
	case s.Stale:
		totals.Stale++
		_, last := c.having(&m.tools[i])
		g.add(stale+t.Name, "last seen "+g.ago(last))
	case s.Counts && !s.Has:
		totals.Missing++
		if !t.Fits(m.osType) {
			totals.Unfit++
		}
		g.missing = true
		g.add(t.Name, g.reason(t, &m.tools[i]))
	}
	return s.Has
}

// judgeWork notes why one tool that the machine has does not do its work there.
func (c *coverer) judgeWork(g *gap, i int, counts *WorkCount) {
	records, t, totals := &g.machine.tools[i], c.tools[i], &c.out.Totals.Tools[i]
	s := c.standing(g.machine, i)
	switch {
	case s.Unknown:
		counts.Unknown++
		totals.Unknown++
	case s.Failing:
		counts.Failing++
		totals.Failing++
		c.fail(g, t, records.failing, totals)
	}
}

// fail notes why a tool does not do its work.
func (c *coverer) fail(g *gap, t *converters.Tool, why *failing, totals *ToolTotals) {
	g.missing = true
	g.groups = append(g.groups, t.Name+"-"+t.Fails)
	if totals.Ailments == nil {
		totals.Ailments = map[string]int{}
	}
	for _, word := range why.words {
		totals.Ailments[word]++
		g.add(t.Name+"-"+word, reasonOf(word, why.symptoms))
	}
}

func (c *coverer) finish() (*Coverage, error) {
	out := c.out
	for organization, row := range c.rows {
		if len(c.options.Missing) == 0 || c.lack[organization] {
			out.Organizations = append(out.Organizations, *row)
		}
		out.Totals.Organizations++
		out.Totals.Devices += row.Devices
		out.Totals.Complete += row.Complete
	}
	slices.SortFunc(out.Organizations, func(a, b OrganizationCoverage) int {
		return cmp.Or(ByName(a.Organization, b.Organization), cmp.Compare(b.Devices, a.Devices),
			cmp.Compare(b.Complete, a.Complete), cmp.Compare(a.Customer, b.Customer))
	})
	if err := CheckCustomers(c.options.Organizations, slices.Collect(maps.Values(c.fleet.names))); err != nil {
		return nil, err
	}
	return out, nil
}

// ByName orders names in any case, "" last.
func ByName(a, b string) int {
	if a == b {
		return 0
	}
	if (a == "") != (b == "") {
		return cmp.Compare(len(b), len(a))
	}
	return cmp.Or(strings.Compare(strings.ToLower(a), strings.ToLower(b)), strings.Compare(a, b))
}

// A gap collects what one machine lacks.
type gap struct {
	machine        *machine
	now            time.Time
	missing        bool // it lacks a tool, or the work of one
	words, reasons []string
	groups         []string // further words of MissingWords that are so of the machine
}

// lacks reports whether a word of MissingWords is so of the machine.
func (g *gap) lacks(word string) bool {
	return slices.Contains(g.words, word) || slices.Contains(g.groups, word)
}

func (g *gap) add(word, reason string) {
	g.words = append(g.words, word)
	g.reasons = append(g.reasons, word+": "+reason)
}

// reason says why a machine counts as lacking a tool.
func (g *gap) reason(t *converters.Tool, records *sighting) string {
	only := func(st converters.State) string { return "only " + article(st.String()+" "+t.Noun) }
	seen := func(st converters.State) string {
		if last := records.last(st); !last.IsZero() {
			return ", last seen " + g.ago(last)
		}
		return ""
	}
	switch {
	case records.any(converters.Waiting):
		return only(converters.Waiting)
	case records.any(converters.Gone):
		return only(converters.Gone) + seen(converters.Gone)
	case records.any(converters.Observed):
		return "only seen from elsewhere, no agent on it"
	case records.any(converters.Live):
		return "only " + article(t.Noun) + " that does not count" + seen(converters.Live)
	case !t.Fits(g.machine.osType):
		return fmt.Sprintf("no record; %s does not run on %s", t.Product, g.machine.osType)
	}
	return "no record"
}

// ago returns a day and, where it is known what time it is, how long ago it was.
func (g *gap) ago(t time.Time) string {
	if g.now.IsZero() {
		return t.Format(time.DateOnly)
	}
	days := int(g.now.Sub(t) / (24 * time.Hour))
	return fmt.Sprintf("%s (%d days ago)", t.Format(time.DateOnly), days)
}

func (g *gap) row(organization string) Gap {
	m := g.machine
	row := Gap{
		Organization: organization, Customer: m.organization, Device: m.key, Hostname: m.name, Serial: m.serial,
		Missing: strings.Join(g.words, ";"), Reason: strings.Join(g.reasons, "; "),
		Sources: m.sources,
	}
	if last := m.lastSeen(); !last.IsZero() {
		seen := last.Format(graph.TimeLayout)
		row.LastSeenOn = &seen
	}
	return row
}
