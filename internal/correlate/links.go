package correlate

import (
	"cmp"
	"fmt"
	"slices"
	"strconv"
	"strings"

	"assetgraph/graph"
)

// A link is a provider's statement in hashes.
type link struct {
	from, external uint64 // of the key of the record; of what the other product calls it
	to             uint64 // what it leads to, once connections are followed; 0 for nothing
	connection     uint32 // index in Statements.connections
	telling        bool   // the id is so long that no two instances have the same
}

// nobody stands for no record.
const nobody = ^uint32(0)

// completeLinks adds the links that the last run knew of records of which none was read this time. What was read says
// more: a counterpart that it gives to someone else is not taken from there. Then it puts the links of each machine
// record side by side.
func (c *Correlator) completeLinks() {
	if unread := c.previous.unreadLinks(); len(unread) > 0 {
		c.addUnread(unread)
	}
	c.previous.links = nil
	c.spreadLinks()
	c.sortStated()
}

func (c *Correlator) addUnread(unread []scopedLink) {
	stated, claimed := make([]uint64, 0, c.said.links.size()), make([]uint64, 0, c.said.links.size())
	for l := range c.said.links.all() {
		stated, claimed = append(stated, l.from), append(claimed, l.to)
	}
	slices.Sort(stated)
	slices.Sort(claimed)
	for _, l := range unread {
		_, known := slices.BinarySearch(stated, l.from)
		_, elsewhere := slices.BinarySearch(claimed, l.to)
		if !known && (!elsewhere || l.to == 0) {
			c.said.links.push(l.link)
		}
	}
}

// spreadLinks fills targets: what the links of each machine record lead to, by record, each once and ascending, from
// record.links on. Links of customers, which are few, stay apart.
func (c *Correlator) spreadLinks() {
	ends := make([]uint32, c.records.size())
	owners := make([]uint32, 0, c.said.links.size())
	for l := range c.said.links.all() {
		owner := nobody
		if i, ok := c.find(l.from); ok && l.to != 0 && c.roleOf(c.records.at(i)).Machine.Links {
			owner = i
			ends[i]++
		} else if _, ok := c.customerIndex[l.from]; ok && l.to != 0 {
			c.customerLinks = append(c.customerLinks, *l)
		}
		owners = append(owners, owner)
	}
	sortLinks(c.customerLinks)
	c.customerLinks = slices.CompactFunc(c.customerLinks,
		func(a, b link) bool { return a.from == b.from && a.to == b.to })
	total := uint32(0)
	for i, n := range ends {
		ends[i] = total // where they begin, until they are put there
		total += n
	}
	c.targets = make([]uint64, total)
	n := 0
	for l := range c.said.links.all() {
		if i := owners[n]; i != nobody {
			c.targets[ends[i]] = l.to
			ends[i]++
		}
		n++
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
	first, found := slices.BinarySearchFunc(c.customerLinks, key,
		func(l link, from uint64) int { return cmp.Compare(l.from, from) })
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
	slices.SortFunc(links, func(a, b link) int { return cmp.Or(cmp.Compare(a.from, b.from), cmp.Compare(a.to, b.to)) })
}

// sortStated puts the links that each record states side by side, whether they lead anywhere or not.
func (c *Correlator) sortStated() {
	c.statedBy = make([]uint32, c.said.links.size())
	for n := range c.statedBy {
		c.statedBy[n] = uint32(n)
	}
	slices.SortFunc(c.statedBy,
		func(a, b uint32) int { return cmp.Compare(c.said.links.at(a).from, c.said.links.at(b).from) })
}

// linksValue returns what the graph keeps of the links that the record with the hashed key states, for runs that do not
// read them.
func (c *Correlator) linksValue(key uint64) graph.Value {
	first, found := slices.BinarySearchFunc(c.statedBy, key,
		func(n uint32, key uint64) int { return cmp.Compare(c.said.links.at(n).from, key) })
	if !found {
		return graph.Value{}
	}
	var texts []string
	for _, n := range c.statedBy[first:] {
		l := c.said.links.at(n)
		if l.from != key {
			break
		}
		texts = append(texts, c.linkText(l))
	}
	return graph.TextsIn(texts)
}

// linkText writes a link: "7f3a…19 t product 7" is the digest of what the product calls the record, flags (t: see
// link.telling, o: the connection is off, -: none), the product, and the connection.
func (c *Correlator) linkText(l *link) string {
	k := &c.said.connections[l.connection]
	product, flags := k.id, ""
	if k.product >= 0 {
		product = c.model.products[k.product].integration
	}
	if l.telling {
		flags += "t"
	}
	if k.off {
		flags += "o"
	}
	text := fmt.Sprintf("%016x %s %s", l.external, cmp.Or(flags, "-"), product)
	if k.product >= 0 && k.id != "" {
		text += " " + k.id
	}
	return text
}

// parseLink reads what linkText has written of a link of the given instance.
func (c *Correlator) parseLink(text, instance string) (link, bool) {
	parts := strings.SplitN(text, " ", 4)
	if len(parts) < 3 {
		return link{}, false
	}
	external, err := strconv.ParseUint(parts[0], 16, 64)
	if err != nil {
		return link{}, false
	}
	name := connectionName{instance, c.model.called(parts[2]), ""}
	if len(parts) > 3 {
		name.id = parts[3]
	}
	l := link{external: external, telling: strings.Contains(parts[1], "t")}
	if name.product < 0 { // the last run did not know either
		l.connection = c.former(parts[2])
		return l, true
	}
	l.connection = c.said.connection(name)
	k := &c.said.connections[l.connection]
	k.off = k.off || strings.Contains(parts[1], "o")
	return l, true
}
