package main

import (
	"bufio"
	"context"
	"errors"
	"fmt"
	"strings"

	"github.com/spf13/cobra"

	"assetgraph/graph"
	"assetgraph/internal/executor"
	"assetgraph/internal/panics"
	"assetgraph/internal/settings"
)

func (a *app) clearCommand() *cobra.Command {
	var all, yes bool
	c := &cobra.Command{
		Use:   "clear",
		Short: "Delete what this program owns in the graph, of one --instance or with --all",
		Long: "Deletes what this program owns in the graph, of the named instances or of all. What others put there stays, and so does an entity that " +
			"relationships of others hang on. What the change log has of these instances goes too. It asks first: type what it names, or give --yes.\n\n" + exitCodes,
		Example:     "  execute clear --instance " + a.example(1) + "\n  execute clear --all --yes --graph sqlite:demo.db",
		Args:        cobra.NoArgs,
		Annotations: outputs("text", "json"),
		RunE: a.command(func(ctx context.Context, _ []string) error {
			if all == (len(a.flags.instances) > 0) {
				return usagef("", "clear needs either --instance NAME or --all")
			}
			if !yes && !a.isTerminal(a.stdin) {
				return usagef("give --yes where nobody can answer",
					"clear asks for a typed confirmation, and standard input is no terminal")
			}
			return a.clear(ctx, yes)
		}),
	}
	c.Flags().BoolVar(&all, "all", false, "of every instance, and what was derived from them")
	c.Flags().BoolVar(&yes, "yes", false, "do not ask")
	return c
}

// cleared is what `clear --output json` prints.
type cleared struct {
	Graph   string         `json:"graph"`
	Deleted []clearedScope `json:"deleted"`
	Kept    []graph.Key    `json:"kept"` // entities that relationships of others hang on
}

type clearedScope struct {
	Instance string `json:"instance"`
	Type     string `json:"type"`
	Count    int    `json:"count"`
}

func (a *app) clear(ctx context.Context, yes bool) error {
	endpoint, err := a.endpoint(ctx)
	if err != nil {
		return err
	}
	schema, err := a.providers.Schema()
	if err != nil {
		return err
	}
	store, err := a.open(ctx, endpoint, schema, rewrite)
	if err != nil {
		return err
	}
	return closing(store, a.clearStore(ctx, store, schema, endpoint, yes))
}

func (a *app) clearStore(
	ctx context.Context, store graph.Store, schema *graph.Schema, p settings.Endpoint, yes bool,
) error {
	if err := a.checkOwners(ctx, store); err != nil {
		return err
	}
	keep, err := a.keepChanges()
	if err != nil {
		return err
	}
	clearance, err := executor.FindClearance(ctx, store, schema, a.flags.instances...)
	if err != nil {
		return fmt.Errorf("find what is to be deleted: %w", err)
	}
	if !yes {
		if err := a.confirm(ctx, p, clearance); err != nil {
			return err
		}
	}
	if keep > 0 {
		clearance.Run = executor.NewID(a.now()) + "-clear"
	}
	result := cleared{Graph: p.String(), Deleted: []clearedScope{}, Kept: []graph.Key{}}
	deleted, kept, err := clearance.Carry(ctx)
	for _, d := range deleted {
		result.Deleted = append(result.Deleted, clearedScope{Instance: d.Instance, Type: d.Type, Count: d.Count})
	}
	result.Kept = append(result.Kept, kept...)
	return errors.Join(a.printCleared(result), err)
}

// confirm says what is to be deleted, and asks for its name.
func (a *app) confirm(ctx context.Context, p settings.Endpoint, c *executor.Clearance) error {
	word := "all"
	if len(a.flags.instances) > 0 {
		word = strings.Join(a.flags.instances, " ")
	}
	n := 0
	for _, s := range c.Scopes {
		n += s.Count
	}
	fmt.Fprintf(a.stderr, "This deletes %s (of %s) from %s.\n", counted(n, "element", "elements"), word, p)
	if len(c.Kept) > 0 {
		fmt.Fprintf(a.stderr, "%s, because relationships of others hang on them.\n",
			counted(len(c.Kept), "entity stays", "entities stay"))
	}
	return a.typed(ctx, word, "nothing was deleted")
}

// typed asks for a word, without which unchanged holds.
func (a *app) typed(ctx context.Context, word, unchanged string) error {
	fmt.Fprintf(a.stderr, "Type %s to go on: ", word)
	answer := make(chan string, 1)
	go func() {
		var err error
		defer close(answer) // nothing is no yes either
		defer panics.Catch(&err)
		line, _ := bufio.NewReader(a.stdin).ReadString('\n') // an unreadable answer is no yes
		answer <- strings.TrimSpace(line)
	}()
	select {
	case <-ctx.Done():
		return context.Cause(ctx)
	case line := <-answer:
		if line == word {
			return nil
		}
	}
	return errors.New("not confirmed: " + unchanged)
}

func (a *app) printCleared(c cleared) error {
	if a.flags.output == "json" {
		return a.printJSON(c)
	}
	total := 0
	t := newTable("instance", "type", "deleted")
	t.SetColumnConfigs(alignRight(3))
	for _, d := range c.Deleted {
		total += d.Count
		t.AppendRow([]any{d.Instance, d.Type, comma(d.Count)})
	}
	var b strings.Builder
	if len(c.Deleted) > 0 {
		b.WriteString(render(t))
	}
	fmt.Fprintf(&b, "Deleted %s from %s.\n", counted(total, "element", "elements"), c.Graph)
	if len(c.Kept) > 0 {
		fmt.Fprintf(&b, "Kept, because relationships of others hang on them:\n")
		for _, k := range c.Kept {
			fmt.Fprintf(&b, "  %s\n", k)
		}
	}
	_, err := fmt.Fprint(a.stdout, b.String())
	return err
}
