package converters

import (
	"net/url"
	"strings"

	"assetgraph/graph"
)

// A console is the address of a provider's console.
type console struct {
	base   string
	prefix string // base without a slash at its end; "" where no page can be linked to
}

// newConsole looks at base once: all records of a provider have the same.
func newConsole(base string) console {
	c := console{base: base}
	u, err := url.Parse(base)
	if err != nil || u.Host == "" || u.Hostname() == "localhost" {
		return c
	}
	if ip, ok := parseAddr(u.Hostname()); !ok || !ip.IsLoopback() {
		c.prefix = strings.TrimSuffix(base, "/")
	}
	return c
}

// WebLink returns the address of a page of a provider's console: base followed by the parts of page, the first of which
// begins with "/". It is absent when base is no absolute URL, and on a loopback host, whose port is another one
// tomorrow.
func (f *Fragment) WebLink(base string, page ...string) graph.Value {
	if f.console.base != base {
		f.console = newConsole(base)
	}
	if f.console.prefix == "" {
		return graph.Value{}
	}
	f.scratch = append(f.scratch[:0], f.console.prefix...)
	for _, part := range page {
		f.scratch = append(f.scratch, part...)
	}
	return graph.TextOf(string(f.scratch))
}
