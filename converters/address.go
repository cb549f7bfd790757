package converters

import (
	"iter"
	"net/netip"
	"strings"

	"assetgraph/graph"
)

// Addresses sorts IP addresses of all kinds into the four lists of the model. The zero value holds none.
type Addresses struct{ list []address }

// An address is one with the lists that it belongs to.
type address struct {
	text string
	in   addressList
}

// An addressList is a set of the four lists.
type addressList uint8

const (
	ipv4 addressList = 1 << iota
	ipv6
	public
	private
)

// Reset takes all addresses out again and keeps their room.
func (a *Addresses) Reset() { a.list = a.list[:0] }

// Add takes addresses as providers write them: several separated by "|", "," or ";", with a zone or a prefix length.
// What is no address, is unspecified, loopback or multicast is left out. Link-local addresses are kept as addresses but
// are neither public nor private.
func (a *Addresses) Add(texts ...string) {
	for s := range parts(texts) {
		ip, ok := parseIP(s)
		if !ok {
			continue
		}
		in := ipv6
		if ip.Is4() {
			in = ipv4
		}
		switch {
		case ip.IsLinkLocalUnicast():
		case ip.IsPrivate() || isSharedSpace(ip):
			in |= private
		default:
			in |= public
		}
		a.list = append(a.list, address{text: spelling(ip, s), in: in})
	}
}

// AddPublic takes addresses that the provider saw from outside: they are public and not addresses of an interface.
func (a *Addresses) AddPublic(texts ...string) {
	for s := range parts(texts) {
		if ip, ok := parseIP(s); ok {
			a.list = append(a.list, address{text: spelling(ip, s), in: public})
		}
	}
}

// AddressSets are the four lists of a machine's addresses, as values of ipv4Addresses, ipv6Addresses, publicIpAddresses
// and privateIpAddresses.
type AddressSets struct{ IPv4, IPv6, Public, Private graph.Value }

// Sets returns what was added, sorted into the lists.
func (a *Addresses) Sets() AddressSets {
	room := make([]string, 0, 2*len(a.list)) // no address is in more than two lists
	set := func(l addressList) graph.Value {
		from := len(room)
		for i := range a.list {
			if a.list[i].in&l != 0 {
				room = append(room, a.list[i].text)
			}
		}
		return graph.TextsIn(room[from:len(room):len(room)])
	}
	return AddressSets{IPv4: set(ipv4), IPv6: set(ipv6), Public: set(public), Private: set(private)}
}

// isSharedSpace reports whether ip is of 100.64.0.0/10, behind carrier-grade NAT (RFC 6598).
func isSharedSpace(ip netip.Addr) bool {
	if !ip.Is4() {
		return false
	}
	b := ip.As4()
	return b[0] == 100 && b[1]&0xc0 == 64
}

func parseIP(s string) (netip.Addr, bool) {
	s, _, _ = strings.Cut(s, "/")
	ip, ok := parseAddr(strings.TrimSpace(s))
	if !ok {
		return ip, false
	}
	ip = ip.Unmap().WithZone("")
	return ip, !ip.IsUnspecified() && !ip.IsLoopback() && !ip.IsMulticast()
}

// parseAddr is netip.ParseAddr that makes no error for the names of machines, which stand in many places of addresses.
func parseAddr(s string) (netip.Addr, bool) {
	if !isNumeric(s) && strings.IndexByte(s, ':') < 0 {
		return netip.Addr{}, false
	}
	ip, err := netip.ParseAddr(s)
	return ip, err == nil
}

func isNumeric(s string) bool {
	for i := range len(s) {
		if !isDigit(s[i]) && s[i] != '.' {
			return false
		}
	}
	return s != ""
}

// spelling returns the usual spelling of ip, and s itself where it is that.
func spelling(ip netip.Addr, s string) string {
	var room [64]byte
	b := ip.AppendTo(room[:0])
	if string(b) == s {
		return s
	}
	return string(b)
}

// parts yields the parts of the texts between "|", "," and ";", without white space around them.
func parts(texts []string) iter.Seq[string] {
	return func(yield func(string) bool) {
		for _, s := range texts {
			for more := true; more; {
				var part string
				if part, s, more = cutList(s); part != "" && !yield(part) {
					return
				}
			}
		}
	}
}

// cutList returns what stands before the first separator, and what stands behind it.
func cutList(s string) (part, rest string, more bool) {
	for i := range len(s) {
		if c := s[i]; c == '|' || c == ',' || c == ';' {
			return strings.TrimSpace(s[:i]), s[i+1:], true
		}
	}
	return strings.TrimSpace(s), "", false
}
