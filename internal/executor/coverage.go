package executor

import (
	"cmp"
	"context"
	"iter"
	"maps"
	"slices"

	"assetgraph/differ"
	"assetgraph/graph"
	"assetgraph/internal/correlate"
	"assetgraph/internal/plaintext"
)

// Coverage is how many machines of the graph lack which tool, as `device` says it. No machine is left out, whatever the
// overrides exclude from reports.
type Coverage struct {
	Machines  int    `json:"machines"`
	Customers int    `json:"customers"` // that have machines
	Complete  int    `json:"complete"`  // machines that lack nothing, and on which no tool is known not to do its work
	Gaps      []Gaps `json:"gaps"`      // one for each tool whose product knows any machine

	// ByCustomer has every customer with machines, sorted by name. Run records do not keep it.
	ByCustomer []CustomerCoverage `json:"byCustomer"`
}

// A CustomerCoverage is how many machines a customer has, and how many of them have each tool that is among the gaps.
type CustomerCoverage struct {
	Organization string         `json:"organization"` // "" for machines of no customer
	Machines     int            `json:"machines"`
	With         map[string]int `json:"with"` // by name of the tool
}

// Gaps is which machines lack one tool.
type Gaps struct {
	Tool      string          `json:"tool"` // name of the tool
	Missing   int             `json:"missing"`
	Before    *int            `json:"before"`    // the same in the run before, null where that is not known
	Customers []CustomerCount `json:"customers"` // those with the most of them, at most five
	Others    int             `json:"others"`    // customers with some that are not listed
	Lost      Named           `json:"lost"`      // machines that had the tool before this run and lack it now, and new ones without it
	Gained    Named           `json:"gained"`    // machines that lacked it and have it now

	Work *Work `json:"work,omitempty"` // of a tool of which a product tells whether it does its work
}

// Work is whether a tool that machines have does its work there.
type Work struct {
	Failing int   `json:"failing"` // machines on which it is known not to
	Unknown int   `json:"unknown"` // machines of which nobody knows
	Before  *int  `json:"before"`  // Failing in the run before, null where that is not known
	Stopped Named `json:"stopped"` // machines on which this run found that it does not, and the graph did not know so before
}

// A CustomerCount is a customer and a number of its machines.
type CustomerCount struct {
	Organization string `json:"organization"` // "" for machines of no customer
	Machines     int    `json:"machines"`
}

// Named is a number of machines and the names of a few of them.
type Named struct {
	Count int      `json:"count"`
	Names []string `json:"names"`
}

// bound gives the names of customers and machines a limit.
func (c *Coverage) bound() {
	if c == nil {
		return
	}
	for i := range c.ByCustomer {
		c.ByCustomer[i].Organization = plaintext.Clip(c.ByCustomer[i].Organization, plaintext.Part)
	}
	for i := range c.Gaps {
		g := &c.Gaps[i]
		for n := range g.Customers {
			g.Customers[n].Organization = plaintext.Clip(g.Customers[n].Organization, plaintext.Part)
		}
		lists := [][]string{g.Lost.Names, g.Gained.Names}
		if g.Work != nil {
			lists = append(lists, g.Work.Stopped.Names)
		}
		for _, list := range lists {
			for n := range list {
				list[n] = plaintext.Clip(list[n], plaintext.Part)
			}
		}
	}
}

const (
	mostNames     = 5
	mostCustomers = 5
)

func (n *Named) add(device *graph.Element) {
	n.Count++
	if len(n.Names) < mostNames {
		n.Names = append(n.Names, nameOf(device, device.Get("organization").Text()))
	}
}

// A tool is what a machine may lack: its property of `device`, and the products that tell, as `sources` names them.
type tool struct {
	name, property string
	works          string // its property of `device` that says whether it does its work; "" for none
	products       []string
}

func (d *derivation) tools() []tool {
	if d.model == nil {
		return nil
	}
	list := make([]tool, len(d.model.Tools()))
	for i, t := range d.model.Tools() {
		list[i] = tool{name: t.Name, property: t.Property()}
		if t.Tells() {
			list[i].works = t.WorksProperty()
		}
		for _, typ := range d.schema.Types() {
			if role := d.model.Role(typ.Name); role != nil && role.Machine != nil && role.Machine.Tool.Name == t.Name {
				list[i].products = append(list[i].products, typ.Integration)
			}
		}
	}
	return list
}

