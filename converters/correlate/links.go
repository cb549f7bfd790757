package correlate

import (
	"cmp"
	"slices"
)

// A link is a provider's statement in hashes.
type link struct {
	from, external uint64 // of the key of the record; of what the other product calls it, and once followed of its instance as well
	connection     uint32 // index in Statements.connections
	telling        bool   // the id is so long that no two instances have the same
}

// completeLinks adds the links that the last run knew of records of which none was read this time. What was read says more:
// a counterpart that it gives to someone else is not taken from there. Then it puts the links of each machine record side by side.
func (c *Correlator) completeLinks() {
	if unread := c.previous.unreadLinks(); len(unread) > 0 {
		c.addUnread(unread)
	}
	c.previous.links = nil
	c.spreadLinks()
	c.said.links = chunked[link]{}
}

func (c *Correlator) addUnread(unread []scopedLink) {
	stated, claimed := make([]uint64, 0, c.said.links.size()), make([]uint64, 0, c.said.links.size())
	for l := range c.said.links.all() {
		stated, claimed = append(stated, l.from), append(claimed, l.external)
	}
	slices.Sort(stated)
	slices.Sort(claimed)
	for _, l := range unread {
		_, known := slices.BinarySearch(stated, l.from)
		_, elsewhere := slices.BinarySearch(claimed, l.external)
		if !known && !elsewhere && l.external != 0 {
			c.said.links.push(l.link)
		}
	}
}

// spreadLinks fills targets: what the links of each machine record lead to, by record, each once and ascending, from record.links on. Links of
// customers, which are few, stay apart.
func (c *Correlator) spreadLinks() {
	const nobody = ^uint64(0)
	ends := make([]uint32, c.records.size())
	for l := range c.said.links.all() {
		if l.external == 0 {
			l.from = nobody
			continue
		}
		if i, ok := c.find(l.from); ok && c.roleOf(c.records.at(i)).Machine.Links {
			l.from = uint64(i)
			ends[i]++
			continue
		}
		if _, ok := c.customerIndex[l.from]; ok {
			c.customerLinks = append(c.customerLinks, *l)
		}
		l.from = nobody
	}
	sortLinks(c.customerLinks)
	c.customerLinks = slices.Compact(c.customerLinks)
	total := uint32(0)
	for i, n := range ends {
		ends[i] = total // where they begin, until they are put there
		total += n
	}
	c.targets = make([]uint64, total)
	for l := range c.said.links.all() {
		if l.from != nobody {
			c.targets[ends[l.from]] = l.external
			ends[l.from]++
		}
	}
	c.compactTargets(ends)
}

// compactTargets sorts the targets of each record and takes doubles away. ends says where those of each record end.
func (c *Correlator) compactTargets(ends []uint32) {
	start, kept := uint32(0), 0
	for i := range uint32(c.records.size()) {
		list := c.targets[start:ends[i]]
		start = ends[i]
		slices.Sort(list)
		c.records.at(i).links = uint32(kept)
		kept += copy(c.targets[kept:], slices.Compact(list))
	}
	c.targets = c.targets[:kept]
}

// linksOf returns what the links of a record lead to.
func (c *Correlator) linksOf(i uint32) []uint64 {
	end := len(c.targets)
	if int(i)+1 < c.records.size() {
		end = int(c.records.at(i + 1).links)
	}
	return c.targets[c.records.at(i).links:end]
}

// linksOfCustomer returns the links of the customer with the hashed key.
func (c *Correlator) linksOfCustomer(key uint64) []link {
	first, found := slices.BinarySearchFunc(c.customerLinks, key, func(l link, from uint64) int { return cmp.Compare(l.from, from) })
	if !found {
		return nil
	}
	end := first
	for end < len(c.customerLinks) && c.customerLinks[end].from == key {
		end++
	}
	return c.customerLinks[first:end]
}

func sortLinks(links []link) {
	slices.SortFunc(links, func(a, b link) int { return cmp.Or(cmp.Compare(a.from, b.from), cmp.Compare(a.external, b.external)) })
}
