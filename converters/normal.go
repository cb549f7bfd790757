package converters

import (
	"net/mail"
	"net/netip"
	"net/url"
	"regexp"
	"strings"

	"assetgraph/graph"
)

// MACs returns the hardware addresses among the given texts as a set: six bytes, lower case, colons, without
// zeros and broadcast. Each text may hold several, separated by "|", "," or ";".
func MACs(texts ...string) graph.Value {
	var out []string
	for _, s := range split(texts) {
		if mac := MAC(s); mac != "" {
			out = append(out, mac)
		}
	}
	return graph.TextsOf(out...)
}

// MAC returns one hardware address in the model's spelling, "" for what is none.
func MAC(s string) string {
	var b [17]byte
	n := 0
	for i := range len(s) {
		c := s[i]
		switch {
		case c == ':' || c == '-' || c == '.' || c == ' ':
			continue
		case c >= 'A' && c <= 'F':
			c += 'a' - 'A'
		case c >= '0' && c <= '9' || c >= 'a' && c <= 'f':
		default:
			return ""
		}
		if n == len(b) {
			return ""
		}
		if n%3 == 2 {
			b[n] = ':'
			n++
		}
		b[n] = c
		n++
	}
	mac := string(b[:n])
	if n != len(b) || mac == "00:00:00:00:00:00" || mac == "ff:ff:ff:ff:ff:ff" {
		return ""
	}
	return mac
}

// Addresses sorts IP addresses of all kinds into the four lists of the model.
type Addresses struct {
	IPv4, IPv6, Public, Private []string
}

// Add takes addresses as providers write them: several separated by "|", "," or ";", with a zone or a prefix length.
// What is no address, is unspecified, loopback or multicast is left out. Link-local addresses are kept as addresses but are
// neither public nor private.
func (a *Addresses) Add(texts ...string) {
	for _, s := range split(texts) {
		ip, ok := parseIP(s)
		if !ok {
			continue
		}
		text := ip.String()
		if ip.Is4() {
			a.IPv4 = append(a.IPv4, text)
		} else {
			a.IPv6 = append(a.IPv6, text)
		}
		switch {
		case ip.IsLinkLocalUnicast():
		case ip.IsPrivate() || isSharedSpace(ip):
			a.Private = append(a.Private, text)
		default:
			a.Public = append(a.Public, text)
		}
	}
}

// AddPublic takes addresses that the provider saw from outside: they are public and not addresses of an interface.
func (a *Addresses) AddPublic(texts ...string) {
	for _, s := range split(texts) {
		if ip, ok := parseIP(s); ok {
			a.Public = append(a.Public, ip.String())
		}
	}
}

// SetOn sets ipv4Addresses, ipv6Addresses, publicIpAddresses and privateIpAddresses.
func (a *Addresses) SetOn(e *graph.Element) {
	e.Set("ipv4Addresses", graph.TextsOf(a.IPv4...))
	e.Set("ipv6Addresses", graph.TextsOf(a.IPv6...))
	e.Set("publicIpAddresses", graph.TextsOf(a.Public...))
	e.Set("privateIpAddresses", graph.TextsOf(a.Private...))
}

// isSharedSpace reports whether ip is of 100.64.0.0/10, behind carrier-grade NAT (RFC 6598).
func isSharedSpace(ip netip.Addr) bool {
	b := ip.AsSlice()
	return ip.Is4() && b[0] == 100 && b[1]&0xc0 == 64
}

func parseIP(s string) (netip.Addr, bool) {
	s, _, _ = strings.Cut(s, "/")
	ip, err := netip.ParseAddr(strings.TrimSpace(s))
	if err != nil {
		return ip, false
	}
	ip = ip.Unmap().WithZone("")
	return ip, !ip.IsUnspecified() && !ip.IsLoopback() && !ip.IsMulticast()
}

func split(texts []string) []string {
	var out []string
	for _, s := range texts {
		if !strings.ContainsAny(s, "|,;") {
			out = append(out, strings.TrimSpace(s))
			continue
		}
		for _, part := range strings.FieldsFunc(s, func(r rune) bool { return r == '|' || r == ',' || r == ';' }) {
			out = append(out, strings.TrimSpace(part))
		}
	}
	return out
}

var (
	hostLabel = regexp.MustCompile(`^[A-Za-z0-9][A-Za-z0-9-]{0,61}[A-Za-z0-9]$`)
	fqdnForm  = regexp.MustCompile(`^([A-Za-z0-9]([A-Za-z0-9-]{0,61}[A-Za-z0-9])?\.)+[A-Za-z]{2,63}$`)
)

