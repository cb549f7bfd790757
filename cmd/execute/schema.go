package main

import (
	"context"
	"fmt"
	"strings"

	"github.com/jedib0t/go-pretty/v6/table"
	"github.com/jedib0t/go-pretty/v6/text"
	"github.com/spf13/cobra"

	"assetgraph/graph"
	"assetgraph/internal/modeldoc"
	"assetgraph/internal/providers"
)

func (a *app) schemaCommand() *cobra.Command {
	return &cobra.Command{
		Use:   "schema",
		Short: "Entity and relationship types with their classes and properties",
		Long: "Prints the declared entity and relationship types with their classes and properties. It contacts nothing: the declaration is " +
			"part of the program.",
		Example: "  execute schema\n  execute schema --output markdown\n  execute schema --output json",
		Args:    cobra.NoArgs,
		RunE: a.command([]string{"table", "json", "markdown"}, func(context.Context, []string) error {
			schema, err := providers.Schema()
			if err != nil {
				return err
			}
			return a.printSchema(schema)
		}),
	}
}

func (a *app) printSchema(schema *graph.Schema) error {
	switch a.flags.output {
	case "json":
		return a.printJSON(modeldoc.Of(schema))
	case "markdown":
		_, err := fmt.Fprint(a.stdout, modeldoc.Markdown(schema))
		return err
	}
	_, err := fmt.Fprint(a.stdout, a.schemaTable(schema))
	return err
}

func (a *app) schemaTable(schema *graph.Schema) string {
	entities := newTable("entity", "class", "properties")
	relationships := newTable("relationship", "from", "verb", "to")
	const fixed = 26 + 16 + 8 // the other two columns and the space between
	entities.SetColumnConfigs([]table.ColumnConfig{{Number: 3, WidthMax: max(a.width()-fixed, 30), WidthMaxEnforcer: text.WrapSoft}})
	for _, t := range schema.Types() {
		if t.IsRelationship() {
			relationships.AppendRow(table.Row{t.Name, t.From, t.Verb, t.To})
			continue
		}
		names := make([]string, len(t.Properties))
		for i, p := range t.Properties {
			names[i] = p.Name
		}
		entities.AppendRow(table.Row{t.Name, strings.Join(t.Classes, ", "), strings.Join(names, ", ")})
		entities.AppendSeparator()
	}
	return render(entities) + "\n" + render(relationships)
}
