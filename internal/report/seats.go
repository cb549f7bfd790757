package report

import (
	"cmp"
	"context"
	"fmt"
	"maps"
	"slices"
	"strings"

	"assetgraph/converters"
	"assetgraph/graph"
)

// SeatOptions say which seats Seats counts.
type SeatOptions struct {
	Options
	ByDevice bool // one row for each machine, in place of one for each customer
	Bill     Bill // nil for none
	Billed   bool // there is a bill: whoever is not on it has no seats
}

// Seats counts the machines of each customer that have a product, as the graph knows them, and sets beside it what the
// product's console counts and what is billed. A seat is a machine with at least one record that is neither gone, nor
// waits for approval, nor is seen from elsewhere alone.
//
// By customer its column variance is what is billed less the machines, or without a bill what the console counts less
// the machines. By device it lists the machines that are behind both figures: the column seats sums up to machines, and
// console to console.
func Seats(ctx context.Context, s Source, o SeatOptions) (*Report, error) {
	i, err := readInventory(ctx, s, o.Excludes, o.Now, ofRecords|ofCustomers)
	if err != nil {
		return nil, err
	}
	if err := i.check(o.Organizations); err != nil {
		return nil, err
	}
	return i.seats(o), nil
}

// A seatRow is what one customer has of one product.
type seatRow struct {
	organization      graph.Key
	name              string // of the customer
	tool              int
	machines, records int64
	console           *int64 // nil where the console does not tell
	bought            *int64 // nil where it does not tell, or there is no limit
	billed            *int64 // nil without a bill
	behind            []seatMachine
}

// A seatMachine is what a machine, or what is known of none, adds to a customer's figures.
type seatMachine struct {
	machine *machine // nil for what no machine explains
	seats   int64
	console int64
	why     []string
}

func (r *seatRow) variance() any {
	switch {
	case r.billed != nil:
		return *r.billed - r.machines
	case r.console != nil:
		return *r.console - r.machines
	}
	return nil
}

func (i *inventory) seats(o SeatOptions) *Report {
	b := i.countSeats(&o)
	if o.ByDevice {
		return b.byDevice(&o)
	}
	return b.byCustomer(&o)
}

// A seatBook holds the seats of all customers.
type seatBook struct {
	*inventory
	tools []*converters.Tool
	rows  map[seatKey]*seatRow
	notes []string
}

type seatKey struct {
	organization graph.Key
	name         string // of a customer that the graph does not know
	tool         int
}

func (i *inventory) countSeats(o *SeatOptions) *seatBook {
	b := &seatBook{inventory: i, tools: i.Model.Tools(), rows: map[seatKey]*seatRow{}}
	everybody := o.Options
	everybody.Organizations, everybody.customer = nil, nil // a console may have a machine under another customer
	for n, m := range i.everyMachine(&everybody) {
		b.count(n, m, &everybody)
	}
	b.addConsoles(o)
	b.addBill(o)
	return b
}

func (b *seatBook) row(organization graph.Key, name string, tool int) *seatRow {
	key := seatKey{organization: organization, tool: tool}
	if organization == "" {
		key.name = name
	}
	r := b.rows[key]
	if r == nil {
		r = &seatRow{organization: organization, name: name, tool: tool}
		if name == "" {
			r.name = b.fleet.names[organization]
		}
		b.rows[key] = r
	}
	return r
}

// count adds what a machine has of each product.
func (b *seatBook) count(n int, m *machine, o *Options) {
	list := b.recordsOf(n)
	for len(list) > 0 {
		end := 1
		for end < len(list) && list[end].tool == list[0].tool {
			end++
		}
		b.countTool(m, list[:end], o)
		list = list[end:]
	}
}

