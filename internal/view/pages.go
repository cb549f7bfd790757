package view

import (
	"bytes"
	"errors"
	"fmt"
	"net/http"
	"net/url"
	"slices"
	"strings"

	"assetgraph/graph"
	"assetgraph/internal/panics"
	"assetgraph/internal/plaintext"
	"assetgraph/internal/report"
)

// A page is what stands at one address, or at all that its pattern fits.
type page struct {
	pattern string
	nav     string // what the navigation calls it; "" for a page that others lead to
	under   string // the page of the navigation that it belongs to, by its pattern; "" for itself
	make    func(*http.Request) (*content, error)
}

// allPages lists the pages; those of the navigation in its order.
func (v *View) allPages() []page {
	list := []page{
		{pattern: "/{$}", nav: "Overview", make: v.overviewPage},
		{pattern: "/coverage", nav: "Coverage", make: v.coveragePage},
		{pattern: "/customer", under: "/coverage", make: v.customerPage},
		{pattern: "/gaps", nav: "Gaps", make: v.gapsPage},
		{pattern: "/findings", nav: "Findings", make: v.findingsPage},
		{pattern: "/machines", nav: "Machines", make: v.machinesPage},
		{pattern: "/changes", nav: "Changes", make: v.changesPage},
		{pattern: "/questions", nav: "Questions", make: v.questionsPage},
		{pattern: "/questions/{name}", under: "/questions", make: v.questionPage},
		{pattern: "/runs", nav: "Runs", make: v.runsPage},
		{pattern: "/runs/{id}", under: "/runs", make: v.runPage},
		{pattern: "/search", make: v.searchPage},
		{pattern: "/explain", under: "/machines", make: v.explainPage},
		{pattern: "/neighbourhood", under: "/machines", make: v.neighbourhoodPage},
	}
	if v.o.AllowQueries {
		list = append(list, page{pattern: "/ask", nav: "Ask", make: v.askPage})
	}
	return list
}

// A content is what a page has to show.
type content struct {
	title    string
	template string
	data     any
	tables   []*table // those that CSV and JSON can be had of, the first by default
	redirect string   // where the answer is instead
	document func() ([]byte, error)
}

// A shell is what the template of every page is given.
type shell struct {
	Title, Graph string
	Navigation   []link
	Search       string // the text that was searched for
	Data         any
	Tables       map[string]*tableShown
}

// A link of the navigation.
type link struct {
	Title, URL string
	Current    bool
}

// A pageError is what people are told in place of a page.
type pageError struct {
	status int
	text   string
}

// Error tells it.
func (e *pageError) Error() string { return e.text }

func notFound(text string) error { return &pageError{http.StatusNotFound, text} }

func badRequest(format string, a ...any) error {
	return &pageError{http.StatusBadRequest, fmt.Sprintf(format, a...)}
}

// write sends a page, or one of its tables in another form.
func (v *View) write(w http.ResponseWriter, r *http.Request, p page, c *content) {
	q := r.URL.Query()
	switch form := q.Get(formatParameter); {
	case c.redirect != "":
		http.Redirect(w, r, c.redirect, http.StatusSeeOther)
	case form == "":
		v.writePage(w, r, p, c, http.StatusOK)
	case form == "json" && c.document != nil && !q.Has(tableParameter):
		v.writeDocument(w, r, c)
	case form == "csv" || form == "json":
		v.writeTable(w, r, c, form)
	default:
		v.fail(w, r, badRequest("There is no form %s: known are csv and json.", form))
	}
}

func (v *View) writeDocument(w http.ResponseWriter, r *http.Request, c *content) {
	text, err := c.document()
	if err != nil {
		v.fail(w, r, err)
		return
	}
	w.Header().Set("Content-Type", "application/json; charset=utf-8")
	_, _ = w.Write(text)
}

