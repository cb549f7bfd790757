package simulator

import (
	"compress/gzip"
	"net/http"
	"net/url"
	"slices"
	"strings"
	"time"
)

// serve wraps a product's handler in what all have in common.
func (s *Simulator) serve(h *host, product http.Handler) http.Handler {
	own := http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		counting := &meter{ResponseWriter: w, ledger: s.ledger}
		if s.options.Gzip && strings.Contains(r.Header.Get("Accept-Encoding"), "gzip") {
			counting.compress()
			defer counting.finish()
		}
		counting.Header().Set("Date", s.Now().UTC().Format(http.TimeFormat))
		product.ServeHTTP(counting, r)
	})
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if n := h.inFlight.Add(1); n > h.most && !s.options.Unlimited {
			s.ledger.mistake(h.name, "more than %d requests in flight", h.most)
		}
		defer h.inFlight.Add(-1)
		if !pause(r, s.options.Latency) {
			return
		}
		if s.options.Intercept != nil {
			s.options.Intercept(w, r, own)
			return
		}
		own.ServeHTTP(w, r)
	})
}

// pause waits, and reports whether the client did too.
func pause(r *http.Request, d time.Duration) bool {
	if d <= 0 {
		return true
	}
	timer := time.NewTimer(d)
	defer timer.Stop()
	select {
	case <-timer.C:
		return true
	case <-r.Context().Done():
		return false
	}
}

// A meter counts the bytes of an answer and compresses them where asked.
type meter struct {
	http.ResponseWriter
	ledger *ledger
	zip    *gzip.Writer
}

func (m *meter) compress() {
	m.zip, _ = gzip.NewWriterLevel(m.ResponseWriter, gzip.BestSpeed) // the level is valid
	m.Header().Set("Content-Encoding", "gzip")
	m.Header().Add("Vary", "Accept-Encoding")
}

func (m *meter) finish() { _ = m.zip.Close() } // a client that is gone needs no trailer

// Write implements io.Writer.
func (m *meter) Write(b []byte) (int, error) {
	m.ledger.bytes.Add(int64(len(b)))
	if m.zip != nil {
		return m.zip.Write(b)
	}
	return m.ResponseWriter.Write(b)
}

// Unwrap lets http.ResponseController reach the server's own writer.
func (m *meter) Unwrap() http.ResponseWriter { return m.ResponseWriter }

// A call is one request to one product, with its query read.
type call struct {
	w     http.ResponseWriter
	r     *http.Request
	s     *Simulator
	f     *fleet
	route string // as Requests names it
	query url.Values
}

// newCall counts the request under its route.
func newCall(s *Simulator, w http.ResponseWriter, r *http.Request, product, route string) *call {
	c := &call{w: w, r: r, s: s, f: s.fleet, route: product + " " + r.Method + " " + route}
	s.ledger.request(c.route)
	query, err := url.ParseQuery(r.URL.RawQuery)
	if err != nil {
		c.mistake("query can't be parsed")
	}
	c.query = query
	if r.URL.ForceQuery || strings.HasSuffix(r.URL.RawQuery, "&") {
		c.mistake("URL ends in ? or &")
	}
	return c
}

func (c *call) mistake(format string, args ...any) { c.s.ledger.mistake(c.route, format, args...) }

// knows records parameters that the route does not have: they are ignored, so a misspelt filter gives everything.
func (c *call) knows(names ...string) {
	for name, values := range c.query {
		if !slices.Contains(names, name) {
			c.mistake("unknown query parameter %s", name)
		}
		if len(values) > 1 {
			c.mistake("%s given %d times", name, len(values))
		}
	}
}

// readOnly reports whether the request reads; any other is a mistake.
func (c *call) readOnly() bool {
	if c.r.Method == http.MethodGet {
		return true
	}
	c.mistake("%s on a route that is read", c.r.Method)
	return false
}

// text answers with a body that is written as it is.
func (c *call) text(status int, contentType, body string) {
	c.w.Header().Set("Content-Type", contentType)
	c.w.WriteHeader(status)
	_, _ = c.w.Write([]byte(body)) // a client that is gone is no failure of the server
}

// json answers with JSON text.
func (c *call) json(status int, body string) { c.text(status, "application/json", body) }

// chunk is how many bytes of a list are sent at once.
const chunk = 256 << 10

// stream answers 200 with head, the rendered rows and tail. Rows are rendered with the fleet read-locked, and the lock
// is free between chunks, so that a slow reader stops nobody.
func (c *call) stream(head string, rows []uint32, render func(*jsonWriter, int), tail string) {
	c.w.Header().Set("Content-Type", "application/json")
	w := c.s.borrow()
	defer c.s.giveBack(w)
	w.b = append(w.b[:0], head...)
	for len(rows) > 0 {
		rows = c.render(w, rows, render)
		if len(rows) == 0 {
			break
		}
		if _, err := c.w.Write(w.b); err != nil {
			return
		}
		w.b = append(w.b[:0], ",\n"...)
	}
	w.b = append(w.b, tail...)
	_, _ = c.w.Write(w.b) // a client that is gone is no failure of the server
}

// render appends rows until the chunk is full and returns the others.
func (c *call) render(w *jsonWriter, rows []uint32, render func(*jsonWriter, int)) []uint32 {
	c.f.mu.RLock()
	defer c.f.mu.RUnlock()
	for n, row := range rows {
		if len(w.b) >= chunk {
			return rows[n:]
		}
		render(w, int(row))
	}
	return nil
}

// read runs fn with the fleet read-locked.
func (c *call) read(fn func()) {
	c.f.mu.RLock()
	defer c.f.mu.RUnlock()
	fn()
}

// numbers lists 0 to n-1 as rows.
func numbers(n int) []uint32 {
	rows := make([]uint32, n)
	for i := range rows {
		rows[i] = uint32(i)
	}
	return rows
}

// borrow gives a buffer for a chunk.
func (s *Simulator) borrow() *jsonWriter {
	if w, ok := s.buffers.Get().(*jsonWriter); ok {
		return w
	}
	return &jsonWriter{b: make([]byte, 0, chunk+chunk/4)}
}

func (s *Simulator) giveBack(w *jsonWriter) { s.buffers.Put(w) }
