package correlate

import "slices"

// A unit is what one channel shows of one machine: a record, or several that are the same machine.
type unit struct {
	channel channel
	live    bool
	records []int32 // local, ascending

	external, links, serials, macs []uint64
	names, cuts                    []uint64 // as texts
	placed, placedCuts             []uint64 // within an organization
	whole15                        bool
	created, seen                  uint32 // of the record that was created last
	root                           int32  // cluster, for solving
}

// superseded reports whether the older of two live records of one channel was never seen after the other came, as after a new installation
// whose predecessor nobody has removed.
func superseded(a, b *unit) bool {
	const overlap = 3600 // seconds that an installer and its predecessor may be online together
	if a.created > b.created {
		a, b = b, a
	}
	return a.created < b.created && a.seen > 0 && a.seen <= b.created+overlap
}

// An agreement says how two units compare in each identifier.
type agreement struct {
	external bool
	serial   int8 // 1 one in common, -1 both have some and none in common, 0 else
	mac      int8 // likewise, of addresses that count alone
	weakMAC  bool // in common: one that does not count alone
	nested   bool // all addresses of the one are among those of the other
	name     int8 // 1 the same within one organization, -1 different texts, 0 else
	text     bool // the same text, in whatever organization

	externalHash, serialHash, macHash, nameHash uint64 // what they have in common
}

// compare says how two units agree. clear tells which MACs count alone.
func compare(a, b *unit, clear func(mac uint64) bool) agreement {
	var g agreement
	g.externalHash = common(a.links, b.external)
	if g.externalHash == 0 {
		g.externalHash = common(a.external, b.links)
	}
	g.external = g.externalHash != 0
	g.serialHash = common(a.serials, b.serials)
	g.serial = sign(g.serialHash != 0, len(a.serials) > 0 && len(b.serials) > 0)
	g.compareMACs(a, b, clear)
	g.compareNames(a, b)
	return g
}

func sign(agree, known bool) int8 {
	switch {
	case agree:
		return 1
	case known:
		return -1
	}
	return 0
}

// common returns a value that both lists hold, the smallest one; 0 for none. Lists are short.
func common(a, b []uint64) uint64 {
	least := uint64(0)
	for _, h := range a {
		if h != 0 && (least == 0 || h < least) && slices.Contains(b, h) {
			least = h
		}
	}
	return least
}

func (g *agreement) compareMACs(a, b *unit, clear func(uint64) bool) {
	var onlyA, onlyB, shared int
	for _, m := range a.macs {
		switch {
		case m == 0:
		case slices.Contains(b.macs, m):
			if !clear(m) {
				g.weakMAC = true
				g.macHash = max(g.macHash, m)
				continue
			}
			if shared == 0 || m < g.macHash {
				g.macHash = m
			}
			shared++
		case clear(m):
			onlyA++
		}
	}
	for _, m := range b.macs {
		if m != 0 && clear(m) && !slices.Contains(a.macs, m) {
			onlyB++
		}
	}
	g.mac = sign(shared > 0, onlyA > 0 && onlyB > 0)
	g.nested = shared > 0 && (onlyA == 0 || onlyB == 0)
}

func (g *agreement) compareNames(a, b *unit) {
	g.nameHash = common(a.placed, b.placed)
	if g.nameHash == 0 && (a.whole15 || b.whole15) {
		g.nameHash = common(a.placedCuts, b.placedCuts)
	}
	g.text = common(a.names, b.names) != 0 || (a.whole15 || b.whole15) && common(a.cuts, b.cuts) != 0
	switch {
	case g.nameHash != 0:
		g.name = 1
	case g.text || (a.whole15 || b.whole15) && (slices.Contains(a.cuts, 0) || slices.Contains(b.cuts, 0)):
	case len(a.names) > 0 && len(b.names) > 0:
		g.name = -1
	}
}

// agrees counts the identifiers that agree, differs those that contradict.
func (g *agreement) agrees() int {
	return count1(g.external) + count1(g.serial > 0) + count1(g.mac > 0 || g.weakMAC) + count1(g.name > 0)
}

func (g *agreement) differs() int {
	return count1(g.serial < 0) + count1(g.mac < 0) + count1(g.name < 0)
}

func count1(b bool) int {
	if b {
		return 1
	}
	return 0
}

// A reason says why two units that agree in something are not taken for one machine; none for those that are.
type reason uint8

const (
	reasonNone reason = iota
	reasonNothing
	reasonAmbiguous
	reasonWeakMAC
	reasonSerials
	reasonMACs
	reasonNames
	reasonTwoAgainst
	reasonLive
	reasonOverride
	reasonCluster
)

// String returns the reason for people.
func (r reason) String() string {
	return [...]string{
		"", "nothing in common", "the identifier is on several machines and nothing else decides", "the MAC address alone says too little",
		"the serial numbers differ", "the MAC addresses differ", "the names differ", "two other identifiers differ",
		"both are live records of one product and too little agrees", "overruled by people",
		"the machine of the one contradicts the machine of the other",
	}[r]
}

// duplicate decides whether two records of one channel are one machine. alone reports whether an identifier is on at most one live record of the
// channel.
func duplicate(g *agreement, a, b *unit, alone func(kind uint8, h uint64) bool) (method, reason) {
	fullMAC := g.mac > 0 && (g.nested || g.name > 0)
	switch {
	case g.serial < 0:
		return 0, reasonSerials
	case a.live && b.live:
		return duplicateLive(g, fullMAC, superseded(a, b))
	case g.mac < 0 && g.name < 0:
		return 0, reasonTwoAgainst
	case g.serial > 0:
		return methodSerial, reasonNone
	case fullMAC && (g.name > 0 || alone(kindMAC, g.macHash)):
		return methodMAC, reasonNone
	case g.mac < 0:
		return 0, reasonMACs
	case g.name > 0 && alone(kindName, g.nameHash):
		return methodHostname, reasonNone
	}
	return 0, reasonAmbiguous
}

// duplicateLive decides about two live records whose serial numbers don't differ. Two identifiers must agree; a record that succeeds the
// other needs one and its name. A serial number alone would make one machine of a virtual machine and its clone.
func duplicateLive(g *agreement, fullMAC, successor bool) (method, reason) {
	sure := count1(g.serial > 0) + count1(fullMAC) + count1(g.name > 0)
	renewed := successor && g.serial > 0 && g.text // the network adapter is another one, or not known
	switch {
	case g.mac < 0 && !renewed:
		return 0, reasonMACs
	case sure < 2 && !renewed:
		return 0, reasonLive
	case g.serial > 0:
		return methodSerial, reasonNone
	}
	return methodMAC, reasonNone
}
