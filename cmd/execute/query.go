package main

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/spf13/cobra"

	"assetgraph/graph"
	"assetgraph/internal/report"
	"assetgraph/internal/settings"
)

const queryHelp = `Runs one question and prints the answer as it comes. On the embedded graph it is SQL, with one view for each
_type; on Neo4j it is Cypher. A text that would write is refused. An answer may take 5 minutes, unless
--timeout says otherwise; on the embedded graph no value may grow beyond 16 MiB.

The text is the argument, what --file holds, or what comes on standard input (-, or no argument in a pipe).
In place of a text, @NAME asks a ready question of the library, which gives the same rows on both; --list
names them, docs/questions says what each one means.

A table is as wide as the terminal, 80 places in a pipe, and cuts what does not fit; --vertical prints one
field a line, whole. In CSV a text that a spreadsheet would take for a formula gets an apostrophe before it, unless --raw.

Exit codes: 0 answered, 1 refused or failed, 2 usage or settings.`

func (a *app) queryCommand() *cobra.Command {
	var list bool
	var file string
	c := &cobra.Command{
		Use:   "query ['TEXT' | @NAME | -]",
		Short: "Ask the graph: SQL on the embedded graph, Cypher on Neo4j, or @NAME; read-only",
		Long:  queryHelp,
		Example: `  execute query 'select hostname, organization, sources from device where sourceCount = 1'
  execute query 'select organization, count(*) from device group by organization' --output csv
  execute query 'MATCH (o:organization)-[:HAS]->(d:device) RETURN o.name, count(d)' --graph neo4j://localhost:7687
  execute query --list
  execute query @infected-and-offline --vertical
  execute query --file mine.sql --output csv`,
		Args: func(c *cobra.Command, args []string) error {
			if list {
				return cobra.NoArgs(c, args)
			}
			if len(args) > 1 {
				return exactArgs(1, "the text of the query")(c, args)
			}
			return nil
		},
		Annotations: outputs("table", "json", "csv"),
		RunE: a.command(func(ctx context.Context, args []string) error {
			if list {
				return a.listQuestions()
			}
			if a.flags.vertical && a.flags.output != "table" {
				return usagef("", "--vertical is a form of --output table")
			}
			text, err := a.queryText(args, file)
			if err != nil {
				return err
			}
			return a.ask(ctx, text)
		}),
	}
	c.Flags().StringVarP(&file, "file", "f", "", "`file` with the text, - for standard input")
	c.Flags().BoolVar(&a.flags.vertical, "vertical", false, "one field a line")
	a.addRawFlag(c)
	c.Flags().BoolVar(&list, "list", false, "name the ready questions of the library")
	return c
}

// ask answers a text, or a question of the library.
func (a *app) ask(ctx context.Context, text string) error {
	if len(a.flags.instances) > 0 {
		fmt.Fprintln(a.stderr, "note: --instance does not narrow a query; ask for _instance in the query itself")
	}
	endpoint, err := a.endpoint(ctx)
	if err != nil {
		return err
	}
	if name, ready := strings.CutPrefix(strings.TrimSpace(text), "@"); ready {
		q, err := report.FindQuestion(name)
		if _, unknown := errors.AsType[*report.UnknownError](err); unknown {
			return usagef(a.again("query", "--list")+" names all of them", "%w", err)
		}
		if err != nil {
			return err
		}
		text = q.In(languageOf(endpoint))
	}
	return a.withGraph(ctx, readOnly, func(ctx context.Context, store graph.Store, schema *graph.Schema) error {
		return a.query(ctx,
			report.Source{Store: store, Language: languageOf(endpoint), Schema: schema, Model: a.providers.Model()},
			text)
	})
}

// languageOf returns what people ask a graph in.
func languageOf(p settings.Endpoint) report.Language {
	if p.URI != "" {
		return report.Cypher
	}
	return report.SQL
}

func (a *app) listQuestions() error {
	list, err := report.Library()
	if err != nil {
		return err
	}
	a.flags.raw = true // texts of the program itself, of which people type the names
	sink := a.newRows([]string{"name", "title", "about"})
	if a.flags.output == "table" {
		sink = a.newRows([]string{"name", "title"})
	}
	for _, q := range list {
		row := []any{"@" + q.Name, q.Title, q.About}
		if a.flags.output == "table" {
			row = row[:2]
		}
		if err := sink.row(row); err != nil {
			return err
		}
	}
	return sink.close()
}

// queryTime is how long a query may take unless --timeout says otherwise.
const queryTime = 5 * time.Minute

func (a *app) query(ctx context.Context, s report.Source, text string) error {
	if a.flags.timeout == 0 {
		limited, cancel := context.WithTimeoutCause(ctx, queryTime, fmt.Errorf("not answered within %s", queryTime))
		defer cancel()
		ctx = limited
	}
	rows, err := s.Store.Query(ctx, text)
	if err != nil {
		return a.queryError(ctx, err, text, s)
	}
	sink := a.newRows(rows.Columns)
	empty := make([]bool, len(rows.Columns)) // columns without any value
	for i := range empty {
		empty[i] = true
	}
	for row, err := range rows.Rows {
		if err != nil {
			return errors.Join(a.queryError(ctx, err, text, s), sink.flush())
		}
		for i, v := range row {
			empty[i] = empty[i] && v == nil
		}
		if a.flags.output == "json" {
			row = rows.Typed(row)
		}
		if err := sink.row(row); err != nil {
			return err
		}
	}
	if s.Language == report.Cypher && slices.Contains(empty, true) {
		a.noteUnknown(text, s.Schema)
	}
	return sink.close()
}

// newRows prints rows in the form that --output asks for.
func (a *app) newRows(columns []string) rowSink {
	switch a.flags.output {
	case "json":
		return newJSONRows(a.stdout, columns)
	case "csv":
		return newCSVRows(a.stdout, columns, a.flags.raw)
	}
	return newTableRows(a, columns)
}

// A rowSink prints an answer row by row. Either close or, after a failure, flush is called once at the end.
type rowSink interface {
	row(values []any) error
	flush() error
	close() error
}

// oneLine returns data as one line for a table cell.
func oneLine(v any) string { return strings.TrimSpace(singleLine(cellText(v))) }

// addRawFlag lets machines have CSV as the graph has it.
func (a *app) addRawFlag(c *cobra.Command) {
	c.Flags().BoolVar(&a.flags.raw, "raw", false,
		"CSV with texts as they are: no apostrophe before what a spreadsheet would take for a formula")
}
