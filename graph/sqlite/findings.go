package sqlite

import (
	"context"
	"iter"
	"slices"
	"strings"
	"time"

	"assetgraph/graph"
)

// findingBook are the statements that make the tables of findings where they lack. They came to format 2 without
// another number: what does not know them leaves them alone.
func findingBook() []string {
	return []string{
		`CREATE TABLE IF NOT EXISTS graph_finding (
			id TEXT PRIMARY KEY,
			kind TEXT NOT NULL,
			device TEXT NOT NULL,
			name TEXT NOT NULL,
			organization TEXT NOT NULL,
			reason TEXT NOT NULL,
			state TEXT NOT NULL,
			opened INTEGER NOT NULL,
			first_seen INTEGER NOT NULL,
			opened_on INTEGER NOT NULL,
			last_seen INTEGER,
			closed_on INTEGER,
			exception TEXT,
			owner TEXT,
			until INTEGER) WITHOUT ROWID`,
		`CREATE TABLE IF NOT EXISTS graph_finding_check (kind TEXT PRIMARY KEY, at INTEGER NOT NULL) WITHOUT ROWID`,
	}
}

// hasFindings reports whether the graph has the tables. One of before, opened for reading only, stays as it is.
func hasFindings(ctx context.Context, c *conn) (bool, error) {
	n, err := c.integer(ctx, "SELECT count(*) FROM sqlite_schema WHERE name = 'graph_finding_check'")
	return n > 0, err
}

// findingSource names the tables of findings with when their kinds were looked for: a finding that is not closed was
// last seen then.
const findingSource = " FROM graph_finding f LEFT JOIN graph_finding_check c ON c.kind = f.kind"

const findingLastSeen = "coalesce(f.last_seen, max(c.at, f.first_seen), f.first_seen)"

// findingView shows findings to people.
func findingView() view {
	columns := []viewColumn{
		{"id", "f.id"}, {"kind", "f.kind"}, {"state", "f.state"}, {"device", "f.device"}, {"name", "f.name"},
		{"organization", "nullif(f.organization, '')"}, {"reason", "f.reason"},
		{"firstSeenOn", instant("f.first_seen")}, {"openedOn", instant("f.opened_on")},
		{"lastSeenOn", instant(findingLastSeen)}, {"closedOn", instant("f.closed_on")}, {"opened", "f.opened"},
		{"exception", "f.exception"}, {"owner", "f.owner"}, {"until", "strftime('%Y-%m-%d', (f.until - 1) / 1000.0, 'unixepoch')"},
	}
	shown := make([]string, len(columns))
	for i, c := range columns {
		shown[i] = c.expression + " AS " + quoteName(c.name)
	}
	const name = "findings"
	return view{name, "CREATE VIEW " + name + " AS SELECT " + strings.Join(shown, ",\n  ") + "\n" +
		strings.TrimSpace(findingSource)}
}

// findingPage is how many findings are read at once.
const findingPage = 500

// Findings implements graph.FindingBook.
func (s *Store) Findings(ctx context.Context, selection graph.FindingSelection) iter.Seq2[graph.Finding, error] {
	return func(yield func(graph.Finding, error) bool) {
		for page, err := range s.findingPages(ctx, selection) {
			if err != nil {
				yield(graph.Finding{}, s.failed("read findings", err))
				return
			}
			for i := range page {
				if !yield(page[i], nil) {
					return
				}
			}
		}
	}
}

// findingPages reads findings in the order of their ids: those of the ids that are asked for, else all.
func (s *Store) findingPages(ctx context.Context, selection graph.FindingSelection) iter.Seq2[[]graph.Finding, error] {
	read := func(where string, args ...any) (page []graph.Finding, err error) {
		err = s.pool.read(ctx, func(c *conn) (err error) {
			page, err = findings(ctx, c, selection.States, where, args)
			return err
		})
		return page, err
	}
	return func(yield func([]graph.Finding, error) bool) {
		if selection.IDs != nil {
			for part := range slices.Chunk(slices.Compact(slices.Sorted(slices.Values(selection.IDs))), findingPage) {
				ids := make([]any, len(part))
				for i, id := range part {
					ids[i] = id
				}
				page, err := read("f.id IN (NULL"+strings.Repeat(", ?", len(ids))+")", ids...)
				if !yield(page, err) || err != nil {
					return
				}
			}
			return
		}
		for last := ""; ; {
			page, err := read("f.id > ?", last)
			if !yield(page, err) || err != nil || len(page) < findingPage {
				return
			}
			last = page[len(page)-1].ID
		}
	}
}

// findings returns the first page of those of some states, nil for all, that a condition selects.
func findings(
	ctx context.Context, c *conn, states []graph.FindingState, where string, args []any,
) (page []graph.Finding, _ error) {
	if there, err := hasFindings(ctx, c); !there || err != nil {
		return nil, err
	}
	if states != nil {
		where += " AND f.state IN (NULL" + strings.Repeat(", ?", len(states)) + ")"
		for _, state := range states {
			args = append(args, string(state))
		}
	}
	err := c.query(ctx, func(columns []any) error {
		page = append(page, graph.Finding{
			ID: textOf(columns[0]), Kind: textOf(columns[1]), Device: graph.Key(textOf(columns[2])),
			Name: textOf(columns[3]), Organization: textOf(columns[4]), Reason: textOf(columns[5]),
			State: graph.FindingState(textOf(columns[6])), Opened: int(integerOf(columns[7])),
			FirstSeenOn: timeIn(columns[8]), OpenedOn: timeIn(columns[9]), LastSeenOn: timeIn(columns[10]),
			ClosedOn: timeIn(columns[11]), Exception: graph.Exception{
				Reason: textOf(columns[12]), Owner: textOf(columns[13]), Until: timeIn(columns[14]),
			},
		})
		return nil
	}, "SELECT f.id, f.kind, f.device, f.name, f.organization, f.reason, f.state, f.opened, f.first_seen, f.opened_on, "+
		findingLastSeen+", f.closed_on, f.exception, f.owner, f.until"+findingSource+
		" WHERE "+where+" ORDER BY f.id LIMIT ?", append(args, int64(findingPage))...)
	return page, err
}

