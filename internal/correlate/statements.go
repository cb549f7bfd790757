package correlate

import (
	"strings"

	"assetgraph/converters"
)

// Statements are what a provider says of connections to other products and of links, as long as it is not known whether
// it is to be believed. They belong to one goroutine.
type Statements struct {
	model       *Model
	links       chunked[link]
	connections []connection // the first one stands for none
	index       map[connectionName]uint32
	sum         linkSum // of all, in whatever order they came
}

// NewStatements returns no statements.
func NewStatements(m *Model) *Statements {
	return &Statements{model: m, connections: make([]connection, 1), index: map[connectionName]uint32{}}
}

// AddConnection takes what a provider says of a connection to another product.
func (s *Statements) AddConnection(a converters.Connection) {
	if !a.Off {
		return
	}
	for p := range s.model.products {
		s.connections[s.connection(connectionName{a.Instance, p, a.ID})].off = true
	}
	s.sum.add(hash("off", a.Instance), hash(a.ID))
}

// AddLink takes a provider's statement that a machine carries an agent of another product, or that a customer is one
// there. One about a product that is not in the model, or about its own, says nothing.
func (s *Statements) AddLink(l converters.Link) {
	product, from := s.model.called(l.Product), s.model.roles[l.From.Scope().Type]
	if product < 0 || from == nil || from.product == product {
		return
	}
	external := l.ExternalID
	if from.Machine != nil {
		if m := s.model.machineOf(product); m != nil && m.ExternalID != nil {
			external = m.ExternalID(external)
		}
	}
	stated := link{from: hash(string(l.From)), external: hash(external), telling: len(external) >= telling}
	name := connectionName{l.From.Scope().Instance, product, l.Connection}
	stated.connection = s.connection(name)
	s.links.push(stated)
	s.sum.add(stated.from,
		mix(stated.external^hash(name.instance, s.model.products[product].integration, name.id, l.Name)))
	if from.Customer != nil && l.Name != "" {
		c := &s.connections[stated.connection]
		c.names = append(c.names, clientName{stated.external, stated.telling, normalCompany(l.Name).base})
	}
}

// connection returns the index of a connection.
func (s *Statements) connection(n connectionName) uint32 {
	i, ok := s.index[n]
	if !ok {
		i = uint32(len(s.connections))
		n = connectionName{strings.Clone(n.instance), n.product, strings.Clone(n.id)}
		s.index[n] = i
		s.connections = append(s.connections, connection{connectionName: n})
	}
	return i
}

// merge takes over other statements.
func (s *Statements) merge(other *Statements) {
	at := make([]uint32, len(other.connections))
	for n := 1; n < len(other.connections); n++ {
		from := &other.connections[n]
		at[n] = s.connection(from.connectionName)
		into := &s.connections[at[n]]
		into.off = into.off || from.off
		into.names = append(into.names, from.names...)
	}
	for l := range other.links.all() {
		moved := *l
		moved.connection = at[l.connection]
		s.links.push(moved)
	}
	s.sum.merge(other.sum)
}
