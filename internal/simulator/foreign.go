package simulator

import "slices"

// foreignHabit names machines that have several habits at once, drawn at random.
const foreignHabit = "foreign"

// A compound is a machine while habits are put on it.
type compound struct {
	*machine
	p                       *planter
	agent, device, computer *card // nil where the product does not know it
	more                    []*card
	namesake                bool // another machine has its name
}

// foreign plants machines that have two or three habits each, in combinations that nobody has thought of. What is left
// of each is enough to tell that its records are one machine; where it is not, ImmyBot's integrations know it.
func (p *planter) foreign(n int) {
	for range n {
		c := p.compound()
		list := c.blows()
		p.r.Shuffle(len(list), func(i, j int) { list[i], list[j] = list[j], list[i] })
		for _, blow := range list[:2+p.r.IntN(2)] {
			blow()
		}
		if !c.tellable() {
			c.rescue()
		}
	}
}

func (p *planter) compound() *compound {
	customer := p.somewhere()
	c := &compound{p: p}
	switch draw := p.r.IntN(10); {
	case draw < 6:
		c.machine = p.machine(customer)
	case draw < 7:
		c.machine = p.white(customer)
		c.serial = ""
	default:
		c.machine = p.virtual(customer, pickOne(p, vmware(), hyperV(), xen(), nutanix(), parallels()))
	}
	without := p.r.IntN(6)
	if without != 0 {
		c.agent = c.machine.agent()
	}
	if without != 1 {
		c.device = c.machine.device()
	}
	if without != 2 {
		c.computer = c.machine.computer()
	}
	return c
}

// cards lists the machine's records.
func (c *compound) cards() []*card {
	return slices.DeleteFunc(append([]*card{c.agent, c.device, c.computer}, c.more...),
		func(x *card) bool { return x == nil })
}

// on calls change with the card, unless the machine has none of that kind.
func on(card *card, change func(*card)) {
	if card != nil {
		change(card)
	}
}

// blows are the habits that may be put on the machine.
func (c *compound) blows() []func() {
	p := c.p
	blows := []func(){
		func() { on(c.agent, func(a *card) { a.named(p.name(c.customer)) }) },
		func() { on(c.computer, func(x *card) { x.named(p.name(c.customer)) }) },
		func() { on(c.agent, func(a *card) { a.serials("") }) },
		func() { on(c.computer, func(x *card) { x.serials("") }) },
		func() {
			text := pickOne(p, placeholders()...)
			for _, x := range c.cards() {
				x.serials(text)
			}
			c.serial = ""
		},
		func() { on(c.agent, func(a *card) { a.shows(c.wifi) }) },
		func() {
			on(c.agent, func(a *card) {
				for range 40 {
					a.sees("02:42:" + p.octet() + ":" + p.octet() + ":" + p.octet() + ":" + p.octet())
				}
			})
		},
		func() {
			vpn := pickOne(p, "00:05:9a:3c:7a:00", "00:09:0f:fe:00:01", "02:50:41:00:00:01", "ac:de:48:00:11:22",
				"00:50:56:c0:00:08")
			on(c.agent, func(a *card) { a.sees(vpn) })
			on(c.device, func(d *card) { d.sees(vpn) })
		},
		c.bystander, c.earlierAgent, c.earlierBearer,
		func() { on(c.device, func(d *card) { d.at(p.elsewhere(c.customer)) }) },
		func() {
			on(c.device, func(d *card) { d.with("displayName", pickOne(p, "Front desk", "Till 2", "Boss")) })
		},
		func() { on(c.computer, func(x *card) { x.carries(c.agent, c.device) }) },
	}
	if c.kind.Virtual() {
		blows = append(blows, c.clone, func() { c.more = append(c.more, c.guest()) })
	}
	return blows
}

// bystander is another machine that shows the same passing adapter.
func (c *compound) bystander() {
	adapter := c.p.mac(pickOne(c.p, "00:0e:c6", "00:50:b6", "00:e0:4c", "c8:f7:50"))
	on(c.agent, func(a *card) { a.sees(adapter) })
	_, d, _ := c.p.machine(c.customer).all()
	d.sees(adapter)
}

// earlierAgent is from before the machine was set up again.
func (c *compound) earlierAgent() {
	a := c.machine.agent().named(c.p.name(c.customer)).lived(900, 300)
	if c.p.chance(60) {
		a.gone()
	}
	for _, x := range c.cards() {
		x.lived(200, 0)
	}
	c.more = append(c.more, a)
}

// earlierBearer is a retired machine of the same name.
func (c *compound) earlierBearer() {
	c.namesake = true
	m := c.p.machine(c.customer)
	m.name = c.name
	a := m.agent().serials("").lived(1200, 950)
	if c.p.chance(50) {
		a.gone()
	}
}

// clone is a copy of the virtual machine, with a name and an address of its own.
func (c *compound) clone() {
	m := c.p.virtual(c.customer, vmware())
	m.model, m.serial, m.wire = c.model, c.serial, c.p.mac(c.wire[:8])
	m.all()
}

// rescue adds evidence that makes the machine's records one beyond doubt.
func (c *compound) rescue() {
	if c.computer == nil {
		c.computer = c.machine.computer()
	}
	c.computer.carries(c.agent, c.device)
	for _, x := range c.cards() {
		x.named(c.name).at(c.customer)
		if x.kind != computerCard {
			x.sees(c.wire)
		}
	}
}

// tellable reports whether each record shares something telling with another one, so that all hang together, and none
// contradicts another.
func (c *compound) tellable() bool {
	cards := c.cards()
	reached := map[int]bool{0: true}
	for grown := true; grown; {
		grown = false
		for i := range cards {
			for j := range cards {
				if i != j && c.contradict(cards[i], cards[j]) {
					return false
				}
				if reached[i] && !reached[j] && c.telling(cards[i], cards[j]) {
					reached[j], grown = true, true
				}
			}
		}
	}
	return len(reached) == len(cards)
}

// shared says what two records have in common.
func (c *compound) shared(a, b *card) (name, serial bool, addresses int) {
	for _, mac := range [...]string{c.wire, c.wifi} {
		addresses += digit(mac != "" && slices.Contains(a.macs, mac) && slices.Contains(b.macs, mac))
	}
	return a.name == b.name && a.customer == b.customer, c.serial != "" && a.serial == c.serial &&
		b.serial == c.serial, addresses
}

// contradict reports whether two records look like two machines, so that a third one that fits both decides nothing.
func (c *compound) contradict(a, b *card) bool {
	name, serial, addresses := c.shared(a, b)
	switch {
	case serial:
		return c.kind.Virtual() && !name && addresses == 0
	case a.kind == b.kind && a.kind != guestCard && !a.dead && !b.dead:
		return addresses == 0 || addresses == 1 && !name
	}
	return len(a.macs) > 0 && len(b.macs) > 0 && addresses == 0
}

// telling reports whether two records say that they are of one machine.
func (c *compound) telling(a, b *card) bool {
	linked := a.kind == computerCard && (a.agent == b || a.device == b) ||
		b.kind == computerCard && (b.agent == a || b.device == a)
	name, serial, addresses := c.shared(a, b)
	switch {
	case linked:
		return a.name == b.name || serial || addresses > 0
	case serial && (!c.kind.Virtual() || name || addresses > 0):
		return true
	case addresses > 0 && a.customer == b.customer && (!c.kind.Virtual() || name):
		return true
	}
	return name && !c.namesake
}
