package correlate

import (
	"maps"
	"slices"
	"strconv"
	"strings"
	"unicode"

	"golang.org/x/text/unicode/norm"
)

// normalCompany returns what is left of a company's name when case, spaces, punctuation, accents and the legal form at its end are taken
// away; "" for what holds no letter or digit.
func normalCompany(name string) string {
	var b strings.Builder
	for _, r := range norm.NFKD.String(strings.ToLower(name)) {
		switch {
		case r == 'ß':
			b.WriteString("ss")
		case unicode.IsLetter(r) || unicode.IsDigit(r):
			b.WriteRune(r)
		case r == '.' || r == '\'' || r == '’' || unicode.Is(unicode.Mn, r): // B.V. is BV, and an accent is no space
		case r == '&' || r == '+':
			b.WriteString(" and ")
		default:
			b.WriteByte(' ')
		}
	}
	words := strings.Fields(b.String())
	for len(words) > 1 && legalForm(words[len(words)-1]) {
		words = words[:len(words)-1]
		if n := len(words); n > 2 && words[n-1] == "and" { // GmbH & Co. KG
			words = words[:n-1]
		}
	}
	return strings.Join(words, "")
}

func legalForm(word string) bool {
	switch word {
	case "gmbh", "mbh", "ggmbh", "ag", "kg", "kgaa", "ohg", "gbr", "ug", "haftungsbeschränkt", "haftungsbeschrankt", "ev", "eg", "se", "co",
		"ltd", "limited", "plc", "llp", "lp", "llc", "inc", "incorporated", "corp", "corporation", "company", "pllc", "pc",
		"bv", "nv", "vof", "bvba", "sprl", "sa", "sas", "sarl", "srl", "spa", "sl", "slu", "lda", "ltda", "eirl",
		"pty", "pte", "pvt", "ab", "as", "asa", "aps", "oy", "oyj", "sro", "doo", "zrt", "kft", "spzoo":
		return true
	}
	return false
}

// parentName returns what stands before " - " or " / " in a name, "" without one: "Acme Ltd - Branch" is a branch of "Acme Ltd".
func parentName(name string) string {
	for _, separator := range [...]string{" - ", " – ", " / "} {
		if before, _, ok := strings.Cut(name, separator); ok {
			return before
		}
	}
	return ""
}

func sortedKeys[V any](m map[string]V) []string { return slices.Sorted(maps.Keys(m)) }

func joinParts(parts []string) string { return strings.Join(parts, "; ") }

func decimal(n int) string { return strconv.Itoa(n) }

// A forest is a union-find structure over 0 … n-1.
type forest []uint32

func newForest(n int) forest {
	f := make(forest, n)
	for i := range f {
		f[i] = uint32(i)
	}
	return f
}

// root returns the smallest member of the set of i.
func (f forest) root(i uint32) uint32 {
	for f[i] != i {
		f[i] = f[f[i]]
		i = f[i]
	}
	return i
}

// union joins two sets and returns the root of the result.
func (f forest) union(a, b uint32) uint32 {
	a, b = f.root(a), f.root(b)
	if a > b {
		a, b = b, a
	}
	f[b] = a
	return a
}
