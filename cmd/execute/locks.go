package main

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/jedib0t/go-pretty/v6/table"
	"github.com/spf13/cobra"

	"assetgraph/graph"
)

const locksHelp = `A run takes a lock for each instance that it writes, renews it while it lasts, and gives it back. The lock of a
run that died runs out by itself, after --lease (2 minutes unless a run was told otherwise); one whose process is gone from
this machine is given up at once.`

func (a *app) locksCommand() *cobra.Command {
	c := &cobra.Command{
		Use:   "locks",
		Short: "Which runs hold which instances; break takes a lock away",
		Long: "Prints the locks that are in force: instance, holder, since when, until when unless renewed.\n\n" +
			locksHelp,
		Example:     "  execute locks\n  execute locks --output json\n  execute locks break --instance " + a.example(1),
		Args:        cobra.NoArgs,
		Annotations: outputs("text", "json"),
		RunE: a.command(func(ctx context.Context, _ []string) error {
			return a.withGraph(ctx, readOnly, a.locks)
		}),
	}
	c.AddCommand(a.breakCommand())
	return c
}

func (a *app) breakCommand() *cobra.Command {
	var yes bool
	c := &cobra.Command{
		Use:   "break",
		Short: "Take the lock of each named --instance from the run that holds it",
		Long: "Takes the lock of the named instances away. A run that still works under it writes nothing more of that instance and fails. " +
			"It asks first: type what it names, or give --yes.\n\n" + locksHelp,
		Example:     fmt.Sprintf("  execute locks break --instance %s\n  execute locks break --instance %[1]s --instance %s --yes", a.example(1), a.example(2)),
		Args:        cobra.NoArgs,
		Annotations: outputs("text", "json"),
		RunE: a.command(func(ctx context.Context, _ []string) error {
			if len(a.flags.instances) == 0 {
				return usagef(a.again("locks")+" names those that are locked", "locks break needs --instance NAME")
			}
			if !yes && !a.isTerminal(a.stdin) {
				return usagef("give --yes where nobody can answer",
					"locks break asks for a typed confirmation, and standard input is no terminal")
			}
			return a.withGraph(ctx, rewrite, func(ctx context.Context, store graph.Store, _ *graph.Schema) error {
				return a.breakLocks(ctx, store, yes)
			})
		}),
	}
	c.Flags().BoolVar(&yes, "yes", false, "do not ask")
	return c
}

// lock is one lock as `locks --output json` prints it.
type lock struct {
	Instance string    `json:"instance"`
	Holder   string    `json:"holder"`
	Since    time.Time `json:"since"`
	Until    time.Time `json:"until"` // unless it is renewed
}

// held returns the locks that --instance narrows to.
func (a *app) held(ctx context.Context, store graph.Leaser) ([]lock, error) {
	all, err := store.Held(ctx)
	if err != nil {
		return nil, fmt.Errorf("read the locks: %w", err)
	}
	list := []lock{}
	for _, h := range all {
		if len(a.flags.instances) == 0 || slices.Contains(a.flags.instances, h.Instance) {
			list = append(list, lock{h.Instance, h.Holder, h.Since, h.Until})
		}
	}
	return list, nil
}

func (a *app) locks(ctx context.Context, store graph.Store, _ *graph.Schema) error {
	list, err := a.held(ctx, store)
	if err != nil {
		return err
	}
	if a.flags.output == "json" {
		return a.printJSON(list)
	}
	if len(list) == 0 {
		_, err = fmt.Fprintln(a.stdout, "No run holds a lock.")
		return err
	}
	_, err = fmt.Fprint(a.stdout, locksText(list))
	return err
}

func locksText(list []lock) string {
	t := newTable("instance", "since (UTC)", "until", "holder")
	for _, l := range list {
		t.AppendRow(table.Row{
			l.Instance, l.Since.Format(time.DateTime), l.Until.Format(time.TimeOnly), singleLine(l.Holder),
		})
	}
	return render(t)
}

// brokenLocks is what `locks break --output json` prints.
type brokenLocks struct {
	Broken []lock `json:"broken"`
}

// breakLocks takes the locks from those who hold them now: one who takes a lock meanwhile keeps it.
func (a *app) breakLocks(ctx context.Context, store graph.Leaser, yes bool) error {
	list, err := a.held(ctx, store)
	if err != nil {
		return err
	}
	if len(list) > 0 && !yes {
		fmt.Fprintf(a.stderr, "This takes away\n%s", locksText(list))
		var names []string
		for _, l := range list {
			names = append(names, l.Instance)
		}
		if err := a.typed(ctx, strings.Join(names, " "), "no lock was broken"); err != nil {
			return err
		}
	}
	result := brokenLocks{Broken: []lock{}}
	for _, l := range list {
		broken, breakErr := store.Break(ctx, l.Instance, l.Holder)
		if broken {
			result.Broken = append(result.Broken, l)
		}
		err = errors.Join(err, breakErr)
	}
	return errors.Join(err, a.printBroken(result))
}

func (a *app) printBroken(r brokenLocks) error {
	if a.flags.output == "json" {
		return a.printJSON(r)
	}
	text := "No run holds a lock of " + strings.Join(a.flags.instances, ", ") + ".\n"
	if len(r.Broken) > 0 {
		text = "Broken\n" + locksText(r.Broken)
	}
	_, err := fmt.Fprint(a.stdout, text)
	return err
}
