package simulator

import (
	"cmp"
	"fmt"
	"strconv"
	"strings"
)

// hostname is the machine's current name.
func (f *fleet) hostname(i int) string {
	s := &f.states[i]
	if c := f.cards[i]; c != nil {
		return c.name
	}
	name := f.firstName(i, s)
	if s.renames > 0 {
		name = fmt.Sprintf("%s-R%d", name, s.renames)
	}
	return name
}

// firstName is the name that the machine was given when it was new.
func (f *fleet) firstName(i int, s *state) string {
	c := &f.customers[s.customer]
	switch {
	case s.traits.Has(GenericName):
		return f.words.servers[s.ordinal%genericNames]
	case s.traits.Has(LongName):
		return fmt.Sprintf("%s-%s-%04d", c.code, f.words.long[i%len(f.words.long)], s.ordinal)
	case s.kind == Mac:
		return fmt.Sprintf("%s-MacBook-%d",
			f.words.ascii.Replace(f.words.first[f.pick(i, topicHuman, len(f.words.first))]), s.ordinal)
	case s.kind == LinuxServer || s.kind == LinuxVM:
		return fmt.Sprintf("app%02d", s.ordinal)
	case s.kind == Desktop && f.pick(i, topicName, 5) == 0:
		return fmt.Sprintf("DESKTOP-%07X", f.roll(i, topicName)>>36)
	default:
		return fmt.Sprintf("%s-%s-%04d", c.code, s.kind.label(), s.ordinal)
	}
}

// label is the part of a name that tells the sort of machine.
func (k MachineKind) label() string {
	switch k {
	case Laptop:
		return "LT"
	case Desktop:
		return "WS"
	case WindowsServer, WindowsVM:
		return "SRV"
	case Hypervisor:
		return "HV"
	case Mobile:
		return "MOB"
	case NetworkDevice:
		return "NET"
	default:
		return "X"
	}
}

// nameInEDR is the name that SentinelOne shows: with the domain on Linux and macOS.
func (f *fleet) nameInEDR(slot int) string {
	i := slot / agentSlots
	s := &f.states[i]
	name := f.hostname(i)
	switch {
	case s.traits.Has(RenamedInEDR) || slot%agentSlots == 0 && i%3 == 0:
		name = fmt.Sprintf("DESKTOP-%07X", f.roll(i, topicUUID)>>36)
	case s.kind == Mac:
		name += ".local"
	case s.kind == LinuxServer || s.kind == LinuxVM:
		name += f.customers[s.customer].suffix()
	}
	return name
}

// serial is the machine's serial number as BIOS and products show it, a placeholder included.
func (f *fleet) serial(i int) string {
	if c := f.cards[i]; c != nil {
		return c.serial
	}
	if f.states[i].traits.Has(JunkSerial) {
		return f.words.junk[f.pick(i, topicJunk, len(f.words.junk))]
	}
	return f.boardSerial(i)
}

// boardSerial is the serial number proper.
func (f *fleet) boardSerial(i int) string {
	if c := f.cards[i]; c != nil {
		return cmp.Or(c.bios, c.serial)
	}
	s := &f.states[i]
	origin := int(s.origin)
	draw := f.roll(origin, topicSerial)
	if !s.kind.Virtual() {
		return f.model(i).prefix + strings.ToUpper(base36(2176782336+draw%76187381760)) + fmt.Sprint(origin%10)
	}
	if f.hyperV(i) {
		return fmt.Sprintf("%04d-%04d-%04d-%04d-%04d-%04d-%02d", draw%10000, draw>>14%10000, draw>>28%10000,
			draw>>42%10000,
			mix(draw)%10000, mix(draw)>>20%10000, draw>>50%100)
	}
	b := fmt.Sprintf("%016x%016x", draw, mix(draw))
	pairs := make([]string, 16)
	for n := range pairs {
		pairs[n] = b[2*n : 2*n+2]
	}
	return "VMware-" + strings.Join(pairs[:8], " ") + "-" + strings.Join(pairs[8:], " ")
}