// Hostname returns the first DNS label of a machine's name when it is one of 2 to 63 letters, digits and hyphens; absent else.
// An IP address is no host name.
func Hostname(name string) graph.Value {
	name = strings.TrimSpace(name)
	if _, err := netip.ParseAddr(name); err == nil {
		return graph.Value{}
	}
	label, _, _ := strings.Cut(name, ".")
	if !hostLabel.MatchString(label) {
		return graph.Value{}
	}
	return graph.TextOf(label)
}

// FQDNs returns the fully qualified names among the given ones as a set, in lower case: with a dot, an alphabetic last label,
// and not below .local, .localdomain or .workgroup.
func FQDNs(names ...string) graph.Value {
	var out []string
	for _, name := range names {
		name = strings.ToLower(strings.TrimSuffix(strings.TrimSpace(name), "."))
		if fqdnForm.MatchString(name) && DNSDomain(name) != "" {
			out = append(out, name)
		}
	}
	return graph.TextsOf(out...)
}

// DNSDomain returns domain in lower case when it is a DNS domain: it has a dot and is not below .local, .localdomain or
// .workgroup; "" else (WORKGROUP, unknown, a NetBIOS domain, …).
func DNSDomain(domain string) string {
	domain = strings.ToLower(strings.Trim(strings.TrimSpace(domain), "."))
	dot := strings.LastIndexByte(domain, '.')
	if dot < 1 {
		return ""
	}
	switch domain[dot+1:] {
	case "local", "localdomain", "workgroup", "unknown", "invalid":
		return ""
	}
	return domain
}

// JoinFQDN returns host.domain when both parts allow a fully qualified name, "" else. A host that is qualified already is
// returned as it is.
func JoinFQDN(host, domain string) string {
	if strings.Contains(host, ".") {
		return host
	}
	if d := DNSDomain(domain); d != "" && host != "" {
		return host + "." + d
	}
	return ""
}

// Emails returns the valid e-mail addresses among the given ones as a set, in lower case. Others are dropped.
func Emails(texts ...string) graph.Value {
	var out []string
	for _, s := range texts {
		s = strings.ToLower(strings.TrimSpace(s))
		a, err := mail.ParseAddress(s)
		if err != nil || a.Address != s || a.Name != "" {
			continue
		}
		if _, domain, _ := strings.Cut(s, "@"); fqdnForm.MatchString(domain) && strings.IndexByte(s, '"') < 0 {
			out = append(out, s)
		}
	}
	return graph.TextsOf(out...)
}

// ShortLogin returns the part of a login before "@" or after a backslash, as a set of one.
func ShortLogin(login string) graph.Value {
	if i := strings.LastIndexByte(login, '\\'); i >= 0 {
		login = login[i+1:]
	}
	login, _, _ = strings.Cut(login, "@")
	return graph.TextsOf(login)
}

// OSType returns the model's osType for a provider's words about an operating system: the first of them that says
// something decides; absent when none does.
func OSType(texts ...string) graph.Value {
	for _, s := range texts {
		if t := osType(strings.ToLower(s)); t != "" {
			return graph.TextOf(t)
		}
	}
	return graph.Value{}
}

// osType looks for words in this order: "darwin" holds "win", "ipados" holds "os".
func osType(s string) string {
	for _, w := range [...]struct{ word, osType string }{
		{"darwin", "darwin"}, {"macos", "darwin"}, {"mac os", "darwin"}, {"os x", "darwin"}, {"osx", "darwin"},
		{"ipados", "ios"}, {"iphone", "ios"}, {"ios", "ios"},
		{"android", "android"},
		{"windows", "windows"},
		{"linux", "linux"}, {"ubuntu", "linux"}, {"debian", "linux"}, {"red hat", "linux"}, {"rhel", "linux"}, {"centos", "linux"},
		{"fedora", "linux"}, {"suse", "linux"}, {"rocky", "linux"}, {"alma", "linux"},
	} {
		if strings.Contains(s, w.word) {
			return w.osType
		}
	}
	if strings.TrimSpace(s) == "" {
		return ""
	}
	return "other"
}

// WebLink returns the address of a page of a provider's console: base followed by page, which begins with "/". It is absent
// when base is no absolute URL, and on a loopback host, whose port is another one tomorrow.
func WebLink(base, page string) graph.Value {
	u, err := url.Parse(base)
	if err != nil || u.Host == "" || u.Hostname() == "localhost" {
		return graph.Value{}
	}
	if ip, err := netip.ParseAddr(u.Hostname()); err == nil && ip.IsLoopback() {
		return graph.Value{}
	}
	return graph.TextOf(strings.TrimSuffix(base, "/") + page)
}