// countTool adds the records of one product of a machine: a seat of its customer, and what the console counts to the
// customer under which the console has each of them.
func (b *seatBook) countTool(m *machine, list []record, o *Options) {
	live := slices.DeleteFunc(slices.Clone(list), func(r record) bool { return r.state != converters.Live })
	if len(live) == 0 {
		return
	}
	tool := live[0].tool
	own := seatMachine{machine: m}
	elsewhere := map[graph.Key]int64{}
	unlicensed := 0
	for _, r := range live {
		owner := b.organizationOf(r.customer)
		if owner == "" {
			owner = m.organization
		}
		switch {
		case !r.licensed.IsAbsent() && !r.licensed.Bool():
			unlicensed++
		case owner == m.organization:
			own.console++
		default:
			elsewhere[owner]++
		}
	}
	product := b.tools[tool].Product
	row := b.row(m.organization, "", tool)
	if m.excluded {
		own.why = append(own.why, "left out by an exclusion")
	} else {
		own.seats = 1
		row.machines++
		row.records += int64(len(live))
	}
	if len(live) > 1 {
		own.why = append(own.why, fmt.Sprintf("%d records of one machine", len(live)))
	}
	for _, owner := range slices.Sorted(maps.Keys(elsewhere)) {
		own.why = append(own.why, fmt.Sprintf("%s has it under %s", product, b.nameOf(owner)))
		moved := b.row(owner, "", tool)
		moved.behind = append(moved.behind, seatMachine{machine: m, console: elsewhere[owner],
			why: []string{fmt.Sprintf("%s has it here; the machine is of %s", product, b.nameOf(m.organization))}})
	}
	if unlicensed > 0 {
		own.why = append(own.why, "not licensed in "+product)
	}
	if last := m.tools[tool].last(converters.Live); o.isStale(last) {
		own.why = append(own.why, "last seen "+o.ago(last))
	}
	row.behind = append(row.behind, own)
}

func (b *seatBook) nameOf(organization graph.Key) string {
	return cmp.Or(b.fleet.names[organization], "no customer")
}

// addConsoles adds what the consoles count: by customer where the product tells that, else the records that it calls
// licensed.
func (b *seatBook) addConsoles(o *SeatOptions) {
	if len(o.Systems) > 0 {
		return // consoles do not tell their figures by system
	}
	used, bought := map[seatKey]int64{}, map[seatKey]int64{}
	for _, c := range b.customers {
		tool := b.toolOf(c.integration)
		if tool < 0 || c.organization == "" {
			continue
		}
		key := seatKey{organization: c.organization, tool: tool}
		if !c.used.IsAbsent() {
			used[key] += c.used.Int()
		}
		if c.bought.Int() > 0 {
			bought[key] += c.bought.Int()
		}
	}
	for key, n := range used {
		if n > 0 {
			b.row(key.organization, "", key.tool).console = &n
		} else if r := b.rows[key]; r != nil {
			r.console = &n
		}
	}
	for key, n := range bought {
		b.row(key.organization, "", key.tool).bought = &n
	}
	tells := make([]bool, len(b.tools)) // products that tell of each record whether it is licensed
	for n := range b.records {
		r := &b.records[n]
		tells[r.tool] = tells[r.tool] || !r.licensed.IsAbsent()
	}
	for _, r := range b.rows {
		counted := int64(0)
		for _, m := range r.behind {
			counted += m.console
		}
		switch {
		case tells[r.tool]:
			r.console = &counted
		case r.console != nil && *r.console != counted:
			r.behind = append(r.behind, seatMachine{console: *r.console - counted,
				why: []string{fmt.Sprintf("the console of %s counts other seats than its records show", b.tools[r.tool].Product)}})
		}
	}
}

// toolOf returns the index of the tool that a product gives, -1 for none.
func (b *seatBook) toolOf(integration string) int {
	for _, r := range b.recordTypes() {
		if r.t.Integration == integration {
			return r.tool
		}
	}
	return -1
}

// addBill adds what is billed to the customers that the bill names, by any spelling that a product has of one.
func (b *seatBook) addBill(o *SeatOptions) {
	if !o.Billed {
		return
	}
	for _, r := range b.rows {
		r.billed = new(int64)
	}
	names := map[string]graph.Key{}
	for _, c := range b.customers {
		if c.organization != "" {
			names[fold(c.name)] = c.organization
		}
	}
	for key, name := range b.fleet.names {
		names[fold(name)] = key
	}
	others := map[string]bool{}
	for _, line := range o.Bill {
		tool := toolOf(b.tools, line.Product)
		if tool < 0 {
			others[line.Product] = true
			continue
		}
		organization, known := names[fold(line.Customer)]
		name := ""
		if !known {
			name = line.Customer
			b.notes = append(b.notes,
				fmt.Sprintf("line %d of the bill names %s: no customer is called so", line.Line, short(name)))
		}
		r := b.row(organization, name, tool)
		if r.billed == nil {
			r.billed = new(int64)
		}
		*r.billed += line.Seats
	}
	if len(others) > 0 {
		b.notes = append(b.notes, "the bill has products that are not counted here: "+strings.Join(sorted(others), ", "))
	}
}
