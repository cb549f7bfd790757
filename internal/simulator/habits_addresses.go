package simulator

import "fmt"

// addressHabits are about hardware addresses that several machines show.
func addressHabits() []habit {
	return []habit{
		{"hyperv-pool", "Hyper-V makes addresses of 00:15:5d and the last two numbers of its host's IP address: hosts of two customers " +
			"make the same (Microsoft: MAC address pool)",
			func(p *planter) { p.addressOfTwo(hyperVPool, twoCustomers) }},
		{"hyperv-pool-of-branches",
			"two branches of one customer number their networks alike, and so their Hyper-V hosts make the same addresses",
			func(p *planter) { p.addressOfTwo(hyperVPool, oneCustomer) }},
		{"vpn-adapters", "the virtual adapters of AnyConnect, FortiClient, GlobalProtect, Pulse and others have one address on all machines", func(p *planter) {
			p.addressOfTwo(func(p *planter) string {
				return pickOne(p, "00:05:9a:3c:7a:00", "00:05:9a:3c:78:00", "00:09:0f:fe:00:01", "00:09:0f:aa:00:01",
					"02:50:41:00:00:01", "02:05:85:7f:eb:80",
					"02:00:4c:4f:4f:50", "00:ff:"+p.octet()+":"+p.octet()+":"+p.octet()+":"+p.octet(),
					"00:0b:ca:fe:00:01", "20:41:53:59:4e:ff")
			}, anywhere)
		}},
		{"t2-bridge", "every Mac with a T2 or Apple chip shows the bridge to it as ac:de:48:00:11:22",
			func(p *planter) {
				p.times(1, 1, func(int) {
					customer := p.somewhere()
					for n := range 2 {
						m := p.machine(customer)
						m.kind, m.model, m.serial = Mac, model{
							maker: "Apple Inc.", name: "MacBookPro16,1",
						}, p.either(10)
						m.wire = p.mac("f0:18:98")
						if n == 0 {
							m.agent().serials("").shows("ac:de:48:00:11:22")
						} else {
							m.device().sees("ac:de:48:00:11:22")
						}
					}
				})
			}},
		{"dongles-of-one-address", "cheap USB adapters are made with one address for the whole batch",
			func(p *planter) {
				p.addressOfTwo(func(p *planter) string {
					return pickOne(p, "00:e0:4c:36:"+p.octet()+":01", "00:e0:4c:53:44:58", "00:13:3b:99:92:b1",
						"00:0e:c6:89:7a:"+p.octet())
				}, anywhere)
			}},
		{"adapter-passed-round", "a technician sets up one notebook after another over one USB adapter",
			func(p *planter) {
				p.addressOfTwo(func(p *planter) string {
					return p.mac(pickOne(p, "00:0e:c6", "00:50:b6", "00:24:9b", "8c:ae:4c", "00:05:1b", "00:0a:cd",
						"a0:ce:c8", "9c:eb:e8"))
				}, anywhere)
			}},
		{"boards-of-one-address", "boards come with an address that nobody has set (OCS Inventory NG: blacklist_macaddresses)", func(p *planter) {
			p.addressOfTwo(func(p *planter) string {
				return pickOne(p, "00:11:22:33:44:55", "88:88:88:88:87:88", "12:34:56:78:9a:bc", "00:01:02:7d:9b:1c",
					"00:08:a1:46:06:35", "00:0f:ea:9a:e2:f0",
					"00:10:5a:72:71:f3", "00:11:11:85:08:8b", "10:11:11:11:11:11", "00:01:02:03:04:05")
			}, anywhere)
		}},
		{"box-of-one-address", "guests of one image have the image's address: Vagrant boxes on VirtualBox, QEMU's default, Xen", func(p *planter) {
			p.addressOfTwo(func(p *planter) string {
				return pickOne(p, "08:00:27:8d:c0:4d", "08:00:27:"+p.octet()+":"+p.octet()+":"+p.octet(),
					"52:54:00:12:34:56", "00:16:3e:00:00:01")
			}, twoCustomers)
		}},
		{"moving-dock", "a dock's address is with the notebook that stands in it today", func(p *planter) {
			p.times(3, 5, func(int) {
				customer := p.somewhere()
				dock := p.mac(pickOne(p, "c8:f7:50", "3c:18:a0", "48:2a:e3"))
				one, other := p.machine(customer), p.machine(customer)
				one.agent().shows(one.wifi, dock).serials("")
				one.device().shows(one.wifi)
				one.computer()
				other.agent().shows(other.wifi).serials("")
				other.device().shows(other.wifi, dock)
				other.computer()
			})
		}},
		{"many-virtual-addresses",
			"a host of containers shows an address for each of them, locally administered, and most of them before its " +
				"own in any order (Docker: 02:42)", func(p *planter) {
				p.times(2, 4, func(int) {
					m := p.machine(p.somewhere())
					m.kind, m.wire = LinuxServer, p.mac(pickOne(p, "f4:03:43", "d0:50:99", "e4:43:4b"))
					macs := []string{m.wire}
					for n := range 60 {
						macs = append(macs,
							fmt.Sprintf("02:42:%s:%02x:%02x:%02x", p.octet(), n, p.r.IntN(256), p.r.IntN(256)))
					}
					m.agent().serials("").shows(macs...).named(p.name(m.customer))
					m.device()
				})
			}},
		{"host-only-networks", "workstations with VMware, VirtualBox or Hyper-V show the host's side of their networks, which is the same on all", func(p *planter) {
			p.times(2, 3, func(int) {
				customer := p.somewhere()
				for range 3 {
					m := p.machine(customer)
					a, d, _ := m.all()
					a.sees("00:50:56:c0:00:01", "00:50:56:c0:00:08", "0a:00:27:00:00:0f").serials("")
					d.sees("00:50:56:c0:00:08", "00:50:56:c0:00:01")
				}
			})
		}},
		{"random-wifi", "Windows and macOS make up a Wi-Fi address for each network", func(p *planter) {
			p.times(2, 4, func(int) {
				m := p.machine(p.somewhere())
				a, d, _ := m.all()
				a.shows("da:" + p.octet() + ":" + p.octet() + ":12:34:56")
				d.shows("6e:" + p.octet() + ":" + p.octet() + ":65:43:21")
			})
		}},
		{"cluster-address", "the nodes of a load-balanced cluster show the cluster's address (Microsoft NLB: 02:bf)",
			func(p *planter) {
				customer := p.somewhere()
				shared := "02:bf:" + p.octet() + ":" + p.octet() + ":" + p.octet() + ":" + p.octet()
				p.times(2, 3, func(int) {
					m := p.machine(customer)
					m.kind = WindowsServer
					a, d, _ := m.all()
					a.sees(shared).serials("")
					d.sees(shared)
				})
			}},
	}
}

