package e2e

import (
	"bytes"
	"net"
	"strings"
	"sync"
	"sync/atomic"
	"testing"

	"github.com/stretchr/testify/require"
)

// A proxy stands between program and Neo4j and breaks the connection at one COMMIT: before the server hears of it, or
// before the program hears of its outcome.
type proxy struct {
	address  string
	after    bool
	strikeAt atomic.Int64 // number of the COMMIT, from 1; 0 = none
	commits  atomic.Int64
	cut      atomic.Int64
}

func newProxy(t *testing.T, endpoint string, after bool) *proxy {
	t.Helper()
	l, err := net.Listen("tcp", "127.0.0.1:0")
	require.NoError(t, err)
	p := &proxy{address: "bolt://" + l.Addr().String(), after: after}
	var wg sync.WaitGroup
	t.Cleanup(func() {
		require.NoError(t, l.Close())
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

// relay passes on what both sides say. COMMIT is a structure without fields (0xB0) and the tag 0x12, in a chunk of its
// own (Bolt protocol, message specification).
func (p *proxy) relay(client, server net.Conn) {
	commit := []byte{0, 2, 0xB0, 0x12, 0, 0}
	var struck atomic.Bool
	var wg sync.WaitGroup
	pass := func(from, to net.Conn, cut func([]byte) bool) {
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
	wg.Go(func() {
		pass(client, server, func(b []byte) bool {
			if !bytes.Contains(b, commit) || p.commits.Add(1) != p.strikeAt.Load() {
				return false
			}
			struck.Store(true)
			if !p.after {
				p.cut.Add(1)
			}
			return !p.after
		})
	})
	wg.Go(func() {
		pass(server, client, func([]byte) bool {
			if struck.Load() && p.after {
				p.cut.Add(1)
			}
			return struck.Load()
		})
	})
	wg.Wait()
}
