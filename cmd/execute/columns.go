package main

import (
	"strings"
	"unicode"

	"github.com/jedib0t/go-pretty/v6/table"
	"github.com/jedib0t/go-pretty/v6/text"
)

// A tableColumn is a column of a table for people.
type tableColumn struct {
	name     string
	right    bool // figures
	wrap     bool // what is wider than the column goes on in the next line, else it is cut
	least    int  // how narrow it may become; 0 for leastWidth
	room     int  // how wide it should be before optional columns come in
	optional bool // left out, the last first, where the others would not fit
}

const (
	leastWidth = 6 // of a column that is narrowed to fit
	columnGap  = 2
)

func columnsOf(names ...string) []tableColumn {
	list := make([]tableColumn, len(names))
	for i, n := range names {
		list[i].name = n
	}
	return list
}

// figures makes columns of figures, which are aligned to the right and not narrowed below their names.
func figures(names ...string) []tableColumn {
	list := columnsOf(names...)
	for i := range list {
		list[i].right, list[i].least = true, max(len(list[i].name), leastWidth)
	}
	return list
}

// A layout is the columns of a table with the widths at which they fit.
type layout struct {
	columns []tableColumn
	widths  []int
	cut     bool // something was cut
}

// layOut narrows the columns, the widest first, until rows of such cells fit into so many places of a terminal, which
// count by what they show: wide characters take two, combining ones none.
func layOut(columns []tableColumn, rows [][]string, places int) *layout {
	l := &layout{columns: columns, widths: make([]int, len(columns))}
	for i, c := range columns {
		l.widths[i] = widthOf(c.name)
		for _, cells := range rows {
			l.widths[i] = max(l.widths[i], widthOf(cells[i]))
		}
	}
	for last := len(l.columns) - 1; last > 0 && l.columns[last].optional && l.wanted() > places; last-- {
		l.columns, l.widths = l.columns[:last], l.widths[:last]
	}
	l.narrow(places, func(c tableColumn) int { return max(c.least, leastWidth) })
	l.narrow(places, func(tableColumn) int { return leastWidth })
	return l
}

// narrow narrows the widest column again and again, none below what it least may have, until they fit.
func (l *layout) narrow(places int, least func(tableColumn) int) {
	for total := l.total(); total > places; total-- {
		widest := -1
		for i, w := range l.widths {
			if w > least(l.columns[i]) && (widest < 0 || w > l.widths[widest]) {
				widest = i
			}
		}
		if widest < 0 {
			return
		}
		l.widths[widest]--
	}
}

// total returns how wide rows are, with the gap behind the last column, over which the rule goes.
func (l *layout) total() (n int) {
	for _, w := range l.widths {
		n += w + columnGap
	}
	return n
}

// wanted returns how wide rows have to be.
func (l *layout) wanted() (n int) {
	for i, w := range l.widths {
		c := l.columns[i]
		if !c.optional || c.least > 0 {
			w = min(w, max(c.least, c.room, leastWidth))
		}
		n += w + columnGap
	}
	return n
}

// leftOut returns the names of the columns that did not fit.
func (l *layout) leftOut(of []tableColumn) (names []string) {
	for _, c := range of[len(l.columns):] {
		names = append(names, c.name)
	}
	return names
}

// render returns the rows as lines, below the header or below what was rendered before.
func (l *layout) render(rows [][]string, header bool) string {
	t := newTable(l.line(nil)...)
	if !header {
		t.ResetHeaders()
	}
	configs := make([]table.ColumnConfig, len(l.columns))
	for i, c := range l.columns {
		configs[i] = table.ColumnConfig{Number: i + 1, WidthMin: l.widths[i]}
		if c.right {
			configs[i].Align, configs[i].AlignHeader = text.AlignRight, text.AlignRight
		}
	}
	t.SetColumnConfigs(configs)
	for _, cells := range rows {
		t.AppendRow(l.line(cells))
	}
	return t.Render()
}

// line returns cells at the widths of the columns, nil the names of the columns.
func (l *layout) line(cells []string) table.Row {
	row := make(table.Row, len(l.columns))
	for i, c := range l.columns {
		cell := c.name
		if cells != nil {
			cell = cells[i]
		}
		switch {
		case widthOf(cell) <= l.widths[i]:
		case c.wrap:
			cell = strings.Join(broken(cell, l.widths[i]), "\n")
		default:
			cell, l.cut = shorten(cell, l.widths[i]), true
		}
		row[i] = cell
	}
	return row
}

// fitted returns a table that fits the terminal, indented by two spaces, with a line feed at its end.
func (a *app) fitted(columns []tableColumn, rows [][]string) string {
	return indent(layOut(columns, rows, a.width()-columnGap).render(rows, true)) + "\n"
}

func widthOf(s string) int { return text.StringWidthWithoutEscSequences(s) }

func shorten(s string, width int) string { return text.Snip(s, width, "…") }

// broken breaks s into lines of at most so many places, between words where it can.
func broken(s string, width int) (lines []string) {
	var line string
	for word := range strings.FieldsSeq(s) {
		if line != "" && widthOf(line)+1+widthOf(word) <= width {
			line += " " + word
			continue
		}
		if line != "" {
			lines = append(lines, line)
		}
		for line = word; widthOf(line) > width; {
			n := fits(line, width)
			lines, line = append(lines, line[:n]), line[n:]
		}
	}
	return append(lines, line)
}

// fits returns how many bytes of s, at least one character with its combining marks, take at most so many places; more
// where it can end behind a separator.
func fits(s string, width int) (n int) {
	places, end := 0, len(s)
	for i, r := range s {
		w := text.RuneWidth(r)
		if i > 0 && w > 0 && places+w > width {
			end = i
			break
		}
		places += w
	}
	if cut := strings.LastIndexFunc(s[:end],
		func(r rune) bool { return r < unicode.MaxASCII && unicode.IsPunct(r) }); cut > end/3 {
		return cut + 1
	}
	return end
}
