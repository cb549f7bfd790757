package graph

import (
	"fmt"
	"hash"
	"hash/fnv"
	"slices"
	"strings"
)

// A Declaration is a [Type] to which properties are still added. The type is whole after each of them, and no element
// may be made of it before the last.
type Declaration struct {
	typ  *Type
	mark hash.Hash32
}

// DeclareEntity begins the declaration of an entity type, which has the common properties from the start.
func DeclareEntity(name, integration, source string, classes ...string) *Declaration {
	d := declare(&Type{Name: name, Integration: integration, Source: source, Classes: classes})
	for _, p := range commonProperties() {
		d.Add(p)
	}
	return d
}

// DeclareRelationship begins the declaration of the relationship type from -verb-> to. Its name is
// <from>_<verb in lower case>_<to without the prefix that both share, the provider's>.
func DeclareRelationship(integration, from, verb, to string) *Declaration {
	short := to
	if provider, _, found := strings.Cut(from, "_"); found {
		short = strings.TrimPrefix(to, provider+"_")
	}
	return declare(&Type{
		Name:        from + "_" + strings.ToLower(verb) + "_" + short,
		Integration: integration, Source: "derived from both ends", Classes: []string{verb},
		Verb: verb, From: from, To: to,
	})
}

func declare(t *Type) *Declaration {
	t.byName = map[string]int{}
	d := &Declaration{typ: t, mark: fnv.New32a()}
	d.mark.Write([]byte(t.Name))
	t.mark = d.mark.Sum32()
	return d
}

// Transient declares that elements of the type come and go by design.
func (d *Declaration) Transient() *Declaration {
	d.typ.Transient = true
	return d
}

// Add declares the next property and returns the handle to it. It panics when the type has a property of that name:
// declarations are made when the program starts.
func (d *Declaration) Add(p Property) Field {
	t, i := d.typ, len(d.typ.Properties)
	if _, twice := t.byName[p.Name]; twice {
		panic(fmt.Sprintf("graph: type %s declares property %s twice", t.Name, p.Name))
	}
	t.byName[p.Name] = i
	t.Properties = append(t.Properties, p)
	label := append(appendText(nil, p.Name), byte(p.Kind))
	t.labels = append(t.labels, string(label))
	d.mark.Write(label)
	t.mark = d.mark.Sum32()
	at, _ := slices.BinarySearchFunc(t.canonical, p, func(other int, p Property) int {
		return canonicalOrder(t.Properties[other], p)
	})
	t.canonical = slices.Insert(t.canonical, at, i)
	if !p.Volatile {
		t.steady++
	}
	t.states, t.times = nil, nil
	for _, i := range t.canonical[t.steady:] {
		if t.Properties[i].Kind == Time {
			t.times = append(t.times, i)
		} else {
			t.states = append(t.states, i)
		}
	}
	return Field{typ: t, index: i}
}

// canonicalOrder puts properties that are not volatile first, then those by name.
func canonicalOrder(a, b Property) int {
	switch {
	case a.Volatile == b.Volatile:
		return strings.Compare(a.Name, b.Name)
	case b.Volatile:
		return -1
	}
	return 1
}

// Type returns the declared type.
func (d *Declaration) Type() *Type { return d.typ }
