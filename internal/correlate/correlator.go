package correlate

import (
	"iter"
	"slices"
	"time"

	"assetgraph/converters"
	"assetgraph/graph"
)

// A Ref is where the caller finds an element again. It means nothing to the Correlator.
type Ref uint64

// Options say how to correlate.
type Options struct {
	Model     *Model     // of the records that are added
	Overrides *Overrides // what people have decided; nil for nothing

	// RefreshAfter is by how much the lastSeenOn of a device may have moved, since the graph has it, without being
	// brought up to date: as long as nothing else of the device is another, and after Recall alone. 0: by nothing.
	RefreshAfter time.Duration
}

// A Correlator finds out which records are the same machine, customer or person. It is used once: Add, AddStatements
// and what the last run left, in any order, then Resolve, then the rest. It belongs to one goroutine.
//
// What the last run left is told by AddPrevious as the graph has it, or by Recall as that run remembered it. Either way
// everything is decided; after Recall only what is another than before is written.
//
// It keeps hashes of identifiers, about 140 bytes for each record, and reads the records themselves again while it
// resolves.
type Correlator struct {
	model     *Model
	overrides *Overrides
	refresh   time.Duration // see Options.RefreshAfter
	off       rules         // rules that are left out, to measure what each contributes
	channels  []channelInfo
	models    map[[2]string]hardware // by make and model

	records   chunked[record]
	arena     chunked[uint64]
	persons   []personRecord
	addresses map[uint64]uint32 // the first record of the human whose address it is, or several
	index     hashTable         // of records, and with personBit of persons, until all is decided
	said      *Statements

	statedBy   []uint32 // indexes of links that were stated, by owner
	statedFrom []uint32 // where those of each owner begin in statedBy
	manners    []manner // of links, by connection
	targets    []uint64 // what the links of each machine record lead to, from record.links on

	customers     []customer // the first one stands for "none"
	customerIndex map[uint64]uint32
	organizations []organization
	nameOwners    map[string]uint32      // the organization of each normalised name, 0 for several
	accounts      map[uint64]accountInfo // by hashed key

	previous previous
	recalled *memory // what the last run left; nil for nothing
	vanished vanished
	notes    notes // what this run leaves
	manual   manual
	findings Findings

	sightings []sighting
	sighted   map[uint32][]int // indexes in sightings, by the first record of the device that they are

	buffer []uint64
	leader []uint32 // first record of the cluster of each record
	order  []uint32 // records, those of one cluster and of one component side by side
	starts []uint32 // where each component begins in order
	keyOf  []uint32 // derived key of the last run by leader, noKey for none
}

// New returns a Correlator that knows nothing yet.
func New(o Options) *Correlator {
	c := &Correlator{
		model: o.Model, overrides: o.Overrides, refresh: o.RefreshAfter, models: map[[2]string]hardware{},
		customerIndex: map[uint64]uint32{}, accounts: map[uint64]accountInfo{}, said: NewStatements(o.Model),
		customers: make([]customer, 1), previous: newPrevious(), manual: newManual(o.Overrides),
	}
	return c
}

// Add takes an element of a provider: a machine record, a customer, a human or what was seen on a network; other types are left alone. The element
// may be changed after the call; ref is handed to Resolve's read to get it again. An element that was added before is
// not added again.
func (c *Correlator) Add(e *graph.Element, ref Ref) {
	r := c.model.roles[e.Type.Name]
	switch {
	case r == nil:
		if t := c.model.sighted[e.Type.Name]; t != nil {
			c.addSighting(e, ref, t)
		}
		return
	case r.Machine != nil:
		if state := r.Machine.State(e); state != converters.NoMachine {
			c.addMachine(e, ref, r, state)
		} else {
			c.findings.NoMachines++
			c.vanished.pass(e, ref)
		}
	case r.Customer != nil:
		c.addCustomer(e, r)
	case r.Account != nil:
		c.addAccount(e, r)
		return
	default:
		c.addPerson(e, ref, r)
	}
	c.manual.meet(e)
}

// AddStatements takes what a provider says of links and connections, once it is known that it is to be believed.
func (c *Correlator) AddStatements(s *Statements) { c.said.merge(s) }

