package report

import (
	"cmp"
	"context"
	"fmt"
	"slices"
	"strings"
	"time"

	"assetgraph/graph"
)

// CoverOptions say what Cover looks at.
type CoverOptions struct {
	Organizations []string      // names or globs in any case; nil for all
	Systems       []string      // values of osType; nil for all
	Excludes      []Exclude     // machines to leave out
	Stale         time.Duration // how long ago a tool may have been seen last; 0 for ever
	CountPending  bool          // a NinjaRMM device that waits for approval counts as managed
	Fitting       bool          // a tool lacks only where it can run
	Missing       []string      // of MissingWords: only machines that lack one of these, and their customers; nil for all
	Now           time.Time
}

// A Coverage is which machines lack which tool.
type Coverage struct {
	Organizations []OrganizationCoverage // with at least one machine, by name; machines of no customer last
	Gaps          []Gap                  // machines that lack something, by customer, host name and key
	Totals        Totals
	Notes         []string // what makes the answer less than complete or fresh
}

// An OrganizationCoverage is one customer's row. The names of its columns are a contract.
type OrganizationCoverage struct {
	Organization string `json:"organization"` // "" for machines of no customer
	Devices      int    `json:"devices"`
	EDR          int    `json:"edr"`        // machines that have it, stale ones too
	RMM          int    `json:"rmm"`        // likewise
	Deployment   int    `json:"deployment"` // likewise
	Complete     int    `json:"complete"`   // machines that lack nothing
}

// A Gap is one machine's row. The names of its columns are a contract.
type Gap struct {
	Organization string  `json:"organization"`
	Device       string  `json:"device"`     // _key of it
	Hostname     string  `json:"hostname"`   // its name when it has no host name
	Serial       string  `json:"serial"`     // "" for none
	Missing      string  `json:"missing"`    // edr, rmm, deployment, and stale-edr, stale-rmm, stale-deployment; joined by ";"
	Reason       string  `json:"reason"`     // one for each of them, likewise
	LastSeenOn   *string `json:"lastSeenOn"` // by any product, in graph.TimeLayout; nil where it is not known
	Sources      string  `json:"sources"`    // the products that see it, likewise
}

// Totals count machines over all rows.
type Totals struct {
	Organizations, Devices, Complete int
	Missing, Stale, Unfit            [Tools]int // Unfit are those of Missing on which the tool can't run
	Excluded                         int
	Lacking                          int // machines that lack something, or something of CoverOptions.Missing
}

// Cover reads the graph once and says which machines lack which tool.
//
// A machine has a tool when the graph's hasEdr, hasRmm or hasDeployment says so. A tool whose product was never read lacks nowhere; a note
// says so. One that was last seen longer than Stale ago is stale, which is not missing: such a machine counts as having it and is
// listed among the gaps with "stale-" before the tool.
func Cover(ctx context.Context, s Source, o CoverOptions) (*Coverage, error) {
	sources, err := readSources(ctx, s, o.Now)
	if err != nil {
		return nil, err
	}
	f, err := loadFleet(ctx, s, o.Excludes)
	if err != nil {
		return nil, err
	}
	c := &coverer{options: o, fleet: f, never: sources.never, rows: map[string]*OrganizationCoverage{}, lack: map[string]bool{}, out: &Coverage{Notes: sources.notes}}
	for i := range f.machines {
		c.add(&f.machines[i])
	}
	return c.finish()
}

type coverer struct {
	options CoverOptions
	fleet   *fleet
	never   [Tools]bool // products that were never read
	rows    map[string]*OrganizationCoverage
	lack    map[string]bool // organizations with a machine of Totals.Lacking
	out     *Coverage
}

func (c *coverer) wanted(m *machine) bool {
	if len(c.options.Systems) > 0 && !slices.Contains(c.options.Systems, m.osType) {
		return false
	}
	return len(c.options.Organizations) == 0 || c.named(c.fleet.names[m.organization])
}

func (c *coverer) named(name string) bool {
	return slices.ContainsFunc(c.options.Organizations, func(asked string) bool { return named(asked, name) })
}

// named reports whether a customer is asked for by that name or glob.
func named(asked, name string) bool { return strings.EqualFold(asked, name) || glob(fold(asked), name) }

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
		row = &OrganizationCoverage{Organization: c.fleet.names[m.organization]}
		c.rows[m.organization] = row
	}
	row.Devices++
	g := gap{machine: m, now: c.options.Now}
	for t, has := range [Tools]*int{&row.EDR, &row.RMM, &row.Deployment} {
		*has += c.judge(&g, Tool(t))
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
	if len(g.words) > 0 {
		c.out.Gaps = append(c.out.Gaps, g.row(row.Organization))
	}
}

