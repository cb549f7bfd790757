package report

import (
	"encoding/json"
	"time"

	"assetgraph/graph"
)

// The stores differ in how an answer holds a value: SQLite has booleans as numbers, times as text and lists as JSON
// text.

func textOf(v any) string {
	s, _ := v.(string)
	return s
}

func truthOf(v any) bool {
	switch v := v.(type) {
	case bool:
		return v
	case int64:
		return v != 0
	}
	return false
}

// timeOf returns the zero time for what is none.
func timeOf(v any) time.Time {
	switch v := v.(type) {
	case time.Time:
		return v.UTC()
	case string:
		if t, err := time.Parse(time.RFC3339, v); err == nil {
			return t.UTC()
		}
	}
	return time.Time{}
}

// valueOf returns what an answer holds of a property of that kind, absent for what is none.
func valueOf(k graph.Kind, v any) graph.Value {
	if v == nil {
		return graph.Value{}
	}
	switch k {
	case graph.Text:
		return graph.TextOf(textOf(v))
	case graph.Bool:
		return graph.BoolOf(truthOf(v))
	case graph.Int:
		n, _ := v.(int64)
		return graph.IntOf(n)
	case graph.Time:
		return graph.TimeOf(timeOf(v))
	case graph.Texts:
		return graph.TextsOf(listOf(v)...)
	case graph.Absent:
	}
	return graph.Value{}
}

func listOf(v any) []string {
	switch v := v.(type) {
	case []any:
		list := make([]string, 0, len(v))
		for _, item := range v {
			list = append(list, textOf(item))
		}
		return list
	case string:
		var list []string
		if json.Unmarshal([]byte(v), &list) == nil {
			return list
		}
	}
	return nil
}

// textsOf returns the texts of a value, one or many: the first of them is empty for none.
func textsOf(v any) []string {
	if list := listOf(v); list != nil {
		return list
	}
	if s := textOf(v); s != "" {
		return []string{s}
	}
	return nil
}