// base36 writes n with digits and lower-case letters.
func base36(n uint64) string {
	const digits = "0123456789abcdefghijklmnopqrstuvwxyz"
	var b [13]byte
	at := len(b)
	for {
		at--
		b[at] = digits[n%36]
		if n /= 36; n == 0 {
			return string(b[at:])
		}
	}
}

// hyperV reports whether the virtual machine runs on Hyper-V instead of VMware.
func (f *fleet) hyperV(i int) bool { return f.states[i].customer%3 == 1 }

// model is the machine's make.
func (f *fleet) model(i int) model {
	if c := f.cards[i]; c != nil {
		return c.model
	}
	switch k := f.states[i].kind; {
	case k.Virtual() && f.hyperV(i):
		return model{"Microsoft Corporation", "Virtual Machine", ""}
	case k.Virtual():
		return model{"VMware, Inc.", "VMware7,1", ""}
	case k == Mac:
		return model{"Apple Inc.", "Mac14,2", "C02"}
	case k == Mobile:
		return model{"Apple", "iPhone 15", "F2L"}
	case k == Desktop:
		return f.words.models[3]
	case k == Hypervisor:
		return model{"HPE", "ProLiant DL380 Gen10", "SGH"}
	case k.Server():
		return model{"HPE", "ProLiant DL360 Gen11", "CZ2"}
	default:
		return f.words.models[[...]int{0, 1, 2, 4}[f.pick(i, topicModel, 4)]]
	}
}

// An address is 48 bits of MAC.
type address uint64

// mac is the machine's own hardware address.
func (f *fleet) mac(i int) address {
	low := f.roll(i, topicMAC) & 0xffffff
	switch {
	case f.states[i].kind.Virtual() && f.hyperV(i):
		return address(0x00155D<<24 | low)
	case f.states[i].kind.Virtual():
		return address(0x005056<<24 | low)
	default:
		return address(0x3C5282<<24 | low)
	}
}

// dockMAC is the address of one of the customer's three docks.
func (f *fleet) dockMAC(i int) address {
	c := int(f.states[i].customer)
	return address(0x00E04C<<24 | f.roll(c*3+i%3, topicMAC)&0xffffff)
}

// gatewayMAC is the address of the customer's router.
func (f *fleet) gatewayMAC(i int) address {
	return address(0x001A2B<<24 | f.roll(int(f.states[i].customer), topicAddress)&0xffffff)
}

// text writes the address with the given separator, in lower case.
func (a address) text(separator string) string { return a.spell("0123456789abcdef", separator) }

// upper writes the address with colons in upper case.
func (a address) upper() string { return a.spell("0123456789ABCDEF", ":") }

func (a address) spell(digits, separator string) string {
	b := make([]byte, 0, 17)
	for shift := 40; shift >= 0; shift -= 8 {
		if len(b) > 0 {
			b = append(b, separator...)
		}
		b = append(b, digits[a>>(shift+4)&15], digits[a>>shift&15])
	}
	return string(b)
}

// privateIP is the machine's address in the customer's network.
func (f *fleet) privateIP(i int) string {
	s := &f.states[i]
	return dotted(10, uint64(s.customer%256), uint64(s.ordinal/250%256), uint64(s.ordinal%250+2))
}

// gatewayIP is the router of the machine's network.
func (f *fleet) gatewayIP(i int) string {
	s := &f.states[i]
	return dotted(10, uint64(s.customer%256), uint64(s.ordinal/250%256), 1)
}

// dotted writes an IPv4 address.
func dotted(a, b, c, d uint64) string {
	text := strconv.AppendUint(make([]byte, 0, 15), a, 10)
	for _, part := range [...]uint64{b, c, d} {
		text = strconv.AppendUint(append(text, '.'), part, 10)
	}
	return string(text)
}

// publicIP is the address from which the customer's office reaches the Internet: the same for all its machines.
func (f *fleet) publicIP(i int) string {
	c := uint64(f.states[i].customer)
	if c%2 == 0 {
		return dotted(198, 51, 100, c/2%250+1)
	}
	return dotted(203, 0, 113, c/2%250+1)
}

