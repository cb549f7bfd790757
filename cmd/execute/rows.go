package main

import (
	"bufio"
	"bytes"
	"encoding/json"
	"fmt"
	"io"
	"math"
	"slices"
	"strconv"
	"time"

	"github.com/jedib0t/go-pretty/v6/table"
	"github.com/jedib0t/go-pretty/v6/text"

	"assetgraph/graph"
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
	switch t := v.(type) {
	case time.Time:
		v = t.UTC().Format(graph.TimeLayout)
	case float64:
		if math.IsNaN(t) || math.IsInf(t, 0) {
			v = strconv.FormatFloat(t, 'g', -1, 64)
		}
	}
	var b bytes.Buffer
	e := json.NewEncoder(&b)
	e.SetEscapeHTML(false)
	if err := e.Encode(v); err != nil {
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

// tableRows prints an answer as a table whose widths are those of its first chunk, so that it needs no more memory than one.
type tableRows struct {
	app     *app
	columns []string
	widths  []int // nil until the first chunk is complete
	chunk   [][]string
	count   int
}

const chunkRows = 500

func newTableRows(a *app, columns []string) *tableRows { return &tableRows{app: a, columns: columns} }

func (t *tableRows) row(values []any) error {
	cells := make([]string, len(values))
	for i, v := range values {
		cells[i] = oneLine(v)
	}
	t.chunk = append(t.chunk, cells)
	t.count++
	if len(t.chunk) < chunkRows {
		return nil
	}
	return t.flush()
}

func (t *tableRows) flush() error {
	first := t.widths == nil
	if first {
		t.widths = t.measure()
	} else if len(t.chunk) == 0 {
		return nil
	}
	out := newTable(row(t.columns)...)
	if !first {
		out.ResetHeaders()
	}
	configs := make([]table.ColumnConfig, len(t.columns))
	for i, w := range t.widths {
		configs[i] = table.ColumnConfig{Number: i + 1, WidthMin: w}
		if t.app.isTerminal(t.app.stdout) {
			configs[i].WidthMax, configs[i].WidthMaxEnforcer = w, shorten
		}
	}
	out.SetColumnConfigs(configs)
	for _, cells := range t.chunk {
		out.AppendRow(row(cells))
	}
	t.chunk = t.chunk[:0]
	_, err := fmt.Fprintln(t.app.stdout, out.Render())
	return err
}

func (t *tableRows) close() error {
	if err := t.flush(); err != nil {
		return err
	}
	_, err := fmt.Fprintf(t.app.stdout, "(%s)\n", counted(t.count, "row", "rows"))
	return err
}

// measure returns the width of each column: what the cells need, on a terminal made to fit by narrowing the widest.
func (t *tableRows) measure() []int {
	const least, gap = 6, 2
	widths := make([]int, len(t.columns))
	total := 0
	for i, name := range t.columns {
		widths[i] = text.StringWidthWithoutEscSequences(name)
		for _, cells := range t.chunk {
			widths[i] = max(widths[i], text.StringWidthWithoutEscSequences(cells[i]))
		}
		total += widths[i] + gap
	}
	for t.app.isTerminal(t.app.stdout) && total > t.app.width() {
		widest := slices.Index(widths, slices.Max(widths))
		if widths[widest] <= least {
			break
		}
		widths[widest]--
		total--
	}
	return widths
}

func shorten(s string, width int) string { return text.Snip(s, width, "…") }

func row(cells []string) table.Row {
	r := make(table.Row, len(cells))
	for i, c := range cells {
		r[i] = c
	}
	return r
}
