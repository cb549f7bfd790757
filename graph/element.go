package graph

import (
	"fmt"
	"iter"
)

// An Element is an entity or a relationship with its property values. It belongs to one goroutine at a time.
type Element struct {
	Type     *Type
	Instance string
	Key      Key
	From, To Key // keys of the ends; relationships only

	Digest   Digest // of everything that is not volatile; set by Seal
	Volatile Digest // of the volatile properties; set by Seal

	values  []Value // parallel to Type.Properties
	err     error   // first misuse of Set, returned by Seal
	scratch []byte
}

// NewEntity returns an entity of type t that instance owns, with its id property set.
func NewEntity(t *Type, instance, id string) *Element {
	e := &Element{}
	e.ResetEntity(t, instance, id)
	return e
}

// NewRelationship returns the relationship of type t between two entities, owned by instance. The program makes many
// and reuses memory by ResetRelationship; this is for single ones, as the suite that every store passes has them.
func NewRelationship(t *Type, instance string, from, to Key) *Element {
	e := &Element{}
	e.ResetRelationship(t, instance, from, to)
	return e
}

// ResetEntity turns e into a fresh entity, as [NewEntity] makes it, reusing its memory.
func (e *Element) ResetEntity(t *Type, instance, id string) {
	e.reset(t, instance)
	e.scratch = appendEntityKey(e.scratch[:0], instance, t.Name, id)
	e.Key = Key(e.scratch)
	e.values[idAt] = TextOf(id)
	if prefix := len(instance) + len(t.Name) + 2; len(e.Key) == prefix || len(e.Key)-prefix > MaxKeyID {
		e.fail(fmt.Errorf("id is empty or longer than %d bytes", MaxKeyID))
	}
}

// ResetRelationship turns e into a fresh relationship, as NewRelationship makes it, reusing its memory.
func (e *Element) ResetRelationship(t *Type, instance string, from, to Key) {
	e.reset(t, instance)
	e.From, e.To = from, to
	e.Key = RelationshipKey(from, t.Verb, to)
}

// ResetBetween turns e into the relationship of type t between the entities of t.From and t.To that instance owns and
// that have the given provider ids.
func (e *Element) ResetBetween(t *Type, instance, fromID, toID string) {
	e.reset(t, instance)
	b := appendEntityKey(e.scratch[:0], instance, t.From, fromID)
	from := len(b)
	b = append(append(append(b, '|'), t.Verb...), '|')
	to := len(b)
	b = appendEntityKey(b, instance, t.To, toID)
	e.scratch, e.Key = b, Key(b)
	e.From, e.To = e.Key[:from], e.Key[to:]
}

func (e *Element) reset(t *Type, instance string) {
	values, scratch := e.values[:0], e.scratch
	if cap(values) < len(t.Properties) {
		values = make([]Value, len(t.Properties))
	}
	values = values[:len(t.Properties)]
	clear(values)
	*e = Element{Type: t, Instance: instance, values: values, scratch: scratch}
}

// Set gives the named property a value; an absent value takes it away. A name that the type does not declare, and a
// value of another kind than the declared one, are errors that [Element.Seal] returns. It is for what knows names
// alone, as a store does that reads rows; what fills elements holds a [Field] for each property.
func (e *Element) Set(name string, v Value) {
	i, ok := e.Type.byName[name]
	if !ok {
		e.fail(fmt.Errorf("property %s is not declared", name))
		return
	}
	if want := e.Type.Properties[i].Kind; v.kind != Absent && v.kind != want {
		e.fail(fmt.Errorf("property %s is a %s, declared as %s", name, v.kind, want))
		return
	}
	e.values[i] = v
}

// Get returns the value of the named property; absent when it has none or is not declared.
func (e *Element) Get(name string) Value {
	if i, ok := e.Type.byName[name]; ok {
		return e.values[i]
	}
	return Value{}
}

// Value returns the value of the property at index i of [Type].Properties.
func (e *Element) Value(i int) Value { return e.values[i] }

// Values iterates over the declared properties that have a value, in declared order.
func (e *Element) Values() iter.Seq2[*Property, Value] {
	return func(yield func(*Property, Value) bool) {
		for i := range e.values {
			if e.values[i].kind != Absent && !yield(&e.Type.Properties[i], e.values[i]) {
				return
			}
		}
	}
}

// Scope returns the scope that the element belongs to.
func (e *Element) Scope() Scope { return Scope{Instance: e.Instance, Type: e.Type.Name} }

// Header returns what the differ compares.
func (e *Element) Header() Header {
	return Header{Key: e.Key, Digest: e.Digest, Volatile: e.Volatile, Clock: Clock(e.AppendClock(nil))}
}

// Seal completes the element: an entity's name falls back to its id and its displayName to its name, and both digests
// are computed. It returns the first misuse of [Element.Set] or [Field.Set] or an unusable id, named by type and key. A
// sealed element that is changed must be sealed again.
func (e *Element) Seal() error {
	if e.err != nil {
		return fmt.Errorf("%s %s: %w", e.Type.Name, e.Key, e.err)
	}
	if !e.Type.IsRelationship() {
		if e.values[nameAt].kind == Absent {
			e.values[nameAt] = e.values[idAt]
		}
		if e.values[displayNameAt].kind == Absent {
			e.values[displayNameAt] = e.values[nameAt]
		}
	}
	e.Digest, e.scratch = e.digest(e.scratch[:0], e.Type.canonical[:e.Type.steady])
	e.Volatile, e.scratch = e.digest(e.scratch[:0], e.Type.canonical[e.Type.steady:])
	return nil
}

// Changed returns the indexes of the properties in which e and old, of one type, differ.
func (e *Element) Changed(old *Element) []int {
	var list []int
	for i := range e.values {
		if !e.values[i].Equal(old.values[i]) {
			list = append(list, i)
		}
	}
	return list
}

func (e *Element) fail(err error) {
	if e.err == nil {
		e.err = err
	}
}
