package simulator

// lifeHabits are about what happens to a machine over the years.
func lifeHabits() []habit {
	return []habit{
		{"set-up-again", "a machine is set up again under another name and in another dock; its old agent stays, as if alive", func(p *planter) {
			p.times(4, 7, func(n int) {
				m := p.machine(p.somewhere())
				old := p.name(m.customer)
				m.agent().named(old).shows(p.mac("c8:f7:50")).lived(700, 200)
				a := m.agent().shows(p.mac("48:2a:e3")).lived(190, 0)
				d := m.device().lived(190, 0)
				c := m.computer().lived(190, 0)
				if n%2 == 0 {
					c.carries(a, d)
				}
			})
		}},
		{"set-up-again-without-serial",
			"the same with a board that has no serial number: both records show both built-in adapters",
			func(p *planter) {
				p.times(3, 5, func(n int) {
					m := p.machine(p.somewhere())
					m.serial = pickOne(p, "", "Default string")
					m.agent().named(p.name(m.customer)).shows(m.wire, m.wifi).lived(700, 200)
					m.agent().shows(m.wire, m.wifi).lived(190, 0)
					m.device().shows(m.wire, m.wifi).lived(190, 0)
					if n%2 == 0 {
						m.computer().lived(190, 0)
					}
				})
			}},
		{"enrolled-again-in-rmm", "the RMM has a new device for the machine after it was set up, and the old one",
			func(p *planter) {
				p.times(3, 5, func(int) {
					m := p.machine(p.somewhere())
					m.device().named(p.name(m.customer)).shows(m.wifi).lived(600, 100)
					m.device().lived(90, 0)
					m.agent().lived(90, 0)
				})
			}},
		{"computer-twice-in-deployment", "ImmyBot has a second computer for the machine after it was set up (a new Windows is a new device to it)", func(p *planter) {
			p.times(3, 5, func(int) {
				m := p.machine(p.somewhere())
				m.computer().named(p.name(m.customer)).lived(600, 100)
				m.born = 90
				m.all()
			})
		}},
		{"two-systems", "one machine starts two systems, each with an agent of its own", func(p *planter) {
			p.times(2, 3, func(int) {
				m := p.machine(p.somewhere())
				m.all()
				m.agent().named(p.name(m.customer)).lived(300, 1)
			})
		}},
		{"replaced", "the user keeps the name on a new machine; all records of the old one stay for a while",
			func(p *planter) {
				p.times(3, 5, func(int) {
					old, m := p.machine(p.somewhere()), p.machine(0)
					m.customer, m.name, m.born = old.customer, old.name, 20
					old.seen = 21
					old.all()
					m.all()
				})
			}},
		{"moved-with-link", "the RMM keeps the machine under another customer, and only ImmyBot's integration knows that it is the same", func(p *planter) {
			p.times(3, 5, func(int) {
				m := p.white(p.somewhere())
				a, d, c := m.all()
				d.at(p.elsewhere(m.customer)).shows()
				c.carries(a, d)
			})
		}},
		{"retired-agent", "the agent of a machine that is long gone stays decommissioned: the machine lacks everything",
			func(p *planter) {
				p.times(2, 4, func(int) { p.machine(p.somewhere()).agent().lived(900, 500).gone() })
			}},
	}
}
