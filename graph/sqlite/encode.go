package sqlite

import (
	"strconv"

	"github.com/go-json-experiment/json/jsontext"

	"assetgraph/graph"
)

// Which of the properties of an element that have a value are meant.
type extent uint8

const (
	all      extent = iota
	volatile        // volatile ones
)

// A jsonWriter writes elements of one type. It knows the names as JSON writes them, with the colon.
type jsonWriter []string

func newJSONWriter(t *graph.Type) jsonWriter {
	w := make(jsonWriter, len(t.Properties))
	for i, p := range t.Properties {
		w[i] = string(append(appendText(nil, p.Name), ':'))
	}
	return w
}

// appendProperties appends the element's properties as one JSON object, in declared order: times as text in
// graph.TimeLayout, lists as arrays.
func (w jsonWriter) appendProperties(b []byte, e *graph.Element, which extent) []byte {
	return append(w.appendMembers(append(b, '{'), e, which), '}')
}

// appendMembers appends what stands between the braces, after what stands there already.
func (w jsonWriter) appendMembers(b []byte, e *graph.Element, which extent) []byte {
	for i, name := range w {
		v := e.Value(i)
		if v.IsAbsent() || which == volatile && !e.Type.Properties[i].Volatile {
			continue
		}
		b = appendValue(append(separated(b), name...), v)
	}
	return b
}

// separated appends what stands before the next member of the object that b ends with.
func separated(b []byte) []byte {
	if b[len(b)-1] == '{' { // no member ends with it
		return b
	}
	return append(b, ',')
}

func appendValue(b []byte, v graph.Value) []byte {
	switch v.Kind() {
	case graph.Text:
		return appendText(b, v.Text())
	case graph.Int:
		return strconv.AppendInt(b, v.Int(), 10)
	case graph.Bool:
		return strconv.AppendBool(b, v.Bool())
	case graph.Time:
		return append(v.Time().AppendFormat(append(b, '"'), graph.TimeLayout), '"')
	case graph.Texts:
		return appendTexts(b, v.List())
	case graph.Absent:
	}
	return append(b, "null"...)
}

func appendTexts(b []byte, list []string) []byte {
	b = append(b, '[')
	for i, s := range list {
		if i > 0 {
			b = append(b, ',')
		}
		b = appendText(b, s)
	}
	return append(b, ']')
}

// appendText appends s, which is UTF-8, as a JSON string.
func appendText(b []byte, s string) []byte {
	b, _ = jsontext.AppendQuote(b, s) // its error is about what is not UTF-8, which it has replaced
	return b
}
