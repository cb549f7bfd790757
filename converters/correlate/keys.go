package correlate

import (
	"cmp"
	"slices"

	"assetgraph/graph"
)

// A claim says that a cluster holds records that had a derived key before.
type claim struct {
	cluster, derived uint32
	votes            uint32
	created          uint32 // of the oldest of these records
	tie              uint64 // hash of the key of the first of these records
}

// continueKeys gives clusters the keys that most of their records had: devices, organizations, persons.
func (c *Correlator) continueKeys() {
	slices.SortFunc(c.previous.of, func(a, b before) int {
		return cmp.Or(cmp.Compare(a.record, b.record), cmp.Compare(a.derived, b.derived))
	})
	c.previous.of = slices.CompactFunc(c.previous.of, func(a, b before) bool { return a.record == b.record })
	c.previous.taken = make([]bool, len(c.previous.spans))
	c.keyOf = make([]uint32, c.records.size())
	for i := range c.keyOf {
		c.keyOf[i] = noKey
	}
	c.assign(c.deviceClaims(), "device", func(cluster, derived uint32) { c.keyOf[cluster] = derived })
	c.assign(c.organizationClaims(), "organization", func(cluster, derived uint32) { c.organizations[cluster].derived = derived })
	c.assign(c.personClaims(), "person", func(cluster, derived uint32) {
		for i := cluster; i < uint32(len(c.persons)) && c.persons[i].email == c.persons[cluster].email; i++ {
			c.persons[i].derived = derived
		}
	})
	c.previous.of = nil
}

func (c *Correlator) deviceClaims() []claim {
	claims := make([]claim, 0, min(len(c.previous.of), len(c.byKey)))
	at := 0
	for _, i := range c.byKey { // both ascend by hashed key
		r := c.records.at(i)
		for at < len(c.previous.of) && c.previous.of[at].record < r.key {
			at++
		}
		if at < len(c.previous.of) && c.previous.of[at].record == r.key {
			claims = append(claims, claim{cluster: c.leader[i], derived: c.previous.of[at].derived, votes: 1, created: r.created, tie: r.key})
		}
	}
	return claims
}

// before returns the derived key that the record with the hashed key had.
func (c *Correlator) before(key uint64) (uint32, bool) {
	i, found := slices.BinarySearchFunc(c.previous.of, key, func(b before, key uint64) int { return cmp.Compare(b.record, key) })
	if !found {
		return 0, false
	}
	return c.previous.of[i].derived, true
}

// assign gives each cluster at most one derived key and each key to at most one cluster: the most votes first, then the older
// records, then by hashed key.
func (c *Correlator) assign(claims []claim, kind string, put func(cluster, derived uint32)) {
	claims = count(claims)
	c.notePairs(claims, kind)
	slices.SortFunc(claims, func(a, b claim) int {
		return cmp.Or(cmp.Compare(b.votes, a.votes), cmp.Compare(a.created-1, b.created-1), // 0, not known, comes last
			cmp.Compare(a.tie, b.tie))
	})
	var served []uint64 // bits by cluster
	for _, cl := range claims {
		for int(cl.cluster>>6) >= len(served) {
			served = append(served, make([]uint64, int(cl.cluster>>6)+1-len(served))...)
		}
		bit := uint64(1) << (cl.cluster & 63)
		if served[cl.cluster>>6]&bit != 0 || c.previous.taken[cl.derived] {
			continue
		}
		served[cl.cluster>>6] |= bit
		c.previous.taken[cl.derived] = true
		put(cl.cluster, cl.derived)
	}
}

// count merges the claims of one cluster on one key.
func count(claims []claim) []claim {
	slices.SortFunc(claims, func(a, b claim) int {
		return cmp.Or(cmp.Compare(a.cluster, b.cluster), cmp.Compare(a.derived, b.derived))
	})
	out := claims[:0]
	for _, cl := range claims {
		if n := len(out); n > 0 && out[n-1].cluster == cl.cluster && out[n-1].derived == cl.derived {
			out[n-1].votes++
			out[n-1].created = min(out[n-1].created-1, cl.created-1) + 1
			out[n-1].tie = min(out[n-1].tie, cl.tie)
			continue
		}
		out = append(out, cl)
	}
	return out
}

// notePairs records which keys were merged into one cluster and which went to several. Claims are sorted by cluster and key.
func (c *Correlator) notePairs(claims []claim, kind string) {
	for i := 0; i < len(claims); {
		end := i + 1
		for end < len(claims) && claims[end].cluster == claims[i].cluster {
			end++
		}
		if end-i > 1 {
			c.findings.merged(kind, c.keysOf(claims[i:end]))
		}
		i = end
	}
	byKey := slices.Clone(claims)
	slices.SortFunc(byKey, func(a, b claim) int { return cmp.Or(cmp.Compare(a.derived, b.derived), cmp.Compare(a.tie, b.tie)) })
	for i := 0; i < len(byKey); {
		end := i + 1
		for end < len(byKey) && byKey[end].derived == byKey[i].derived {
			end++
		}
		if end-i > 1 {
			c.findings.split(kind, string(c.previous.key(byKey[i].derived)), end-i)
		}
		i = end
	}
}

func (c *Correlator) keysOf(claims []claim) []string {
	keys := make([]string, len(claims))
	for i, cl := range claims {
		keys[i] = string(c.previous.key(cl.derived))
	}
	slices.Sort(keys)
	return keys
}

// newKey returns the key of a new entity: of the first id whose key no other entity continues. The ids are of this entity alone; the last
// one gets a number when all are taken.
func (c *Correlator) newKey(typ string, ids ...string) graph.Key {
	for _, id := range ids {
		if key := graph.EntityKey(Integration, typ, id); id != "" && len(id) <= graph.MaxKeyID/3 && !c.continued(key) {
			return key
		}
	}
	for n := 2; ; n++ {
		if key := graph.EntityKey(Integration, typ, ids[len(ids)-1]+"-"+decimal(n)); !c.continued(key) {
			return key
		}
	}
}

// continued reports whether a cluster of this run has taken over the key.
func (c *Correlator) continued(key graph.Key) bool {
	i, ok := c.previous.index[hash(string(key))]
	return ok && c.previous.taken[i]
}

// recordID is an id that no other record gives.
func recordID(e *graph.Element) string {
	id := e.Type.Name + "-" + e.Get("id").Text()
	if e.Instance != e.Type.Integration {
		id = e.Instance + "-" + id
	}
	return id
}