func (v *View) writeTable(w http.ResponseWriter, r *http.Request, c *content, form string) {
	name := r.URL.Query().Get(tableParameter)
	i := slices.IndexFunc(c.tables, func(t *table) bool { return t.name == name })
	if i < 0 {
		v.fail(w, r, badRequest("There is no table %s on this page.", name))
		return
	}
	t := c.tables[i]
	var b bytes.Buffer
	if err := v.o.Write(&b, form, t.names(), t.values(r.URL.Query())); err != nil {
		v.fail(w, r, err)
		return
	}
	kind := map[string]string{"csv": "text/csv", "json": "application/json"}[form]
	w.Header().Set("Content-Type", kind+"; charset=utf-8")
	file := strings.Trim(strings.ReplaceAll(r.URL.Path, "/", "-"), "-")
	if t.name != "" {
		file = strings.Trim(file+"-"+t.name, "-")
	}
	w.Header().Set("Content-Disposition", `attachment; filename="assetgraph-`+fileName(file)+"."+form+`"`)
	_, _ = w.Write(b.Bytes())
}

// fileName returns what of a name every system takes for that of a file.
func fileName(s string) string {
	return strings.Map(func(r rune) rune {
		if r >= 'a' && r <= 'z' || r >= 'A' && r <= 'Z' || r >= '0' && r <= '9' || r == '-' {
			return r
		}
		return '-'
	}, s)
}

func (v *View) writePage(w http.ResponseWriter, r *http.Request, p page, c *content, status int) {
	s := shell{
		Title: c.title, Graph: v.o.Graph, Data: c.data, Search: r.URL.Query().Get("text"),
		Tables: map[string]*tableShown{},
	}
	if p.pattern != "/search" {
		s.Search = ""
	}
	for _, n := range v.pages {
		if n.nav != "" {
			address := strings.TrimSuffix(n.pattern, "{$}")
			s.Navigation = append(s.Navigation,
				link{n.nav, address, n.pattern == p.pattern || n.pattern == p.under})
		}
	}
	for _, t := range c.tables {
		name := t.name
		if name == "" {
			name = "rows"
		}
		s.Tables[name] = t.shown(r.URL)
	}
	var b bytes.Buffer
	if err := v.texts.write(&b, c.template, s); err != nil {
		v.o.Logger.Error("a page of the view can't be written", "page", c.template, "error", err)
		http.Error(w, "This page can't be written.", http.StatusInternalServerError)
		return
	}
	w.Header().Set("Content-Type", "text/html; charset=utf-8")
	w.WriteHeader(status)
	_, _ = w.Write(bytes.Map(harmless, b.Bytes())) // when nobody reads on there is nobody to tell
}

// harmless leaves out of a page what can't be seen or turns the direction of a text, whoever wrote it into a name.
func harmless(r rune) rune {
	if r == '\n' || r == '\t' {
		return r
	}
	return plaintext.Rune(r)
}

// fail tells people why there is no page.
func (v *View) fail(w http.ResponseWriter, r *http.Request, err error) {
	status, text := http.StatusInternalServerError, err.Error()
	if e, ok := errors.AsType[*pageError](err); ok {
		status = e.status
	} else if _, ok := errors.AsType[*report.UnknownError](err); ok {
		status = http.StatusNotFound
	} else if p := panics.Of(err); p != nil {
		text = "This page met a fault of the program: " + err.Error()
		v.o.Logger.Error("a page of the view met a fault", "error", err)
	} else if r.Context().Err() != nil {
		return
	}
	titles := map[int]string{http.StatusNotFound: "Not found", http.StatusBadRequest: "Not understood"}
	title := titles[status]
	if title == "" {
		title = "No answer"
	}
	v.writePage(w, r, page{}, &content{title: title, template: "error", data: text}, status)
}

// address returns a place in the view with parameters, given as names and values in turn.
func address(path string, parameters ...string) string {
	q := url.Values{}
	for i := 0; i < len(parameters); i += 2 {
		q.Set(parameters[i], parameters[i+1])
	}
	if len(q) == 0 {
		return path
	}
	return path + "?" + q.Encode()
}

// explained returns the address of what the graph holds of a key.
func explained(key string) string { return address("/explain", "key", key) }

// explained returns the address of what the graph holds of an entity, "" for one of a type that is not explained.
func (v *View) explained(key graph.Key) string {
	name := key.Scope().Type
	t := v.o.Source.Schema.Type(name)
	if t == nil || v.o.Source.Model.Role(name) == nil && derived()[name] == "" {
		return ""
	}
	return explained(string(key))
}

// webAddress returns a link of the data if it leads to a web page, else "": a link may be anything.
func webAddress(text string) string {
	u, err := url.Parse(text)
	if err != nil || u.Scheme != "https" && u.Scheme != "http" || u.Host == "" {
		return ""
	}
	return u.String()
}
