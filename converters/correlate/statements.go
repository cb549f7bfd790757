package correlate

import "assetgraph/converters"

// Statements are links that are not yet known to be believed. The zero value holds none; it belongs to one goroutine.
type Statements struct{ links chunked[link] }

// Add takes what AddLink takes.
func (s *Statements) Add(l converters.Link) { s.links.push(linkOf(l)) }

// AddStatements does what AddLink does for each of the links.
func (c *Correlator) AddStatements(s *Statements) {
	for l := range s.links.all() {
		c.stating.push(*l)
		c.stated.add(*l)
	}
}

func linkOf(l converters.Link) link {
	return link{from: hash(string(l.From)), external: hash(l.Product, l.ExternalID)}
}
