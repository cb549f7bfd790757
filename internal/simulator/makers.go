package simulator

import (
	"fmt"
	"strings"
)

// A maker of hardware: what its machines are called, how it writes serial numbers, and whose network adapters it builds
// in.
type maker struct {
	name   string
	models []string
	wired  []string
	serial func(p *planter) string
}

// makers are those that give each machine a serial number of its own, in the spelling that firmware shows.
func makers() []maker {
	return []maker{
		{"Dell Inc.", []string{"Latitude 5440", "Latitude 7330", "OptiPlex 7010", "Precision 3660", "XPS 15 9520"},
			[]string{"d4:be:d9", "f8:b1:56", "18:66:da", "b0:7b:25", "c0:25:a5"}, func(p *planter) string {
				return p.either(6) + pickOne(p,
					"1", "2", "3", "4")
			}},
		{"HP", []string{
			"HP EliteBook 840 14 inch G10 Notebook PC", "HP ProDesk 600 G6", "HP ZBook Firefly 14 G8",
			"HP EliteDesk 800 G5",
		},
			[]string{"9c:b6:54", "ec:8e:b5", "40:b0:34", "80:e8:2c", "5c:60:ba"}, func(p *planter) string {
				return pickOne(p, "5CG", "5CD", "CZC", "MXL", "8CG") + p.digits(4) + p.either(3)
			}},
		{"LENOVO", []string{"21HDCTO1WW", "20XWCTO1WW", "11T8S00A00", "20W0003AGE"},
			[]string{"54:ee:75", "8c:16:45", "e8:6a:64", "88:a4:c2", "9c:2d:cd"}, func(p *planter) string {
				return pickOne(p, "PF", "MJ", "PC",
					"R9", "PW") + p.either(6)
			}},
		{"Microsoft Corporation", []string{"Surface Laptop 5", "Surface Pro 9", "Surface Laptop Studio"},
			[]string{"28:16:a8", "c4:9d:ed", "bc:83:85"}, func(p *planter) string { return "0" + p.digits(11) }},
		{"FUJITSU", []string{"LIFEBOOK U7412", "ESPRIMO D7010", "CELSIUS H7510"},
			[]string{"90:1b:0e", "4c:52:62", "2c:d4:44"}, func(p *planter) string {
				return pickOne(p, "YM", "DS",
					"MA") + p.letter(2) + p.digits(6)
			}},
		{"Acer", []string{"TravelMate P214", "Veriton X4680G", "Aspire A515-57"},
			[]string{"f0:76:1c", "98:29:a6", "c8:5b:76"}, func(p *planter) string {
				return pickOne(p, "NX", "DT") + strings.ToUpper(p.either(5)) + p.digits(5) +
					strings.ToUpper(p.hexits(5)) + p.digits(5)
			}},
		{"ASUSTeK COMPUTER INC.", []string{"ExpertBook B1400", "ASUS EXPERTCENTER D500", "Zenbook UX3402"},
			[]string{"04:d9:f5", "2c:fd:a1", "a8:5e:45"}, func(p *planter) string {
				return p.letter(1) + p.digits(1) + "N0" + p.letter(2) + p.digits(6) + p.either(3)
			}},
		{"Panasonic Corporation", []string{"CF-33-2", "FZ-55-2", "CF-20-1"},
			[]string{"70:58:12", "8c:c1:21"},
			func(p *planter) string { return p.digits(1) + p.letter(2) + "TA" + p.digits(5) }},
		{"Dynabook Inc.", []string{"TECRA A50-J", "PORTEGE X40-K"},
			[]string{"b8:6b:23", "00:8c:fa"},
			func(p *planter) string { return pickOne(p, "X", "Y", "Z") + p.digits(1) + p.digits(6) + "H" }},
	}
}

// wireless are the makers of built-in Wi-Fi adapters.
func wireless() []string {
	return []string{"a4:4c:c8", "7c:b2:7d", "34:02:86", "98:af:65", "d8:f8:83", "f4:46:37", "84:1b:77", "e4:5e:37"}
}

// A hypervisor, or a cloud, makes up the hardware of its guests.
type hypervisor struct {
	model  model
	ouis   []string
	serial func(p *planter) string
}

func vmware() hypervisor {
	return hypervisor{model{"VMware, Inc.", "VMware7,1", ""}, []string{"00:50:56", "00:0c:29"},
		func(p *planter) string {
			return "VMware-" + pickOne(p, "42", "56") + " " + p.octets(7) + "-" + p.octets(8)
		}}
}

func hyperV() hypervisor {
	return hypervisor{model{"Microsoft Corporation", "Virtual Machine", ""}, []string{"00:15:5d"},
		func(p *planter) string {
			return fmt.Sprintf("%s-%s-%s-%s-%s-%s-%s", p.digits(4), p.digits(4), p.digits(4), p.digits(4), p.digits(4),
				p.digits(4), p.digits(2))
		}}
}

func xen() hypervisor {
	return hypervisor{
		model{"Xen", "HVM domU", ""}, []string{"00:16:3e"}, func(p *planter) string { return dashed(p.hexits(32)) },
	}
}

func nutanix() hypervisor {
	return hypervisor{
		model{"Nutanix", "AHV", ""}, []string{"50:6b:8d"}, func(p *planter) string { return dashed(p.hexits(32)) },
	}
}

func parallels() hypervisor {
	return hypervisor{model{"Parallels International GmbH.", "Parallels Virtual Platform", ""}, []string{"00:1c:42"},
		func(p *planter) string {
			return "Parallels-" + strings.ToUpper(p.octets(16))
		}}
}

// octets writes so many pairs of hexadecimal digits.
func (p *planter) octets(n int) string {
	pairs := make([]string, n)
	for i := range pairs {
		pairs[i] = p.hexits(2)
	}
	return strings.Join(pairs, " ")
}

// placeholders are what stands where nobody has written a serial number, from the lists that inventory tools keep of
// them (OCS Inventory NG: blacklist_serials; GLPI: Blacklist) and from what makers' firmware shows.
func placeholders() []string {
	return []string{
		"To be filled by O.E.M.", "To Be Filled By O.E.M. by More String", "Default string", "System Serial Number",
		"Chassis Serial Number",
		"Serial Number", "Base Board Serial Number",
		"0123456789", "01234567890123456789", "0123456789ABCDEF", "123456789", "1234567890", "123456789000",
		"12345678901234567",
		"SYS-1234567890", "SYS-9876543210", "MB-1234567890", "SN-12345", "SN-1234567890", "SN-123456fvgv3i0b8o5n6n7k",
		"Serial Number xxxxxx",
		"None", "N/A", "n/a", "(null string)", "INVALID", "xxxxxxx", "xxxxxxxxxxx", "NNNNNNN", "empty",
		"Not Specified", "Not Applicable", "Not Available", "Not Present",
		"0", "00000000", "0000000000000000", "1111111111", "EVAL", "IATPASS", "Tulip Computers", "Unknow", "Unknown",
		"OEM", "O.E.M.",
		"OEM_SERIAL", "TBD", "$(DEFAULT_STRING)",
		"VMware-00 00 00 00 00 00 00 00-00 00 00 00 00 00 00 00",
		"Parallels-00 00 00 00 00 00 00 00 00 00 00 00 00 00 00 00",
		"Type1 - Serial Number", "BIOS Serial Number", "PSN", "Undefined", "Not Set", "No Enclosure", "Fill By OEM",
		"ABC123456789",
		"1234-5678-9012-3456",
	}
}
