package converters

import (
	"slices"
	"strings"

	"assetgraph/graph"
)

// An Identity says by what a record of a type is known from one of another account that the same host serves and that
// has the same id.
type Identity struct {
	Type   *graph.Type
	By     []string // properties that no change of a record touches, the most telling first
	Unique bool     // a host gives no id twice
	Shared []string // values, in lower case, that records of every account may have
}

// An Evidence is what two records of one id say of the accounts that they are of.
type Evidence uint8

// The kinds of evidence.
const (
	Nothing Evidence = iota // they may be of one account or of two
	Same                    // they are one record
	Other                   // they are of two accounts
)

// Compare compares two records of one id: the first property that both have decides.
func (i *Identity) Compare(a, b *graph.Element) Evidence {
	for _, name := range i.By {
		x, y := a.Get(name), b.Get(name)
		switch {
		case x.IsAbsent() || y.IsAbsent():
		case !x.Equal(y):
			return Other
		case i.shared(x):
			return Nothing
		default:
			return Same
		}
	}
	if i.Unique {
		return Same
	}
	return Nothing
}

// Tells reports whether the record is one that no other account has.
func (i *Identity) Tells(e *graph.Element) bool {
	return i.Unique || slices.ContainsFunc(i.By, func(name string) bool {
		v := e.Get(name)
		return !v.IsAbsent() && !i.shared(v)
	})
}

func (i *Identity) shared(v graph.Value) bool {
	return slices.Contains(i.Shared, strings.ToLower(strings.TrimSpace(v.Text())))
}
