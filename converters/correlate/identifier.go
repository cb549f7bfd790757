package correlate

import (
	"strings"

	"assetgraph/converters"
	"assetgraph/graph"
)

// hash returns a hash of texts that is the same in every run of the program. It is never 0, which stands for "none".
func hash(texts ...string) uint64 {
	h := uint64(fnvOffset)
	for _, s := range texts {
		h = (fnv(h, s) ^ 0xFF) * fnvPrime
	}
	return mix(h)
}

// Of FNV-1a.
const fnvOffset, fnvPrime = 14695981039346656037, 1099511628211

func fnv(h uint64, s string) uint64 {
	for i := range len(s) {
		h = (h ^ uint64(s[i])) * fnvPrime
	}
	return h
}

// mix spreads the bits of h (the finalizer of SplitMix64), so that tables may use the low ones.
func mix(h uint64) uint64 {
	h = (h ^ h>>30) * 0xBF58476D1CE4E5B9
	h = (h ^ h>>27) * 0x94D049BB133111EB
	return max(h^h>>31, 1)
}

// normalSerial returns the letters and digits of a serial number in upper case: products disagree on spaces, dashes and case.
func normalSerial(s string) string {
	if isNormalSerial(s) {
		return s
	}
	return strings.Map(func(r rune) rune {
		switch {
		case r >= 'a' && r <= 'z':
			return r - 'a' + 'A'
		case r >= 'A' && r <= 'Z', r >= '0' && r <= '9':
			return r
		}
		return -1
	}, s)
}

func isNormalSerial(s string) bool {
	for i := range len(s) {
		if c := s[i]; (c < 'A' || c > 'Z') && (c < '0' || c > '9') {
			return false
		}
	}
	return true
}

// trustedSerial returns the normalised serial number, "" for none and for a placeholder.
func (c *Correlator) trustedSerial(s string) string {
	n := normalSerial(s)
	if n == "" || c.isJunk(n) || c.uses(ruleJunkSerials) && junkSerial(n) {
		return ""
	}
	return n
}

// macNumber returns an address as the model writes it as a number; 0 for what is none.
func macNumber(s string) uint64 {
	const most = 12
	n, digits := uint64(0), 0
	for i := range len(s) {
		c := s[i]
		switch {
		case c == ':':
			continue
		case c >= '0' && c <= '9':
			c -= '0'
		case c >= 'a' && c <= 'f':
			c -= 'a' - 10
		default:
			return 0
		}
		n = n<<4 | uint64(c)
		if digits++; digits > most {
			return 0
		}
	}
	return n
}

// macText is the opposite of macNumber, with the given separator.
func macText(n uint64, separator string) string {
	const digits = "0123456789abcdef"
	var room [17]byte
	b := room[:0]
	for shift := 40; shift >= 0; shift -= 8 {
		b = append(b, digits[n>>(shift+4)&15], digits[n>>shift&15])
		if shift > 0 {
			b = append(b, separator...)
		}
	}
	return string(b)
}

// netBIOSLength is how many characters of a computer's name Windows keeps for NetBIOS.
const netBIOSLength = 15

// machineName returns the host name of a record in lower case, without DNS suffix; "" for none and for one that nobody has given.
func machineName(e *graph.Element, m *converters.Machine) string {
	name := ""
	for _, f := range m.Names {
		if name = f.Get(e).Text(); name != "" {
			break
		}
	}
	name, _, _ = strings.Cut(strings.ToLower(strings.TrimSpace(name)), ".")
	if junkName(name) || name == e.Get("id").Text() || isNumber(name) {
		return ""
	}
	return name
}

func isNumber(s string) bool {
	for i := range len(s) {
		if s[i] < '0' || s[i] > '9' {
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
	return name[:netBIOSLength]
}
