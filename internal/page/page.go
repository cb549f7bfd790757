package page

import (
	_ "embed"
	"html/template"
	"io"
	"net/url"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/dustin/go-humanize"

	"assetgraph/internal/report"
)

// A Document is one page.
type Document struct {
	Title    string
	Subtitle string // "" for none
	At       time.Time
	Tiles    []Tile
	Sections []Section
	Notes    []string // what makes it less than complete or fresh
	Sources  []report.InstanceSource
}

// A Tile is a figure that matters more than others.
type Tile struct {
	Value, Label string
	Bad          bool // somebody should do something
}

// A Section is a part of a page. What it lacks is left out.
type Section struct {
	Heading string
	Words   []string // sentences below the heading
	Chart   *Chart
	Lines   *LineChart
	Table   *Table
}

// A Table is the rows of a report.
type Table struct {
	Report *report.Report
	Hide   []string // names of columns that are not shown
}

// Of returns a page that shows one report with all its columns.
func Of(r *report.Report, at time.Time) *Document {
	return &Document{
		Title: r.Title, At: at, Notes: r.Notes, Sources: r.Sources,
		Sections: []Section{{Words: r.Summary, Table: &Table{Report: r}}},
	}
}

// Mark is in the beginning of every page, by which the program knows what it wrote.
const Mark = `<meta name="generator" content="assetgraph">`

//go:embed page.html
var page string

//go:embed page.css
var style string

// Write writes the page.
func Write(w io.Writer, d *Document) error {
	t, err := template.New("page").Funcs(template.FuncMap{
		"day": day, "minute": minute,
		"class": head,
	}).Parse(page)
	if err != nil {
		return err
	}
	return t.Execute(w, view{Document: d, Style: template.CSS(style), Mark: template.HTML(Mark)})
}

type view struct {
	*Document
	Style template.CSS
	Mark  template.HTML
}

// Wide reports whether a table has more columns than people read side by side on paper.
func (v view) Wide() bool {
	const many = 8
	return slices.ContainsFunc(v.Sections, func(s Section) bool { return s.Table != nil && len(s.Table.Columns()) > many })
}

// A cell is a value of a table as the page shows it.
type cell struct{ Text, Link, Class string }

// Rows returns the shown cells, row by row.
func (t *Table) Rows() [][]cell {
	shown := t.shown()
	rows := make([][]cell, len(t.Report.Rows))
	for i, row := range t.Report.Rows {
		for n, value := range row {
			if shown[n] {
				rows[i] = append(rows[i], cellOf(t.Report.Columns[n], value))
			}
		}
	}
	return rows
}

// Columns returns the shown columns.
func (t *Table) Columns() []report.Column {
	shown := t.shown()
	var list []report.Column
	for n, c := range t.Report.Columns {
		if shown[n] {
			list = append(list, c)
		}
	}
	return list
}

func (t *Table) shown() []bool {
	shown := make([]bool, len(t.Report.Columns))
	for n, c := range t.Report.Columns {
		shown[n] = !t.Report.Blank(n)
		for _, hidden := range t.Hide {
			shown[n] = shown[n] && hidden != c.Name
		}
	}
	return shown
}

func cellOf(c report.Column, value any) cell {
	out := cell{Class: "text"}
	if c.Kind == report.Figure || c.Kind == report.Share {
		out.Class = "figure"
	}
	switch v := value.(type) {
	case nil:
		if c.Kind == report.Truth {
			out.Text = "unknown"
		}
	case bool:
		out.Text = report.YesOrNo(v)
	case int64:
		out.Text = humanize.Comma(v)
	case float64:
		out.Text = strconv.FormatFloat(v, 'f', 1, 64)
	case string:
		out.Text = v
		switch {
		case c.Kind == report.Day:
			out.Text, _, _ = strings.Cut(v, "T")
			out.Class = "day"
		case c.Kind == report.Days:
			out.Text, out.Class = report.DaysOf(v), "day"
		case c.Name == "organization" && v == "":
			out.Text = "(no customer)"
		case isKey(c.Name):
			out.Class = "key"
		case c.Name == "reason":
			out.Class = "text long"
		case c.Kind == report.Link:
			out.Link = link(v)
		case c.Kind == report.Texts:
			out.Text = strings.ReplaceAll(v, ";", ", ")
		}
	}
	return out
}

// isKey reports whether a column holds what programs read more than people.
func isKey(name string) bool { return name == "device" || name == "record" || name == "account" }

// link returns an address that people may open with a click, "" for every other text.
func link(text string) string {
	u, err := url.Parse(text)
	if err != nil || u.Scheme != "https" && u.Scheme != "http" || u.Host == "" || u.User != nil {
		return ""
	}
	return text
}

// head returns the class of a column's head, "" for none.
func head(c report.Column) string {
	switch {
	case c.Kind == report.Figure || c.Kind == report.Share:
		return "figure"
	case isKey(c.Name):
		return "key"
	}
	return ""
}

func day(t time.Time) string { return t.UTC().Format("2 January 2006") }

func minute(t time.Time) string {
	if t.IsZero() {
		return "never"
	}
	return t.UTC().Format("2006-01-02 15:04 UTC")
}
