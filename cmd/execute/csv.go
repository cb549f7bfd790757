package main

import (
	"encoding/csv"
	"io"
	"strings"
	"unicode/utf8"
)

// csvRows prints an answer as CSV. All CSV of the program goes through it.
type csvRows struct {
	w       *csv.Writer
	columns []string
	raw     bool // texts as the graph has them
	begun   bool
}

// newCSVRows prints texts so that no spreadsheet takes them for formulas, with raw as they are.
func newCSVRows(w io.Writer, columns []string, raw bool) *csvRows {
	return &csvRows{w: csv.NewWriter(w), columns: columns, raw: raw}
}

func (c *csvRows) row(values []any) error {
	c.begin()
	fields := make([]string, len(values))
	for i, v := range values {
		fields[i] = c.cell(v)
	}
	return c.w.Write(fields)
}

// cell returns a value as a field. A number is one, also below zero; everything else is text.
func (c *csvRows) cell(v any) string {
	text := cellText(v)
	switch v.(type) {
	case int64, float64, bool, nil:
		return text
	}
	return c.text(text)
}

func (c *csvRows) text(s string) string {
	if c.raw {
		return s
	}
	return harmless(s)
}

func (c *csvRows) begin() {
	if c.begun {
		return
	}
	c.begun = true
	names := make([]string, len(c.columns))
	for i, n := range c.columns {
		names[i] = c.text(n)
	}
	_ = c.w.Write(names) // the error is kept by the writer and returned by flush
}

func (c *csvRows) flush() error {
	c.begin()
	c.w.Flush()
	return c.w.Error()
}

func (c *csvRows) close() error { return c.flush() }

// What begins a formula for a spreadsheet (OWASP, "CSV Injection"), what ends a cell for one whose separator is not the
// comma or that does not honour quotes, and what it may skip at the beginning of a cell.
const (
	formula   = "=+-@＝＋－＠"
	separator = ";\t\r\n"
	skipped   = " \"\u00a0\u200b\u200c\u200d\u2060\ufeff"
)

// harmless puts an apostrophe before everything in a cell that a spreadsheet would take for a formula.
func harmless(s string) string {
	var b strings.Builder
	written, begins := 0, true
	for i, r := range s {
		if begins && (beginsFormula(s[i:]) || i == 0 && strings.ContainsRune("\t\r\n", r)) {
			b.WriteString(s[written:i] + "'")
			written = i
		}
		begins = strings.ContainsRune(separator, r)
	}
	return b.String() + s[written:]
}

func beginsFormula(s string) bool {
	first, _ := utf8.DecodeRuneInString(strings.TrimLeft(s, skipped))
	return strings.ContainsRune(formula, first)
}
