package sqlite

import (
	"context"
	"iter"
	"strings"
	"time"

	"assetgraph/graph"
)

// changeLog are the statements that make the table of the change log, a row for each transaction that changed
// something, where it lacks. It came to format 2 without another number: what does not know it leaves it alone.
func changeLog() []string {
	return []string{
		`CREATE TABLE IF NOT EXISTS graph_change (
			id INTEGER PRIMARY KEY,
			at INTEGER NOT NULL,
			run TEXT NOT NULL,
			instance TEXT NOT NULL,
			type TEXT NOT NULL,
			entries TEXT NOT NULL)`,
		`CREATE INDEX IF NOT EXISTS graph_change_at ON graph_change (at)`,
	}
}

// hasChangeLog reports whether the graph has the table. One of before, opened for reading only, stays as it is.
func hasChangeLog(ctx context.Context, c *conn) (bool, error) {
	n, err := c.integer(ctx, "SELECT count(*) FROM sqlite_schema WHERE name = 'graph_change_at'")
	return n > 0, err
}

// log writes what the batch changed.
func (w *writer) log() error {
	p, ok := w.tally.Part()
	if !ok {
		return nil
	}
	_, err := w.exec(context.Background(),
		"INSERT INTO graph_change (at, run, instance, type, entries) VALUES (?, ?, ?, ?, ?)",
		p.At.UnixMilli(), p.Run, p.Instance, p.Type, p.Entries)
	return err
}

// logUpdate tells the change log of an element that is written over the row that was found. Equal digests stand for
// equal properties.
func (w *writer) logUpdate(e *graph.Element, r *held) error {
	if w.tally == nil || r.digest == e.Digest {
		return nil
	}
	if !w.batch.Sums() {
		if err := w.readOld(e.Key, r.properties); err != nil {
			return err
		}
	}
	w.tally.Updated(e, &w.old)
	return nil
}

// logDelete tells the change log of an element that was deleted. Properties that somebody has made unreadable keep it
// from nothing.
func (w *writer) logDelete(e *graph.Element, properties string) {
	if w.tally == nil {
		return
	}
	if !w.batch.Sums() {
		_ = w.readOld(e.Key, properties)
	}
	w.tally.Deleted(e.Key, &w.old)
}

// readOld makes w.old the element that a row held.
func (w *writer) readOld(key graph.Key, properties string) error {
	r := row{instance: w.batch.Instance, key: key, properties: properties}
	return r.read(&w.decoder, &w.old, w.batch.Type, nil)
}

// changePage is how many rows of the change log are read at once.
const changePage = 16

// Changes implements graph.ChangeLog.
func (s *Store) Changes(ctx context.Context, selection graph.ChangeSelection) iter.Seq2[graph.Change, error] {
	return func(yield func(graph.Change, error) bool) {
		for at, id := int64(-1), int64(0); ; {
			var page []graph.ChangePart
			err := s.pool.read(ctx, func(c *conn) (err error) {
				page, at, id, err = changeParts(ctx, c, &selection, at, id)
				return err
			})
			for i := 0; i < len(page) && err == nil; i++ {
				for c, e := range page[i].Changes(&selection) {
					if err = e; err == nil && !yield(c, nil) {
						return
					}
				}
			}
			if err != nil {
				yield(graph.Change{}, s.failed("read the change log", err))
				return
			}
			if len(page) < changePage {
				return
			}
		}
	}
}

// changeParts returns the newest rows that are older than those of that time and number, of all when the time is below
// zero, and the time and number of the last of them.
func changeParts(
	ctx context.Context, c *conn, s *graph.ChangeSelection, at, id int64,
) (page []graph.ChangePart, lastAt, lastID int64, err error) {
	if there, err := hasChangeLog(ctx, c); !there || err != nil {
		return nil, 0, 0, err
	}
	where, args := []string{"at >= ?"}, []any{int64(0)}
	if !s.Since.IsZero() {
		args[0] = s.Since.UnixMilli()
	}
	if !s.Until.IsZero() {
		where, args = append(where, "at <= ?"), append(args, s.Until.UnixMilli())
	}
	if at >= 0 {
		where, args = append(where, "(at, id) < (?, ?)"), append(args, at, id)
	}
	among := func(column, operator string, values []string) {
		list := []string{"FALSE"}
		for _, v := range values {
			list, args = append(list, column+operator), append(args, v)
		}
		where = append(where, "("+strings.Join(list, " OR ")+")")
	}
	if s.Instances != nil {
		among("instance", " = ?", s.Instances)
	}
	if s.Types != nil {
		among("type", " = ?", s.Types)
	}
	if texts := s.Texts(); texts != nil {
		among("instr(entries, ", "?) > 0", texts)
	}
	err = c.query(ctx, func(columns []any) error {
		lastAt, lastID = integerOf(columns[0]), integerOf(columns[1])
		page = append(page, graph.ChangePart{
			At: time.UnixMilli(lastAt).UTC(), Run: textOf(columns[2]), Instance: textOf(columns[3]),
			Type: textOf(columns[4]), Entries: textOf(columns[5]),
		})
		return nil
	}, "SELECT at, id, run, instance, type, entries FROM graph_change WHERE "+strings.Join(where, " AND ")+
		" ORDER BY at DESC, id DESC LIMIT ?", append(args, int64(changePage))...)
	return page, lastAt, lastID, err
}

// forgottenRows is how many rows of the change log go in one transaction.
const forgottenRows = 1000

// ForgetChanges implements graph.ChangeLog. It takes the write lock only when there is something to remove.
func (s *Store) ForgetChanges(ctx context.Context, instance string, before time.Time) error {
	const old = " FROM graph_change WHERE at < ?1 AND (?2 = '' OR instance = ?2)"
	if s.readOnly {
		return s.failed("forget changes", graph.ErrReadOnly)
	}
	for {
		var there int64
		err := s.pool.read(ctx, func(c *conn) (err error) {
			there, err = c.integer(ctx, "SELECT EXISTS (SELECT 1"+old+")", before.UnixMilli(), instance)
			return err
		})
		if err == nil && there > 0 {
			err = s.book(ctx, func(c *conn) error {
				_, err := c.exec(ctx, "DELETE FROM graph_change WHERE id IN (SELECT id"+old+" ORDER BY at LIMIT ?3)",
					before.UnixMilli(), instance, int64(forgottenRows))
				return err
			})
		}
		if err != nil {
			return s.failed("forget changes", err)
		}
		if there == 0 {
			return nil
		}
	}
}
