package main

import (
	"context"
	"os"
	"slices"
	"strings"
	"time"

	"github.com/spf13/cobra"

	"assetgraph/internal/report"
	"assetgraph/internal/settings"
)

const reportHelp = `Reports read the graph alone: they contact no product and write nothing.

coverage and worklist are about tools that machines lack, seats about what is paid for, ghosts about what can
go, posture and eol about how machines do, people about accounts, trend about how coverage went. customer puts all of them on one page that
can be sent or printed.

Each is a table for people, csv and json with the same rows for programs, and html: one file with everything
in it, for a browser, a printer or a mail. Each says how fresh its sources are.`

// reportExits ends the help of every report.
const reportExits = `

What distorts the answer is said below the table, or on standard error with csv and json. In CSV a text that
a spreadsheet would take for a formula gets an apostrophe before it, unless --raw.

Exit codes: 0 answered, 1 failed, 2 usage or settings.`

// A reportCommand is one of the reports that differ by what they ask alone.
type reportCommand struct {
	use, short, long, example string
	stale                     bool // it has --stale
	flags                     func(*cobra.Command)
	read                      func(context.Context, report.Source, report.Options) (*report.Report, error)
	check                     func() error // what is wrong with its own flags; nil = nothing can be
}

func (a *app) newReport(r reportCommand) *cobra.Command {
	var f machineFlags
	c := &cobra.Command{
		Use: r.use, Short: r.short, Long: r.long + reportExits, Example: r.example, Args: cobra.NoArgs,
		Annotations: reportOutputs(),
		RunE: a.command(func(ctx context.Context, _ []string) error {
			o, err := a.reportOptions(&f)
			if err == nil && r.check != nil {
				err = r.check()
			}
			if err != nil {
				return err
			}
			return a.withSource(ctx, func(ctx context.Context, s report.Source) error {
				if err := a.asOf(ctx, s, &o.Now); err != nil {
					return err
				}
				out, err := r.read(ctx, s, o)
				if err != nil {
					return a.unknownCustomer(err)
				}
				return a.printAnswer(out, o.Now)
			})
		}),
	}
	f.add(c.Flags())
	if r.stale {
		f.addStale(c.Flags())
	}
	if r.flags != nil {
		r.flags(c)
	}
	a.addRawFlag(c)
	a.addOverridesFlag(c)
	return c
}

// A span is a flag that is a time such as 30d.
type span struct {
	name, text string
	time       time.Duration
}

func (s *span) parse() (err error) {
	if s.time, err = settings.ParseDuration(s.text); err != nil {
		return usagef("", "--%s: %w", s.name, err)
	}
	return nil
}

func (s *span) add(c *cobra.Command, name, value, usage string) {
	s.name = name
	c.Flags().StringVar(&s.text, name, value, usage)
}

func byFlag(c *cobra.Command, by *string) {
	c.Flags().StringVar(by, "by", "organization", "`what` a row stands for: organization or device")
}

func billedFlag(c *cobra.Command, file *string) {
	c.Flags().StringVar(file, "billed", "", "CSV `file` with what is billed: customer, product, seats")
}

const seatsHelp = `Counts the machines of each customer that have a product, and sets beside it what the console of the product
counts, where it tells that, and what is billed.

A machine is a seat of a product when it has a record there that is neither decommissioned nor uninstalled,
does not wait for approval, and is not only seen from elsewhere. Several records of one machine are one seat.

--billed names a CSV file whose first line is customer,product,seats in any order, other columns beside them;
a customer is found by any name that a product has for it, a product by its name or by what it gives, such as
edr. The column variance is what is billed less the machines, so that +3 is billed for nothing and -3 is given
away; without --billed it is what the console counts less the machines.

--by device lists the machines behind the figures, with why a console counts them differently: it has several
records of one, has it under another customer, or does not call it licensed. Its columns seats and console
sum up to machines and console of --by organization.`