// timeIn reads a column of epoch milliseconds, the zero time for NULL.
func timeIn(v any) time.Time {
	if n, ok := v.(int64); ok {
		return time.UnixMilli(n).UTC()
	}
	return time.Time{}
}

// orNull returns what a time is kept as.
func orNull(t time.Time) any {
	if t.IsZero() {
		return nil
	}
	return t.UnixMilli()
}

// FindingCounts implements graph.FindingBook.
func (s *Store) FindingCounts(ctx context.Context) (map[graph.FindingState]int, error) {
	counts := map[graph.FindingState]int{}
	err := s.pool.read(ctx, func(c *conn) error {
		if there, err := hasFindings(ctx, c); !there || err != nil {
			return err
		}
		return c.query(ctx, func(columns []any) error {
			counts[graph.FindingState(textOf(columns[0]))] = int(integerOf(columns[1]))
			return nil
		}, "SELECT state, count(*) FROM graph_finding GROUP BY state")
	})
	if err != nil {
		return nil, s.failed("count findings", err)
	}
	return counts, nil
}

// FindingChecks implements graph.FindingBook.
func (s *Store) FindingChecks(ctx context.Context) (map[string]time.Time, error) {
	checks := map[string]time.Time{}
	err := s.pool.read(ctx, func(c *conn) error {
		if there, err := hasFindings(ctx, c); !there || err != nil {
			return err
		}
		return c.query(ctx, func(columns []any) error {
			checks[textOf(columns[0])] = timeIn(columns[1])
			return nil
		}, "SELECT kind, at FROM graph_finding_check")
	})
	if err != nil {
		return nil, s.failed("read when findings were looked for", err)
	}
	return checks, nil
}

// SaveFindings implements graph.FindingBook.
func (s *Store) SaveFindings(
	ctx context.Context, l graph.Lease, list []graph.Finding, checks map[string]time.Time,
) error {
	err := s.book(ctx, func(c *conn) error {
		if err := checkLease(ctx, c, l); err != nil {
			return err
		}
		for i := range list {
			if err := saveFinding(c, &list[i]); err != nil {
				return err
			}
		}
		for kind, at := range checks {
			if _, err := c.exec(ctx, "INSERT INTO graph_finding_check (kind, at) VALUES (?, ?)"+
				" ON CONFLICT (kind) DO UPDATE SET at = excluded.at", kind, at.UnixMilli()); err != nil {
				return err
			}
		}
		return nil
	})
	if err != nil {
		return s.failed("save findings", err)
	}
	return nil
}

func saveFinding(c *conn, f *graph.Finding) error {
	var seen, exception, owner any
	if f.State == graph.FindingClosed {
		seen = orNull(f.LastSeenOn)
	}
	if f.State == graph.FindingAccepted {
		exception, owner = f.Exception.Reason, f.Exception.Owner
	}
	_, err := c.exec(context.Background(), "INSERT OR REPLACE INTO graph_finding (id, kind, device, name, organization, reason,"+
		" state, opened, first_seen, opened_on, last_seen, closed_on, exception, owner, until)"+
		" VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)",
		f.ID, f.Kind, string(f.Device), f.Name, f.Organization, f.Reason, string(f.State), int64(f.Opened),
		f.FirstSeenOn.UnixMilli(), f.OpenedOn.UnixMilli(), seen, orNull(f.ClosedOn), exception, owner,
		orNull(f.Exception.Until))
	return err
}

// ForgetFindings implements graph.FindingBook. It takes the write lock only when there is something to remove.
func (s *Store) ForgetFindings(ctx context.Context, closedBefore time.Time) error {
	if s.readOnly {
		return s.failed("forget findings", graph.ErrReadOnly)
	}
	const old = " FROM graph_finding WHERE closed_on < ?"
	if closedBefore.IsZero() {
		return s.forgotten(ctx, "DELETE FROM graph_finding", "DELETE FROM graph_finding_check")
	}
	var there int64
	err := s.pool.read(ctx, func(c *conn) (err error) {
		there, err = c.integer(ctx, "SELECT EXISTS (SELECT 1"+old+")", closedBefore.UnixMilli())
		return err
	})
	if err == nil && there > 0 {
		err = s.book(ctx, func(c *conn) error {
			_, err := c.exec(ctx, "DELETE"+old, closedBefore.UnixMilli())
			return err
		})
	}
	if err != nil {
		return s.failed("forget findings", err)
	}
	return nil
}

func (s *Store) forgotten(ctx context.Context, statements ...string) error {
	if err := s.book(ctx, func(c *conn) error { return execute(ctx, c, statements) }); err != nil {
		return s.failed("forget findings", err)
	}
	return nil
}
