package correlate

import (
	"maps"
	"slices"
	"strconv"
	"strings"
	"unicode"

	"golang.org/x/text/unicode/norm"
)

// A companyName is a company's name as products agree on it.
type companyName struct {
	base string // without case, spaces, punctuation, accents and the legal form at the end; "" for what holds no letter or digit
	form string // the legal form, each word in one spelling: " ltd pty "; "" for none
}

// normalCompany takes a company's name apart.
func normalCompany(name string) companyName {
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
	var forms []string
	for len(words) > 1 && legalForm(words[len(words)-1]) != "" {
		forms = append(forms, legalForm(words[len(words)-1]))
		words = words[:len(words)-1]
		if n := len(words); n > 2 && words[n-1] == "and" { // GmbH & Co. KG
			words = words[:n-1]
		}
	}
	out := companyName{base: strings.Join(words, "")}
	if len(forms) > 0 {
		slices.Sort(forms)
		out.form = " " + strings.Join(slices.Compact(forms), " ") + " "
	}
	return out
}

// fits reports whether two names may be one company's: a legal form that is missing contradicts none, and "Pty Ltd" is
// a kind of "Ltd".
func (n companyName) fits(other companyName) bool {
	within := func(a, b string) bool {
		for word := range strings.FieldsSeq(a) {
			if !strings.Contains(b, " "+word+" ") {
				return false
			}
		}
		return true
	}
	return n.base == other.base && (within(n.form, other.form) || within(other.form, n.form))
}

// legalForm returns the one spelling of a legal form, "" for what is none.
func legalForm(word string) string {
	switch word {
	case "limited":
		return "ltd"
	case "incorporated":
		return "inc"
	case "corporation":
		return "corp"
	case "company":
		return "co"
	case "haftungsbeschränkt", "haftungsbeschrankt": // UG (haftungsbeschränkt)
		return "ug"
	case "gmbh", "mbh", "ggmbh", "ag", "kg", "kgaa", "ohg", "gbr", "ug", "ev", "eg", "se", "co",
		"ltd", "plc", "llp", "lp", "llc", "inc", "corp", "pllc", "pc",
		"bv", "nv", "vof", "bvba", "sprl", "sa", "sas", "sarl", "srl", "spa", "sl", "slu", "lda", "ltda", "eirl",
		"pty", "pte", "pvt", "ab", "as", "asa", "aps", "oy", "oyj", "sro", "doo", "zrt", "kft", "spzoo":
		return word
	}
	return ""
}

// saysNothing reports whether a customer's name is one that products give by themselves, so that it tells no customer
// from another.
func saysNothing(base string) bool {
	switch base {
	case "", "default", "defaultsite", "defaulttenant", "defaultorganization", "defaultorganisation", "defaultcustomer",
		"defaultclient",
		"internalinfrastructure", "unassigned", "unassignedmachines", "none", "unknown", "test", "tests", "testing",
		"new", "newsite", "site", "site1":
		return true
	}
	return false
}

// parentName returns what stands before " - " or " / " in a name, "" without one: "Acme Ltd - Branch" is a branch of
// "Acme Ltd".
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
//
// It takes 4 bytes a member, where a partition, which lists its sets, takes 33: 9 MB more for the records of 100,000
// machines (BenchmarkTables).
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
