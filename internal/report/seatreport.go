package report

import (
	"cmp"
	"fmt"
	"slices"
	"strings"

	"github.com/dustin/go-humanize"

	"assetgraph/converters"
)

// sorted returns the rows of the customers that are asked for, by customer and product.
func (b *seatBook) sorted(o *SeatOptions) []*seatRow {
	list := make([]*seatRow, 0, len(b.rows))
	for key, r := range b.rows {
		if o.about(key.organization, r.name) {
			list = append(list, r)
		}
	}
	slices.SortFunc(list, func(x, y *seatRow) int {
		return cmp.Or(ByName(x.name, y.name), cmp.Compare(x.organization, y.organization), cmp.Compare(x.tool, y.tool))
	})
	return list
}

func orNil(n *int64) any {
	if n == nil {
		return nil
	}
	return *n
}

func (b *seatBook) byCustomer(o *SeatOptions) *Report {
	out := b.report("seats", "Seats", organizationColumn(),
		Column{Name: "product", Title: "Product", Least: 11}, figureColumn("machines", "Machines"),
		figureColumn("console", "Console counts"), figureColumn("billed", "Billed"),
		figureColumn("variance", "Variance"), figureColumn("bought", "Bought"),
		Column{Name: "records", Title: "Records", Kind: Figure, Optional: true})
	for _, r := range b.sorted(o) {
		out.Rows = append(out.Rows, []any{r.name, b.tools[r.tool].Product, r.machines, orNil(r.console),
			orNil(r.billed), r.variance(), orNil(r.bought), r.records})
	}
	b.sum(out, o)
	return out
}

func (b *seatBook) byDevice(o *SeatOptions) *Report {
	out := b.report("seats", "Seats, machine by machine", organizationColumn(), hostnameColumn(),
		Column{Name: "product", Title: "Product", Least: 11}, figureColumn("seats", "Seats"),
		figureColumn("console", "Console counts"), reasonColumn(), lastSeenColumn(), serialColumn(), deviceColumn())
	for _, r := range b.sorted(o) {
		slices.SortStableFunc(r.behind, func(x, y seatMachine) int {
			switch {
			case x.machine == nil || y.machine == nil:
				return cmp.Compare(digit(x.machine == nil), digit(y.machine == nil))
			default:
				return cmp.Or(ByName(x.machine.name, y.machine.name), cmp.Compare(x.machine.key, y.machine.key))
			}
		})
		for _, m := range r.behind {
			var console any
			if r.console != nil {
				console = m.console
			}
			row := []any{r.name, "", b.tools[r.tool].Product, m.seats, console, strings.Join(m.why, "; "), nil, "", ""}
			if m.machine != nil {
				row[1], row[6] = m.machine.name, timeCell(m.machine.tools[r.tool].last(converters.Live))
				row[7], row[8] = m.machine.serial, m.machine.key
			}
			out.Rows = append(out.Rows, row)
		}
	}
	b.sum(out, o)
	return out
}

// sum adds the totals of each product.
func (b *seatBook) sum(out *Report, o *SeatOptions) {
	if o.customer == nil && len(o.Organizations) == 0 {
		out.Notes = append(out.Notes, b.notes...)
	}
	rows := b.sorted(o)
	var sums totals
	for tool, t := range b.tools {
		var machines, console, billed int64
		told := false
		for _, r := range rows {
			if r.tool != tool {
				continue
			}
			machines += r.machines
			if r.console != nil {
				told, console = true, console+*r.console
			}
			if r.billed != nil {
				billed += *r.billed
			}
		}
		if machines == 0 && console == 0 && billed == 0 {
			continue
		}
		sums.add(t.Name+".machines", machines)
		sentence := fmt.Sprintf("%s: %s", t.Product, count(int(machines), "machine"))
		if told {
			sums.add(t.Name+".console", console)
			sentence += fmt.Sprintf("; its console counts %s", humanize.Comma(console))
		}
		if o.Billed {
			sums.add(t.Name+".billed", billed)
			sentence += fmt.Sprintf("; %s billed, %s", humanize.Comma(billed), moreOrLess(billed-machines))
		}
		out.Summary = append(out.Summary, sentence+".")
	}
	out.Figures = sums.figures
}

// moreOrLess says how a figure differs from that of the machines.
func moreOrLess(n int64) string {
	switch {
	case n > 0:
		return humanize.Comma(n) + " more than there are"
	case n < 0:
		return humanize.Comma(-n) + " less than there are"
	}
	return "as many as there are"
}

func digit(b bool) int {
	if b {
		return 1
	}
	return 0
}
