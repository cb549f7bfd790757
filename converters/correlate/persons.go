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
	derived uint32 // key of the last run of the person, noKey for none
}

// addPerson takes a record of a human with an e-mail address. Of several addresses the first counts.
func (c *Correlator) addPerson(e *graph.Element, ref Ref) {
	emails := e.Get("email").List()
	if len(emails) == 0 {
		c.findings.NoEmail++
		return
	}
	c.persons = append(c.persons, personRecord{
		ref: ref, key: hash(string(e.Key)), email: hash(emails[0]), created: seconds(e.Get("createdOn")), derived: noKey,
	})
}

// resolvePersons sorts the records by address and key, each once.
func (c *Correlator) resolvePersons() {
	slices.SortFunc(c.persons, func(a, b personRecord) int { return cmp.Or(cmp.Compare(a.email, b.email), cmp.Compare(a.key, b.key)) })
	c.persons = slices.CompactFunc(c.persons, func(a, b personRecord) bool { return a.key == b.key })
}

// personOf returns the index of the first record with the hashed address.
func (c *Correlator) personOf(email uint64) (int, bool) {
	return slices.BinarySearchFunc(c.persons, email, func(p personRecord, email uint64) int { return cmp.Compare(p.email, email) })
}

func (c *Correlator) personClaims() []claim {
	var claims []claim
	first := uint32(0)
	for i, p := range c.persons {
		if p.email != c.persons[first].email {
			first = uint32(i)
		}
		if d, ok := c.before(p.key); ok {
			claims = append(claims, claim{cluster: first, derived: d, votes: 1, created: p.created, tie: p.key})
		}
	}
	return claims
}
