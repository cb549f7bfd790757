package correlate

import (
	"net/netip"
	"strings"
	"unicode/utf8"

	"golang.org/x/text/cases"
	"golang.org/x/text/unicode/norm"

	"assetgraph/converters"
	"assetgraph/graph"
)

// netBIOSLength is how many characters of a computer's name Windows keeps for NetBIOS.
const netBIOSLength = 15

// machineName returns the name of a record's system as names are compared, "" for none and for one that nobody has
// given: the first one of the record, or another of its names that goes on where NetBIOS has cut that.
func machineName(e *graph.Element, m *converters.Machine) string {
	name := ""
	for _, f := range m.Names {
		other := normalName(f.Get(e).Text())
		if name == "" || len(other) > len(name) && strings.HasPrefix(other, name) &&
			utf8.RuneCountInString(name) == netBIOSLength {
			name = other
		}
	}
	if junkName(name) || name == e.Get("id").Text() {
		return ""
	}
	return name
}

// normalName returns a name as it is compared: in one spelling of its characters and in one case, without DNS suffix.
// An IP address is no name.
func normalName(s string) string {
	s = strings.TrimSpace(s)
	if isASCII(s) {
		s = strings.ToLower(s)
	} else {
		s = norm.NFKC.String(cases.Fold().String(norm.NFKC.String(s)))
	}
	dot := strings.IndexByte(s, '.')
	if dot < 0 || strings.Contains(s, " ") { // a sentence has dots too
		return s
	}
	if _, err := netip.ParseAddr(s); err == nil {
		return ""
	}
	return s[:dot]
}

func isASCII(s string) bool {
	for i := range len(s) {
		if s[i] >= utf8.RuneSelf {
			return false
		}
	}
	return true
}

// cutName returns what NetBIOS leaves of a name, "" when it leaves it whole and it is shorter than the limit.
func cutName(name string) string {
	if len(name) < netBIOSLength {
		return ""
	}
	n := 0
	for i := range name {
		if n == netBIOSLength {
			return name[:i]
		}
		n++
	}
	if n == netBIOSLength {
		return name
	}
	return ""
}

// junkName reports whether a name, as names are compared, is what systems are called before anybody names them: several
// machines of one customer have it.
func junkName(s string) bool {
	switch s {
	case "localhost", "localhost6", "unknown", "none", "null", "n/a", "iphone", "ipad", "android", "mac", "macbook",
		"macbook-pro", "macbook-air", "macbookpro",
		"macbookair", "imac", "mac-mini", "ubuntu", "debian", "centos", "fedora", "kali", "raspberrypi", "raspberry",
		"default",
		"template", "hostname", "new-host", "archlinux", "linux", "nixos", "alpine":
		return true
	}
	return strings.HasPrefix(s, "minint-") // Windows' setup environment
}

// genericName reports whether a name says what the machine is, and not which one: small customers have one of each, and
// others several.
func genericName(s string) bool {
	switch s {
	case "server", "srv", "pc", "computer", "desktop", "laptop", "notebook", "workstation", "client", "office",
		"reception", "admin", "user",
		"host", "vm", "windows", "test":
		return true
	}
	return false
}
