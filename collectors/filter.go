package collectors

import (
	"fmt"
	"maps"
	"slices"
	"strings"
)

// A Filter narrows what is read of an account to some of its customers: a Choice of each list by which people choose,
// such as "sites". Where there are several a customer must be in all of them. The zero Filter narrows nothing.
type Filter map[string]Choice

// A Choice is some of the customers of one list.
type Choice struct {
	Setting string   `json:"-"`     // what people set, for messages
	Names   []string `json:"names"` // ids or exact names, as people write them; at least one
}

// Covers reports whether all that the other filter reads is read with this one too, as far as the names tell.
func (f Filter) Covers(other Filter) bool {
	for list, choice := range f {
		narrow, ok := other[list]
		if !ok || slices.ContainsFunc(narrow.Names, func(name string) bool { return !choice.has(name) }) {
			return false
		}
	}
	return true
}

// With returns a filter that reads what this one and the other read, and may be more.
func (f Filter) With(other Filter) Filter {
	wide := make(Filter)
	for list, choice := range f {
		if more, ok := other[list]; ok {
			choice.Names = slices.Concat(choice.Names, more.Names)
			slices.Sort(choice.Names)
			choice.Names = slices.Compact(choice.Names)
			wide[list] = choice
		}
	}
	return wide
}

// Overlaps reports whether both filters read a customer in common, as far as the names tell: one that narrows nothing
// has all of them in common with any other, and choices of different lists have none.
func (f Filter) Overlaps(other Filter) bool {
	if len(f) == 0 || len(other) == 0 {
		return true
	}
	common := false
	for list, choice := range f {
		if more, ok := other[list]; ok {
			if !slices.ContainsFunc(more.Names, choice.has) {
				return false
			}
			common = true
		}
	}
	return common
}

func (c Choice) has(name string) bool { return slices.Contains(c.Names, name) }

// A Customer is one record of a list by which people choose.
type Customer struct{ ID, Name string }

// mostUnfit is how many names that fit nothing are told.
const mostUnfit = 5

// Among returns the ids of the customers that are chosen. The error, an *IncompleteError, tells the names that fit none
// of the list, and those that fit several, which choose nothing: the ids beside it are of all others. noun is what one
// customer is called.
func (c Choice) Among(noun string, list []Customer) (map[string]bool, error) {
	fits := make(map[string]map[string]bool) // ids by what people may write
	for _, one := range list {
		for _, text := range []string{one.ID, strings.TrimSpace(one.Name)} {
			if fits[text] == nil {
				fits[text] = make(map[string]bool)
			}
			fits[text][one.ID] = true
		}
	}
	chosen := make(map[string]bool)
	var unfit []string
	for _, name := range c.Names {
		switch ids := slices.Sorted(maps.Keys(fits[name])); len(ids) {
		case 1:
			chosen[ids[0]] = true
		case 0:
			unfit = append(unfit, fmt.Sprintf("there is no %s %q%s", noun, cut(name), suggestion(name, list)))
		default:
			unfit = append(unfit, fmt.Sprintf("%q fits %d of them; write an id (%s)", cut(name), len(ids),
				strings.Join(ids[:min(len(ids), mostUnfit)], ", ")))
		}
	}
	if len(unfit) == 0 {
		return chosen, nil
	}
	if more := len(unfit) - mostUnfit; more > 0 {
		unfit = append(unfit[:mostUnfit], fmt.Sprintf("and %d more", more))
	}
	return chosen, &IncompleteError{Reason: c.Setting + ": " + strings.Join(unfit, "; ")}
}

// suggestion names the customer that may have been meant: one that is written with other capitals, or with a comma, at
// which a name without quotation marks ends. "" where none is.
func suggestion(name string, list []Customer) string {
	for _, one := range list {
		known := strings.TrimSpace(one.Name)
		if strings.EqualFold(known, name) || strings.HasPrefix(known, name+",") {
			return fmt.Sprintf("; did you mean %q?", cut(known))
		}
	}
	return ""
}
