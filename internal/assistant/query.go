package assistant

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"
	"time"

	"assetgraph/internal/report"
)

// queryTime is how long one question may take: clients wait no longer.
const queryTime = time.Minute

type queryArguments struct {
	Text string `json:"text" jsonschema:"the question, one statement that reads"`
	pages
}

type rowsData struct {
	Text    string   `json:"text" jsonschema:"what was asked"`
	Columns []string `json:"columns"`
	Rows    [][]any  `json:"rows" jsonschema:"one value for each column; times are RFC 3339"`
}

func (s *server) addQuery() {
	how := "On this graph it is SQL (SQLite): one view for each _type, one column for each property; a relationship's " +
		"view has _from and _to, which are keys; lists are JSON text, booleans 0 and 1, times RFC 3339 text. Such as: " +
		"select hostname, organization from device where not hasEdr order by hostname"
	if s.Source.Language == report.Cypher {
		how = "On this graph it is Cypher: a label for each _type and class, a relationship's type is its verb. Such as: " +
			"MATCH (o:organization)-[:HAS]->(d:device) WHERE NOT d.hasEdr RETURN o.name, d.hostname ORDER BY d.hostname"
	}
	add(s, "query", "A question of your own, read-only",
		"Asks the graph, read-only: a text that would write is refused. "+how+
			". Pages ask the same text again: order the rows. It may take a minute. schema names types and properties.",
		func(ctx context.Context, in queryArguments) (answer[rowsData], error) {
			return s.query(ctx, in.Text, in.pages)
		})
}

func (s *server) query(ctx context.Context, text string, p pages) (out answer[rowsData], err error) {
	if strings.TrimSpace(text) == "" {
		return out, errors.New("text is empty: give one statement; schema names types and properties")
	}
	c, err := newCutter[[]any](p)
	if err != nil {
		return out, err
	}
	ctx, cancel := context.WithTimeoutCause(ctx, queryTime,
		fmt.Errorf("not answered within %s: ask for less, or for fewer types at once", queryTime))
	defer cancel()
	rows, err := s.Source.Store.Query(ctx, text)
	if err != nil {
		return out, s.misread(ctx, err, text)
	}
	empty := make([]bool, len(rows.Columns)) // columns without any value
	for i := range empty {
		empty[i] = true
	}
	for row, err := range rows.Rows {
		if err != nil {
			return out, s.misread(ctx, err, text)
		}
		for i, v := range row {
			empty[i] = empty[i] && v == nil
		}
		full, err := c.offer(readable(rows.Typed(row)))
		if err != nil {
			return out, err
		}
		if full {
			break
		}
	}
	if s.Source.Language == report.Cypher && slices.Contains(empty, true) {
		for _, unknown := range report.UnknownNames(text, s.Source.Schema) {
			out.Notes = append(out.Notes, "of assetgraph "+unknown.Error())
		}
	}
	out.Page = &c.page
	out.Data = rowsData{Text: text, Columns: rows.Columns, Rows: c.rows}
	return out, nil
}

// readable returns a copy of a row as JSON can have it.
func readable(row []any) []any {
	out := make([]any, len(row))
	for i, v := range row {
		out[i] = report.JSONValue(v)
	}
	return out
}

// misread says what may have been meant.
func (s *server) misread(ctx context.Context, err error, text string) error {
	if ctx.Err() != nil {
		return fmt.Errorf("query: %w", context.Cause(ctx))
	}
	return fmt.Errorf("%w. The tool schema names types and properties; the tool query says how to ask",
		report.Misread(err, text, s.Source))
}
