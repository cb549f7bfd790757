package main

import (
	"context"
	"encoding/csv"
	"errors"
	"fmt"
	"strings"

	"github.com/spf13/cobra"

	"assetgraph/graph"
)

func (a *app) queryCommand() *cobra.Command {
	return &cobra.Command{
		Use:   "query 'TEXT'",
		Short: "Ask the graph: SQL on the embedded graph, Cypher on Neo4j; read-only",
		Long: "Runs one question and prints the answer as it comes. On the embedded graph it is SQL, with one view for each _type; on Neo4j it is Cypher. " +
			"A text that would write is refused.\n\nExit codes: 0 answered, 1 refused or failed, 2 usage or settings.",
		Example: `  execute query 'select hostname, lastSeenOn from sentinelone_agent where infected'
  execute query 'select _from, _to, method, confidence from sentinelone_agent_protects_device' --output csv
  execute query 'MATCH (o:organization)-[:HAS]->(d:device) RETURN o.name, count(d)' --graph neo4j://localhost:7687`,
		Args: exactArgs(1, "the text of the query"),
		RunE: a.command([]string{"table", "json", "csv"}, func(ctx context.Context, args []string) error {
			if len(a.flags.instances) > 0 {
				fmt.Fprintln(a.stderr, "note: --instance does not narrow a query; ask for _instance in the query itself")
			}
			return a.withGraph(ctx, readOnly, func(ctx context.Context, store graph.Store, _ *graph.Schema) error {
				return a.query(ctx, store, args[0])
			})
		}),
	}
}

func (a *app) query(ctx context.Context, store graph.Querier, text string) error {
	rows, err := store.Query(ctx, text)
	if err != nil {
		return a.queryError(err)
	}
	var sink rowSink
	switch a.flags.output {
	case "json":
		sink = newJSONRows(a.stdout, rows.Columns)
	case "csv":
		sink = &csvRows{w: csv.NewWriter(a.stdout), columns: rows.Columns}
	default:
		sink = newTableRows(a, rows.Columns)
	}
	for row, err := range rows.Rows {
		if err != nil {
			return errors.Join(a.queryError(err), sink.flush())
		}
		if err := sink.row(row); err != nil {
			return err
		}
	}
	return sink.close()
}

func (a *app) queryError(err error) error {
	return &hintedError{err: fmt.Errorf("query: %w", err), hint: a.again("schema") + " names the types and their properties"}
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