// cover counts gaps from what was derived. What stands as an earlier run left it is not read again: its figures are in
// the record of that run, and those of customers in what it remembered.
func (d *derivation) cover(ctx context.Context, derived *differ.Plan, stands bool) (*Coverage, error) {
	t := d.schema.Type("device")
	i := slices.IndexFunc(derived.Scopes, func(sp *differ.ScopePlan) bool { return sp.Type.Name == "device" })
	if t == nil || i < 0 {
		return nil, nil
	}
	before := d.past.coverage
	if stands && d.past.derivedCoverage != nil {
		c := d.past.derivedCoverage.again(before)
		customers, err := d.recallCustomers(ctx)
		if c.ByCustomer = customers; err != nil || customers != nil {
			return c, err
		}
	}
	tools := d.tools()
	machines := d.derivedMachines(tools)
	if stands {
		machines = d.storedMachines(ctx, t, tools)
	}
	c, err := count(machines, tools)
	if err != nil {
		return nil, err
	}
	c.compare(before)
	if stands || derived.Scopes[i].Population == 0 {
		return c, nil
	}
	return c, c.changes(ctx, derived.Scopes[i], tools)
}

// A covered machine is what is counted of a device.
type covered struct {
	organization  string
	lacks, knower uint64 // sets of indexes of tools: those that it lacks, and those whose products know it
	works, fails  uint64 // those that it has and that do their work, and those that are known not to
}

// derivedMachines yields the machines that this run derived.
func (d *derivation) derivedMachines(tools []tool) iter.Seq2[covered, error] {
	return func(yield func(covered, error) bool) {
		products := d.model.Products()
		for of := range d.correlator.Machines() {
			m := covered{organization: of.Organization}
			for i, t := range tools {
				for n, name := range products {
					if of.SeenBy(n) && slices.Contains(t.products, name) {
						m.knower |= 1 << i
					}
				}
				if !of.Has(i) {
					m.lacks |= 1 << i
				}
				m.work(i, of.Works)
			}
			if !yield(m, nil) {
				return
			}
		}
	}
}

// storedMachines yields the machines that the graph holds.
func (d *derivation) storedMachines(ctx context.Context, device *graph.Type, tools []tool) iter.Seq2[covered, error] {
	return func(yield func(covered, error) bool) {
		for e, err := range d.store.Elements(ctx, graph.Selection{Type: device, Instance: correlate.Integration}) {
			var m covered
			if err == nil {
				m.organization = e.Get("organization").Text()
				sources := e.Get("sources").List()
				for i, t := range tools {
					if slices.ContainsFunc(t.products, func(p string) bool { return slices.Contains(sources, p) }) {
						m.knower |= 1 << i
					}
					if !e.Get(t.property).Bool() {
						m.lacks |= 1 << i
					}
					m.work(i, func(int) (does, fails bool) { return t.worksOn(e.Element) })
				}
			}
			if !yield(m, err) || err != nil {
				return
			}
		}
	}
}

// work notes whether a tool does its work.
func (m *covered) work(tool int, works func(tool int) (does, fails bool)) {
	does, fails := works(tool)
	if does {
		m.works |= 1 << tool
	}
	if fails {
		m.fails |= 1 << tool
	}
}

// worksOn reports whether a device says that the tool does its work, or that it does not.
func (t *tool) worksOn(device *graph.Element) (does, fails bool) {
	if t.works == "" {
		return false, false
	}
	v := device.Get(t.works)
	return v.Bool(), !v.IsAbsent() && !v.Bool()
}

