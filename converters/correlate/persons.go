package correlate

import (
	"cmp"
	"slices"

	"assetgraph/graph"
)

// A personRecord is what is kept of a record of a human.
type personRecord struct {
	ref     Ref
	key     uint64
	email   uint64
	created uint32
	before  uint32 // derived key of the last run, noKey for none
	derived uint32 // the key that the person continues, noKey for none
}

// addPerson takes a record of a human with an e-mail address. Of several addresses the first counts.
func (c *Correlator) addPerson(e *graph.Element, ref Ref, r *role) {
	emails := r.Human.Email.Get(e).List()
	if len(emails) == 0 {
		c.findings.NoEmail++
		return
	}
	key := hash(string(e.Key))
	if _, twice := c.index.find(key, c.keyHash); twice {
		return
	}
	c.persons = append(c.persons, personRecord{
		ref: ref, key: key, email: hash(emails[0]), created: seconds(r.Human.Created.Get(e)), before: noKey, derived: noKey,
	})
	c.enter(key, uint32(len(c.persons)-1)|personBit)
}

// resolvePersons sorts the records by address and key. The index knows records alone after that.
func (c *Correlator) resolvePersons() {
	slices.SortFunc(c.persons, func(a, b personRecord) int {
		if a.email != b.email {
			return cmp.Compare(a.email, b.email)
		}
		return cmp.Compare(a.key, b.key)
	})
}

// personOf returns the index of the first record with the hashed address.
func (c *Correlator) personOf(email uint64) (int, bool) {
	return slices.BinarySearchFunc(c.persons, email, func(p personRecord, email uint64) int { return cmp.Compare(p.email, email) })
}

// personClaims visits the records of each person.
func (c *Correlator) personClaims(visit func(cluster uint32, of claim)) {
	first := uint32(0)
	for i := range c.persons {
		p := &c.persons[i]
		if p.email != c.persons[first].email {
			first = uint32(i)
		}
		visit(first, claim{derived: p.before, created: p.created, tie: p.key})
	}
}
