package main

import (
	"fmt"
	"io"
	"slices"
	"strings"

	"github.com/jedib0t/go-pretty/v6/table"
	"github.com/jedib0t/go-pretty/v6/text"
)

// tableRows prints an answer as a table whose widths are those of its first chunk, so that it needs no more memory than one.
type tableRows struct {
	app     *app
	columns []string
	widths  []int // nil until the first chunk is complete
	chunk   [][]string
	count   int
	printed int
}

const (
	chunkRows  = 500
	leastWidth = 6 // of a column that is narrowed to fit
	columnGap  = 2
)

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
	if t.upright() {
		return t.flushUpright()
	}
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

// upright reports whether so many columns were asked for that they can't stand side by side on the terminal.
func (t *tableRows) upright() bool {
	return t.app.isTerminal(t.app.stdout) && len(t.columns)*(leastWidth+columnGap) > t.app.width()
}

// flushUpright prints each row as a block with one line for each column that has a value.
func (t *tableRows) flushUpright() error {
	name := 0
	for _, c := range t.columns {
		name = max(name, text.StringWidthWithoutEscSequences(c))
	}
	var b strings.Builder
	for _, cells := range t.chunk {
		t.printed++
		fmt.Fprintf(&b, "── row %d\n", t.printed)
		for i, c := range cells {
			if c != "" {
				fmt.Fprintf(&b, "%s  %s\n", text.Pad(t.columns[i], name, ' '), shorten(c, max(t.app.width()-name-columnGap, leastWidth)))
			}
		}
	}
	t.chunk = t.chunk[:0]
	_, err := io.WriteString(t.app.stdout, b.String())
	return err
}

// measure returns the width of each column: what the cells need, on a terminal made to fit by narrowing the widest.
func (t *tableRows) measure() []int {
	widths := make([]int, len(t.columns))
	total := 0
	for i, name := range t.columns {
		widths[i] = text.StringWidthWithoutEscSequences(name)
		for _, cells := range t.chunk {
			widths[i] = max(widths[i], text.StringWidthWithoutEscSequences(cells[i]))
		}
		total += widths[i] + columnGap
	}
	for t.app.isTerminal(t.app.stdout) && total > t.app.width() {
		widest := slices.Index(widths, slices.Max(widths))
		if widths[widest] <= leastWidth {
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
