package neo4jtest

import (
	"bytes"
	"net"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
)

// A Proxy stands between a program and a server and breaks the connection at COMMITs that a test chooses.
type Proxy struct {
	Endpoint string // what the program is to connect to

	mu      sync.Mutex
	passing int // COMMITs that go through before the first that is cut
	cutting int // COMMITs that are cut after them
	side    Side
	cut     int
}

// A Side says who does not hear of a COMMIT that is cut.
type Side int

// The sides.
const (
	ServerSide  Side = iota // the server does not get the COMMIT
	ProgramSide             // the server commits, and its answer does not get back
)

// NewProxy starts a proxy before the server at endpoint. It lets everything through until Cut is called, and ends with
// the test.
func NewProxy(t testing.TB, endpoint string) *Proxy {
	t.Helper()
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	p := &Proxy{Endpoint: "bolt://" + l.Addr().String()}
	var wg sync.WaitGroup
	t.Cleanup(func() {
		if err := l.Close(); err != nil {
			t.Error(err)
		}
		wg.Wait()
	})
	wg.Go(func() {
		for {
			client, err := l.Accept()
			if err != nil {
				return
			}
			server, err := net.Dial("tcp", strings.TrimPrefix(endpoint, "bolt://"))
			if err != nil {
				t.Error(err)
				return
			}
			wg.Go(func() { p.relay(client, server) })
		}
	})
	return p
}

// Cut lets as many of the COMMITs to come through as passing says, and breaks the connection at each of the next n.
func (p *Proxy) Cut(passing, n int, side Side) {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.passing, p.cutting, p.side = passing, n, side
}

// Cuts returns at how many COMMITs a connection was broken.
func (p *Proxy) Cuts() int {
	p.mu.Lock()
	defer p.mu.Unlock()
	return p.cut
}

// strikes counts a COMMIT and reports whether it is one to cut.
func (p *Proxy) strikes() (Side, bool) {
	p.mu.Lock()
	defer p.mu.Unlock()
	switch {
	case p.passing > 0:
		p.passing--
	case p.cutting > 0:
		p.cutting--
		p.cut++
		return p.side, true
	}
	return 0, false
}

// relay passes on what both sides say. COMMIT is a structure without fields (0xB0) and the tag 0x12, in a chunk of its
// own (Bolt protocol, message specification).
func (p *Proxy) relay(client, server net.Conn) {
	commit := []byte{0, 2, 0xB0, 0x12, 0, 0}
	var deaf atomic.Bool // the program is to hear nothing any more
	var wg sync.WaitGroup
	wg.Go(func() {
		pass(client, server, func(b []byte) bool {
			if !bytes.Contains(b, commit) {
				return false
			}
			side, strikes := p.strikes()
			deaf.Store(strikes && side == ProgramSide)
			return strikes && side == ServerSide
		})
	})
	wg.Go(func() { pass(server, client, func([]byte) bool { return deaf.Load() }) })
	wg.Wait()
}

// pass copies until a side ends or cut says so of what was read, and closes both.
func pass(from, to net.Conn, cut func([]byte) bool) {
	defer func() { _, _ = from.Close(), to.Close() }()
	b := make([]byte, 1<<16)
	for {
		n, err := from.Read(b)
		if err != nil || cut(b[:n]) {
			return
		}
		if _, err := to.Write(b[:n]); err != nil {
			return
		}
	}
}
