package correlate

import (
	"cmp"
	"slices"
)

// A link is a provider's statement in hashes.
type link struct{ from, external uint64 }

// completeLinks adds the links that the last run knew of computers and tenants of which none was read this time. What was read says more:
// a counterpart that it gives to someone else is not taken from there. Then it puts the links of each computer side by side.
func (c *Correlator) completeLinks() {
	if unread := c.previous.unreadLinks(); len(unread) > 0 {
		c.addUnread(unread)
	}
	c.previous.links = nil
	c.spreadLinks()
	c.stating = chunked[link]{}
}

func (c *Correlator) addUnread(unread []scopedLink) {
	stated, claimed := make([]uint64, 0, c.stating.size()), make([]uint64, 0, c.stating.size())
	for l := range c.stating.all() {
		stated, claimed = append(stated, l.from), append(claimed, l.external)
	}
	slices.Sort(stated)
	slices.Sort(claimed)
	for _, l := range unread {
		_, known := slices.BinarySearch(stated, l.from)
		_, elsewhere := slices.BinarySearch(claimed, l.external)
		if !known && !elsewhere {
			c.stating.push(l.link)
		}
	}
}

// spreadLinks fills targets: what the links of each computer lead to, by record, each once and ascending, from record.links on. Links of
// tenants, which are few, stay apart.
func (c *Correlator) spreadLinks() {
	const nobody = ^uint64(0)
	ends := make([]uint32, c.records.size())
	for l := range c.stating.all() {
		if i, ok := c.find(l.from); ok && c.records.at(i).channel == computers {
			l.from = uint64(i)
			ends[i]++
			continue
		}
		if _, ok := c.customerIndex[l.from]; ok {
			c.tenantLinks = append(c.tenantLinks, *l)
		}
		l.from = nobody
	}
	sortLinks(c.tenantLinks)
	c.tenantLinks = slices.Compact(c.tenantLinks)
	total := uint32(0)
	for i, n := range ends {
		ends[i] = total // where they begin, until they are put there
		total += n
	}
	c.targets = make([]uint64, total)
	for l := range c.stating.all() {
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

// linksOfTenant returns the links of the tenant with the hashed key.
func (c *Correlator) linksOfTenant(key uint64) []link {
	first, found := slices.BinarySearchFunc(c.tenantLinks, key, func(l link, from uint64) int { return cmp.Compare(l.from, from) })
	if !found {
		return nil
	}
	end := first
	for end < len(c.tenantLinks) && c.tenantLinks[end].from == key {
		end++
	}
	return c.tenantLinks[first:end]
}

// externalsOfTenant returns what the links of the tenant with the hashed key lead to.
func (c *Correlator) externalsOfTenant(key uint64) []uint64 {
	var externals []uint64
	for _, l := range c.linksOfTenant(key) {
		externals = append(externals, l.external)
	}
	return externals
}

func sortLinks(links []link) {
	slices.SortFunc(links, func(a, b link) int { return cmp.Or(cmp.Compare(a.from, b.from), cmp.Compare(a.external, b.external)) })
}
