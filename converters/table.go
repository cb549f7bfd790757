package converters

import (
	"time"

	"assetgraph/graph"
)

// A Table declares an entity type, one row for each property: its name, a line of documentation, and where the value comes
// from in R. R is the collector's record, or a struct around it that holds what several members of the record tell
// together. A row gives the handle to its property, for whatever else reads it. Rows stand in the order of the
// documentation, and all of them before the first [Table.Fill].
type Table[R any] struct {
	Type *graph.Type

	declaration *graph.Declaration
	volatile    bool
	rows        *[]row[R]
}

// A row says where the value of a property comes from.
type row[R any] struct {
	field graph.Field
	value func(r *R) graph.Value
}

// Declare begins the table of an entity type, which has the properties of all entities: name, displayName, id and webLink.
func Declare[R any](name, integration, source string, classes ...string) *Table[R] {
	d := graph.DeclareEntity(name, integration, source, classes...)
	return &Table[R]{Type: d.Type(), declaration: d, rows: &[]row[R]{}}
}

// Volatile returns the table as the place for rows whose property changes by itself (see [graph.Property]).
func (t *Table[R]) Volatile() *Table[R] {
	v := *t
	v.volatile = true
	return &v
}

// Name says what the entity is called; one without a name is called by its id.
func (t *Table[R]) Name(value func(r *R) string) { t.common("name", textIn(value)) }

// WebLink says which page of the provider's console shows the entity.
func (t *Table[R]) WebLink(value func(r *R) graph.Value) { t.common("webLink", value) }

// Text declares a property that holds text, as [graph.TextOf] makes it.
func (t *Table[R]) Text(name, doc string, value func(r *R) string) graph.Field {
	return t.add(name, graph.Text, doc, textIn(value))
}

// Int declares a property that holds a number, where one is given.
func (t *Table[R]) Int(name, doc string, value func(r *R) (n int64, given bool)) graph.Field {
	return t.add(name, graph.Int, doc, func(r *R) graph.Value {
		if n, given := value(r); given {
			return graph.IntOf(n)
		}
		return graph.Value{}
	})
}

// Bool declares a property that is true or false, where it is given.
func (t *Table[R]) Bool(name, doc string, value func(r *R) (b, given bool)) graph.Field {
	return t.add(name, graph.Bool, doc, func(r *R) graph.Value {
		if b, given := value(r); given {
			return graph.BoolOf(b)
		}
		return graph.Value{}
	})
}

// Time declares a property that holds an instant; the zero time is none.
func (t *Table[R]) Time(name, doc string, value func(r *R) time.Time) graph.Field {
	return t.add(name, graph.Time, doc, func(r *R) graph.Value { return graph.TimeOf(value(r)) })
}

// Texts declares a property that holds a set of texts, as [graph.TextsOf] and functions such as [MACs] and [Emails] make it.
func (t *Table[R]) Texts(name, doc string, value func(r *R) graph.Value) graph.Field {
	return t.add(name, graph.Texts, doc, value)
}

// Fill adds to the fragment the entity that r is, with the value of each row.
func (t *Table[R]) Fill(f *Fragment, id string, r *R) *graph.Element {
	e := f.Entity(t.Type, id)
	for _, row := range *t.rows {
		row.field.Set(e, row.value(r))
	}
	return e
}

func (t *Table[R]) add(name string, kind graph.Kind, doc string, value func(r *R) graph.Value) graph.Field {
	f := t.declaration.Add(graph.Property{Name: name, Kind: kind, Volatile: t.volatile, Doc: doc})
	*t.rows = append(*t.rows, row[R]{field: f, value: value})
	return f
}

func (t *Table[R]) common(name string, value func(r *R) graph.Value) {
	*t.rows = append(*t.rows, row[R]{field: t.Type.Field(name), value: value})
}

func textIn[R any](value func(r *R) string) func(r *R) graph.Value {
	return func(r *R) graph.Value { return graph.TextOf(value(r)) }
}
