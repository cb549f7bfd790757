package simulator

// serialHabits are about serial numbers that say nothing, and about those that decide.
func serialHabits() []habit {
	return []habit{
		{"placeholder-serials", "boards that are sold without a serial number show the firmware's text (OCS Inventory NG: blacklist_serials; GLPI: Blacklist)",
			func(p *planter) {
				list := placeholders()
				p.r.Shuffle(len(list), func(i, j int) { list[i], list[j] = list[j], list[i] })
				for _, text := range list[:16] {
					one, other := p.white(p.somewhere()), p.white(p.somewhere())
					one.serial, other.serial = text, text
					one.agent()
					one.computer()
					other.device()
				}
			}},
		{"unlisted-placeholder", "an assembler writes the same text into all its machines, and no list has it",
			func(p *planter) {
				p.times(3, 5, func(n int) {
					text := pickOne(p, p.letter(5)+"-SERIAL-NO", "ASSEMBLED BY "+p.letter(6), p.letter(3)+"-1234567890",
						"PC "+p.letter(7)+" 2021", "S/N: "+p.letter(8))
					one, other := p.white(p.somewhere()), p.white(0)
					other.customer = p.elsewhere(one.customer)
					one.serial, other.serial = text, text
					one.computer()
					if n%2 == 1 {
						one.agent()
					}
					other.device()
				})
			}},
		{"shown-by-second-agent", "ImmyBot shows the serial number that each integration tells; the first one may tell a placeholder (Microsoft: Win32_BIOS.SerialNumber)",
			func(p *planter) {
				p.times(3, 5, func(n int) {
					m := p.machine(p.somewhere())
					m.device()
					c := m.computer().named(p.name(m.customer)).serials([]string{"", "To be filled by O.E.M."}[n%2])
					c.links[1] = map[string]any{
						"serial": pickOne(p, "00000000", "Default string", "System Serial Number", "None"),
					}
					second := m.card(linkCard)
					second.target = c
					second.links[3] = map[string]any{
						"providerLinkId": immyLink, "providerLinkName": linkName(immyLink),
						"externalAgentId":   p.hexits(32),
						"isComputerDeleted": false, "serial": m.serial,
					}
				})
			}},
		{"placeholder-model", "boards name no maker: `System manufacturer`, `System Product Name` (GLPI: Blacklist of makers and models)", func(p *planter) {
			p.times(2, 4, func(int) {
				m := p.machine(p.somewhere())
				_, d, _ := m.all()
				d.model = model{
					maker: pickOne(p, "System manufacturer", "To be filled by O.E.M.", "Default string"),
					name:  pickOne(p, "System Product Name", "To be filled by O.E.M."),
				}
				m.tells("make", m.maker.name)
				m.tells("model", m.model.name)
			})
		}},
		{"multi-node-chassis", "each of several servers in one chassis shows the chassis' serial number",
			func(p *planter) {
				serial := pickOne(p, makers()...).serial(p)
				customer := p.somewhere()
				p.times(3, 4, func(int) {
					m := p.machine(customer)
					m.kind, m.serial, m.wire = WindowsServer, serial, p.mac("ac:1f:6b")
					a, _, _ := m.all()
					a.sees(p.mac("ac:1f:6b"))
				})
			}},
		{"wifi-and-wire", "one product sees the notebook on Wi-Fi, another on wire, and one of them has the old name: the maker's serial number is all that they share",
			func(p *planter) {
				p.times(6, 10, func(n int) {
					m := p.machine(p.somewhere())
					if n%4 == 3 {
						m.kind, m.model, m.serial = Mac, model{
							maker: "Apple Inc.", name: pickOne(p, "Mac14,2", "MacBookPro18,3", "Mac15,6"),
						}, p.either(10)
						m.wire, m.wifi = p.mac(pickOne(p, "f0:18:98", "a4:83:e7", "3c:22:fb")), p.mac(pickOne(p,
							"14:7d:da", "bc:d0:74"))
					}
					m.agent().shows(m.wifi).named(p.name(m.customer))
					m.device()
					if m.kind != Mac && n%2 == 0 {
						m.computer()
					}
				})
			}},
		{"refurbished", "a machine is sold on: its old agent stays decommissioned with the old customer, and the new one enrols it under a new name", func(p *planter) {
			p.times(3, 5, func(n int) {
				m := p.machine(p.somewhere())
				old := p.name(m.customer)
				new := p.elsewhere(m.customer)
				a, d, c := m.all()
				a.named(old).gone().lived(700, 200)
				if n%2 == 0 {
					a.shows(m.wifi)
				}
				d.at(new).lived(100, 0)
				c.at(new).lived(100, 0)
			})
		}},
	}
}
