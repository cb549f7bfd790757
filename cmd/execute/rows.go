package main

import (
	"bufio"
	"bytes"
	"encoding/json"
	"fmt"
	"io"
	"slices"
	"strconv"
	"time"

	"assetgraph/graph"
	"assetgraph/internal/report"
)

// cellText returns a value of an answer as text: nothing for null, times by graph.TimeLayout, lists and maps as JSON.
func cellText(v any) string {
	switch v := v.(type) {
	case nil:
		return ""
	case string:
		return v
	case bool:
		return strconv.FormatBool(v)
	case int64:
		return strconv.FormatInt(v, 10)
	case float64:
		return strconv.FormatFloat(v, 'g', -1, 64)
	case time.Time:
		return v.UTC().Format(graph.TimeLayout)
	}
	return string(cellJSON(v))
}

// cellJSON returns a value of an answer as JSON. Numbers that JSON does not have (NaN, infinities) become text.
func cellJSON(v any) []byte {
	var b bytes.Buffer
	e := json.NewEncoder(&b)
	e.SetEscapeHTML(false)
	if err := e.Encode(report.JSONValue(v)); err != nil {
		return strconv.AppendQuote(nil, fmt.Sprint(v))
	}
	return bytes.TrimRight(b.Bytes(), "\n")
}

// jsonRows prints an answer as an array of objects whose members come in the order of the columns.
type jsonRows struct {
	w     *bufio.Writer
	names [][]byte
	count int
}

func newJSONRows(w io.Writer, columns []string) *jsonRows {
	j := &jsonRows{w: bufio.NewWriter(w)}
	for _, name := range distinct(columns) {
		j.names = append(j.names, cellJSON(name))
	}
	return j
}

// distinct gives columns of one name numbers, because a JSON object must not have a member twice.
func distinct(columns []string) []string {
	out := slices.Clone(columns)
	seen := map[string]bool{}
	for i, name := range out {
		for n := 2; seen[out[i]]; n++ {
			out[i] = fmt.Sprintf("%s_%d", name, n)
		}
		seen[out[i]] = true
	}
	return out
}

func (j *jsonRows) row(values []any) error {
	separator := ",\n{"
	if j.count == 0 {
		separator = "[\n{"
	}
	j.count++
	b := []byte(separator)
	for i, v := range values {
		if i > 0 {
			b = append(b, ',')
		}
		b = append(b, j.names[i]...)
		b = append(b, ':')
		b = append(b, cellJSON(v)...)
	}
	_, err := j.w.Write(append(b, '}'))
	return err
}

func (j *jsonRows) flush() error { return j.w.Flush() }

func (j *jsonRows) close() error {
	end := "\n]\n"
	if j.count == 0 {
		end = "[]\n"
	}
	if _, err := j.w.WriteString(end); err != nil {
		return err
	}
	return j.w.Flush()
}
