package report

import (
	"cmp"
	"context"
	"iter"
	"maps"
	"slices"
	"strings"
	"time"

	"assetgraph/converters"
	"assetgraph/graph"
)

// A need is a part of the graph beyond its machines that a report is made of.
type need uint8

const (
	ofRecords   need = 1 << iota // the records of the products
	ofCustomers                  // what the products call customers
	ofPosture                    // how machines do
	ofPeople                     // humans and their accounts
	ofAges                       // since when machines have gaps
	ofAll       = ofRecords | ofCustomers | ofPosture | ofPeople
)

// An inventory is what reports are made of, read once, so that several reports of one moment agree.
type inventory struct {
	Source
	fleet     *fleet
	sources   sources
	records   []record // by machine, those of none first
	first     []int32  // index in records of the first one of each machine, and behind the last machine
	customers map[graph.Key]*customer
	called    map[graph.Key][]*customer // those that belong to one customer, by key
	conducts  map[string]conduct        // how machines do, by key
	people    people
	of        map[graph.Key][]int32 // machines by customer
}

// readInventory reads what is needed, side by side.
func readInventory(ctx context.Context, s Source, x []Exclude, now time.Time, needs need) (*inventory, error) {
	i := &inventory{Source: s}
	var raw records
	work := []func() error{
		func() (err error) { i.sources, err = readSources(ctx, s, now); return err },
		func() (err error) {
			i.fleet, err = loadFleet(ctx, s, fleetOptions{excludes: x, ages: needs&ofAges != 0})
			return err
		},
	}
	if needs&ofRecords != 0 {
		work = append(work, func() (err error) { raw, err = loadRecords(ctx, s); return err })
	}
	if needs&ofCustomers != 0 {
		work = append(work, func() (err error) { i.customers, err = loadCustomerRecords(ctx, s); return err })
	}
	if needs&ofPosture != 0 {
		work = append(work, func() (err error) { i.conducts, err = loadConducts(ctx, s); return err })
	}
	if needs&ofPeople != 0 {
		work = append(work, func() (err error) { i.people, err = loadPeople(ctx, s); return err })
	}
	if err := together(work...); err != nil {
		return nil, err
	}
	machines := i.fleet.machines
	slices.SortFunc(machines, func(a, b machine) int {
		return cmp.Or(ByName(i.fleet.names[a.organization], i.fleet.names[b.organization]),
			cmp.Compare(a.organization, b.organization), ByName(a.name, b.name), cmp.Compare(a.key, b.key))
	})
	i.of = map[graph.Key][]int32{}
	index := make(map[graph.Key]int32, len(machines))
	for n := range machines {
		index[graph.Key(machines[n].key)] = int32(n)
		i.of[machines[n].organization] = append(i.of[machines[n].organization], int32(n))
	}
	i.place(raw, index)
	i.called = map[graph.Key][]*customer{}
	for _, key := range slices.Sorted(maps.Keys(i.customers)) {
		c := i.customers[key]
		i.called[c.organization] = append(i.called[c.organization], c)
	}
	return i, nil
}

// place sorts records to their machines.
func (i *inventory) place(raw records, index map[graph.Key]int32) {
	i.records = raw.list
	for n := range i.records {
		r := &i.records[n]
		r.machine = -1
		if m, known := index[raw.machines[r.key]]; known {
			r.machine = m
		}
	}
	slices.SortFunc(i.records, func(a, b record) int {
		return cmp.Or(cmp.Compare(a.machine, b.machine), cmp.Compare(a.tool, b.tool), cmp.Compare(a.key, b.key))
	})
	i.first = make([]int32, len(i.fleet.machines)+1)
	n := 0
	for m := range i.first {
		for n < len(i.records) && i.records[n].machine < int32(m) {
			n++
		}
		i.first[m] = int32(n)
	}
}

// machines yields the machines that a report is about, by customer and name, with their index.
func (i *inventory) machines(o *Options) iter.Seq2[int, *machine] {
	return func(yield func(int, *machine) bool) {
		for n, m := range i.everyMachine(o) {
			if !m.excluded && !yield(n, m) {
				return
			}
		}
	}
}

// everyMachine yields those that are left out, too.
func (i *inventory) everyMachine(o *Options) iter.Seq2[int, *machine] {
	wanted := func(m *machine) bool {
		return (len(o.Systems) == 0 || slices.Contains(o.Systems, m.osType)) &&
			o.about(m.organization, i.fleet.names[m.organization])
	}
	return func(yield func(int, *machine) bool) {
		if o.customer != nil {
			for _, n := range i.of[*o.customer] {
				if m := &i.fleet.machines[n]; wanted(m) && !yield(int(n), m) {
					return
				}
			}
			return
		}
		for n := range i.fleet.machines {
			if m := &i.fleet.machines[n]; wanted(m) && !yield(n, m) {
				return
			}
		}
	}
}

// recordsOf returns the records of a machine, by tool and key.
func (i *inventory) recordsOf(machine int) []record {
	return i.records[i.first[machine]:i.first[machine+1]]
}

