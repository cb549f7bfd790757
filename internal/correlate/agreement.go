package correlate

import "slices"

// An agreement says how two units compare in each identifier.
type agreement struct {
	external bool
	serial   int8 // 1 one in common, -1 both have some and none in common, 0 else
	mac      int8 // likewise, of addresses that count
	weakMAC  bool // in common: one that does not count alone
	pooled   bool // what they have in common are addresses that a hypervisor made
	nested   bool // all addresses of the one are among those of the other
	several  bool // several addresses that count are in common, and no maker of virtual ones made them
	name     int8 // 1 the same within one organization, -1 different texts, 0 else
	text     bool // the same text, in whatever organization

	own       bool // a known maker gave the serial number that they have in common
	virtual   bool // one of them is a virtual machine
	elsewhere bool // they are of different customers

	externalHash, serialHash, macHash, nameHash uint64 // what they have in common
}

// compare says how two units agree.
func compare(a, b *unit) agreement {
	g := agreement{virtual: a.virtual || b.virtual, elsewhere: elsewhere(a, b)}
	g.externalHash = common(a.links, b.external)
	if g.externalHash == 0 {
		g.externalHash = common(a.external, b.links)
	}
	g.external = g.externalHash != 0
	g.serialHash = common(a.serials, b.serials)
	g.serial = sign(g.serialHash != 0, len(a.serials) > 0 && len(b.serials) > 0)
	g.own = g.serial > 0 && !g.virtual && (a.ownSerial || b.ownSerial)
	g.compareMACs(a, b)
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

// common returns a value that both lists hold, the smallest one; 0 for none.
func common(a, b []uint64) uint64 {
	if len(a) > len(b) {
		a, b = b, a
	}
	least := uint64(0)
	for _, h := range a {
		if h != 0 && (least == 0 || h < least) && contains(b, h) {
			least = h
		}
	}
	return least
}

func (g *agreement) compareMACs(a, b *unit) {
	var shared, pooled int
	onlyA, onlyB := a.telling, b.telling
	if len(a.macs) > len(b.macs) {
		a, b, onlyA, onlyB = b, a, onlyB, onlyA
	}
	for _, m := range a.macs {
		if m != 0 && contains(b.macs, m) {
			onlyA -= count1(counts(m, a))
			onlyB -= count1(counts(m, b))
			switch {
			case isWeak(m), isPooled(m) && !g.virtual: // a host shows its side of the guests' network
				g.weakMAC = true
				if shared == 0 {
					g.macHash = max(g.macHash, m)
				}
				continue
			case isPooled(m):
				pooled++
			}
			if shared == 0 || worth(m) < worth(g.macHash) || worth(m) == worth(g.macHash) && m < g.macHash {
				g.macHash = m
			}
			shared++
		}
	}
	g.mac = sign(shared > 0, onlyA > 0 && onlyB > 0)
	g.nested = shared > 0 && (onlyA == 0 || onlyB == 0)
	g.pooled = shared > 0 && pooled == shared
	g.several = shared-pooled > 1
}

// counts reports whether an address that only one of two units shows tells them apart.
func counts(mac uint64, u *unit) bool { return !isWeak(mac) && (!isPooled(mac) || u.virtual) }

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

// strongest returns the method of the strongest identifier that agrees.
func strongest(g *agreement) method {
	switch {
	case g.external:
		return methodLink
	case g.serial > 0:
		return methodSerial
	case g.mac > 0 || g.weakMAC:
		return methodMAC
	}
	return methodHostname
}

// score ranks evidence: the sum of what agrees less what differs, so that a serial number against a name comes behind
// an address with one. Alone, a link comes before a serial number, that before an address, and that before a name.
// Against a known maker's serial number neither address nor name counts.
func score(m method, g *agreement) int32 {
	const forced, link, serial, address, name, otherName = 1000, 8, 6, 5, 3, 1
	n := link*count1(g.external) + serial*int(g.serial) +
		name*count1(g.name > 0) - otherName*count1(g.name < 0 && !g.own)
	switch {
	case g.mac > 0, g.mac < 0 && !g.own:
		n += address * int(g.mac)
	case g.weakMAC:
		n++
	}
	return int32(2*n + count1(g.text) + forced*count1(m == methodOverride))
}
