package converters

import (
	"slices"
	"strings"

	"assetgraph/graph"
)

// CustomerOf returns the customer that an entity of a type and instance says it belongs to: by name, or by the key of
// an entity of its product that has JupiterOne's class Organization. value returns a property as text, "" for none.
func CustomerOf(
	s *graph.Schema, t *graph.Type, instance string, value func(property string) string,
) (name string, key graph.Key) {
	for i := range t.Properties {
		p := &t.Properties[i]
		prefix, isID := strings.CutSuffix(p.Name, "Id")
		if p.Name != "organization" && !isID {
			continue
		}
		text := value(p.Name)
		switch {
		case text == "":
		case !isID:
			return text, ""
		default:
			if c := s.Type(t.Integration + "_" + prefix); IsCustomer(c) {
				return "", graph.EntityKey(instance, c.Name, text)
			}
		}
	}
	return "", ""
}

// IsCustomer reports whether entities of a type, which may be nil, are customers.
func IsCustomer(t *graph.Type) bool {
	return t != nil && !t.IsRelationship() && slices.Contains(t.Classes, "Organization")
}
