package graph

import (
	"fmt"
	"slices"
)

// A Property is what is declared of one property: the single source for conversion, views, labels and documentation.
type Property struct {
	Name     string
	Kind     Kind
	Volatile bool   // changes by itself (last seen, online, …): outside _digest, a change of only those is a refresh
	Part     string // the part of what is read of which it comes, for properties that a run may have to leave as they are; "" for others
	Doc      string // one line for the documentation; may be empty where the name says it all
}

// A Type declares an entity type or a relationship type. It is built once, from a [Declaration] or by [NewEntityType]
// and [NewRelationshipType], is shared by pointer and never changed.
type Type struct {
	Name        string     // the value of _type
	Integration string     // the product that it is of, or assetgraph for what the program derives
	Classes     []string   // JupiterOne classes; for a relationship its verb alone
	Source      string     // where it comes from, for the documentation: a route, or "derived"
	Verb        string     // relationships only: HAS, IS, …
	From, To    string     // relationships only: _type of either end
	Properties  []Property // in the order of the documentation; common ones first

	// Transient says that its elements come and go by design, such as alerts: that many of them are gone, or all, is
	// nothing to ask people about. That they were not read whole is.
	Transient bool

	byName    map[string]int
	canonical []int    // indexes of Properties by name: those that are not volatile, then those that are
	steady    int      // how many of canonical are not volatile
	states    []int    // indexes of the volatile properties that are no times, by name
	times     []int    // and of those that are
	labels    []string // parallel to Properties: what stands before the value in what is digested
	mark      uint32   // of the name and the labels, so that encodings of another type are refused
}

// Indexes of the common properties that [Element.Seal] fills.
const (
	nameAt = iota
	displayNameAt
	idAt
)

// commonProperties returns the properties of every entity beside those that begin with an underscore.
func commonProperties() []Property {
	return []Property{
		{Name: "name", Kind: Text, Doc: "the provider's own spelling; the id where it gives none"},
		{Name: "displayName", Kind: Text, Doc: "what to show to people; never empty"},
		{Name: "id", Kind: Text, Doc: "the provider's own id"},
		{Name: "webLink", Kind: Text, Doc: "page of the provider's console, where one is known"},
	}
}

// NewEntityType declares an entity type; the common properties are put before the given ones.
func NewEntityType(name, integration, source string, classes []string, properties ...Property) *Type {
	return DeclareEntity(name, integration, source, classes...).all(properties)
}

// NewRelationshipType declares the relationship type from -verb-> to, named as [DeclareRelationship] says.
func NewRelationshipType(integration, from, verb, to string, properties ...Property) *Type {
	return DeclareRelationship(integration, from, verb, to).all(properties)
}

func (d *Declaration) all(properties []Property) *Type {
	for _, p := range properties {
		d.Add(p)
	}
	return d.typ
}

// IsRelationship reports whether the type is a relationship type.
func (t *Type) IsRelationship() bool { return t.Verb != "" }

// Property returns what is declared of the named property, or nil when the type declares none.
func (t *Type) Property(name string) *Property {
	if i, ok := t.byName[name]; ok {
		return &t.Properties[i]
	}
	return nil
}

// A Schema is the set of all declared types. It is built once and read by any number of goroutines.
type Schema struct {
	types  []*Type
	byName map[string]*Type
}

// NewSchema returns the schema of the given types, entities before relationships, each group in the given
// order. Two types of one name, and a relationship type whose ends are not declared, are errors.
func NewSchema(types ...*Type) (*Schema, error) {
	s := &Schema{byName: make(map[string]*Type, len(types))}
	for _, t := range types {
		if s.byName[t.Name] != nil {
			return nil, fmt.Errorf("graph: type %s is declared twice", t.Name)
		}
		s.byName[t.Name] = t
	}
	for _, t := range types {
		if t.IsRelationship() && (s.byName[t.From] == nil || s.byName[t.To] == nil) {
			return nil, fmt.Errorf("graph: relationship %s: %s or %s is not declared", t.Name, t.From, t.To)
		}
	}
	s.types = slices.Clone(types)
	slices.SortStableFunc(s.types, func(a, b *Type) int {
		switch {
		case a.IsRelationship() == b.IsRelationship():
			return 0
		case a.IsRelationship():
			return 1
		}
		return -1
	})
	return s, nil
}

// Types returns all types, entities first. The caller must not change the slice.
func (s *Schema) Types() []*Type { return s.types }

// Type returns the type of that name, or nil.
func (s *Schema) Type(name string) *Type { return s.byName[name] }
