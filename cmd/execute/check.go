package main

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"strings"

	"github.com/spf13/cobra"

	"assetgraph/graph"
	"assetgraph/internal/executor"
	"assetgraph/internal/providers"
	"assetgraph/internal/settings"
)

func (a *app) checkCommand() *cobra.Command {
	return &cobra.Command{
		Use:   "check",
		Short: "Sign in everywhere, say what may be read and how much, reach the graph; write nothing",
		Long: "Signs in to every configured instance, says what it may read and how many records it would read, and reaches the graph. " +
			"Writes nothing.\n\nExit codes: 0 all is fine, 1 something is not, 2 usage or settings.",
		Example: "  execute check\n  execute check --instance immybot --output json",
		Args:    cobra.NoArgs,
		RunE: a.command([]string{"text", "json"}, func(ctx context.Context, _ []string) error {
			return a.check(ctx)
		}),
	}
}

// signIn is the step of executor.Check that comes first for each instance.
const signIn = "sign in"

// finding is an executor.Finding as JSON.
type finding struct {
	Instance string `json:"instance"`
	Step     string `json:"step"`
	Route    string `json:"route"`
	Records  int    `json:"records"` // -1 where it can't be told without reading all
	Note     string `json:"note"`
	Error    string `json:"error"`
}

// checked is what `check --output json` prints.
type checked struct {
	OK       bool      `json:"ok"`
	Graph    graphFind `json:"graph"`
	Findings []finding `json:"findings"`
}

type graphFind struct {
	URL      string `json:"url"`
	Elements int    `json:"elements"`
	Note     string `json:"note"`
}

func (a *app) check(ctx context.Context) error {
	endpoint, err := a.endpoint()
	if err != nil {
		return err
	}
	instances, stop, err := a.instances()
	if err != nil {
		return err
	}
	defer stop()
	result := checked{OK: true, Findings: []finding{}}
	if result.Graph, err = a.reach(ctx, endpoint); err != nil {
		return err
	}
	quiet := a.flags.output == "json"
	if !quiet {
		fmt.Fprintf(a.stdout, "%-12s %-26s %10s  %s\n", "graph", endpoint, comma(result.Graph.Elements), result.Graph.Note)
	}
	err = executor.Check(ctx, instances, func(f executor.Finding) {
		out := finding{Instance: f.Instance, Step: f.Step, Route: f.Route, Records: f.Records, Note: f.Note}
		if f.Err != nil {
			out.Error, result.OK = f.Err.Error(), false
		}
		result.Findings = append(result.Findings, out)
		if !quiet {
			a.printFinding(out)
		}
	})
	if err != nil {
		return err
	}
	if quiet {
		err = a.printJSON(result)
	}
	return errors.Join(err, a.verdict(result.OK, quiet))
}

func (a *app) printFinding(f finding) {
	records := ""
	switch {
	case f.Error != "":
		records = "refused"
	case f.Records >= 0:
		records = comma(f.Records)
	case f.Step == signIn:
		records = "ok"
	default:
		records = "readable"
	}
	parts := []string{fmt.Sprintf("%-12s %-26s %10s", f.Instance, f.Step, records)}
	for _, s := range []string{f.Error, f.Note} {
		if s != "" {
			parts = append(parts, plain(s))
		}
	}
	fmt.Fprintln(a.stdout, strings.Join(parts, "  "))
}

func (a *app) verdict(ok, quiet bool) error {
	if !ok {
		if !quiet {
			fmt.Fprintf(a.stdout, "\nNot all can be read: what was refused would be incomplete, and nothing of it would be deleted.\n")
		}
		return outcome(exitFailed)
	}
	if !quiet {
		fmt.Fprintf(a.stdout, "\nAll is fine. Next\n  %s\n", a.again("plan"))
	}
	return nil
}

// reach opens the graph for reading and counts what it holds. That there is none yet is fine.
func (a *app) reach(ctx context.Context, p settings.Endpoint) (graphFind, error) {
	find := graphFind{URL: p.String()}
	schema, err := providers.Schema()
	if err != nil {
		return find, err
	}
	if dir := filepath.Dir(p.File); p.File != "" {
		if _, err := os.Stat(dir); errors.Is(err, fs.ErrNotExist) {
			return find, &hintedError{err: fmt.Errorf("graph %s: there is no folder %s", p, dir), hint: "make the folder, or name another file"}
		}
	}
	store, err := a.open(ctx, p, schema, examine)
	if errors.Is(err, graph.ErrNoGraph) {
		find.Note = "no graph yet: the first run makes it"
		return find, nil
	}
	if err != nil {
		return find, err
	}
	populations, err := store.Populations(ctx)
	for _, n := range populations {
		find.Elements += n.Count
	}
	find.Note = "elements in the graph"
	return find, closing(store, err)
}
