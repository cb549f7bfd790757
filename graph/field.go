package graph

import (
	"errors"
	"fmt"
)

// A Field is a handle to one property of one type: what reads or writes a property of many elements holds a Field
// instead of the property's name, so that a name that no type declares is noticed when the program starts. The zero
// Field stands for a property that does not exist: it reads as absent.
type Field struct {
	typ   *Type
	index int
}

// Field returns the handle to the named property. It panics when the type declares no such property: handles are made
// once, where types are declared.
func (t *Type) Field(name string) Field {
	i, ok := t.byName[name]
	if !ok {
		panic(fmt.Sprintf("graph: type %s declares no property %s", t.Name, name))
	}
	return Field{typ: t, index: i}
}

// IsZero reports whether f stands for no property.
func (f Field) IsZero() bool { return f.typ == nil }

// Property returns the declaration, nil for the zero Field.
func (f Field) Property() *Property {
	if f.typ == nil {
		return nil
	}
	return &f.typ.Properties[f.index]
}

// of reports whether e is of the type of f, as it was declared at whichever time: a declaration that is made twice is
// equal.
func (f Field) of(e *Element) bool {
	return f.typ != nil && (e.Type == f.typ || e.Type.mark == f.typ.mark && e.Type.Name == f.typ.Name)
}

// Get returns the value that e has of the property; absent for the zero Field. An element of another type is a mistake
// of the caller and reads as absent.
func (f Field) Get(e *Element) Value {
	if !f.of(e) {
		return Value{}
	}
	return e.values[f.index]
}

// Set gives the property a value; an absent value takes it away. A value of another kind than the declared one, and an
// element of another type, are errors that [Element.Seal] returns.
func (f Field) Set(e *Element, v Value) {
	switch {
	case !f.of(e):
		e.fail(errors.New("a property of another type is set"))
	case v.kind != Absent && v.kind != f.typ.Properties[f.index].Kind:
		e.fail(fmt.Errorf("property %s is a %s, declared as %s", f.Property().Name, v.kind, f.Property().Kind))
	default:
		e.values[f.index] = v
	}
}

// Index returns where the property stands in the type's Properties; -1 for the zero Field.
func (f Field) Index() int {
	if f.typ == nil {
		return -1
	}
	return f.index
}
