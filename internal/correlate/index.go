package correlate

import "assetgraph/graph"

// personBit marks numbers of the index that are indexes in persons; others are those of records.
const personBit = 1 << 31

// keyHash returns the hashed key of what the index numbers.
func (c *Correlator) keyHash(number uint32) uint64 {
	if number&personBit != 0 {
		return c.persons[number&^personBit].key
	}
	return c.records.at(number).key
}

// enter puts what was added last into the index.
func (c *Correlator) enter(key uint64, number uint32) {
	if c.index.put(key, number) {
		return
	}
	c.index.grow(0)
	for i := range uint32(c.records.size()) {
		c.index.put(c.records.at(i).key, i)
	}
	for i := range c.persons {
		c.index.put(c.persons[i].key, uint32(i)|personBit)
	}
}

// find returns the record with the hashed key.
func (c *Correlator) find(key uint64) (uint32, bool) {
	i, ok := c.index.find(key, c.keyHash)
	return i, ok && i&personBit == 0
}

// belonged notes that the last run derived something from a record.
func (c *Correlator) belonged(b before) {
	if !c.setBefore(b) {
		c.previous.of = append(c.previous.of, b)
	}
}

// setBefore reports false when the record was not added yet.
func (c *Correlator) setBefore(b before) bool {
	var at *uint32
	if i, ok := c.index.find(b.record, c.keyHash); !ok {
		n, known := c.customerIndex[b.record]
		if !known {
			return false
		}
		at = &c.customers[n].before
	} else if i&personBit != 0 {
		at = &c.persons[i&^personBit].before
	} else {
		r := c.records.at(i)
		at = &r.before
		if b.linked {
			r.flags |= linkedBefore
		}
	}
	*at = min(*at, b.derived) // noKey is the greatest
	return true
}

// placeBefore notes what was given before the records that it is about.
func (c *Correlator) placeBefore() {
	for n := range c.channels {
		ch := &c.channels[n]
		ch.linksRead = c.previous.read[graph.Scope{Instance: ch.instance, Type: ch.role.Type.Name}]
	}
	for _, b := range c.previous.of {
		c.setBefore(b)
	}
	c.previous.of = nil
}