func (a *app) seatsCommand() *cobra.Command {
	var by, billed string
	var bill report.Bill
	return a.newReport(reportCommand{
		use: "seats", short: "Machines per customer and product: counted, in the console, billed", long: seatsHelp,
		example: `  execute report seats
  execute report seats --billed invoice.csv
  execute report seats --billed invoice.csv --customer 'contoso*' --by device --output csv`,
		stale: true,
		flags: func(c *cobra.Command) {
			byFlag(c, &by)
			billedFlag(c, &billed)
		},
		check: func() error {
			if err := checkBy(by); err != nil {
				return err
			}
			var err error
			bill, err = readBill(billed)
			return err
		},
		read: func(ctx context.Context, s report.Source, o report.Options) (*report.Report, error) {
			return report.Seats(ctx, s,
				report.SeatOptions{Options: o, ByDevice: by == "device", Bill: bill, Billed: billed != ""})
		},
	})
}

// readBill reads the file that --billed names, "" for none.
func readBill(file string) (report.Bill, error) {
	if file == "" {
		return nil, nil
	}
	f, err := os.Open(file)
	if err != nil {
		return nil, usagef("", "--billed: %w", err)
	}
	defer func() { _ = f.Close() }() // it was only read
	bill, err := report.ReadBill(f)
	if err != nil {
		return nil, usagef("docs/reports.md describes the file", "--billed %s:%w", file, err)
	}
	return bill, nil
}

const ghostsHelp = `Lists what the products keep of machines that are not there any more, or not there as they say:

  stale-everywhere  a machine that no product has seen for --stale: retired, stolen, or in a drawer
  decommissioned    one product has given the machine up, another still sees it
  duplicate         an older record of a product that has a newer one of the same machine
  no-machine        a record that belongs to no machine: network gear, entries made by hand

seats says how many licences the row wastes: each record in use of a machine that is stale everywhere, and each
duplicate. Nothing is deleted: that is for people to do, in the products.`

func (a *app) ghostsCommand() *cobra.Command {
	return a.newReport(reportCommand{
		use: "ghosts", short: "Records without a machine, stale and duplicate ones; seats wasted", long: ghostsHelp,
		example: `  execute report ghosts
  execute report ghosts --stale 90d --output csv`,
		stale: true, read: report.Ghosts,
	})
}

const worklistHelp = `Lists each gap of report coverage on a line of its own, with where to act: the machine's id and page in each
product that has it (rmmId, rmmLink, …), and what the product that lacks it calls the customer (target), such as
the site for which to install an agent. Made for --output csv: scripts of the RMM take it as it is.`

func (a *app) worklistCommand() *cobra.Command {
	var f coverageFlags
	c := &cobra.Command{
		Use: "worklist", Short: "Each gap with the exact place where to close it", Long: worklistHelp + reportExits,
		Example: `  execute report worklist --missing edr --fitting --output csv > install-edr.csv
  execute report worklist --customer 'contoso*'`,
		Args: cobra.NoArgs, Annotations: reportOutputs(),
		RunE: a.command(func(ctx context.Context, _ []string) error {
			o, err := a.coverOptions(&f)
			if err != nil {
				return err
			}
			return a.withSource(ctx, func(ctx context.Context, s report.Source) error {
				if err := a.asOf(ctx, s, &o.Now); err != nil {
					return err
				}
				out, err := report.Worklist(ctx, s, o)
				if err != nil {
					return a.unknownCustomer(err)
				}
				return a.printAnswer(out, o.Now)
			})
		}),
	}
	f.by = "device"
	f.add(c.Flags())
	f.addStale(c.Flags())
	a.addGapFlags(c, &f)
	a.addRawFlag(c)
	a.addOverridesFlag(c)
	return c
}

const postureHelp = `Asks of each machine how it does, as the products tell: are its disks encrypted, is malware protection on, is
the firewall on, does it wait for a restart, was it backed up within --backup, are no patches missing.

Each check is answered yes, no or unknown. What nobody knows is not no: a product may not tell it, or may not
be read for it.

--by device prints one row for each machine, with the checks that need somebody's attention, and those of which
nobody knows; --attention leaves out the machines without any. --check asks only some of them.`

