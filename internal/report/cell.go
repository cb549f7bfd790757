package report

import (
	"encoding/json"
	"time"
)

// The stores differ in how an answer holds a value: SQLite has booleans as numbers, times as text and lists as JSON text.

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
