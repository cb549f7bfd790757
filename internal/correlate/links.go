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

// spreadLinks puts the links that each record states side by side, and fills targets: what those of each machine record
// lead to, by record, each once and ascending, from record.links on.
func (c *Correlator) spreadLinks() {
	c.arrangeStated()
	c.targets = make([]uint64, 0, len(c.statedBy))
	for i := range uint32(c.records.size()) {
		r := c.records.at(i)
		r.links = uint32(len(c.targets))
		if c.roleOf(r).Machine.Links {
			c.targets = c.appendTargets(c.targets, i)
		}
	}
}

// appendTargets appends what the links that an owner states lead to, each once and ascending.
func (c *Correlator) appendTargets(list []uint64, owner uint32) []uint64 {
	start := len(list)
	for _, n := range c.statedOf(owner) {
		if to := c.said.links.at(n).to; to != 0 {
			list = append(list, to)
		}
	}
	slices.Sort(list[start:])
	return list[:start+len(slices.Compact(list[start:]))]
}

// linksOf returns what the links of a machine record lead to.
func (c *Correlator) linksOf(i uint32) []uint64 {
	end := len(c.targets)
	if int(i)+1 < c.records.size() {
		end = int(c.records.at(i + 1).links)
	}
	return c.targets[c.records.at(i).links:end]
}

// linksOfCustomer returns what the links of a customer lead to.
func (c *Correlator) linksOfCustomer(i uint32) []uint64 {
	return c.appendTargets(nil, c.customerOwner(i))
}

// customerOwner returns the number by which a customer owns what it states. Machine records own by their index.
func (c *Correlator) customerOwner(i uint32) uint32 { return uint32(c.records.size()) + i }

// ownerOfLinks returns who states links: a machine record or a customer that is at hand.
func (c *Correlator) ownerOfLinks(key uint64) (uint32, bool) {
	if i, ok := c.find(key); ok {
		return i, true
	}
	i, ok := c.customerIndex[key]
	return c.customerOwner(i), ok
}

// arrangeStated fills statedBy and statedFrom: the links by owner, whether they lead anywhere or not, each once and in
// an order of their own.
func (c *Correlator) arrangeStated() {
	owners := make([]uint32, 0, c.said.links.size())
	c.statedFrom = make([]uint32, c.records.size()+len(c.customers)+1)
	for l := range c.said.links.all() {
		owner, known := c.ownerOfLinks(l.from)
		if !known {
			owner = nobody
		} else {
			c.statedFrom[owner]++
		}
		owners = append(owners, owner)
	}
	total := uint32(0)
	for i, n := range c.statedFrom {
		total += n
		c.statedFrom[i] = total // where they end, until they are put there
	}
	c.statedBy = make([]uint32, total)
	for n, owner := range slices.Backward(owners) {
		if owner != nobody {
			c.statedFrom[owner]--
			c.statedBy[c.statedFrom[owner]] = uint32(n)
		}
	}
	start, kept := uint32(0), uint32(0)
	for i, end := range c.statedFrom[1:] {
		list := c.statedBy[start:end]
		start = end
		if len(list) > 1 {
			slices.SortFunc(list, c.byStatement)
			list = slices.CompactFunc(list, func(a, b uint32) bool { return c.byStatement(a, b) == 0 })
		}
		c.statedFrom[i] = kept
		kept += uint32(copy(c.statedBy[kept:], list))
	}
	c.statedFrom[len(c.statedFrom)-1] = kept
}

// byStatement orders links of one owner by what they say.
func (c *Correlator) byStatement(a, b uint32) int {
	l, m := c.said.links.at(a), c.said.links.at(b)
	if l.external != m.external {
		return cmp.Compare(l.external, m.external)
	}
	return strings.Compare(c.manner(l).text, c.manner(m).text)
}

// statedOf returns the indexes of the links that an owner states.
func (c *Correlator) statedOf(owner uint32) []uint32 {
	return c.statedBy[c.statedFrom[owner]:c.statedFrom[owner+1]]
}

// linksValue returns what the graph keeps of the links that an owner states, for runs that do not read them.
func (c *Correlator) linksValue(owner uint32) graph.Value {
	stated := c.statedOf(owner)
	if len(stated) == 0 {
		return graph.Value{}
	}
	texts := make([]string, len(stated))
	for i, n := range stated {
		texts[i] = c.linkText(c.said.links.at(n))
	}
	return graph.TextsIn(texts)
}

// linkText writes a link: "7f3a…19 t product 7" is the digest of what the product calls the record, and its manner.
func (c *Correlator) linkText(l *link) string {
	return fmt.Sprintf("%016x %s", l.external, c.manner(l).text)
}

// A manner is what a link has in common with others of its connection.
type manner struct {
	text string // see writeManner; "" until it is asked for
	hash uint64
}

// manner returns the manner of a link, once all links and connections were told.
func (c *Correlator) manner(l *link) *manner {
	if c.manners == nil {
		c.manners = make([]manner, 2*len(c.said.connections))
	}
	m := &c.manners[2*int(l.connection)+count1(l.telling)]
	if m.text == "" {
		m.text = graph.TextOf(c.writeManner(l)).Text() // as it is read back
		m.hash = hash(m.text)
	}
	return m
}

// writeManner writes flags (t: see link.telling, o: the connection is off, -: none), the product, and the connection.
func (c *Correlator) writeManner(l *link) string {
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
	text := cmp.Or(flags, "-") + " " + product
	if k.product >= 0 && k.id != "" {
		text += " " + k.id
	}
	return text
}

// parseLink reads what linkText has written of a link of the given instance.
func (c *Correlator) parseLink(text, instance string) (link, bool) {
	digits, manner, _ := strings.Cut(text, " ")
	external, err := strconv.ParseUint(digits, 16, 64)
	if err != nil {
		return link{}, false
	}
	return c.linkAgain(external, manner, instance)
}

// linkAgain returns a link of the last run that was stated in the manner.
func (c *Correlator) linkAgain(external uint64, manner, instance string) (link, bool) {
	parts := strings.SplitN(manner, " ", 3)
	if len(parts) < 2 {
		return link{}, false
	}
	name := connectionName{instance, c.model.called(parts[1]), ""}
	if len(parts) > 2 {
		name.id = parts[2]
	}
	l := link{external: external, telling: strings.Contains(parts[0], "t")}
	if name.product < 0 { // the last run did not know either
		l.connection = c.former(parts[1])
		return l, true
	}
	l.connection = c.said.connection(name)
	k := &c.said.connections[l.connection]
	k.off = k.off || strings.Contains(parts[0], "o")
	return l, true
}