func (a *app) postureCommand() *cobra.Command {
	var by string
	var list []string
	var attention bool
	var backup span
	return a.newReport(reportCommand{
		use: "posture", short: "How machines do: encryption, protection, backup, patches", long: postureHelp,
		example: `  execute report posture
  execute report posture --by device --attention --check encrypted --output csv`,
		flags: func(c *cobra.Command) {
			byFlag(c, &by)
			c.Flags().StringSliceVar(&list, "check", nil,
				"`name` of a check: "+strings.Join(report.CheckNames(), ", ")+"; repeatable (default all)")
			c.Flags().BoolVar(&attention, "attention", false,
				"with --by device: only machines of which a check needs attention")
			backup.add(c, "backup", backupAfter, "`time` by which the last good backup may be old, such as 2d")
		},
		check: func() error {
			for _, name := range list {
				if !slices.Contains(report.CheckNames(), name) {
					return usagef("", "--check %s: known are %s", name, strings.Join(report.CheckNames(), ", "))
				}
			}
			if attention && by != "device" {
				return usagef("", "--attention is for --by device")
			}
			if err := backup.parse(); err != nil {
				return err
			}
			return checkBy(by)
		},
		read: func(ctx context.Context, s report.Source, o report.Options) (*report.Report, error) {
			return report.Posture(ctx, s, report.PostureOptions{
				Options: o, ByDevice: by == "device", Checks: list, Attention: attention, Backup: backup.time,
			})
		},
	})
}

const endOfLifeHelp = `Says whose operating systems their makers support no more (past), or not for long (soon: --within). A system
whose end nobody knows is unknown, which is neither.

--by device lists the machines whose support has ended or ends soon, with the day.`

func (a *app) endOfLifeCommand() *cobra.Command {
	var by string
	var within span
	return a.newReport(reportCommand{
		use: "eol", short: "Operating systems past the end of support, or soon", long: endOfLifeHelp,
		example: `  execute report eol
  execute report eol --by device --within 52w --output csv`,
		flags: func(c *cobra.Command) {
			byFlag(c, &by)
			within.add(c, "within", soon, "`time` within which support ends soon")
		},
		check: func() error {
			if err := within.parse(); err != nil {
				return err
			}
			return checkBy(by)
		},
		read: func(ctx context.Context, s report.Source, o report.Options) (*report.Report, error) {
			return report.EndOfLife(ctx, s,
				report.EndOfLifeOptions{Options: o, ByDevice: by == "device", Within: within.time})
		},
	})
}

const peopleHelp = `Lists accounts and machines that those who look after people should look at:

  left-with-console  an account of the person is switched off, another one in a console is not
  without-mfa        an account in a console asks for no second factor
  dormant            nobody has signed in to a console with the account for --dormant, or ever
  user-gone          a machine whose user's account is switched off, or is not there any more

Read-only. The graph knows what the products tell: that somebody has left it knows by accounts that are switched
off alone, and which products tell of second factors and sign-ins docs/reports.md says. What they do not tell
is counted as unknown.`

func (a *app) peopleCommand() *cobra.Command {
	var dormant span
	return a.newReport(reportCommand{
		use: "people", short: "Leavers with access, accounts without MFA, machines of nobody", long: peopleHelp,
		example: `  execute report people
  execute report people --dormant 30d --output csv`,
		flags: func(c *cobra.Command) {
			dormant.add(c, "dormant", dormantAfter, "`time` after which an account is dormant")
		},
		check: dormant.parse,
		read: func(ctx context.Context, s report.Source, o report.Options) (*report.Report, error) {
			return report.People(ctx, s, report.PeopleOptions{Options: o, Dormant: dormant.time})
		},
	})
}

// What the flags are by default, in every report that has them.
const (
	soon         = "183d" // half a year
	dormantAfter = "90d"
	backupAfter  = "7d"
)
