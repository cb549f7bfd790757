package sqlite

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"sync"
)

// errClosed is what a closed store answers.
var errClosed = errors.New("the store is closed")

// Readers that stay open while nobody reads.
const idleReaders = 4

// pool hands out connections: one for writing, as many as are asked for for reading. A graph in memory has the one
// for writing alone.
type pool struct {
	path    string
	reading string     // how readers open the file
	turn    chan *conn // holds the connection for writing while nobody uses it: nil in a store that only reads

	mu     sync.Mutex
	idle   []*conn
	closed bool
}

func newPool(ctx context.Context, path string, readOnly bool) (*pool, error) {
	p := &pool{path: path, turn: make(chan *conn, 1)}
	var writer *conn
	var err error
	switch {
	case p.inMemory():
		writer, err = p.connectWriter(ctx)
	case readOnly:
		p.reading, err = readingSource(ctx, path)
	default:
		p.reading = source(path, "ro")
		writer, err = p.connectWriter(ctx)
	}
	if err != nil {
		return nil, err
	}
	p.turn <- writer
	return p, nil
}

func (p *pool) inMemory() bool { return p.path == Memory }

// connectWriter opens the connection for writing. Pages of 8 kB hold five rows of 1.2 kB where pages of 4 hold two; the log is
// folded into the file every 64 MB rather than every 8 while it is loaded, and cut back to 32 MB afterwards. A cache of 64 MB
// in place of 32 showed no gain in loading 1.4 million elements, and cost 50 MB.
func (p *pool) connectWriter(ctx context.Context) (*conn, error) {
	dsn := "file::memory:"
	if !p.inMemory() {
		dsn = source(p.path, "rw")
	}
	c, err := connect(dsn)
	if err != nil {
		return nil, err
	}
	if err := c.pragmas(ctx, []string{
		fmt.Sprintf("busy_timeout=%d", busyTimeout.Milliseconds()), "page_size=8192", "synchronous=NORMAL", "temp_store=MEMORY",
		"cache_size=-32768", "wal_autocheckpoint=8192", "journal_size_limit=33554432",
	}); err != nil {
		return nil, errors.Join(err, c.close())
	}
	return c, nil
}

// connectReader opens a connection for reading by the given URI. Several are open at once, each with a cache of its own: 4 MB read
// headers and elements as fast as 16 did, from the system's cache.
func connectReader(ctx context.Context, dsn string) (*conn, error) {
	c, err := connect(dsn)
	if err != nil {
		return nil, err
	}
	if err := c.pragmas(ctx, append(readerPragmas(), "temp_store=MEMORY")); err != nil {
		return nil, errors.Join(err, c.close())
	}
	return c, nil
}

func readerPragmas() []string {
	return []string{fmt.Sprintf("busy_timeout=%d", busyTimeout.Milliseconds()), "query_only=ON", "cache_size=-4096"}
}

func (c *conn) pragmas(ctx context.Context, texts []string) error {
	for _, text := range texts {
		if err := c.pragma(ctx, text); err != nil {
			return err
		}
	}
	return nil
}

func (c *conn) pragma(ctx context.Context, text string) error {
	return patiently(ctx, func() error { _, err := c.exec(context.Background(), "PRAGMA "+text); return err })
}

// write calls f with the connection for writing, when nobody else has it.
func (p *pool) write(ctx context.Context, f func(*conn) error) error {
	if err := ctx.Err(); err != nil {
		return err
	}
	select {
	case <-ctx.Done():
		return ctx.Err()
	case c, open := <-p.turn:
		if !open {
			return errClosed
		}
		defer func() { p.turn <- c }()
		return f(c)
	}
}

// read calls f with a connection for reading.
func (p *pool) read(ctx context.Context, f func(*conn) error) error {
	if p.inMemory() {
		return p.write(ctx, f)
	}
	if err := ctx.Err(); err != nil {
		return err
	}
	c, err := p.reader(ctx)
	if err != nil {
		return err
	}
	defer p.giveBack(c)
	return f(c)
}

func (p *pool) reader(ctx context.Context) (*conn, error) {
	p.mu.Lock()
	defer p.mu.Unlock()
	if p.closed {
		return nil, errClosed
	}
	if n := len(p.idle); n > 0 {
		c := p.idle[n-1]
		p.idle = p.idle[:n-1]
		return c, nil
	}
	return connectReader(ctx, p.reading)
}

// giveBack keeps the connection for the next reader. What closing one says is of no use to a reader who is done.
func (p *pool) giveBack(c *conn) {
	p.mu.Lock()
	defer p.mu.Unlock()
	if p.closed || len(p.idle) >= idleReaders {
		_ = c.close()
		return
	}
	p.idle = append(p.idle, c)
}

// close waits for the writer and closes what is idle; a reader that is under way closes its connection when it is done.
func (p *pool) close() error {
	c, open := <-p.turn
	if !open {
		return nil
	}
	close(p.turn)
	p.mu.Lock()
	defer p.mu.Unlock()
	p.closed = true
	var errs []error
	for _, r := range p.idle {
		errs = append(errs, r.close())
	}
	p.idle = nil
	if c != nil {
		errs = append(errs, c.close()) // last, so that it folds the write-ahead log into the file
	}
	return errors.Join(errs...)
}

// querying returns how the connection of a query opens the file: unable to write, whatever the text says.
func (p *pool) querying() string {
	return strings.Replace(p.reading, "?mode=rw", "?mode=ro", 1)
}