// asked reports whether a machine lacks something, or something that was asked for.
func (c *coverer) asked(g *gap) bool {
	if len(c.options.Missing) == 0 {
		return g.missing
	}
	return slices.ContainsFunc(g.words, func(w string) bool { return slices.Contains(c.options.Missing, w) })
}

// judge notes what is wrong with one tool and returns 1 for a machine that has it.
func (c *coverer) judge(g *gap, t Tool) int {
	m, totals := g.machine, &c.out.Totals
	records := &m.seen[t]
	has := m.has[t] || t == RMM && c.options.CountPending && records.count[pending] > 0
	last := records.last(live)
	if waiting := records.last(pending); t == RMM && c.options.CountPending && waiting.After(last) {
		last = waiting
	}
	switch {
	case has && c.options.Stale > 0 && !last.IsZero() && c.options.Now.Sub(last) > c.options.Stale:
		totals.Stale[t]++
		g.add(stale+t.String(), "last seen "+g.ago(last))
		return 1
	case has:
		return 1
	case c.never[t] || c.options.Fitting && !t.fits(m.osType):
		return 0
	}
	totals.Missing[t]++
	if !t.fits(m.osType) {
		totals.Unfit[t]++
	}
	g.missing = true
	g.add(t.String(), g.reason(t))
	return 0
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
		return cmp.Or(byName(a.Organization, b.Organization), cmp.Compare(b.Devices, a.Devices), cmp.Compare(b.Complete, a.Complete))
	})
	slices.SortFunc(out.Gaps, func(a, b Gap) int {
		return cmp.Or(byName(a.Organization, b.Organization), byName(a.Hostname, b.Hostname), cmp.Compare(a.Device, b.Device))
	})
	for _, asked := range c.options.Organizations {
		if !c.holds(asked) {
			return nil, &UnknownError{Kind: "organization", Name: asked, Near: c.near(asked)}
		}
	}
	return out, nil
}

// holds reports whether there is a customer of that name.
func (c *coverer) holds(asked string) bool {
	for _, name := range c.fleet.names {
		if named(asked, name) {
			return true
		}
	}
	return false
}

func (c *coverer) near(asked string) []string {
	names := make([]string, 0, len(c.fleet.names))
	for _, n := range c.fleet.names {
		names = append(names, n)
	}
	return Nearest(asked, names)
}

// byName orders names in any case, "" last.
func byName(a, b string) int {
	if (a == "") != (b == "") {
		return cmp.Compare(len(b), len(a))
	}
	return cmp.Or(strings.Compare(strings.ToLower(a), strings.ToLower(b)), strings.Compare(a, b))
}

// A gap collects what one machine lacks.
type gap struct {
	machine        *machine
	now            time.Time
	missing        bool
	words, reasons []string
}

func (g *gap) add(word, reason string) {
	g.words = append(g.words, word)
	g.reasons = append(g.reasons, word+": "+reason)
}

// reason says why a machine counts as lacking a tool.
func (g *gap) reason(t Tool) string {
	s := &g.machine.seen[t]
	last := func(st standing) string {
		if s.newest[st] == 0 {
			return ""
		}
		return ", last seen " + g.ago(s.last(st))
	}
	switch {
	case s.count[pending] > 0:
		return "only a pending device"
	case s.count[dead] > 0:
		return "only a decommissioned agent" + last(dead)
	case s.count[observed] > 0:
		return "only seen from elsewhere, no agent on it"
	case s.count[live] > 0:
		return "only a " + t.record() + " that does not count" + last(live)
	case !t.fits(g.machine.osType):
		return fmt.Sprintf("no record; %s does not run on %s", t.product(), g.machine.osType)
	}
	return "no record"
}

// ago returns a day and how long ago it was.
func (g *gap) ago(t time.Time) string {
	days := int(g.now.Sub(t) / (24 * time.Hour))
	return fmt.Sprintf("%s (%d days ago)", t.Format(time.DateOnly), days)
}

func (g *gap) row(organization string) Gap {
	m := g.machine
	row := Gap{
		Organization: organization, Device: m.key, Hostname: m.name, Serial: m.serial,
		Missing: strings.Join(g.words, ";"), Reason: strings.Join(g.reasons, "; "), Sources: strings.Join(m.sources, ";"),
	}
	if !m.lastSeen.IsZero() {
		seen := m.lastSeen.Format(graph.TimeLayout)
		row.LastSeenOn = &seen
	}
	return row
}
