package correlate

import (
	"cmp"
	"slices"
	"strings"

	"assetgraph/converters"
	"assetgraph/graph"
)

// A personRecord is what is kept of a record of a human.
type personRecord struct {
	ref       Ref
	role      *role
	key       uint64
	content   uint64 // hash of what it tells, see contentOf; 0 for not known
	email     uint64 // 0 for none
	login     uint64 // by what machine records name it, see loginOf; 0 for nothing
	name      uint64 // of first and last name, 0 for none
	directory uint64 // id in a directory that products share, 0 for none
	other     uint64 // hash of the key of the person's record, 0 for none
	customer  uint64 // of records that a product keeps of persons; 0 of accounts
	created   uint32
	before    uint32 // derived key of the last run, noKey for none
	derived   uint32 // the key that the person continues, noKey for none
	person    uint32 // index of the first record of the same human
	number    uint32 // of the person, for its first record; see Correlator.number
	method    method
}

// addPerson takes a record of a human. Of several addresses the first counts. A record that has neither an address nor
// anything else by which others know it says nothing.
func (c *Correlator) addPerson(e *graph.Element, ref Ref, r *role) {
	h := r.Human
	p := personRecord{
		ref: ref, role: r, key: hash(string(e.Key)), content: r.contentOf(e), created: seconds(h.Created.Get(e)), before: noKey, derived: noKey,
		method: methodEmail,
	}
	if emails := h.Email.Get(e).List(); len(emails) > 0 {
		p.email = hash(emails[0])
	} else {
		c.findings.NoEmail++
		p.method = methodRecord
	}
	if id := h.Directory.Get(e).Text(); id != "" {
		p.directory = hash("directory", strings.ToLower(id))
	}
	if id := h.Person.Get(e).Text(); id != "" {
		p.other = hash(string(graph.EntityKey(e.Instance, h.PersonOf.Name, id)))
	}
	if p.email == 0 && p.directory == 0 && p.other == 0 {
		c.vanished.pass(e, ref)
		return
	}
	if login := h.Login.Get(e).Text(); login != "" {
		p.login = loginOf(e, login)
	}
	if name := fullName(e, h); name != "" {
		p.name = hash(name)
	}
	if h.Belief == converters.People {
		p.customer = hash(e.Instance, h.Customer.Get(e).Text())
	}
	if _, twice := c.index.find(p.key, c.keyHash); twice {
		return
	}
	c.persons = append(c.persons, p)
	c.enter(p.key, uint32(len(c.persons)-1)|personBit)
}

// loginOf returns a hash of what records of one instance call a human. No address has it.
func loginOf(e *graph.Element, login string) uint64 { return hash("login", e.Instance, login) }

// fullName returns the letters and digits of a human's names.
func fullName(e *graph.Element, h *converters.Human) string {
	return normalCompany(h.FirstName.Get(e).Text() + h.LastName.Get(e).Text()).base
}

// resolvePersons finds out which records are the same human: an account is of the person whose record it names, records
// with one id in a directory are of one person, and so are those with one address. Then those of one human stand side
// by side, in the order of their addresses and keys. The index knows records of machines alone after that.
//
// An address that one customer has for several persons, by other names, is a mailbox that they share: it makes nobody
// the same.
func (c *Correlator) resolvePersons() {
	f := newForest(len(c.persons))
	c.joinPersons(f, func(p *personRecord) uint64 { return p.directory }, methodLink)
	for i := range c.persons {
		p := &c.persons[i]
		if p.other == 0 {
			continue
		}
		if n, ok := c.index.find(p.other, c.keyHash); ok && n&personBit != 0 {
			f.union(uint32(i), n&^personBit)
			if p.email == 0 || p.email != c.persons[n&^personBit].email {
				p.method = methodLink
			}
		}
	}
	c.joinAddresses(f)
	least := make([]*personRecord, len(c.persons)) // by root: what the human is sorted by
	before := func(a, b *personRecord) int {
		return cmp.Or(cmp.Compare(a.email-1, b.email-1), cmp.Compare(a.key, b.key)) // those without an address come last
	}
	list := slices.Clone(c.persons)
	for i := range list {
		root := f.root(uint32(i))
		if least[root] == nil || before(&list[i], least[root]) < 0 {
			least[root] = &list[i]
		}
		list[i].person = root
	}
	order := make([]uint32, len(list))
	for i := range order {
		order[i] = uint32(i)
	}
	slices.SortFunc(order, func(a, b uint32) int {
		p, q := &list[a], &list[b]
		if p.person != q.person {
			return before(least[p.person], least[q.person])
		}
		return before(p, q)
	})
	for n, i := range order {
		c.persons[n] = list[i]
		c.persons[n].person = uint32(n)
		if n > 0 && list[order[n-1]].person == list[i].person {
			c.persons[n].person = c.persons[n-1].person
		}
	}
	c.indexAddresses()
}

