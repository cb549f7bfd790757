package correlate

// A reason says why two units that agree in something are not taken for one machine; none for those that are.
type reason uint8

const (
	reasonNone reason = iota
	reasonNothing
	reasonAmbiguous
	reasonWeakMAC
	reasonSerials
	reasonMACs
	reasonTwoAgainst
	reasonClones
	reasonSerialAlone
	reasonCustomers
	reasonReused
	reasonLive
	reasonOverride
	reasonCluster
	reasonApart
)

// String returns the reason for people.
func (r reason) String() string {
	return [...]string{
		"", "nothing in common", "the identifier is on several machines and nothing else decides",
		"the MAC address alone says too little",
		"the serial numbers differ", "the MAC addresses differ", "two other identifiers differ",
		"virtual machines of two names share a serial number, as copies do",
		"no known maker gave the serial number, and it is with two customers under two names",
		"the MAC address alone is with two customers", "only the name agrees, and one was gone before the other came",
		"both are live records of one product and too little agrees", "overruled by people",
		"the machine of the one contradicts the machine of the other",
		"they were two machines before, and what agrees is too little to make them one",
	}[r]
}

// judgeSerial decides about units that share a serial number. That of a known maker on physical hardware decides;
// virtual machines are copied with it, and what nobody knows is believed where nothing else speaks against it.
func judgeSerial(g *agreement) reason {
	mac := g.mac > 0 || g.weakMAC
	switch {
	case g.own:
		return reasonNone
	case g.mac < 0 && g.name < 0:
		return reasonTwoAgainst
	case g.virtual && g.name < 0 && !mac:
		return reasonClones
	case g.elsewhere && !g.text && g.mac <= 0:
		return reasonSerialAlone
	}
	return reasonNone
}

// judgeMAC decides about units that share an address that counts. It travels with a dock or an adapter: it is not
// believed when serial numbers differ, nor when each record has further addresses of its own and the names don't agree,
// nor alone across customers, where recurring ones are the same even under the same name.
func judgeMAC(g *agreement, m uint64, u, v *unit) reason {
	switch {
	case g.serial < 0:
		return reasonSerials
	case g.serial > 0:
		return reasonNone
	case g.pooled && (g.elsewhere || !g.text) && recurs(m, u.observed != v.observed && !g.elsewhere):
		return reasonWeakMAC
	case g.text:
		return reasonNone
	case !g.nested:
		return reasonMACs
	case g.elsewhere:
		return reasonCustomers
	}
	return reasonNone
}

// judgeName decides about units that share a name within one customer: the weakest evidence, so that anything stronger
// that differs is believed instead. Names are used again: what was gone before the other came is another machine.
func judgeName(g *agreement, u, v *unit) reason {
	switch {
	case g.serial < 0:
		return reasonSerials
	case g.mac < 0:
		return reasonMACs
	case superseded(u, v):
		return reasonReused
	}
	return reasonNone
}

// judgeSame decides whether two records of one channel are one machine. alone reports whether an identifier is on at
// most one live record of the channel.
func judgeSame(g *agreement, a, b *unit, alone func(kind uint8, h uint64) bool) (method, reason) {
	fullMAC := g.mac > 0 && (g.nested || g.name > 0)
	switch {
	case g.serial < 0:
		return 0, reasonSerials
	case g.serial > 0 && superseded(a, b) && (g.own || g.text): // set up again; the network adapter is another one, or not known
		return methodSerial, reasonNone
	case g.several && g.nested && superseded(a, b): // the same without a serial number: all built-in addresses are still there
		return methodMAC, reasonNone
	case a.live && b.live:
		return judgeLive(g, fullMAC)
	case g.mac < 0 && g.name < 0:
		return 0, reasonTwoAgainst
	case g.serial > 0 && g.virtual && g.name < 0 && !g.weakMAC && g.mac <= 0:
		return 0, reasonClones
	case g.serial > 0 && g.elsewhere && !g.own && !g.text && g.mac <= 0:
		return 0, reasonSerialAlone
	case g.serial > 0:
		return methodSerial, reasonNone
	case fullMAC && (g.name > 0 || !g.elsewhere && alone(kindMAC, g.macHash)):
		return methodMAC, reasonNone
	case g.mac < 0:
		return 0, reasonMACs
	}
	return 0, reasonAmbiguous // names are used again
}

// judgeLive decides about two live records whose serial numbers don't differ: two identifiers must agree. A serial
// number alone would make one machine of a virtual machine and its copy, and of the servers of one chassis.
func judgeLive(g *agreement, fullMAC bool) (method, reason) {
	sure := count1(g.serial > 0) + count1(fullMAC) + count1(g.name > 0)
	switch {
	case g.mac < 0:
		return 0, reasonMACs
	case sure < 2:
		return 0, reasonLive
	case g.serial > 0:
		return methodSerial, reasonNone
	}
	return methodMAC, reasonNone
}

// against says what in a pair of units of different channels keeps their clusters apart that evidence of a method is to
// join; none if nothing does. Each pair of members is asked, since a record that shows little fits to two machines: the
// weaker the evidence, the less may differ.
func against(g *agreement, by method) reason {
	two := g.differs() >= 2 && g.mac <= 0
	switch {
	case g.external || g.own:
		return reasonNone
	case g.serial > 0 && two:
		return reasonTwoAgainst
	case g.serial > 0:
		return reasonNone
	case g.serial < 0 && by != methodLink && (by != methodSerial || g.differs() >= 2):
		return reasonSerials
	case two:
		return reasonTwoAgainst
	case g.mac < 0 && by == methodHostname:
		return reasonMACs
	}
	return reasonNone
}

// outweighs reports whether evidence makes one machine of units that were two, other than by the disappearance of what
// stood between them.
func outweighs(m method, g *agreement) bool {
	switch {
	case m == methodOverride, count1(g.serial > 0)+count1(g.mac > 0)+count1(g.text) > 1:
		return true
	case g.external: // copies have one agent to the product
		return !g.virtual || g.name >= 0
	}
	return g.serial > 0 && !g.virtual && g.differs() == 0
}
