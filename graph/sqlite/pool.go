package sqlite

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"net/url"
	"strings"
)

// empty is the source of a database in memory.
const empty = "file::memory:?mode=memory"

// Readers that stay open while nobody reads.
const idleReaders = 4

// pool hands out connections: one for writing, as many as are asked for for reading. A graph in memory has the one
// for writing alone.
type pool struct {
	path    string
	reading string  // how readers open the file
	readers *sql.DB // in a graph in memory, the writer
	writer  *sql.DB // nil in a store that only reads
}

func newPool(ctx context.Context, path string, readOnly bool) (p *pool, err error) {
	p = &pool{path: path}
	switch {
	case p.inMemory():
		p.writer, err = openWriter(empty)
		p.readers = p.writer
		return p, err
	case readOnly:
		p.reading, err = readingSource(ctx, path)
	default:
		p.reading = source(path, "ro")
		p.writer, err = openWriter(source(path, "rw"))
	}
	if err == nil {
		p.readers, err = sql.Open("sqlite", forReading(p.reading, "temp_store=MEMORY"))
	}
	if err != nil {
		return nil, errors.Join(err, p.close())
	}
	p.readers.SetMaxIdleConns(idleReaders)
	return p, nil
}

func (p *pool) inMemory() bool { return p.path == Memory }

// Caches of connections, in pages of 8 kB. In bytes they would be counted in pages of 4 kB, and become twice as large:
// the driver sets them before the page size. For writing, 64 MB in place of 32 showed no gain in loading 1.4 million
// elements; for reading, of which several are open at once, 16 MB in place of 2 showed none either, since the system
// has a cache as well.
const (
	writingPages = 4096
	readingPages = 256
)

func cachePages(n int64) string { return fmt.Sprintf("cache_size=%d", n) }

// openWriter opens a file for writing, by one connection. Pages of 8 kB hold five rows of 1.2 kB where pages of 4 hold
// two; the log is folded into the file every 64 MB rather than every 8 while it is loaded, and cut back to 32 MB
// afterwards.
func openWriter(dsn string) (*sql.DB, error) {
	db, err := sql.Open("sqlite",
		withPragmas(dsn, "page_size=8192", cachePages(writingPages), "synchronous=NORMAL", "temp_store=MEMORY",
			"wal_autocheckpoint=8192", "journal_size_limit=33554432"))
	if err != nil {
		return nil, err
	}
	db.SetMaxOpenConns(1)
	return db, nil
}

// forReading has connections for reading only.
func forReading(dsn string, pragmas ...string) string {
	return withPragmas(dsn, append([]string{"query_only=ON", cachePages(readingPages)}, pragmas...)...)
}

// withPragmas has each connection of a source begin with these statements.
func withPragmas(dsn string, pragmas ...string) string {
	var b strings.Builder
	fmt.Fprintf(&b, "%s&_busy_timeout=%d", dsn, busyTimeout.Milliseconds())
	for _, p := range pragmas {
		b.WriteString("&_pragma=" + url.QueryEscape(p))
	}
	return b.String()
}

// write calls f with the connection for writing, when nobody else has it.
func (p *pool) write(ctx context.Context, f func(*conn) error) error { return use(ctx, p.writer, f) }

// read calls f with a connection for reading.
func (p *pool) read(ctx context.Context, f func(*conn) error) error { return use(ctx, p.readers, f) }

// close waits for the writer and closes what is idle; a reader that is under way closes its connection when it is done.
func (p *pool) close() error {
	var errs []error
	if p.readers != nil && p.readers != p.writer {
		errs = append(errs, p.readers.Close())
	}
	if p.writer != nil {
		if c, err := p.writer.Conn(context.Background()); err == nil {
			errs = append(errs, c.Close())
		}
		errs = append(errs, p.writer.Close()) // last, so that it folds the write-ahead log into the file
	}
	return errors.Join(errs...)
}

// querying returns how the connection of a query opens the file: unable to write, whatever the text says.
func (p *pool) querying() string {
	return strings.Replace(p.reading, "?mode=rw", "?mode=ro", 1)
}