// loose returns the records that belong to no machine.
func (i *inventory) loose() []record { return i.records[:i.first[0]] }

// organizationOf returns the customer to which a customer of a product belongs, "" for none.
func (i *inventory) organizationOf(key graph.Key) graph.Key {
	if c := i.customers[key]; c != nil {
		return c.organization
	}
	return ""
}

// check returns an *UnknownError for the first name that fits no customer of the graph.
func (i *inventory) check(asked []string) error {
	return CheckCustomers(asked, slices.Collect(maps.Values(i.fleet.names)))
}

// report begins a report: with what says how fresh it is.
func (i *inventory) report(name, title string, columns ...Column) *Report {
	return &Report{Name: name, Title: title, Columns: columns, Rows: [][]any{}, Notes: slices.Clone(i.sources.notes),
		Sources: i.sources.instances}
}

// A record is what reports need of a product's record of a machine.
type record struct {
	key      graph.Key
	tool     int    // index in Model.Tools
	id, name string // as its product has them
	link     string // its page of the product's console, "" where none is known
	kind     string // what its product calls its kind
	customer graph.Key
	owner    string // Human.Login of who uses the machine
	state    converters.State
	seen     time.Time
	licensed graph.Value
	machine  int32 // index in fleet.machines, -1 for none
}

// records are those of all products with the keys of their machines.
type records struct {
	list     []record
	machines map[graph.Key]graph.Key
}

func loadRecords(ctx context.Context, s Source) (records, error) {
	out := records{machines: map[graph.Key]graph.Key{}}
	types := s.recordTypes()
	lists := make([][]record, len(types))
	work := []func() error{func() error {
		links := make([]*graph.Type, len(types))
		for n, r := range types {
			links[n] = r.link
		}
		return s.eachLink(ctx, graph.LinkSelection{Types: links}, func(l graph.Link) {
			out.machines[cloned(l.From)] = cloned(l.To)
		})
	}}
	for n, r := range types {
		work = append(work, func() error {
			return s.eachEntity(ctx, r.t.Name, r.recordProperties(), func(e *graph.Element) {
				lists[n] = append(lists[n], r.record(e))
			})
		})
	}
	err := together(work...)
	out.list = slices.Concat(lists...)
	return out, err
}

func cloned(key graph.Key) graph.Key { return graph.Key(strings.Clone(string(key))) }

func (r recordType) recordProperties() []string {
	names := append(r.properties(nil), "id", "displayName", "webLink")
	for _, f := range slices.Concat(r.Kinds, []graph.Field{r.Customer, r.Owner, r.Licensed}) {
		if !f.IsZero() && !slices.Contains(names, f.Property().Name) {
			names = append(names, f.Property().Name)
		}
	}
	return names
}

func (r recordType) record(e *graph.Element) record {
	out := record{
		key: cloned(e.Key), tool: r.tool, id: e.Get("id").Text(), name: e.Get("displayName").Text(),
		link: e.Get("webLink").Text(), owner: r.Owner.Get(e).Text(), state: r.State(e),
		seen: r.LastSeen.Get(e).Time(), licensed: r.Licensed.Get(e),
	}
	if id := r.Customer.Get(e).Text(); id != "" {
		out.customer = graph.EntityKey(e.Instance, r.CustomerOf.Name, id)
	}
	for _, f := range r.Kinds {
		if kinds := textsIn(f.Get(e)); out.kind == "" && len(kinds) > 0 {
			out.kind = kinds[0]
		}
	}
	return out
}

// A customer is what reports need of a product's record of one.
type customer struct {
	key, organization graph.Key // the latter "" where it belongs to none
	integration       string
	id, name, link    string
	used, bought      graph.Value // licences; absent where the product does not tell
}

func loadCustomerRecords(ctx context.Context, s Source) (map[graph.Key]*customer, error) {
	out := map[graph.Key]*customer{}
	for _, link := range s.linksTo("organization") {
		t := s.Schema.Type(link.From)
		role := s.Model.Role(t.Name).Customer
		names := []string{"id", "displayName", "webLink"}
		for _, f := range []graph.Field{role.SeatsUsed, role.SeatsBought} {
			if !f.IsZero() {
				names = append(names, f.Property().Name)
			}
		}
		err := s.eachEntity(ctx, t.Name, names, func(e *graph.Element) {
			out[e.Key] = &customer{
				key: e.Key, integration: t.Integration, id: e.Get("id").Text(), name: e.Get("displayName").Text(),
				link: e.Get("webLink").Text(), used: role.SeatsUsed.Get(e), bought: role.SeatsBought.Get(e),
			}
		})
		if err != nil {
			return nil, err
		}
	}
	err := s.eachLink(ctx, graph.LinkSelection{Types: s.linksTo("organization")}, func(l graph.Link) {
		if c := out[l.From]; c != nil {
			c.organization = l.To
		}
	})
	return out, err
}
