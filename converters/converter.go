package converters

import (
	"assetgraph/collectors"
	"assetgraph/graph"
)

// A Converter turns the records of one provider into elements of the graph. It is a table without state and may be
// used from any goroutine.
type Converter struct {
	Integration string
	Aliases     []string      // what other products call this one, see CalledBy
	Types       []*graph.Type // all that it may produce, entities first
	Roles       []Role        // what those of its types are that correlation and reports look at
	Kinds       []RecordKind  // one for each kind of record

	// Identities says whose records they are: of the first of these types of which two accounts both have records, they
	// have none in common.
	Identities []Identity
}

// A RecordKind says what becomes of one kind of record.
type RecordKind struct {
	Name     string        // collectors.Record.Kind
	Produces []*graph.Type // entity and relationship types that such a record may put into the fragment
	Links    *graph.Type   // the entity type of which such records tell the links; nil for none

	// Convert adds what the record says to the fragment. It is pure: the same record gives the same elements,
	// whatever came before. An error costs this record alone; nothing of the fragment is used then. It should
	// be a *collectors.RecordError that names the field.
	Convert func(r collectors.Record, f *Fragment) error
}

// Kind returns the kind of that name, or nil.
func (c *Converter) Kind(name string) *RecordKind {
	for i := range c.Kinds {
		if c.Kinds[i].Name == name {
			return &c.Kinds[i]
		}
	}
	return nil
}

// A Fragment collects the elements of one record, reusing their memory from record to record.
type Fragment struct {
	instance    string
	used        int
	elements    []*graph.Element
	links       []Link
	connections []Connection

	addresses Addresses
	console   console
	scratch   []byte
}

// A Link is a provider's statement that one of its entities is known in another product: which agent of another product
// a machine carries, and which client there a customer is. It is evidence for correlation and no part of the graph.
type Link struct {
	From       graph.Key // the entity that the statement is about: a machine record or a customer
	Product    string    // the other product, as the provider calls it: see Converter.Aliases
	ExternalID string    // what the other product calls it there, as the provider writes it: see Machine.ExternalID
	Connection string    // id of the connection by which the provider knows it; "" where it has but one to the product
	Name       string    // what the customer is called there, for links of customers; "" where the provider does not say
}

// A Connection is what a provider has set up to learn from another product. A provider may have several to one product,
// each of which speaks of another tenant of it; which one, it does not say.
type Connection struct {
	Instance string // of the provider
	ID       string // within the instance
	Off      bool   // switched off or out of order: what it says is of the past
}

// NewFragment returns an empty fragment whose elements belong to instance.
func NewFragment(instance string) *Fragment { return &Fragment{instance: instance} }

// Reset empties the fragment; elements handed out before must no longer be used.
func (f *Fragment) Reset() { f.used, f.links, f.connections = 0, f.links[:0], f.connections[:0] }

// Addresses returns an empty list of addresses, whose memory is that of all records. It is valid until the next call.
func (f *Fragment) Addresses() *Addresses {
	f.addresses.Reset()
	return &f.addresses
}

// Instance returns the instance that the elements belong to.
func (f *Fragment) Instance() string { return f.instance }

// Entity adds an entity of type t with the provider's id and returns it to be filled.
func (f *Fragment) Entity(t *graph.Type, id string) *graph.Element {
	e := f.next()
	e.ResetEntity(t, f.instance, id)
	return e
}

// Relate adds the relationship of type t between the entities of the given ids, and returns it. It adds nothing
// and returns nil when either id is empty.
func (f *Fragment) Relate(t *graph.Type, fromID, toID string) *graph.Element {
	if fromID == "" || toID == "" {
		return nil
	}
	e := f.next()
	e.ResetBetween(t, f.instance, fromID, toID)
	return e
}

// Link adds a statement about the entity of type t with the given id, whose From it fills in. Without a product or an
// external id it adds nothing.
func (f *Fragment) Link(t *graph.Type, id string, l Link) {
	if id != "" && l.Product != "" && l.ExternalID != "" {
		l.From = graph.EntityKey(f.instance, t.Name, id)
		f.links = append(f.links, l)
	}
}

// Connect adds what is known of a connection to another product.
func (f *Fragment) Connect(id string, off bool) {
	f.connections = append(f.connections, Connection{Instance: f.instance, ID: id, Off: off})
}

// Connections returns the connections that were added, in order. They are valid until Reset.
func (f *Fragment) Connections() []Connection { return f.connections }

// Links returns the statements that were added, in order. They are valid until Reset.
func (f *Fragment) Links() []Link { return f.links }

// Elements returns what was added, in order. They are valid until Reset.
func (f *Fragment) Elements() []*graph.Element { return f.elements[:f.used] }

func (f *Fragment) next() *graph.Element {
	if f.used == len(f.elements) {
		f.elements = append(f.elements, &graph.Element{})
	}
	f.used++
	return f.elements[f.used-1]
}
