package main

import (
	"strings"

	"github.com/dustin/go-humanize"
	"github.com/jedib0t/go-pretty/v6/table"
	"github.com/jedib0t/go-pretty/v6/text"

	"assetgraph/internal/plaintext"
)

// newTable returns a table writer in the program's one style: columns apart by two spaces, a rule below the header, no
// frame.
func newTable(header ...any) table.Writer {
	style := table.StyleDefault
	style.Box = table.BoxStyle{
		MiddleHorizontal: "─", MiddleSeparator: "", PaddingLeft: "", PaddingRight: "  ", UnfinishedRow: " …",
	}
	style.Format.Header = text.FormatDefault
	style.Options = table.Options{SeparateHeader: true}
	t := table.NewWriter()
	t.SetStyle(style)
	t.SuppressTrailingSpaces()
	t.AppendHeader(header)
	return t
}

// alignRight aligns the columns with the given numbers, counted from 1, to the right.
func alignRight(numbers ...int) []table.ColumnConfig {
	list := make([]table.ColumnConfig, len(numbers))
	for i, n := range numbers {
		list[i] = table.ColumnConfig{Number: n, Align: text.AlignRight, AlignHeader: text.AlignRight}
	}
	return list
}

// render returns the table indented by two spaces, with a line feed at its end.
func render(t table.Writer) string { return indent(t.Render()) + "\n" }

func indent(s string) string { return "  " + strings.ReplaceAll(s, "\n", "\n  ") }

// wrap breaks s into lines of at most width places, all but the first indented by two.
func wrap(s string, width int) string {
	return strings.Join(broken(singleLine(s), max(width, 20)), "\n  ")
}

// singleLine returns s on one line and as it will be shown, for what is measured or wrapped before it is written.
func singleLine(s string) string { return plaintext.Line(s) }

func comma(n int) string { return humanize.Comma(int64(n)) }

// count is comma with a dash for nothing, so that figures stand out.
func count(n int) string {
	if n == 0 {
		return "-"
	}
	return comma(n)
}

// counted returns the number with its noun.
func counted(n int, one, many string) string {
	if n == 1 {
		return "1 " + one
	}
	return comma(n) + " " + many
}