func (p *planter) octet() string { return p.hexits(2) }

// hyperVPool draws an address out of the pool of a host with a usual IP address.
func hyperVPool(p *planter) string {
	return fmt.Sprintf("00:15:5d:%02x:%02x:%02x", pickOne(p, 0, 1, 2, 10), pickOne(p, 10, 11, 20, 100), p.r.IntN(16))
}

// Where two machines that show one address are.
const (
	oneCustomer = iota
	twoCustomers
	anywhere
)

// addressOfTwo plants pairs of machines that have nothing in common but an address: one in SentinelOne, which shows
// nothing else of it, and one in NinjaRMM.
func (p *planter) addressOfTwo(draw func(*planter) string, where int) {
	p.times(4, 7, func(n int) {
		mac := draw(p)
		one, other := p.machine(p.somewhere()), p.machine(0)
		other.customer = one.customer
		if where == twoCustomers || where == anywhere && n%2 == 0 {
			other.customer = p.elsewhere(one.customer)
		}
		if mac[:8] == "00:15:5d" || mac[:8] == "08:00:27" || mac[:8] == "00:16:3e" {
			one.kind, other.kind = WindowsVM, WindowsVM
			one.model, other.model = hyperV().model, hyperV().model
			other.serial = hyperV().serial(p)
			other.wire = ""
		}
		one.agent().serials("").shows(mac)
		other.device().sees(mac)
		if n%3 == 1 {
			one.computer().serials("")
		}
	})
}
