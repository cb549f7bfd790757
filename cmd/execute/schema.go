package main

import (
	"context"
	"fmt"
	"strings"

	"github.com/spf13/cobra"

	"assetgraph/graph"
	"assetgraph/internal/modeldoc"
)

func (a *app) schemaCommand() *cobra.Command {
	return &cobra.Command{
		Use:   "schema",
		Short: "Entity and relationship types with their classes and properties",
		Long: "Prints the declared entity and relationship types with their classes and properties. It contacts nothing: the declaration is " +
			"part of the program.",
		Example:     "  execute schema\n  execute schema --output markdown\n  execute schema --output json",
		Args:        cobra.NoArgs,
		Annotations: outputs("table", "json", "markdown"),
		RunE: a.command(func(context.Context, []string) error {
			schema, err := a.providers.Schema()
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
	entities := columnsOf("entity", "class", "properties")
	entities[1].wrap, entities[2].wrap, entities[2].least = true, true, 30
	relationships := columnsOf("relationship", "from", "verb", "to")
	relationships[0].wrap, relationships[0].least = true, 20
	var things, links [][]string
	for _, t := range schema.Types() {
		if t.IsRelationship() {
			links = append(links, []string{t.Name, t.From, t.Verb, t.To})
			continue
		}
		names := make([]string, len(t.Properties))
		for i, p := range t.Properties {
			names[i] = p.Name
		}
		things = append(things, []string{t.Name, strings.Join(t.Classes, ", "), strings.Join(names, ", ")})
	}
	var b strings.Builder
	layout := layOut(entities, things, a.width()-columnGap)
	for i := range things { // one by one, for the rule between them
		b.WriteString(indent(layout.render(things[i:i+1], i == 0)) + "\n  " + strings.Repeat("─", layout.total()) +
			"\n")
	}
	return b.String() + "\n" + a.fitted(relationships, links)
}
