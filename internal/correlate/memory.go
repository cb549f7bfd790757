package correlate

import (
	"iter"

	"assetgraph/graph"
)

// A memory is what the last run remembered of what it derived. Entities are numbered as in previous: devices first,
// then organizations, then persons.
type memory struct {
	stale   bool // made by other rules, overrides or another model: keys go on, and no make-up means anything
	made    []made
	users   []uint32 // persons who use devices, by device, from made.users on
	devices uint32   // how many there are
	humans  uint32   // number of the first person

	again  []extent // how much of each entity this run writes
	former []formerElement
}

// made is what the last run left of an entity.
type made struct {
	makeUp       makeUp
	lastSeen     int64  // of a device: Unix milliseconds as the graph has it, or never
	organization uint32 // of a device: number of the entity, noKey for none
	users        uint32 // of a device: where they begin in memory.users
}

// A formerElement is a derived relationship from a record that the last run left.
type formerElement struct {
	typ *graph.Type
	key graph.Key
}

// usersOf returns the persons who used a device.
func (m *memory) usersOf(device uint32) []uint32 {
	end := uint32(len(m.users))
	if device+1 < m.devices {
		end = m.made[device+1].users
	}
	return m.users[m.made[device].users:end]
}

// isOrganization reports whether an entity is an organization.
func (m *memory) isOrganization(entity uint32) bool { return entity >= m.devices && entity < m.humans }

// extent is how much of an entity is written.
type extent uint8

const (
	nothing extent = iota // the graph has it
	alone                 // the device without its relationships
	whole
)

// remembers reports whether only what is another than before is written.
func (c *Correlator) remembers() bool { return c.recalled != nil && !c.recalled.stale }

// extentOf decides how much is written of an entity that continues a derived key.
func (c *Correlator) extentOf(derived uint32, h makeUp, lastSeen int64) extent {
	if !c.remembers() || derived == noKey {
		return whole
	}
	was, what := &c.recalled.made[derived], nothing
	switch {
	case h == 0 || h != was.makeUp:
		what = whole
	case c.hasMoved(was.lastSeen, lastSeen):
		what = alone
	}
	c.recalled.again[derived] = what
	return what
}

// hasMoved reports whether a device was seen at another time than the graph says, by more than is tolerated.
func (c *Correlator) hasMoved(was, now int64) bool {
	switch {
	case was == now:
		return false
	case was == never || now == never:
		return true
	}
	return max(was, now)-min(was, now) > c.refresh.Milliseconds()
}

// Partial reports whether Resolve yields but a part of the elements of a derived type, as after Recall it does of most:
// the rest is as the graph has it. Of the other types it yields all.
func (c *Correlator) Partial(t *graph.Type) bool {
	organization := c.model.organization.Name
	return c.remembers() && t.Integration == Integration && t.Name != organization && !c.model.isSighting(t) &&
		(t.To != organization || !isDerivedFrom(t))
}

// Former yields type and key of each derived element of Partial types that the last run left of the entities that are
// gone or that Resolve yielded again, in no order: of a device of which Resolve yielded the device alone, the device. It
// is complete when Resolve's stream has ended without error. What Resolve yielded replaces these.
func (c *Correlator) Former() iter.Seq2[*graph.Type, graph.Key] {
	return func(yield func(*graph.Type, graph.Key) bool) {
		if !c.remembers() {
			return
		}
		m := c.recalled
		for i := range uint32(len(m.made)) {
			if !m.isOrganization(i) && !c.formerEntity(i, yield) {
				return
			}
		}
		for _, f := range m.former {
			if !yield(f.typ, f.key) {
				return
			}
		}
	}
}

func (c *Correlator) formerEntity(i uint32, yield func(*graph.Type, graph.Key) bool) bool {
	m, what := c.recalled, c.recalled.again[i]
	if !c.previous.taken[i] {
		what = whole
	}
	switch {
	case what == nothing:
		return true
	case i >= m.humans:
		return yield(c.model.person.Type, c.previous.key(i))
	}
	device := c.previous.key(i)
	if !yield(c.model.device.Type, device) {
		return false
	}
	if what == alone {
		return true
	}
	if o := m.made[i].organization; o != noKey {
		has := c.model.has
		if !yield(has, graph.RelationshipKey(c.previous.key(o), has.Verb, device)) {
			return false
		}
	}
	for _, person := range m.usersOf(i) {
		uses := c.model.uses
		if !yield(uses, graph.RelationshipKey(c.previous.key(person), uses.Verb, device)) {
			return false
		}
	}
	return true
}
