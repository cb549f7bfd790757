package neo4j

import (
	"context"
	"fmt"
	"iter"
	"slices"
	"time"

	driver "github.com/neo4j/neo4j-go-driver/v5/neo4j"

	"assetgraph/graph"
)

// Figures are nodes (:AssetgraphFigure {id, day, tool, customer, organization, machines, covered, stale, failing,
// unknown, whole, since}) with a property for each flow that is not 0. Their ids are in the order of day, tool and
// customer.

// figurePage is how many figures are read at once.
const figurePage = 5000

// Figures implements graph.FigureBook.
func (s *Store) Figures(ctx context.Context, selection graph.FigureSelection) iter.Seq2[graph.Figure, error] {
	return func(yield func(graph.Figure, error) bool) {
		last, most := "", "~" // behind all ids
		if !selection.From.IsZero() {
			last = dayText(selection.From)
		}
		if !selection.To.IsZero() {
			most = dayText(selection.To) + "~"
		}
		for more := true; more; {
			found, err := s.read(ctx, "MATCH (n:"+figureLabel+") WHERE n.id > $after AND n.id < $most "+
				"RETURN n.id, properties(n) ORDER BY n.id LIMIT $limit",
				map[string]any{"after": last, "most": most, "limit": figurePage})
			if err != nil {
				yield(graph.Figure{}, fmt.Errorf("neo4j: read figures: %w", err))
				return
			}
			for _, r := range found {
				last, _ = r.Values[0].(string)
				properties, _ := r.Values[1].(map[string]any)
				if !yield(figureOf(properties), nil) {
					return
				}
			}
			more = len(found) == figurePage
		}
	}
}

func figureOf(p map[string]any) graph.Figure {
	number := func(name string) int { n, _ := p[name].(int64); return int(n) }
	text := func(name string) string { s, _ := p[name].(string); return s }
	day := func(name string) time.Time {
		t, _ := time.Parse(time.DateOnly, text(name)) // the zero time for none
		return t
	}
	f := graph.Figure{
		Day: day("day"), Tool: text("tool"), Customer: graph.Key(text("customer")), Organization: text("organization"),
		Machines: number("machines"), Covered: number("covered"), Stale: number("stale"), Failing: number("failing"),
		Unknown: number("unknown"), Since: day("since"),
	}
	f.Whole, _ = p["whole"].(bool)
	for _, flow := range graph.FigureFlows() {
		if n := number(string(flow)); n != 0 {
			if f.Flows == nil {
				f.Flows = map[graph.Flow]int{}
			}
			f.Flows[flow] = n
		}
	}
	return f
}

func dayText(t time.Time) string { return t.UTC().Format(time.DateOnly) }

// figureDay begins the ids of the figures of a day and a tool.
func figureDay(day time.Time, tool string) string { return dayText(day) + " " + tool + " " }

func figureProperties(f *graph.Figure) map[string]any {
	p := map[string]any{
		"id": figureDay(f.Day, f.Tool) + string(f.Customer), "day": dayText(f.Day), "tool": f.Tool,
		"machines": f.Machines, "covered": f.Covered, "stale": f.Stale, "failing": f.Failing, "unknown": f.Unknown,
		"whole": f.Whole,
	}
	for name, text := range map[string]string{"customer": string(f.Customer), "organization": f.Organization} {
		if text != "" {
			p[name] = text
		}
	}
	if !f.Since.IsZero() {
		p["since"] = dayText(f.Since)
	}
	for flow, n := range f.Flows {
		p[string(flow)] = n
	}
	return p
}

// figureRows is how many figures one statement writes.
const figureRows = 1000

// SaveFigures implements graph.FigureBook.
func (s *Store) SaveFigures(
	ctx context.Context, l graph.Lease, day time.Time, tools []string, list []graph.Figure,
) error {
	if err := s.writable(); err != nil {
		return err
	}
	written, of := make([]any, len(list)), make([]any, len(tools))
	for i := range list {
		written[i] = figureProperties(&list[i])
	}
	for i, tool := range tools {
		of[i] = figureDay(day, tool)
	}
	_, err := s.write(ctx, func(tx driver.ManagedTransaction) (any, error) {
		if err := checkLease(ctx, tx, l, 0); err != nil {
			return nil, final(err)
		}
		if _, err := rows(ctx, tx, "UNWIND $of AS begin MATCH (n:"+figureLabel+") "+
			"WHERE n.id STARTS WITH begin DELETE n", map[string]any{"of": of}); err != nil {
			return nil, err
		}
		for part := range slices.Chunk(written, figureRows) {
			if _, err := rows(ctx, tx, "UNWIND $list AS row MERGE (n:"+figureLabel+" {id: row.id}) SET n = row",
				map[string]any{"list": part}); err != nil {
				return nil, err
			}
		}
		return nil, nil
	})
	if err != nil {
		return fmt.Errorf("neo4j: save figures: %w", err)
	}
	return nil
}

// forgottenFigures is how many figures go in one transaction.
const forgottenFigures = 5000

// ForgetFigures implements graph.FigureBook.
func (s *Store) ForgetFigures(ctx context.Context, before time.Time) error {
	if err := s.writable(); err != nil {
		return err
	}
	text, params := "MATCH (n:"+figureLabel+") ", map[string]any{}
	if !before.IsZero() {
		text, params["before"] = text+"WHERE n.id < $before ", dayText(before)
	}
	return s.forget(ctx, "figures", text, params, forgottenFigures)
}
