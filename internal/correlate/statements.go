package correlate

import (
	"bytes"
	"encoding/binary"
	"encoding/gob"
	"errors"
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

// writtenStatements are statements as they are kept: products by name, since their order is the program's own.
type writtenStatements struct {
	Sum            linkSum
	From, External []uint64
	Connection     []uint32
	Telling        []bool
	Connections    []writtenConnection // without the first one
}

type writtenConnection struct {
	Instance, Product, ID string
	Off                   bool
	Names                 []writtenName
}

type writtenName struct {
	External uint64
	Telling  bool
	Normal   string
}

// Digest is the same for the same statements, in whatever order they came.
func (s *Statements) Digest() [16]byte {
	var out [16]byte
	binary.BigEndian.PutUint64(out[:], s.sum[0])
	binary.BigEndian.PutUint64(out[8:], s.sum[1])
	return out
}

// Empty returns no statements, of the same model.
func (s *Statements) Empty() *Statements { return NewStatements(s.model) }

// Merge takes over other statements of the same model.
func (s *Statements) Merge(other *Statements) { s.merge(other) }

// MarshalBinary implements encoding.BinaryMarshaler, so that statements can be kept for runs that do not read them.
func (s *Statements) MarshalBinary() ([]byte, error) {
	w := writtenStatements{Sum: s.sum}
	for l := range s.links.all() {
		w.From, w.External = append(w.From, l.from), append(w.External, l.external)
		w.Connection, w.Telling = append(w.Connection, l.connection), append(w.Telling, l.telling)
	}
	for _, c := range s.connections[1:] {
		out := writtenConnection{
			Instance: c.instance, Product: s.model.products[c.product].integration, ID: c.id, Off: c.off,
		}
		for _, n := range c.names {
			out.Names = append(out.Names, writtenName{n.external, n.telling, n.normal})
		}
		w.Connections = append(w.Connections, out)
	}
	var b bytes.Buffer
	err := gob.NewEncoder(&b).Encode(w)
	return b.Bytes(), err
}

// UnmarshalBinary implements encoding.BinaryUnmarshaler, on statements that are new. What is said of a product that the
// model has no more is left out.
func (s *Statements) UnmarshalBinary(data []byte) error {
	var w writtenStatements
	if err := gob.NewDecoder(bytes.NewReader(data)).Decode(&w); err != nil {
		return err
	}
	at := make([]uint32, len(w.Connections)+1) // 0: of a product that is not known, or no connection
	for i, c := range w.Connections {
		product := s.model.called(c.Product)
		if product < 0 {
			continue
		}
		at[i+1] = s.connection(connectionName{c.Instance, product, c.ID})
		into := &s.connections[at[i+1]]
		into.off = c.Off
		for _, n := range c.Names {
			into.names = append(into.names, clientName{n.External, n.Telling, n.Normal})
		}
	}
	if len(w.External) != len(w.From) || len(w.Connection) != len(w.From) || len(w.Telling) != len(w.From) {
		return errors.New("statements of different lengths")
	}
	for i := range w.From {
		if int(w.Connection[i]) >= len(at) || at[w.Connection[i]] == 0 {
			continue
		}
		s.links.push(link{
			from: w.From[i], external: w.External[i], connection: at[w.Connection[i]], telling: w.Telling[i],
		})
	}
	s.sum = w.Sum
	return nil
}