// count looks at each machine once.
func count(machines iter.Seq2[covered, error], tools []tool) (*Coverage, error) {
	c := &Coverage{Gaps: []Gaps{}, ByCustomer: []CustomerCoverage{}}
	known := uint64(0)
	lack := make([]map[string]int, len(tools))
	for i := range tools {
		lack[i] = make(map[string]int)
	}
	customers := make(map[string]int) // machines
	lacking := make(map[uint64]int)   // machines by what they lack, and what does not do its work
	works := make([]Work, len(tools))
	for m, err := range machines {
		if err != nil {
			return nil, err
		}
		c.Machines++
		customers[m.organization]++
		known |= m.knower
		lacking[m.lacks|m.fails]++
		for i := range tools {
			if m.lacks>>i&1 == 1 {
				lack[i][m.organization]++
			} else if m.fails>>i&1 == 1 {
				works[i].Failing++
			} else if m.works>>i&1 == 0 {
				works[i].Unknown++
			}
		}
	}
	for _, name := range slices.Sorted(maps.Keys(customers)) {
		if name != "" {
			c.Customers++
		}
		c.ByCustomer = append(c.ByCustomer, CustomerCoverage{name, customers[name], make(map[string]int)})
	}
	for i, t := range tools {
		if known>>i&1 == 1 {
			g := gapsOf(t.name, lack[i])
			if t.works != "" {
				g.Work = &works[i]
				g.Work.Stopped.Names = []string{}
			}
			c.Gaps = append(c.Gaps, g)
			for _, of := range c.ByCustomer {
				of.With[t.name] = of.Machines - lack[i][of.Organization]
			}
		}
	}
	for lacks, n := range lacking {
		if lacks&known == 0 {
			c.Complete += n
		}
	}
	return c, nil
}

func gapsOf(tool string, lack map[string]int) Gaps {
	g := Gaps{
		Tool: tool, Customers: []CustomerCount{}, Lost: Named{Names: []string{}}, Gained: Named{Names: []string{}},
	}
	for name, n := range lack {
		g.Missing += n
		g.Customers = append(g.Customers, CustomerCount{name, n})
	}
	slices.SortFunc(g.Customers, func(a, b CustomerCount) int {
		return cmp.Or(cmp.Compare(b.Machines, a.Machines), cmp.Compare(a.Organization, b.Organization))
	})
	if n := len(g.Customers); n > mostCustomers {
		g.Customers, g.Others = g.Customers[:mostCustomers], n-mostCustomers
	}
	return g
}

// compare notes the figures of the run before.
func (c *Coverage) compare(before *Coverage) {
	if before == nil {
		return
	}
	for i := range c.Gaps {
		for _, old := range before.Gaps {
			if old.Tool == c.Gaps[i].Tool {
				n := old.Missing
				c.Gaps[i].Before = &n
				if w := c.Gaps[i].Work; w != nil && old.Work != nil {
					failing := old.Work.Failing
					w.Before = &failing
				}
			}
		}
	}
}

// again returns the figures as those of a later run that found the same machines.
func (c *Coverage) again(before *Coverage) *Coverage {
	out := *c
	out.Gaps = slices.Clone(c.Gaps)
	for i := range out.Gaps {
		g := &out.Gaps[i]
		g.Before, g.Lost, g.Gained = nil, Named{Names: []string{}}, Named{Names: []string{}}
		if g.Work != nil {
			g.Work = &Work{Failing: g.Work.Failing, Unknown: g.Work.Unknown, Stopped: Named{Names: []string{}}}
		}
	}
	out.compare(before)
	return &out
}

// changes names the machines whose tools change with the plan.
func (c *Coverage) changes(ctx context.Context, sp *differ.ScopePlan, tools []tool) error {
	properties, works := make(map[string]*Gaps), make(map[string]*Work)
	for _, t := range tools {
		if i := slices.IndexFunc(c.Gaps, func(g Gaps) bool { return g.Tool == t.name }); i >= 0 {
			properties[t.property] = &c.Gaps[i]
			if t.works != "" {
				works[t.works] = c.Gaps[i].Work
			}
		}
	}
	stopped := func(e *graph.Element, property string) {
		if w := works[property]; w != nil && !e.Get(property).IsAbsent() && !e.Get(property).Bool() {
			w.Stopped.add(e)
		}
	}
	for batch, err := range sp.Writes(ctx, graph.Create, batchSize) {
		if err != nil {
			return err
		}
		for _, e := range batch {
			for _, p := range slices.Sorted(maps.Keys(properties)) {
				if !e.Get(p).Bool() {
					properties[p].Lost.add(e)
				}
			}
			for p := range works {
				stopped(e, p)
			}
		}
	}
	for u, err := range sp.Updates() {
		if err != nil {
			return err
		}
		for _, p := range u.Changed {
			stopped(u.Element, p)
			switch g := properties[p]; {
			case g == nil:
			case u.Get(p).Bool():
				g.Gained.add(u.Element)
			default:
				g.Lost.add(u.Element)
			}
		}
	}
	return nil
}
