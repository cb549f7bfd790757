package correlate

import (
	"crypto/sha256"
	"encoding/binary"
	"slices"

	"assetgraph/graph"
)

// memoryForm is what a memory begins with. The number at its end is that of the form.
const memoryForm = "assetgraph correlation 1\n"

// notes are the memory of this run as it is being written: memoryForm, what RulesDigest says, the fingerprint of the
// model, then devices, organizations and persons, each list closed by endOfList, the manners of links, and a checksum.
//
//	device        key, make-up, lastSeenOn, number of the organization or 0, numbers of the users, records
//	organization  key, records
//	person        key, make-up, records
//	records       twice their number, plus one where they are told in full; the hashed key of each, in full followed by
//	              twice the number of its links, plus one for a record that a link of its own led here, and the links
//	link          the hashed id, number of its manner
//
// Organizations and persons have the numbers that Correlator.number gives them.
type notes struct {
	b       []byte
	room    int // how much the last run noted: about as much comes this time
	manners map[toldBy]uint64
	order   []toldBy
	whole   bool
}

// toldBy is whose records tell a link, and in which manner.
type toldBy struct {
	scope  graph.Scope
	manner string
}

// A note is what is noted of a record.
type note struct {
	key    uint64
	scope  graph.Scope
	linked bool     // by a link of its own
	stated []uint32 // links
}

// endOfList stands where an entity's key would begin.
const endOfList = 0xFF

// checksumSize is how many bytes of the SHA-256 of all else close a memory.
const checksumSize = 16

// Memory returns what the next Correlator needs to go on, for its Recall: about 140 bytes for each machine with three
// records, two links and a user (BenchmarkMemory: 13.8 MB for 100,000). It says what the graph holds once what Resolve
// yielded is written, and is worth nothing beside any other graph. It is nil until Resolve's stream has ended without
// error. The same calls give the same bytes.
func (c *Correlator) Memory() []byte {
	if !c.notes.whole {
		return nil
	}
	return c.notes.b
}

func (n *notes) begin(c *Correlator) {
	n.manners = map[toldBy]uint64{}
	n.b = appendTexts(append(slices.Grow(n.b, n.room+n.room/16), memoryForm...), []string{RulesDigest(c.overrides)})
	n.hash(c.model.fingerprint())
}

func (n *notes) number(x uint64) { n.b = binary.AppendUvarint(n.b, x) }

func (n *notes) hash(h uint64) { n.b = binary.LittleEndian.AppendUint64(n.b, h) }

// key notes the key of an entity: the derived one that it continues, else a new one.
func (n *notes) key(c *Correlator, derived uint32, key graph.Key) {
	if derived != noKey {
		n.b = append(n.b, c.previous.encoded(derived)...)
		return
	}
	n.b = appendKey(n.b, string(key))
}

// endList closes a list of entities.
func (n *notes) endList() { n.b = append(n.b, endOfList) }

// records notes the records of an entity.
func (n *notes) records(c *Correlator, list []note) {
	full := false
	for _, r := range list {
		full = full || r.linked || len(r.stated) > 0
	}
	n.number(uint64(len(list))<<1 | uint64(count1(full)))
	for _, r := range list {
		n.hash(r.key)
		if !full {
			continue
		}
		n.number(uint64(len(r.stated))<<1 | uint64(count1(r.linked)))
		for _, i := range r.stated {
			n.link(c, c.said.links.at(i), r.scope)
		}
	}
}

// link notes a link that a record of a scope tells.
func (n *notes) link(c *Correlator, l *link, scope graph.Scope) {
	by := toldBy{scope, c.manner(l).text}
	number, known := n.manners[by]
	if !known {
		number = uint64(len(n.order))
		n.manners[by] = number
		n.order = append(n.order, by)
	}
	n.hash(l.external)
	n.number(number)
}

// end completes the memory.
func (n *notes) end() {
	n.number(uint64(len(n.order)))
	for _, by := range n.order {
		n.b = appendTexts(n.b, []string{by.scope.Instance, by.scope.Type, by.manner})
	}
	sum := sha256.Sum256(n.b)
	n.b = append(n.b, sum[:checksumSize]...)
	n.whole = true
}
