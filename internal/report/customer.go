package report

import (
	"context"
	"slices"
	"strings"
	"time"

	"assetgraph/graph"
)

// CustomerOptions say what Customers looks at; Organizations names the customers.
type CustomerOptions struct {
	Options
	Fitting bool // a tool lacks only where it can run
	Bill    Bill
	Billed  bool
	Within  time.Duration // see EndOfLifeOptions
	Backup  time.Duration // see PostureOptions
	Dormant time.Duration // see PeopleOptions
}

// A CustomerReport is what the graph knows of one customer, in reports whose figures are those that the same reports of
// all customers have.
type CustomerReport struct {
	Key      graph.Key
	Customer string // its name
	Coverage *Coverage

	Trend []TrendLine // of the last 90 days, one for each tool; none where no figures were kept

	Gaps, Seats, SeatMachines, Posture, EndOfLife, Expiring, Ghosts, People *Report
}

// Customers reports on each customer that has machines or that a product knows, by name. It reads the graph once.
func Customers(ctx context.Context, s Source, o CustomerOptions) ([]*CustomerReport, error) {
	i, err := readInventory(ctx, s, o.Excludes, o.Now, ofAll|ofAges)
	if err != nil {
		return nil, err
	}
	if err := i.check(o.Organizations); err != nil {
		return nil, err
	}
	trend := &Trend{}
	if err := trend.read(ctx, s, s.Model.Tools(), o.Now.AddDate(0, 0, -trendDays), o.Now); err != nil {
		return nil, err
	}
	seats := i.countSeats(&SeatOptions{Options: o.Options, Bill: o.Bill, Billed: o.Billed})
	var list []*CustomerReport
	for key, name := range i.fleet.names {
		if !o.about(key, name) {
			continue
		}
		r, err := i.customerReport(&o, seats, key, name)
		if err != nil {
			return nil, err
		}
		for n := range trend.Lines {
			if trend.Lines[n].Customer == key {
				r.Trend = append(r.Trend, trend.Lines[n])
			}
		}
		list = append(list, r)
	}
	slices.SortFunc(list, func(a, b *CustomerReport) int {
		if n := ByName(a.Customer, b.Customer); n != 0 {
			return n
		}
		return strings.Compare(string(a.Key), string(b.Key))
	})
	return list, nil
}

// trendDays is for how many days the trend of a customer is shown.
const trendDays = 90

func (i *inventory) customerReport(
	o *CustomerOptions, seats *seatBook, key graph.Key, name string,
) (*CustomerReport, error) {
	tools := i.Model.Tools()
	of := o.Options
	of.Organizations, of.customer = nil, &key
	coverage, err := newCoverer(tools, i.fleet, i.sources, CoverOptions{
		Systems: o.Systems, Stale: o.Stale, Fitting: o.Fitting, Now: o.Now, customer: &key}).cover()
	if err != nil {
		return nil, err
	}
	coverage.SortGaps(Order{})
	r := &CustomerReport{Key: key, Customer: name, Coverage: coverage, Gaps: coverage.Report(tools, true)}
	r.Seats = seats.byCustomer(&SeatOptions{Options: of, Billed: o.Billed})
	r.SeatMachines = seats.byDevice(&SeatOptions{Options: of, Billed: o.Billed, ByDevice: true})
	r.Posture = i.posture(&PostureOptions{Options: of, Backup: o.Backup})
	r.EndOfLife = i.endOfLife(&EndOfLifeOptions{Options: of, Within: o.Within})
	r.Expiring = i.endOfLife(&EndOfLifeOptions{Options: of, Within: o.Within, ByDevice: true})
	r.Ghosts = i.ghosts(&of)
	r.People = i.findPeople(&PeopleOptions{Options: of, Dormant: o.Dormant})
	return r, nil
}

// Report returns all figures of the customer, one in a row.
func (r *CustomerReport) Report() *Report {
	out := &Report{Name: "customer", Title: r.Customer, Rows: [][]any{}, Notes: r.Coverage.Notes,
		Sources: r.Coverage.Sources, Summary: r.Coverage.Totals.Sentences(), Columns: []Column{
			organizationColumn(), {Name: "report", Title: "Report", Least: 8}, {Name: "figure", Title: "Figure", Least: 12},
			figureColumn("value", "Value")}}
	for _, part := range []*Report{r.Gaps, r.Seats, r.Posture, r.EndOfLife, r.Ghosts, r.People} {
		for _, f := range part.Figures {
			out.Rows = append(out.Rows, []any{r.Customer, part.Name, f.Name, f.Value})
		}
	}
	return out
}
