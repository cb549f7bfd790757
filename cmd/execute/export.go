package main

import (
	"bufio"
	"context"
	"fmt"
	"slices"

	"github.com/spf13/cobra"

	"assetgraph/graph"
	"assetgraph/internal/jupiterone"
	"assetgraph/internal/report"
)

func (a *app) exportCommand() *cobra.Command {
	var only string
	c := &cobra.Command{
		Use:   "export",
		Short: "The graph as JSON lines in JupiterOne's shape: entities, then relationships",
		Long: "Prints every entity and then every relationship, one JSON object a line, in JupiterOne's shape: _class as a list, times as epoch " +
			"milliseconds, properties that a class requires as null where no product gives a value. The order is that of the schema, then of the keys.",
		Example: "  execute export > graph.jsonl\n  execute export --type device\n  execute export --instance " +
			a.example(1),
		Args:        cobra.NoArgs,
		Annotations: outputs("json"),
		RunE: a.command(func(ctx context.Context, _ []string) error {
			return a.withGraph(ctx, readOnly, func(ctx context.Context, store graph.Store, schema *graph.Schema) error {
				return a.export(ctx, store, schema, only)
			})
		}),
	}
	c.Flags().StringVar(&only, "type", "", "`_type` of an entity or relationship; only those are printed")
	return c
}

func (a *app) export(ctx context.Context, store graph.Reader, schema *graph.Schema, only string) error {
	types := schema.Types()
	if only != "" {
		t := schema.Type(only)
		if t == nil {
			return usagef(a.again("schema")+" names all of them", "--type: %w",
				&report.UnknownError{Kind: "type", Name: only, Near: report.Nearest(only, report.TypeNames(schema))})
		}
		types = []*graph.Type{t}
	}
	if err := a.checkOwners(ctx, store); err != nil {
		return err
	}
	instances := a.flags.instances
	if len(instances) == 0 {
		instances = []string{""} // all of them, in one ordered stream
	}
	slices.Sort(instances)
	w := bufio.NewWriterSize(a.stdout, 1<<16)
	for _, t := range types {
		for _, instance := range slices.Compact(instances) {
			if err := exportType(ctx, w, store, graph.Selection{Type: t, Instance: instance}); err != nil {
				return err
			}
		}
	}
	return w.Flush()
}

func exportType(ctx context.Context, w *bufio.Writer, store graph.Reader, s graph.Selection) error {
	encoder := jupiterone.NewEncoder(s.Type)
	var line []byte
	for e, err := range store.Elements(ctx, s) {
		if err != nil {
			return fmt.Errorf("read %s: %w", s.Type.Name, err)
		}
		line = append(encoder.Append(line[:0], e), '\n')
		if _, err := w.Write(line); err != nil {
			return fmt.Errorf("write the export: %w", err)
		}
	}
	return nil
}
