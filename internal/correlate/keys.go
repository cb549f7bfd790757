package correlate

import (
	"cmp"
	"slices"
)

// A claim says that a cluster holds records that had a derived key before.
type claim struct {
	cluster, derived uint32
	votes            uint32
	created          uint32 // of the oldest of these records
	tie              uint64 // hash of the key of the first of these records
	record           uint32 // the first of these records; machine records only
}

// continueKeys gives clusters the keys that most of their records had: devices, organizations, persons.
func (c *Correlator) continueKeys() {
	c.previous.taken = make([]bool, c.previous.size())
	c.keyOf = make([]uint32, c.records.size())
	for i := range c.keyOf {
		c.keyOf[i] = noKey
	}
	c.assign(c.deviceClaims, "device", func(cluster, derived uint32) { c.keyOf[cluster] = derived })
	c.findings.trimMoves()
	c.noteCopies()
	c.assign(c.organizationClaims, "organization",
		func(cluster, derived uint32) { c.organizations[cluster].derived = derived })
	c.assign(c.personClaims, "person", func(cluster, derived uint32) {
		for i := cluster; i < uint32(len(c.persons)) && c.persons[i].person == cluster; i++ {
			c.persons[i].derived = derived
		}
	})
}

// deviceClaims visits the records of each device.
func (c *Correlator) deviceClaims(visit func(cluster uint32, of claim)) {
	for _, i := range c.order {
		r := c.records.at(i)
		visit(c.leader[i], claim{derived: r.before, created: r.created, tie: r.key, record: i})
	}
}

// eachClaimant hands out the claims of each cluster that has any. members visits the records of one cluster after
// another.
func eachClaimant(members func(visit func(cluster uint32, of claim)), claimant func(own []claim)) {
	var own []claim
	members(func(cluster uint32, of claim) {
		if len(own) > 0 && own[0].cluster != cluster {
			claimant(own)
			own = own[:0]
		}
		if of.derived != noKey {
			of.cluster, of.votes = cluster, 1
			own = vote(own, of)
		}
	})
	if len(own) > 0 {
		claimant(own)
	}
}

// vote adds what one record claims to the claims of its cluster.
func vote(own []claim, of claim) []claim {
	for n := range own {
		if o := &own[n]; o.derived == of.derived {
			o.votes++
			o.created = min(o.created-1, of.created-1) + 1 // 0, not known, comes last
			if of.tie < o.tie {
				o.tie, o.record = of.tie, of.record
			}
			return own
		}
	}
	return append(own, of)
}

// assign gives each cluster at most one derived key and each key to at most one cluster. Most clusters claim one key,
// and nobody else does.
func (c *Correlator) assign(
	members func(visit func(cluster uint32, of claim)), kind string, put func(cluster, derived uint32),
) {
	claimed := make([]uint8, c.previous.size())
	eachClaimant(members, func(own []claim) {
		for _, cl := range own {
			claimed[cl.derived] = min(claimed[cl.derived]+1, 2)
		}
	})
	var contested []claim
	eachClaimant(members, func(own []claim) {
		if d := own[0].derived; len(own) > 1 || claimed[d] > 1 || c.previous.taken[d] {
			contested = append(contested, own...)
			return
		}
		c.previous.taken[own[0].derived] = true
		put(own[0].cluster, own[0].derived)
	})
	byCluster := slices.Clone(contested)
	c.notePairs(byCluster, kind, c.settle(contested, put))
}

// settle decides about the claims that compete: the most votes first, then the older records, then by hashed key. It
// returns which key each cluster got.
func (c *Correlator) settle(contested []claim, put func(cluster, derived uint32)) (got map[uint32]uint32) {
	slices.SortFunc(contested, func(a, b claim) int {
		return cmp.Or(cmp.Compare(b.votes, a.votes), cmp.Compare(a.created-1, b.created-1), cmp.Compare(a.tie, b.tie))
	})
	got = map[uint32]uint32{}
	for _, cl := range contested {
		if _, served := got[cl.cluster]; !served && !c.previous.taken[cl.derived] {
			got[cl.cluster] = cl.derived
			c.previous.taken[cl.derived] = true
			put(cl.cluster, cl.derived)
		}
	}
	return got
}

// notePairs records which keys were merged into one cluster and which went to several. Claims of one cluster stand
// together. Where both keys go on, records have moved from one entity to the other: nothing was merged or split.
func (c *Correlator) notePairs(claims []claim, kind string, got map[uint32]uint32) {
	var staying []claim
	for i := 0; i < len(claims); {
		end := i + 1
		for end < len(claims) && claims[end].cluster == claims[i].cluster {
			end++
		}
		own, keeps := got[claims[i].cluster]
		start := len(staying)
		for _, cl := range claims[i:end] {
			if keeps && cl.derived != own && c.previous.taken[cl.derived] {
				c.findings.moved(Move{
					Type: kind, From: c.previous.key(cl.derived), To: c.previous.key(own), record: cl.record,
					from: cl.derived, tie: cl.tie,
				}, int(cl.votes))
				continue
			}
			staying = append(staying, cl)
		}
		if len(staying)-start > 1 {
			c.findings.merged(kind, c.keysOf(staying[start:]))
		}
		i = end
	}
	slices.SortFunc(staying,
		func(a, b claim) int { return cmp.Or(cmp.Compare(a.derived, b.derived), cmp.Compare(a.tie, b.tie)) })
	for i := 0; i < len(staying); {
		end := i + 1
		for end < len(staying) && staying[end].derived == staying[i].derived {
			end++
		}
		if end-i > 1 {
			c.findings.split(kind, string(c.previous.key(staying[i].derived)), end-i)
		}
		i = end
	}
}

// noteCopies marks the records that moved between machines both of which show their serial number or external id:
// copies of one machine, whose agents are one to the product.
func (c *Correlator) noteCopies() {
	left := map[uint32][]int{} // moves by the derived key of the machine that was left
	for n, m := range c.findings.Moves {
		if m.Type == "device" {
			left[m.from] = append(left[m.from], n)
		}
	}
	if len(left) == 0 {
		return
	}
	for i := range uint32(c.records.size()) {
		for _, n := range left[c.keyOf[c.leader[i]]] {
			m := &c.findings.Moves[n]
			moved, other := c.identifiers(c.records.at(m.record)), c.identifiers(c.records.at(i))
			m.Copies = m.Copies || common(moved.serials, other.serials) != 0 ||
				common(moved.external, other.external) != 0
		}
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