// linkLocal is the machine's fe80 address.
func (f *fleet) linkLocal(i int) string {
	a := uint64(f.mac(i))
	b := append(make([]byte, 0, 32), "fe80::"...)
	b = strconv.AppendUint(b, a>>32^0x200, 16)
	b = append(b, ':')
	b = strconv.AppendUint(b, a>>24&0xff<<8|0xff, 16)
	b = append(b, ":fe"...)
	b = append(b, hex(a>>16&0xff, 2)...)
	b = append(b, ':')
	return string(strconv.AppendUint(b, a&0xffff, 16))
}

// A system is an operating system as the three products spell it.
type system struct {
	edr, revision, edrType     string // SentinelOne: osName, osRevision, osType
	rmm, build, release, maker string // NinjaRMM: os.name, buildNumber, releaseId, manufacturer
	deployment                 string // ImmyBot: operatingSystem
}

// system is what the machine runs; each edit of the machine is an upgrade.
func (f *fleet) system(i int) system {
	s := &f.states[i]
	edit := int(s.edits)
	switch {
	case s.kind == WindowsServer || s.kind == WindowsVM:
		year, release, build := "2022", "21H2", fmt.Sprint(20348+edit)
		if f.oldServer(i) {
			year, release, build = "2016", "1607", fmt.Sprint(14393+edit)
		}
		return system{"Windows Server " + year + " Standard", build, "windows",
			"Windows Server " + year + " Standard Edition", build, release,
			"Microsoft Corporation", "Microsoft Windows Server " + year + " Standard" + edition(edit)}
	case s.kind == Mac:
		release := fmt.Sprintf("15.%d", 1+edit)
		return system{"macOS", release + " (24B83)", "macos", "macOS Sequoia", release, release, "Apple", ""}
	case s.kind == LinuxServer || s.kind == LinuxVM:
		kernel := fmt.Sprintf("5.15.0-%d-generic", 91+edit)
		return system{
			"Linux", "Ubuntu 22.04.3 LTS " + kernel, "linux", "Ubuntu 22.04.3 LTS", kernel, "22.04", "Canonical", "",
		}
	case f.pick(i, topicOS, 4) == 0:
		build := fmt.Sprint(19045 + edit)
		return system{"Windows 10 Pro", build, "windows", "Windows 10 Professional Edition", build, "22H2",
			"Microsoft Corporation", "Microsoft Windows 10 Pro" + edition(edit)}
	default:
		release, build := "24H2", fmt.Sprint(26100+edit)
		if f.newClient(i) {
			release, build = "25H2", fmt.Sprint(26200+edit)
		}
		return system{"Windows 11 Pro", build, "windows", "Windows 11 Professional Edition", build, release,
			"Microsoft Corporation", "Microsoft Windows 11 Pro" + edition(edit)}
	}
}

func (f *fleet) oldServer(i int) bool { return i%5 == 2 }
func (f *fleet) newClient(i int) bool { return i%3 == 1 }

// edition makes an edit visible where no build is shown.
func edition(edit int) string {
	if edit%2 == 1 {
		return " for Workstations"
	}
	return ""
}

// memory is in MiB.
// memory is in mebibytes.
func (f *fleet) memory(i int) int64 { return 4096 << f.pick(i, topicHardware, 5) }
func (f *fleet) cores(i int) int    { return 2 << f.pick(i, topicHardware, 4) }

// user is who was logged on last, as DOMAIN\name; "" for nobody.
func (f *fleet) user(i int) (domain, name string) {
	s := &f.states[i]
	switch {
	case s.kind.Server():
		return f.customers[s.customer].code, "svc-admin"
	case s.person == none:
		return "", ""
	case s.users%2 == 1, s.seen > s.born && i%4 == 0:
		return f.customers[s.customer].code, "visitor"
	default:
		return f.customers[s.customer].code, f.person(int(s.person)).login
	}
}