// LinksRead says that all links of the scope's records were read and handed to AddLink: those that the last run knew
// and that were not are gone. Without it a record without any link keeps those of the last run.
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
func (m *Model) PreviousNeed(t *graph.Type) Need {
	switch {
	case t.Integration != Integration, m.isSighting(t):
		return Nothing
	case m.links(t.From):
		return Whole // the links that are their evidence
	case !t.IsRelationship() || isDerivedFrom(t):
		return Keys
	}
	return Nothing
}

// links reports whether records of a type tell links.
func (m *Model) links(typ string) bool {
	r := m.roles[typ]
	return r != nil && tellsLinks(&r.Role)
}

func tellsLinks(r *converters.Role) bool {
	return r.Machine != nil && r.Machine.Links || r.Customer != nil && r.Customer.Links
}

// AddPrevious takes a derived element of the last run as the graph holds it: entities and the relationships that lead
// from records to them; others are left alone. From these the keys continue, and the links of records whose links were
// not read this time.
func (c *Correlator) AddPrevious(e *graph.Element) {
	switch {
	case e.Type.Integration != Integration, c.model.isSighting(e.Type):
	case !e.Type.IsRelationship():
		c.previous.derived(string(e.Key))
	case isDerivedFrom(e.Type):
		record := hash(string(e.From))
		b := before{record: record, derived: c.previous.derived(string(e.To))}
		b.linked = c.model.links(e.Type.From) && e.Get("method").Text() == methodLink.String()
		c.belonged(b)
		if c.model.links(e.Type.From) {
			c.noteLinks(e, record)
		}
	}
}

// AddPreviousKey does what AddPrevious does for an element of type t of which the key is enough, see PreviousNeed.
func (c *Correlator) AddPreviousKey(t *graph.Type, key graph.Key) {
	switch {
	case t.Integration != Integration, c.model.isSighting(t):
	case !t.IsRelationship():
		c.previous.derived(string(key))
	case isDerivedFrom(t):
		from, to := key.Ends()
		c.belonged(before{record: hash(string(from)), derived: c.previous.derived(string(to))})
	}
}

// Resolve decides, and yields the derived elements, sealed: entities and relationships of the instance "assetgraph", in
// no order. An element is valid until the next one is yielded. The stream ends after an error, of read or of Seal. read
// fetches the element of a Ref into e; it is called about once for each record of what is written, in no order.
//
// After Recall, of the types that are Partial, these are yielded: entities that are new or whose make-up is another than
// before, each with all its relationships; and devices alone of which nothing but lastSeenOn has moved, by more than
// RefreshAfter. When the memory knows a record that was neither added nor Removed, the stream is a single ErrMemory.
func (c *Correlator) Resolve(read func(Ref, *graph.Element) error) iter.Seq2[*graph.Element, error] {
	return func(yield func(*graph.Element, error) bool) {
		c.decide()
		if err := c.vanished.check(); err != nil {
			yield(nil, err)
			return
		}
		w := newWriter(c, read, yield)
		c.notes.begin(c)
		w.devices()
		w.organizations()
		w.persons()
		w.leaveVanished()
		c.finish(w)
		if !w.stopped {
			c.notes.end()
		}
	}
}

// number gives the organizations and persons that are written the numbers by which notes name them.
func (c *Correlator) number() {
	n := uint32(0)
	for i := range c.organizations {
		o := &c.organizations[i]
		if slices.ContainsFunc(o.members, func(i uint32) bool { return c.customers[i].role != nil }) {
			n++
			o.number = n
		}
	}
	n = 0
	for start, end := range c.humans() {
		if slices.ContainsFunc(c.persons[start:end], func(p personRecord) bool { return p.email != 0 }) {
			n++
			c.persons[start].number = n
		}
	}
}

// decide clusters everything and assigns the keys of the last run.
func (c *Correlator) decide() {
	c.manual.settle()
	c.findVanished()
	c.placeBefore()
	c.followConnections()
	c.completeLinks()
	c.resolveOrganizations()
	c.components()
	c.solveAll()
	c.attachSightings()
	c.resolvePersons()
	c.continueKeys()
	c.number()
	c.index = hashTable{}
}
