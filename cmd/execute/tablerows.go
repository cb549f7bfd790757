package main

import (
	"fmt"
	"io"
	"strings"

	"github.com/jedib0t/go-pretty/v6/text"
)

// tableRows prints an answer as a table whose widths are those of its first chunk, so that it needs no more memory than
// one.
type tableRows struct {
	app     *app
	columns []tableColumn
	layout  *layout // nil until the first chunk is complete
	chunk   [][]string
	count   int
	printed int
}

const chunkRows = 500

func newTableRows(a *app, columns []string) *tableRows {
	return &tableRows{app: a, columns: columnsOf(columns...)}
}

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
	first := t.layout == nil
	if !first && len(t.chunk) == 0 {
		return nil
	}
	if first {
		t.layout = layOut(t.columns, t.chunk, t.app.width())
	}
	_, err := fmt.Fprintln(t.app.stdout, t.layout.render(t.chunk, first))
	t.chunk = t.chunk[:0]
	return err
}

func (t *tableRows) close() error {
	if err := t.flush(); err != nil {
		return err
	}
	note := ""
	if t.layout != nil && t.layout.cut {
		note = "; what ends in … is whole with --vertical, or as csv or json"
	}
	_, err := fmt.Fprintf(t.app.stdout, "(%s%s)\n", counted(t.count, "row", "rows"), note)
	return err
}

// upright reports whether rows are printed as blocks: on demand, or because so many columns can't stand side by side.
func (t *tableRows) upright() bool {
	return t.app.flags.vertical || len(t.columns)*(leastWidth+columnGap) > t.app.width()
}

// flushUpright prints each row as a block with one line for each column that has a value, longer values on several.
func (t *tableRows) flushUpright() error {
	name := 0
	for _, c := range t.columns {
		name = max(name, widthOf(c.name))
	}
	name = min(name, t.app.width()/2)
	var b strings.Builder
	for _, cells := range t.chunk {
		t.printed++
		fmt.Fprintf(&b, "── row %d\n", t.printed)
		for i, c := range cells {
			if c == "" && !t.app.flags.vertical {
				continue
			}
			title := text.Pad(shorten(t.columns[i].name, name), name, ' ')
			for _, line := range broken(c, max(t.app.width()-name-columnGap, leastWidth)) {
				fmt.Fprintf(&b, "%s  %s\n", title, line)
				title = strings.Repeat(" ", name)
			}
		}
	}
	t.chunk = t.chunk[:0]
	_, err := io.WriteString(t.app.stdout, b.String())
	return err
}
