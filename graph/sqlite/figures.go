package sqlite

import (
	"context"
	"encoding/json"
	"iter"
	"strings"
	"time"

	"assetgraph/graph"
)

// figureBook are the statements that make the table of figures where it lacks. It came to format 2 without another
// number: what does not know it leaves it alone.
func figureBook() []string {
	return []string{
		`CREATE TABLE IF NOT EXISTS graph_figure (
			day TEXT NOT NULL,
			tool TEXT NOT NULL,
			customer TEXT NOT NULL,
			organization TEXT NOT NULL,
			machines INTEGER NOT NULL,
			covered INTEGER NOT NULL,
			stale INTEGER NOT NULL,
			failing INTEGER NOT NULL,
			unknown INTEGER NOT NULL,
			whole INTEGER NOT NULL,
			since TEXT,
			flows TEXT,
			PRIMARY KEY (day, tool, customer)) WITHOUT ROWID`,
	}
}

// hasFigures reports whether the graph has the table. One of before, opened for reading only, stays as it is.
func hasFigures(ctx context.Context, c *conn) (bool, error) {
	n, err := c.integer(ctx, "SELECT count(*) FROM sqlite_schema WHERE name = 'graph_figure'")
	return n > 0, err
}

// figureView shows figures to people, with a column for each flow.
func figureView() view {
	columns := []viewColumn{
		{"day", "day"}, {"customer", "nullif(customer, '')"}, {"organization", "nullif(organization, '')"}, {"tool", "tool"},
		{"machines", "machines"}, {"covered", "covered"}, {"stale", "stale"}, {"failing", "failing"}, {"unknown", "unknown"},
		{"whole", "whole"}, {"since", "since"},
	}
	for _, f := range graph.FigureFlows() {
		of := "coalesce(json_extract(flows, " + quoteText("$."+string(f)) + "), 0)"
		columns = append(columns, viewColumn{string(f), "CASE WHEN since IS NOT NULL THEN " + of + " END"})
	}
	shown := make([]string, len(columns))
	for i, c := range columns {
		shown[i] = c.expression + " AS " + quoteName(c.name)
	}
	const name = "figures"
	return view{name, "CREATE VIEW " + name + " AS SELECT " + strings.Join(shown, ",\n  ") + "\nFROM graph_figure"}
}

// figurePage is how many figures are read at once.
const figurePage = 500

// Figures implements graph.FigureBook.
func (s *Store) Figures(ctx context.Context, selection graph.FigureSelection) iter.Seq2[graph.Figure, error] {
	return func(yield func(graph.Figure, error) bool) {
		last, more := &graph.Figure{Day: selection.From}, true
		for more {
			var page []graph.Figure
			err := s.pool.read(ctx, func(c *conn) (err error) {
				page, err = figures(ctx, c, selection.To, last)
				return err
			})
			if err != nil {
				yield(graph.Figure{}, s.failed("read figures", err))
				return
			}
			for i := range page {
				if !yield(page[i], nil) {
					return
				}
			}
			if more = len(page) == figurePage; more {
				last = &page[figurePage-1]
			}
		}
	}
}

// figures returns a page of those behind the last one.
func figures(ctx context.Context, c *conn, to time.Time, after *graph.Figure) (page []graph.Figure, _ error) {
	if there, err := hasFigures(ctx, c); !there || err != nil {
		return nil, err
	}
	where, args := "(day, tool, customer) > (?, ?, ?)", []any{"", after.Tool, string(after.Customer)}
	if !after.Day.IsZero() {
		args[0] = dayText(after.Day)
	}
	if !to.IsZero() {
		where, args = where+" AND day <= ?", append(args, dayText(to))
	}
	err := c.query(ctx, func(columns []any) error {
		f := graph.Figure{
			Tool: textOf(columns[1]), Customer: graph.Key(textOf(columns[2])), Organization: textOf(columns[3]),
			Machines: int(integerOf(columns[4])), Covered: int(integerOf(columns[5])), Stale: int(integerOf(columns[6])),
			Failing: int(integerOf(columns[7])), Unknown: int(integerOf(columns[8])), Whole: integerOf(columns[9]) != 0,
		}
		var err error
		if f.Day, err = time.Parse(time.DateOnly, textOf(columns[0])); err != nil {
			return err
		}
		if since, ok := columns[10].(string); ok {
			if f.Since, err = time.Parse(time.DateOnly, since); err != nil {
				return err
			}
		}
		if flows, ok := columns[11].(string); ok {
			err = json.Unmarshal([]byte(flows), &f.Flows)
		}
		page = append(page, f)
		return err
	}, "SELECT day, tool, customer, organization, machines, covered, stale, failing, unknown, whole, since, flows"+
		" FROM graph_figure WHERE "+where+" ORDER BY day, tool, customer LIMIT ?", append(args, int64(figurePage))...)
	return page, err
}

func dayText(t time.Time) string { return t.UTC().Format(time.DateOnly) }

// SaveFigures implements graph.FigureBook.
func (s *Store) SaveFigures(
	ctx context.Context, l graph.Lease, day time.Time, tools []string, list []graph.Figure,
) error {
	err := s.book(ctx, func(c *conn) error {
		if err := checkLease(ctx, c, l); err != nil {
			return err
		}
		for _, tool := range tools {
			if _, err := c.exec(ctx, "DELETE FROM graph_figure WHERE day = ? AND tool = ?", dayText(day), tool); err != nil {
				return err
			}
		}
		for i := range list {
			if err := saveFigure(ctx, c, &list[i]); err != nil {
				return err
			}
		}
		return nil
	})
	if err != nil {
		return s.failed("save figures", err)
	}
	return nil
}

func saveFigure(ctx context.Context, c *conn, f *graph.Figure) error {
	var since, flows any
	if !f.Since.IsZero() {
		since = dayText(f.Since)
	}
	if len(f.Flows) > 0 {
		text, err := json.Marshal(f.Flows)
		if err != nil {
			return err
		}
		flows = string(text)
	}
	whole := int64(0)
	if f.Whole {
		whole = 1
	}
	_, err := c.exec(ctx, "INSERT OR REPLACE INTO graph_figure (day, tool, customer, organization, machines, covered,"+
		" stale, failing, unknown, whole, since, flows) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)",
		dayText(f.Day), f.Tool, string(f.Customer), f.Organization, int64(f.Machines), int64(f.Covered), int64(f.Stale),
		int64(f.Failing), int64(f.Unknown), whole, since, flows)
	return err
}

// ForgetFigures implements graph.FigureBook. It takes the write lock only when there is something to remove.
func (s *Store) ForgetFigures(ctx context.Context, before time.Time) error {
	if s.readOnly {
		return s.failed("forget figures", graph.ErrReadOnly)
	}
	old, args := " FROM graph_figure", []any(nil)
	if !before.IsZero() {
		old, args = old+" WHERE day < ?", []any{dayText(before)}
	}
	var there int64
	err := s.pool.read(ctx, func(c *conn) (err error) {
		there, err = c.integer(ctx, "SELECT EXISTS (SELECT 1"+old+")", args...)
		return err
	})
	if err == nil && there > 0 {
		err = s.book(ctx, func(c *conn) error {
			_, err := c.exec(ctx, "DELETE"+old, args...)
			return err
		})
	}
	if err != nil {
		return s.failed("forget figures", err)
	}
	return nil
}
