package converters

import (
	"time"

	"assetgraph/graph"
)

// A Table declares an entity type, one row for each property: its name, a line of documentation, and where the value
// comes from in R. R is the collector's record, or a struct around it that holds what several members of the record
// tell together. A row gives the handle to its property, for whatever else reads it. Rows stand in the order of the
// documentation, and all of them before the first [Table.Fill].
type Table[R any] struct {
	Type *graph.Type

	declaration *graph.Declaration
	volatile    bool
	part        string
	rows        *[]row[R]
}

// A row says where the value of a property comes from: one of the functions is set, for most properties text.
type row[R any] struct {
	field graph.Field
	text  func(r *R) string
	value func(r *R) graph.Value
}

// Declare begins the table of an entity type, which has the properties of all entities: name, displayName, id and
// webLink.
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

// Part returns the table as the place for rows whose property comes from a part (see [collectors.Part]) that may have
// failed where the record itself was read: then its property stays as the graph has it.
func (t *Table[R]) Part(name string) *Table[R] {
	p := *t
	p.part = name
	return &p
}

// Transient declares that entities of the type come and go by design.
func (t *Table[R]) Transient() *Table[R] {
	t.declaration.Transient()
	return t
}

// Name says what the entity is called; one without a name is called by its id.
func (t *Table[R]) Name(value func(r *R) string) { t.put(t.Type.Field("name"), row[R]{text: value}) }

// WebLink says which page of the provider's console shows the entity.
func (t *Table[R]) WebLink(value func(r *R) graph.Value) {
	t.put(t.Type.Field("webLink"), row[R]{value: value})
}

// Text declares a property that holds text, as [graph.TextOf] makes it.
func (t *Table[R]) Text(name, doc string, value func(r *R) string) graph.Field {
	return t.add(name, graph.Text, doc, row[R]{text: value})
}

// Int declares a property that holds a number, where one is given.
func (t *Table[R]) Int(name, doc string, value func(r *R) (n int64, given bool)) graph.Field {
	return t.add(name, graph.Int, doc, row[R]{value: func(r *R) graph.Value {
		if n, given := value(r); given {
			return graph.IntOf(n)
		}
		return graph.Value{}
	}})
}

// Bool declares a property that is true or false, where it is given.
func (t *Table[R]) Bool(name, doc string, value func(r *R) (b, given bool)) graph.Field {
	return t.add(name, graph.Bool, doc, row[R]{value: func(r *R) graph.Value {
		if b, given := value(r); given {
			return graph.BoolOf(b)
		}
		return graph.Value{}
	}})
}

// Time declares a property that holds an instant; the zero time is none.
func (t *Table[R]) Time(name, doc string, value func(r *R) time.Time) graph.Field {
	return t.add(name, graph.Time, doc, row[R]{value: func(r *R) graph.Value { return graph.TimeOf(value(r)) }})
}

// Texts declares a property that holds a set of texts, as [graph.TextsOf] and functions such as [MACs] and [Emails]
// make it.
func (t *Table[R]) Texts(name, doc string, value func(r *R) graph.Value) graph.Field {
	return t.add(name, graph.Texts, doc, row[R]{value: value})
}

// Fill adds to the fragment the entity that r is, with the value of each row.
func (t *Table[R]) Fill(f *Fragment, id string, r *R) *graph.Element {
	e := f.Entity(t.Type, id)
	for i := range *t.rows {
		row := &(*t.rows)[i]
		if row.text == nil {
			if v := row.value(r); !v.IsAbsent() {
				row.field.Set(e, v)
			}
		} else if s := row.text(r); s != "" {
			row.field.Set(e, graph.TextOf(s))
		}
	}
	return e
}

func (t *Table[R]) add(name string, kind graph.Kind, doc string, from row[R]) graph.Field {
	f := t.declaration.Add(graph.Property{Name: name, Kind: kind, Volatile: t.volatile, Part: t.part, Doc: doc})
	t.put(f, from)
	return f
}

func (t *Table[R]) put(f graph.Field, from row[R]) {
	from.field = f
	*t.rows = append(*t.rows, from)
}
