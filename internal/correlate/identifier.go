package correlate

import "strings"

// hash returns a hash of texts that is the same in every run of the program. It is never 0, which stands for "none".
func hash(texts ...string) uint64 {
	h := uint64(fnvOffset)
	for _, s := range texts {
		h = endText(fnv(h, s))
	}
	return mix(h)
}

// endText closes a text in a hash, so that "a", "bc" is another than "ab", "c".
func endText(h uint64) uint64 { return (h ^ 0xFF) * fnvPrime }

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

// normalSerial returns the letters and digits of a serial number in upper case: products disagree on spaces, dashes and
// case.
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
