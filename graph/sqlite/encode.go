package sqlite

import (
	"strconv"

	"assetgraph/graph"
)

// Which properties of an element a JSON object holds.
type extent uint8

const (
	present  extent = iota // those that have a value
	declared               // all, absent ones as null, which json_patch takes for removal
	volatile               // volatile ones, absent ones as null
)

// appendProperties appends the element's properties as one JSON object, in declared order: times as text in
// graph.TimeLayout, lists as arrays.
func appendProperties(b []byte, e *graph.Element, which extent) []byte {
	b = append(b, '{')
	first := true
	for i := range e.Type.Properties {
		p, v := &e.Type.Properties[i], e.Value(i)
		if which == present && v.IsAbsent() || which == volatile && !p.Volatile {
			continue
		}
		if !first {
			b = append(b, ',')
		}
		first = false
		b = append(appendText(b, p.Name), ':')
		b = appendValue(b, v)
	}
	return append(b, '}')
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
		b = append(b, '"')
		b = v.Time().AppendFormat(b, graph.TimeLayout)
		return append(b, '"')
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

const hexLower = "0123456789abcdef"

// appendText appends s, which is UTF-8, as a JSON string.
func appendText(b []byte, s string) []byte {
	b = append(b, '"')
	done := 0
	for i := range len(s) {
		c := s[i]
		if c >= ' ' && c != '"' && c != '\\' {
			continue
		}
		b = append(b, s[done:i]...)
		done = i + 1
		if c < ' ' {
			b = append(b, '\\', 'u', '0', '0', hexLower[c>>4], hexLower[c&15])
		} else {
			b = append(b, '\\', c)
		}
	}
	b = append(b, s[done:]...)
	return append(b, '"')
}
