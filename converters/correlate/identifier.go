package correlate

import (
	"strconv"
	"strings"

	"assetgraph/graph"
)

// hash returns a hash of texts that is the same in every run of the program. It is never 0, which stands for "none".
func hash(texts ...string) uint64 {
	const offset, prime = 14695981039346656037, 1099511628211 // FNV-1a
	h := uint64(offset)
	for _, s := range texts {
		for i := range len(s) {
			h = (h ^ uint64(s[i])) * prime
		}
		h = (h ^ 0xFF) * prime
	}
	return mix(h)
}

// mix spreads the bits of h (the finalizer of SplitMix64), so that tables may use the low ones.
func mix(h uint64) uint64 {
	h = (h ^ h>>30) * 0xBF58476D1CE4E5B9
	h = (h ^ h>>27) * 0x94D049BB133111EB
	return max(h^h>>31, 1)
}

// normalSerial returns the letters and digits of a serial number in upper case: products disagree on spaces, dashes and case.
func normalSerial(s string) string {
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
	n, err := strconv.ParseUint(strings.ReplaceAll(s, ":", ""), 16, 64)
	if err != nil || n>>48 != 0 {
		return 0
	}
	return n
}

// macText is the opposite of macNumber, with the given separator.
func macText(n uint64, separator string) string {
	const digits = "0123456789abcdef"
	var b strings.Builder
	for shift := 40; shift >= 0; shift -= 8 {
		b.WriteByte(digits[n>>(shift+4)&15])
		b.WriteByte(digits[n>>shift&15])
		if shift > 0 {
			b.WriteString(separator)
		}
	}
	return b.String()
}

// netBIOSLength is how many characters of a computer's name Windows keeps for NetBIOS.
const netBIOSLength = 15

// machineName returns the host name of a record in lower case, without DNS suffix; "" for none and for one that nobody has given.
func machineName(e *graph.Element) string {
	name := e.Get("hostname").Text()
	if name == "" {
		name = e.Get("name").Text()
	}
	name, _, _ = strings.Cut(strings.ToLower(strings.TrimSpace(name)), ".")
	if junkName(name) || name == e.Get("id").Text() || strings.Trim(name, "0123456789") == "" {
		return ""
	}
	return name
}

// cutName returns what NetBIOS leaves of a name, "" when it leaves it whole and it is shorter than the limit.
func cutName(name string) string {
	if len(name) < netBIOSLength {
		return ""
	}
	return name[:netBIOSLength]
}