// joinPersons unites the records that have an id in common.
func (c *Correlator) joinPersons(f forest, id func(*personRecord) uint64, m method) {
	first := map[uint64]uint32{}
	for i := range c.persons {
		h := id(&c.persons[i])
		if h == 0 {
			continue
		}
		j, known := first[h]
		if !known {
			first[h] = uint32(i)
			continue
		}
		f.union(j, uint32(i))
		for _, n := range [...]uint32{j, uint32(i)} {
			if p := &c.persons[n]; p.email == 0 || c.persons[i].email != c.persons[j].email {
				p.method = m
			}
		}
	}
}

// joinAddresses unites the records of one address.
func (c *Correlator) joinAddresses(f forest) {
	order := make([]uint32, 0, len(c.persons))
	for i := range c.persons {
		if c.persons[i].email != 0 {
			order = append(order, uint32(i))
		}
	}
	slices.SortFunc(order, func(a, b uint32) int {
		return cmp.Or(cmp.Compare(c.persons[a].email, c.persons[b].email),
			cmp.Compare(c.persons[a].key, c.persons[b].key))
	})
	for start := 0; start < len(order); {
		end := start + 1
		for end < len(order) && c.persons[order[end]].email == c.persons[order[start]].email {
			end++
		}
		c.joinAddress(f, order[start:end])
		start = end
	}
}

func (c *Correlator) joinAddress(f forest, list []uint32) {
	if !c.isMailbox(f, list) {
		for _, i := range list[1:] {
			f.union(list[0], i)
		}
		return
	}
	for n, i := range list { // those of one name are one all the same
		for _, j := range list[:n] {
			if p, q := &c.persons[i], &c.persons[j]; p.name == q.name {
				f.union(i, j)
			}
		}
	}
}

// isMailbox reports whether one customer has several persons of an address, by other names.
func (c *Correlator) isMailbox(f forest, list []uint32) bool {
	for n, i := range list {
		for _, j := range list[:n] {
			p, q := &c.persons[i], &c.persons[j]
			if p.customer != 0 && p.customer == q.customer && p.name != 0 && q.name != 0 && p.name != q.name &&
				f.root(i) != f.root(j) {
				return true
			}
		}
	}
	return false
}

// several marks an address of several humans.
const several = ^uint32(0)

// indexAddresses notes whose each address is, and what else machine records call the human.
func (c *Correlator) indexAddresses() {
	c.addresses = make(map[uint64]uint32, len(c.persons))
	for i := range c.persons {
		p := &c.persons[i]
		for _, h := range [...]uint64{p.email, p.login} {
			if h == 0 {
				continue
			}
			if owner, known := c.addresses[h]; known && owner != p.person {
				c.addresses[h] = several
			} else if !known {
				c.addresses[h] = p.person
			}
		}
	}
}

// personOf returns the index of the first record of the human whose address or login it is; false for one of nobody,
// and of several.
func (c *Correlator) personOf(email uint64) (int, bool) {
	i, known := c.addresses[email]
	return int(i), known && i != several
}

// personClaims visits the records of each person.
func (c *Correlator) personClaims(visit func(cluster uint32, of claim)) {
	for i := range c.persons {
		p := &c.persons[i]
		visit(p.person, claim{derived: p.before, created: p.created, tie: p.key})
	}
}
