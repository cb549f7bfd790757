package correlate

import (
	"fmt"
	"strings"

	"assetgraph/graph"
)

// vanished is what is known of records of the last run of which nothing is derived any more. The memory has hashes of
// keys alone; the relationships that go can only be named by what is told here.
type vanished struct {
	keys    map[uint64]graph.Key // of records that the graph has no more, by hash
	passed  []passed
	records []vanishedRecord
	unknown int // records of the memory of which nothing is known
}

// A passed record was added, and stands for no machine and for nobody.
type passed struct {
	key uint64
	ref Ref
}

// A vanishedRecord is a record that was part of a device or a person.
type vanishedRecord struct {
	before
	key graph.Key // "" where it has to be read
	ref Ref
}

// Removed says that the graph has a record no more that the memory may know. Records that were added need not be told,
// whatever has become of them.
func (c *Correlator) Removed(key graph.Key) {
	r := c.model.roles[key.Scope().Type]
	if r == nil || r.Machine == nil && r.Human == nil {
		return
	}
	if c.vanished.keys == nil {
		c.vanished.keys = map[uint64]graph.Key{}
	}
	c.vanished.keys[hash(string(key))] = graph.Key(strings.Clone(string(key)))
}

// pass notes a record that stands for nothing.
func (v *vanished) pass(e *graph.Element, ref Ref) {
	v.passed = append(v.passed, passed{hash(string(e.Key)), ref})
}

// findVanished finds out what is known of records of devices and persons that are not at hand.
func (c *Correlator) findVanished() {
	if !c.remembers() {
		return
	}
	var missing []before
	for _, b := range c.previous.of {
		if _, known := c.index.find(b.record, c.keyHash); !known && !c.recalled.isOrganization(b.derived) {
			missing = append(missing, b)
		}
	}
	if len(missing) == 0 {
		return
	}
	v := &c.vanished
	refs := make(map[uint64]Ref, len(v.passed))
	for _, p := range v.passed {
		refs[p.key] = p.ref
	}
	for _, b := range missing {
		if ref, known := refs[b.record]; known {
			v.records = append(v.records, vanishedRecord{before: b, ref: ref})
		} else if key, known := v.keys[b.record]; known {
			v.records = append(v.records, vanishedRecord{before: b, key: key})
		} else {
			v.unknown++
		}
	}
}

// check returns an error when the memory knows records of which nothing was told.
func (v *vanished) check() error {
	if v.unknown > 0 {
		return fmt.Errorf("%w: it knows %d records that were neither added nor removed", ErrMemory, v.unknown)
	}
	return nil
}

// leaveVanished notes what the last run left of records of which nothing is derived any more.
func (w *writer) leaveVanished() {
	e := &graph.Element{}
	for _, r := range w.c.vanished.records {
		if r.key == "" {
			if w.stopped {
				return
			}
			if err := w.read(r.ref, e); err != nil {
				w.fail(err)
				return
			}
			r.key = e.Key
		}
		w.leave(w.c.model.roles[r.key.Scope().Type], r.key, r.derived)
	}
}

// leave notes that the last run left the relationship from a record to a derived entity, noKey for none.
func (w *writer) leave(r *role, record graph.Key, derived uint32) {
	if w.c.remembers() && derived != noKey {
		key := graph.RelationshipKey(record, r.why.Verb, w.c.previous.key(derived))
		w.c.recalled.former = append(w.c.recalled.former, formerElement{r.why, key})
	}
}
