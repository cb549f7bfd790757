package simulator

import "fmt"

// nameHabits are about what machines are called.
func nameHabits() []habit {
	return []habit{
		{"display-name", "people give a device a name in the RMM's console; Windows' own name has characters that no DNS name has", func(p *planter) {
			p.times(4, 8, func(n int) {
				m := p.nameless(p.somewhere())
				code := p.f.customers[m.customer].code
				m.name = []string{
					code + "_PC_" + p.digits(2), "PC Büro " + p.digits(2), "MÜLLER-" + p.digits(3), "Kasse_" +
						p.digits(1) + " " + p.letter(2),
				}[n%4]
				m.device().systemNamed(m.name).with("displayName",
					pickOne(p, "Front desk", "Meeting room", "Boss", "Old printer PC"))
				m.computer()
				if n%2 == 0 {
					m.agent()
				}
			})
		}},
		{"nfd-and-nfc", "macOS spells umlauts in two code points, Windows in one (Unicode Standard Annex #15)",
			func(p *planter) {
				p.times(3, 5, func(n int) {
					m := p.nameless(p.somewhere())
					tail := p.letter(2) + p.digits(2)
					mac, windows := "Bu\u0308ro-"+tail, "B\u00fcro-"+tail
					if n%2 == 1 {
						mac, windows = "Ame\u0301lie-"+tail, "Am\u00e9lie-"+tail
					}
					m.agent().named(mac)
					m.computer().named(windows)
				})
			}},
		{"digit-names", "some customers number their machines", func(p *planter) {
			p.times(3, 6, func(n int) {
				m := p.nameless(p.somewhere())
				m.name = p.digits(4 + n%3)
				m.agent()
				m.computer()
				if n%2 == 0 {
					m.device()
				}
			})
		}},
		{"generic-name", "a small customer calls its only server SERVER", func(p *planter) {
			used := map[string]bool{}
			p.times(3, 5, func(int) {
				m := p.nameless(p.somewhere())
				m.name = pickOne(p, "SERVER", "Laptop", "PC", "Notebook", "workstation")
				if used[fmt.Sprint(m.customer, m.name)] {
					return
				}
				used[fmt.Sprint(m.customer, m.name)] = true
				m.agent()
				m.computer()
			})
		}},
		{"names-nobody-gave", "appliances and images keep the installer's name: there are several at one customer",
			func(p *planter) {
				p.times(2, 3, func(int) {
					customer := p.somewhere()
					name := pickOne(p, "localhost", "ubuntu", "raspberrypi", "debian", "template")
					for n := range 3 {
						m := p.nameless(customer)
						m.kind, m.name, m.wire = LinuxServer, name, p.mac("b8:27:eb")
						if n == 2 {
							m.device()
						} else {
							m.agent()
						}
					}
				})
			}},
		{"name-used-again", "the replacement gets the retired machine's name; the retired one stays in a console",
			func(p *planter) {
				p.times(6, 9, func(n int) {
					retired, m := p.machine(p.somewhere()), p.machine(0)
					m.customer, m.name = retired.customer, retired.name
					switch n % 3 {
					case 0:
						retired.agent().serials("").lived(800, 60)
					case 1:
						retired.agent().serials("").lived(800, 60).gone()
					default:
						retired.guest().lived(800, 60)
					}
					m.device().lived(50, 0)
					m.computer().lived(50, 0)
				})
			}},
		{"same-name-twice", "an image that nobody renamed is on several machines of one customer", func(p *planter) {
			p.times(2, 3, func(int) {
				customer := p.somewhere()
				name := p.name(customer)
				for range 2 {
					m := p.machine(customer)
					m.name = name
					m.all()
				}
			})
		}},
		{"autoscaled", "instances of a scale set take the names of those before them; their agents stay decommissioned",
			func(p *planter) {
				customer := p.somewhere()
				name := "aks-nodepool1-" + p.digits(8) + "-vmss000001"
				p.times(4, 6, func(n int) {
					m := p.virtual(customer, hyperV())
					m.kind, m.name, m.wire = LinuxVM, name, p.mac(pickOne(p, "00:0d:3a", "60:45:bd", "7c:1e:52"))
					a := m.agent().lived(90-10*n, 80-10*n)
					if n > 0 || p.chance(50) {
						a.gone()
					}
				})
			}},
	}
}

// nameless makes up a machine that nothing but its name identifies where no address is shown.
func (p *planter) nameless(customer int) *machine {
	m := p.white(customer)
	m.serial = pickOne(p, "", "To be filled by O.E.M.", "Default string")
	return m
}
