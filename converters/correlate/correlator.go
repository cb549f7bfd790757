package correlate

import (
	"iter"

	"assetgraph/converters"
	"assetgraph/graph"
)

// A Ref is where the caller finds an element again. It means nothing to the Correlator.
type Ref uint64

// Options say how to correlate. The zero value is the usual way.
type Options struct {
	Overrides *Overrides // what people have decided; nil for nothing
}

// A Correlator finds out which records are the same machine, customer or person. It is used once: Add, AddLink and AddPrevious in any
// order, then Resolve, then Findings. It belongs to one goroutine.
//
// It keeps hashes of identifiers, about 120 bytes for each record, and reads the records themselves again while it resolves.
type Correlator struct {
	overrides *Overrides
	types     map[string]*graph.Type // derived types by name
	off       rules                  // rules that are left out, to measure what each contributes

	records chunked[record]
	arena   chunked[uint64]
	persons []personRecord
	index   lookup // of records, and with personBit of persons, until all is decided
	stating chunked[link]
	stated  linkSum // of links, as they were added

	targets     []uint64 // what the links of each computer lead to, from record.links on
	tenantLinks []link   // by tenant

	customers     []customer // the first one stands for "none"
	customerIndex map[uint64]uint32
	organizations []organization
	nameOwners    map[string]uint32 // the organization of each normalised name, 0 for several

	previous previous
	manual   manual
	findings Findings

	buffer []uint64
	leader []uint32 // first record of the cluster of each record
	order  []uint32 // records, those of one cluster and of one component side by side
	starts []uint32 // where each component begins in order
	keyOf  []uint32 // derived key of the last run by leader, noKey for none
}

// New returns a Correlator that knows nothing yet.
func New(o Options) *Correlator {
	c := &Correlator{
		overrides: o.Overrides, types: map[string]*graph.Type{}, customerIndex: map[uint64]uint32{},
		customers: make([]customer, 1), previous: newPrevious(), manual: newManual(o.Overrides),
	}
	for _, t := range Types() {
		c.types[t.Name] = t
	}
	return c
}

// Add takes an element of a provider: a machine record, a customer or a human; other types are left alone. The element may be changed
// after the call; ref is handed to Resolve's read to get it again. An element that was added before is not added again.
func (c *Correlator) Add(e *graph.Element, ref Ref) {
	switch e.Type.Name {
	case "sentinelone_agent", "ninjarmm_device", "immybot_computer":
		if ch, ok := channelOf(e); ok {
			c.addMachine(e, ref, ch)
		} else {
			c.findings.NoMachines++
		}
	case "sentinelone_site", "ninjarmm_organization", "immybot_tenant":
		c.addCustomer(e)
	case "immybot_person", "immybot_user", "ninjarmm_user", "sentinelone_user":
		c.addPerson(e, ref)
	default:
		return
	}
	c.manual.meet(e)
}

// AddLink takes a provider's statement that a computer carries an agent of another product, or that a tenant is a customer there.
func (c *Correlator) AddLink(l converters.Link) {
	stated := linkOf(l)
	c.stating.push(stated)
	c.stated.add(stated)
}

// LinksRead says that all links of the scope's computers or tenants were read and handed to AddLink: those that the last run knew and that
// were not are gone. Without it a computer or tenant without any link keeps those of the last run.
func (c *Correlator) LinksRead(s graph.Scope) { c.previous.read[s] = true }

// A Need is how much AddPrevious wants of the derived elements of a type.
type Need uint8

// What AddPrevious may want.
const (
	Nothing Need = iota
	Keys         // Key, From and To
	Whole        // the properties too
)

// PreviousNeed returns what AddPrevious wants of derived elements of type t: reading keys alone is much cheaper.
func PreviousNeed(t *graph.Type) Need {
	switch {
	case t.Integration != Integration:
		return Nothing
	case states(t.From):
		return Whole // the links that are their evidence
	case !t.IsRelationship() || t.Verb == "IS" || t.Verb == "PROTECTS":
		return Keys
	}
	return Nothing
}

// AddPrevious takes a derived element of the last run as the graph holds it: entities and the IS and PROTECTS relationships that lead to
// them; others are left alone. From these the keys continue, and the links of computers and tenants whose links were not read this time.
func (c *Correlator) AddPrevious(e *graph.Element) {
	switch {
	case e.Type.Integration != Integration:
	case !e.Type.IsRelationship():
		c.previous.derived(string(e.Key))
	case e.Type.Verb == "IS" || e.Type.Verb == "PROTECTS":
		record := hash(string(e.From))
		c.belonged(record, c.previous.derived(string(e.To)))
		c.previous.noteLinks(e, record)
	}
}

// AddPreviousKey does what AddPrevious does for an element of type t of which the key is enough, see PreviousNeed.
func (c *Correlator) AddPreviousKey(t *graph.Type, key graph.Key) {
	switch {
	case t.Integration != Integration:
	case !t.IsRelationship():
		c.previous.derived(string(key))
	case t.Verb == "IS" || t.Verb == "PROTECTS":
		from, to := key.Ends()
		c.belonged(hash(string(from)), c.previous.derived(string(to)))
	}
}

// Resolve decides, and yields the derived elements, sealed: entities and relationships of the instance "assetgraph", in no order. An element is valid until the next one is yielded. The stream ends after an error, of read or of Seal. read
// fetches the element of a Ref into e; it is called about once for each record, in no order.
func (c *Correlator) Resolve(read func(Ref, *graph.Element) error) iter.Seq2[*graph.Element, error] {
	return func(yield func(*graph.Element, error) bool) {
		c.decide()
		w := newWriter(c, read, yield)
		w.devices()
		w.organizations()
		w.persons()
		c.finish(w)
	}
}

// decide clusters everything and assigns the keys of the last run.
func (c *Correlator) decide() {
	c.placeBefore()
	c.completeLinks()
	c.resolveOrganizations()
	c.components()
	c.solveAll()
	c.resolvePersons()
	c.continueKeys()
	c.index = lookup{}
}
