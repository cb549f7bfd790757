package simulator

// virtualHabits are about virtual machines, which are copied.
func virtualHabits() []habit {
	return []habit{
		{"clone-without-origin-in-rmm",
			"a clone keeps its origin's serial number; the origin is not in the RMM, and the clone in nothing else " +
				"(VMware: a copied machine keeps uuid.bios)",
			func(p *planter) {
				p.times(3, 6, func(int) {
					origin := p.virtual(p.somewhere(), vmware())
					clone := p.virtual(origin.customer, vmware())
					clone.serial = origin.serial
					origin.agent()
					origin.computer()
					clone.device()
				})
			}},
		{"clones", "a template is copied without a new identity: all copies have its serial number and its agent's uuid", func(p *planter) {
			p.times(1, 2, func(int) {
				origin := p.virtual(p.somewhere(), pickOne(p, vmware(), xen(), nutanix()))
				a, _, _ := origin.all()
				p.times(3, 6, func(int) {
					clone := p.virtual(origin.customer, vmware())
					clone.serial, clone.model = origin.serial, origin.model
					copied, _, _ := clone.all()
					copied.uuid = a.uuid
				})
			})
		}},
		{"virtual-desktop", "a non-persistent desktop registers a new agent at each logon, and the old ones stay decommissioned (SentinelOne: VDI)", func(p *planter) {
			m := p.virtual(p.somewhere(), pickOne(p, vmware(), nutanix()))
			p.times(56, 60, func(n int) { m.agent().lived(80-n, 79-n).gone() })
			m.all()
		}},
		{"virtual-desktop-unpruned", "the same where nobody decommissions: all agents look alive, and none was seen after the next one came", func(p *planter) {
			m := p.virtual(p.somewhere(), pickOne(p, vmware(), nutanix()))
			p.times(20, 30, func(n int) { m.agent().lived(80-2*n, 79-2*n) })
			m.all()
		}},
		{"guest-seen-twice", "the hypervisor shows the guest under the name that its administrator gave it",
			func(p *planter) {
				p.times(3, 5, func(n int) {
					on := pickOne(p, vmware(), xen(), nutanix(), parallels())
					m := p.virtual(p.somewhere(), on)
					m.all()
					if n%2 == 0 {
						m.guest().named(m.name + " (prod)")
					} else {
						m.guest()
					}
				})
			}},
		{"hyperv-guest", "one customer's Hyper-V guest, seen by its agents and by its host: the address is out of the host's pool and yet right", func(p *planter) {
			p.times(3, 5, func(n int) {
				m := p.virtual(p.somewhere(), hyperV())
				m.all()
				m.guest()
			})
		}},
		{"cloud-instance", "a cloud's instance has a name of its own there, a serial number made of its id, and a locally administered address", func(p *planter) {
			p.times(2, 4, func(int) {
				m := p.virtual(p.somewhere(), xen())
				m.model, m.serial = model{maker: "Amazon EC2", name: "t3.medium"}, "ec2"+dashed(p.hexits(32))[3:]
				m.wire = "0a:" + p.octet() + ":" + p.octet() + ":" + p.octet() + ":" + p.octet() + ":" + p.octet()
				m.name = "EC2AMAZ-" + p.either(7)
				m.all()
			})
		}},
	}
}
