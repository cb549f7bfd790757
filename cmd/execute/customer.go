package main

import (
	"context"
	"errors"
	"fmt"

	"github.com/spf13/cobra"

	"assetgraph/internal/page"
	"assetgraph/internal/report"
)

const customerHelp = `Everything about one customer: coverage with its gaps, how machines do, end of support, seats, what can go,
people. Its figures are those of the other reports, for the same flags.

--output html makes one file that needs nothing else: for a quarterly review, a mail, or paper. It names no
address outside. --all DIR writes such a file for each customer, or for those that NAME fits, and overwrites
none that the program has not written itself. The other forms print the figures, one in a row.`

// customerFlags hold the flags of ` + "`report customer`" + ` as they were given.
type customerFlags struct {
	machineFlags
	all, billed             string
	fitting                 bool
	within, backup, dormant span
}

func (a *app) customerCommand() *cobra.Command {
	var f customerFlags
	c := &cobra.Command{
		Use: "customer [NAME]", Short: "One page about one customer, to send or print; --all DIR for all of them",
		Long: customerHelp + reportExits,
		Example: `  execute report customer 'Contoso Ltd' --output html > contoso.html
  execute report customer --all reviews/2026-q4
  execute report customer 'contoso*' --output csv`,
		Args: func(c *cobra.Command, args []string) error {
			if f.all == "" {
				return exactArgs(1, "the name of the customer (or --all DIR)")(c, args)
			}
			return cobra.MaximumNArgs(1)(c, args)
		},
		Annotations: reportOutputs(),
		RunE: a.command(func(ctx context.Context, args []string) error {
			o, err := a.customerOptions(&f, args)
			if err != nil {
				return err
			}
			return a.withSource(ctx, func(ctx context.Context, s report.Source) error {
				if err := a.asOf(ctx, s, &o.Now); err != nil {
					return err
				}
				list, err := report.Customers(ctx, s, o)
				switch {
				case err != nil:
					return a.unknownCustomer(err)
				case f.all != "":
					return a.writeCustomers(f.all, list, &o)
				case len(list) != 1:
					return a.severalCustomers(args[0], list)
				case a.flags.output == "html":
					return page.Write(a.stdout, page.OfCustomer(list[0], a.tools(), o.Now))
				}
				return a.printAnswer(list[0].Report(), o.Now)
			})
		}),
	}
	flags := c.Flags()
	flags.SortFlags = false
	flags.StringVar(&f.all, "all", "", "`folder` for one HTML file for each customer; it is made where it is not there")
	billedFlag(c, &f.billed)
	flags.BoolVar(&f.fitting, "fitting", false, "a tool lacks only where it can run: "+where(a.tools()))
	f.addNarrowing(flags)
	f.addStale(flags)
	f.within.add(c, "within", soon, "`time` within which support ends soon")
	f.backup.add(c, "backup", backupAfter, "`time` by which the last good backup may be old, such as 2d")
	f.dormant.add(c, "dormant", dormantAfter, "`time` after which an account is dormant")
	a.addRawFlag(c)
	a.addOverridesFlag(c)
	return c
}

func (a *app) customerOptions(f *customerFlags, args []string) (report.CustomerOptions, error) {
	if f.all != "" && (a.flags.output == "csv" || a.flags.output == "json") {
		return report.CustomerOptions{}, usagef("", "--all writes HTML, and knows no --output %s", a.flags.output)
	}
	if err := errors.Join(f.within.parse(), f.backup.parse(), f.dormant.parse()); err != nil {
		return report.CustomerOptions{}, err
	}
	f.organizations = args
	options, err := a.reportOptions(&f.machineFlags)
	if err != nil {
		return report.CustomerOptions{}, err
	}
	bill, err := readBill(f.billed)
	return report.CustomerOptions{
		Options: options, Fitting: f.fitting, Bill: bill, Billed: f.billed != "",
		Within: f.within.time, Backup: f.backup.time, Dormant: f.dormant.time,
	}, err
}

// severalCustomers is the error for a name that fits several customers.
func (a *app) severalCustomers(name string, list []*report.CustomerReport) error {
	const most = 5
	names := make([]string, 0, most)
	for _, r := range list[:min(len(list), most)] {
		names = append(names, r.Customer)
	}
	return usagef(a.again("report customer", shellQuote(name), "--all", "DIR")+" writes a file for each of them",
		"%s fits %d customers: %s", name, len(list), report.List(names))
}

// writeCustomers writes a page for each customer.
func (a *app) writeCustomers(dir string, list []*report.CustomerReport, o *report.CustomerOptions) error {
	if len(list) == 0 {
		fmt.Fprintf(a.stdout, "No customers. A run brings them into the graph:\n  %s\n", a.again("run"))
		return nil
	}
	files, err := newPages(dir, list)
	if err != nil {
		return err
	}
	defer files.close()
	for i, r := range list {
		if err := files.write(i, page.OfCustomer(r, a.tools(), o.Now)); err != nil {
			return err
		}
	}
	for _, n := range list[0].Coverage.Notes {
		fmt.Fprintf(a.stderr, "note: %s\n", singleLine(n))
	}
	fmt.Fprintf(a.stdout, "Wrote %s to %s\n", counted(len(list), "page", "pages"), readable(dir))
	return nil
}
