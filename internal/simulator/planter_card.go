package simulator

import (
	"slices"
	"strings"
)

// agent is the machine in SentinelOne: with the address of its wired adapter.
func (m *machine) agent() *card {
	c := m.card(agentCard).shows(m.wire)
	c.uuid = m.p.hexits(32)
	if m.kind == Mac {
		c.uuid = strings.ToUpper(dashed(c.uuid))
	}
	return c
}

// device is the machine in NinjaRMM.
func (m *machine) device() *card { return m.card(deviceCard).shows(m.wire) }

// guest is the machine in NinjaRMM, as its hypervisor shows it.
func (m *machine) guest() *card { return m.card(guestCard).shows(m.wire).serials("") }

// computer is the machine in ImmyBot, which shows no addresses.
func (m *machine) computer() *card { return m.card(computerCard) }

// all is the machine in all three products.
func (m *machine) all() (agent, device, computer *card) { return m.agent(), m.device(), m.computer() }

func (m *machine) card(kind cardKind) *card {
	c := &card{
		kind: kind, habit: m.p.habit, real: m.number, customer: m.customer, name: m.name, serial: m.serial,
		model: m.model,
		born:  m.p.daysAgo(m.born), seen: m.p.daysAgo(m.seen), fields: map[string]any{}, f: m.p.f,
	}
	m.p.f.add(c, m.kind)
	return c
}

func (c *card) named(name string) *card {
	c.name = name
	return c
}

func (c *card) serials(serial string) *card {
	c.serial = serial
	return c
}

// shows sets the addresses that the record shows; "" is left out.
func (c *card) shows(macs ...string) *card {
	c.macs = slices.DeleteFunc(slices.Clone(macs), func(mac string) bool { return mac == "" })
	return c
}

// sees adds addresses to those that the record shows.
func (c *card) sees(macs ...string) *card { return c.shows(append(slices.Clone(c.macs), macs...)...) }

// with sets a field of the answer.
func (c *card) with(path string, value any) *card {
	c.fields[path] = value
	return c
}

// carries says which records ImmyBot's integrations have put on the computer.
func (c *card) carries(agent, device *card) *card {
	c.agent, c.device = agent, device
	return c
}

// lived says when the record was created and when it was seen last, in days ago.
func (c *card) lived(born, seen int) *card {
	shift := c.born.Sub(c.f.start) % (24 * 3600e9)
	c.born, c.seen = c.f.start.AddDate(0, 0, -born).Add(shift), c.f.start.AddDate(0, 0, -seen).Add(shift)
	return c
}

// at puts the record under another customer.
func (c *card) at(customer int) *card {
	c.customer, c.f.states[c.number].customer = customer, uint16(customer)
	return c
}

// gone decommissions the agent.
func (c *card) gone() *card {
	c.dead = true
	c.f.states[c.number].traits |= Decommissioned
	return c
}

// systemNamed is the name that Windows tells the RMM, of any characters, where no DNS name is known.
func (c *card) systemNamed(name string) *card {
	cut := []rune(name)
	return c.named(name).with("systemName", string(cut[:min(len(cut), 15)])).with("dnsName",
		omitted{}).with("netbiosName", omitted{}).with("system.name", name)
}

// tells says what the machine's device must show in the end.
func (m *machine) tells(property, value string) {
	p := &m.p.f.planted
	if p.values == nil {
		p.values = map[int]map[string]string{}
	}
	if p.values[m.number] == nil {
		p.values[m.number] = map[string]string{}
	}
	p.values[m.number][property] = value
}
