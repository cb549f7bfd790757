package correlate

import (
	"strings"

	"assetgraph/converters"
)

// hardware is what a machine is made of, as far as it decides what a serial number is worth.
type hardware uint8

const (
	unknownHardware hardware = iota
	virtualHardware          // copied with all that it shows
	namedHardware            // of a maker that gives each machine a serial number of its own
	makersSerial             // the same, and the record shows such a number
)

// hardwareOf says what a make and a model stand for.
func hardwareOf(make, model string) hardware {
	make, model = strings.ToLower(make), strings.ToLower(model)
	if isVirtual(make) || isVirtual(model) {
		return virtualHardware
	}
	if isNamedMaker(make) {
		return namedHardware
	}
	return unknownHardware
}

// isVirtual reports whether a make or a model, in lower case, is a hypervisor's or a cloud's.
func isVirtual(s string) bool {
	for _, word := range [...]string{
		"virtual", "vmware", "innotek", "qemu", "kvm", "hvm domu", "parallels", "nutanix", "bochs", "bhyve",
		"standard pc (",
		"amazon ec2", "google compute engine", "openstack", "cloudstack", "ovirt", "rhev", "digitalocean",
		"alibaba cloud", "scaleway", "vultr",
		"proxmox",
	} {
		if strings.Contains(s, word) {
			return true
		}
	}
	return s == "xen" || s == "red hat" || s == "google" || s == "ahv" || s == "hetzner" || strings.HasPrefix(s, "xen ")
}

// isNamedMaker reports whether a maker, in lower case, writes a serial number of its own into each of its machines.
// Makers of boards are not among them, whose numbers assemblers write or nobody, nor makers of chassis that several
// servers share.
func isNamedMaker(make string) bool {
	first, _, _ := strings.Cut(make, " ")
	switch strings.TrimRight(first, ",.") {
	case "dell", "hp", "hpe", "hewlett-packard", "hewlett", "lenovo", "apple", "microsoft", "fujitsu", "panasonic",
		"toshiba", "dynabook", "acer", "asus",
		"asustek", "samsung", "lg", "getac", "ibm", "huawei", "sony", "vaio", "cisco", "nec", "framework", "razer",
		"gateway", "packard":
		return true
	}
	return false
}

// isMakersSerial reports whether a serial number looks like one that a maker gives, and not like what people write:
// letters and digits without anything between, and no words: some are digits, or none is a vowel.
func isMakersSerial(s string) bool {
	const shortest, longest = 5, 24
	digits, vowels := 0, 0
	for i := range len(s) {
		switch c := s[i]; {
		case c >= '0' && c <= '9':
			digits++
		case c >= 'a' && c <= 'z', c >= 'A' && c <= 'Z':
			vowels += count1(strings.IndexByte("aeiouAEIOU", c) >= 0)
		default:
			return false
		}
	}
	return len(s) >= shortest && len(s) <= longest && (digits > 0 || vowels == 0)
}

// isVirtualSerial reports whether a normalised serial number is one that a hypervisor makes up.
func isVirtualSerial(s string) bool {
	const uuid, hyperV = 32, 26
	switch {
	case strings.HasPrefix(s, "VMWARE"), strings.HasPrefix(s, "PARALLELS"), strings.HasPrefix(s, "GOOGLECLOUD"):
		return true
	case len(s) == uuid: // Xen, KVM, Nutanix and the clouds show the machine's UUID
		return consistsOf(s, "0123456789ABCDEF")
	case len(s) == hyperV: // seven groups of four digits, the last one of two
		return consistsOf(s, "0123456789")
	}
	return false
}

func consistsOf(s, letters string) bool { return strings.Trim(s, letters) == "" }

// mostModels bounds what is kept of makes and models; fleets have some hundred.
const mostModels = 10_000

// hardwareOf says what a make and a model stand for; it asks once for each.
func (c *Correlator) hardwareOf(make, model string) hardware {
	if make == "" && model == "" {
		return unknownHardware
	}
	if h, known := c.models[[2]string{make, model}]; known {
		return h
	}
	h := hardwareOf(make, model)
	if len(c.models) < mostModels {
		c.models[[2]string{strings.Clone(make), strings.Clone(model)}] = h
	}
	return h
}

// trustedSerial returns the normalised serial number, "" for none and for a placeholder.
func (c *Correlator) trustedSerial(s string) string {
	const shortest = 5 // shorter ones are counters and words
	n := normalSerial(s)
	if n == "" || c.isJunk(n) || c.uses(ruleJunkSerials) && (len(n) < shortest || converters.IsPlaceholderSerial(s)) {
		return ""
	}
	return n
}
