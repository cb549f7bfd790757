package main

import (
	"context"
	"encoding/csv"
	"errors"
	"fmt"
	"strings"
	"time"

	"github.com/spf13/cobra"

	"assetgraph/graph"
	"assetgraph/internal/answers"
	"assetgraph/internal/settings"
)

const queryHelp = `Runs one question and prints the answer as it comes. On the embedded graph it is SQL, with one view for each
_type; on Neo4j it is Cypher. A text that would write is refused. An answer may take 5 minutes, unless
--timeout says otherwise; on the embedded graph no value may grow beyond 16 MiB.

In place of a text, @NAME asks a ready question of the library, which gives the same rows on both; --list
names them, docs/questions says what each one means.

Exit codes: 0 answered, 1 refused or failed, 2 usage or settings.`

func (a *app) queryCommand() *cobra.Command {
	var list bool
	c := &cobra.Command{
		Use:   "query 'TEXT'",
		Short: "Ask the graph: SQL on the embedded graph, Cypher on Neo4j, or @NAME; read-only",
		Long:  queryHelp,
		Example: `  execute query 'select hostname, lastSeenOn from sentinelone_agent where infected'
  execute query 'select _from, _to, method, confidence from sentinelone_agent_protects_device' --output csv
  execute query 'MATCH (o:organization)-[:HAS]->(d:device) RETURN o.name, count(d)' --graph neo4j://localhost:7687
  execute query --list
  execute query @infected-and-offline`,
		Args: func(c *cobra.Command, args []string) error {
			if list {
				return cobra.NoArgs(c, args)
			}
			return exactArgs(1, "the text of the query")(c, args)
		},
		RunE: a.command([]string{"table", "json", "csv"}, func(ctx context.Context, args []string) error {
			if list {
				return a.listQuestions()
			}
			return a.ask(ctx, args[0])
		}),
	}
	c.Flags().BoolVar(&list, "list", false, "name the ready questions of the library")
	return c
}

// ask answers a text, or a question of the library.
func (a *app) ask(ctx context.Context, text string) error {
	if len(a.flags.instances) > 0 {
		fmt.Fprintln(a.stderr, "note: --instance does not narrow a query; ask for _instance in the query itself")
	}
	if name, ready := strings.CutPrefix(strings.TrimSpace(text), "@"); ready {
		endpoint, err := a.endpoint()
		if err != nil {
			return err
		}
		q, err := answers.FindQuestion(name)
		if _, unknown := errors.AsType[*answers.UnknownError](err); unknown {
			return usagef(a.again("query", "--list")+" names all of them", "%w", err)
		}
		if err != nil {
			return err
		}
		text = q.In(languageOf(endpoint))
	}
	return a.withGraph(ctx, readOnly, func(ctx context.Context, store graph.Store, _ *graph.Schema) error {
		return a.query(ctx, store, text)
	})
}

// languageOf returns what people ask a graph in.
func languageOf(p settings.Endpoint) answers.Language {
	if p.URI != "" {
		return answers.Cypher
	}
	return answers.SQL
}

func (a *app) listQuestions() error {
	list, err := answers.Library()
	if err != nil {
		return err
	}
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

func (a *app) query(ctx context.Context, store graph.Querier, text string) error {
	if a.flags.timeout == 0 {
		limited, cancel := context.WithTimeoutCause(ctx, queryTime, fmt.Errorf("not answered within %s", queryTime))
		defer cancel()
		ctx = limited
	}
	rows, err := store.Query(ctx, text)
	if err != nil {
		return a.queryError(ctx, err)
	}
	sink := a.newRows(rows.Columns)
	for row, err := range rows.Rows {
		if err != nil {
			return errors.Join(a.queryError(ctx, err), sink.flush())
		}
		if a.flags.output == "json" {
			row = rows.Typed(row)
		}
		if err := sink.row(row); err != nil {
			return err
		}
	}
	return sink.close()
}

func (a *app) queryError(ctx context.Context, err error) error {
	if ctx.Err() != nil {
		return &hintedError{err: fmt.Errorf("query: %w", context.Cause(ctx)), hint: "--timeout 30m allows a longer time"}
	}
	return &hintedError{err: fmt.Errorf("query: %w", err), hint: a.again("schema") + " names the types and their properties"}
}

// newRows prints rows in the form that --output asks for.
func (a *app) newRows(columns []string) rowSink {
	switch a.flags.output {
	case "json":
		return newJSONRows(a.stdout, columns)
	case "csv":
		return &csvRows{w: csv.NewWriter(a.stdout), columns: columns}
	}
	return newTableRows(a, columns)
}

// A rowSink prints an answer row by row. Either close or, after a failure, flush is called once at the end.
type rowSink interface {
	row(values []any) error
	flush() error
	close() error
}

type csvRows struct {
	w       *csv.Writer
	columns []string
	begun   bool
}

func (c *csvRows) row(values []any) error {
	c.begin()
	fields := make([]string, len(values))
	for i, v := range values {
		fields[i] = cellText(v)
	}
	return c.w.Write(fields)
}

func (c *csvRows) begin() {
	if !c.begun {
		c.begun = true
		_ = c.w.Write(c.columns) // the error is kept by the writer and returned by flush
	}
}

func (c *csvRows) flush() error {
	c.begin()
	c.w.Flush()
	return c.w.Error()
}

func (c *csvRows) close() error { return c.flush() }

// oneLine returns data as one line for a table cell.
func oneLine(v any) string { return strings.TrimSpace(plain(cellText(v))) }
