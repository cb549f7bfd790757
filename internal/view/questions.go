package view

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"strings"
	"time"

	"github.com/dustin/go-humanize"

	"assetgraph/graph"
	"assetgraph/internal/report"
)

// An answer is the rows of a query, as many as a page shows.
type answer struct {
	columns []string
	rows    [][]any
	more    bool // there are others
}

// ask answers a text in the language of the graph.
func (v *View) ask(ctx context.Context, text string) (*answer, error) {
	rows, err := v.o.Source.Store.Query(ctx, text)
	if err != nil {
		return nil, err
	}
	out := &answer{columns: rows.Columns}
	for row, err := range rows.Rows {
		if err != nil {
			return nil, err
		}
		if len(out.rows) == v.o.Rows {
			out.more = true
			break
		}
		out.rows = append(out.rows, rows.Typed(row))
	}
	return out, nil
}

// table shows an answer. Keys of entities lead to what the graph holds of them.
func (v *View) answerTable(a *answer) *table {
	t := &table{
		name: "rows", caption: "Answer", rows: len(a.rows), none: "No rows.",
		value: func(row, i int) any { return a.rows[row][i] },
		cell: func(row, i int) cell {
			text, ok := a.rows[row][i].(string)
			if link := v.explained(graph.Key(text)); ok && link != "" && !strings.Contains(text, "|") {
				return cell{Text: text, Link: link}
			}
			return cell{}
		},
	}
	for i, name := range a.columns {
		c := column{name: name, title: name}
		for _, row := range a.rows {
			switch row[i].(type) {
			case int64, float64:
				c.number = true
			case nil:
				continue
			}
			break
		}
		t.columns = append(t.columns, c)
	}
	if a.more {
		t.note = fmt.Sprintf("Only the first %s rows are here; execute query has all of them.",
			humanize.Comma(int64(v.o.Rows)))
	}
	return t
}

// questionsPage lists the ready questions.
func (v *View) questionsPage(*http.Request) (*content, error) {
	list, err := report.Library()
	if err != nil {
		return nil, err
	}
	t := &table{
		caption: "Ready questions", rows: len(list), size: len(list),
		columns: []column{
			{name: "title", title: "Question"}, {name: "about", title: "What it answers"},
			{name: "name", title: "For execute query", code: true},
		},
		value: func(row, i int) any {
			q := &list[row]
			return []any{q.Title, spoken(q.About), "@" + q.Name}[i]
		},
		cell: func(row, i int) cell {
			if i > 0 {
				return cell{}
			}
			return cell{Text: list[row].Title, Link: "/questions/" + list[row].Name}
		},
	}
	return &content{title: "Questions", template: "questions", tables: []*table{t}}, nil
}

// spoken returns a text of the library without the marks of Markdown.
func spoken(about string) string { return strings.ReplaceAll(about, "`", "") }

// A question is what its page says beside its answer.
type question struct {
	report.Question
	Language, Text string // that of this graph
	Other, Second  string // the other language, and the text in it
	Pending        bool   // the answer is being worked out
}

func (v *View) questionPage(r *http.Request) (*content, error) {
	q, err := report.FindQuestion(r.PathValue("name"))
	if err != nil {
		return nil, err
	}
	f, err := v.fleet(r.Context())
	if err != nil {
		return nil, err
	}
	own := v.o.Source.Language
	other := report.SQL + report.Cypher - own
	patience := v.o.Patience
	if r.URL.Query().Has(formatParameter) {
		patience = v.o.Time // who wants rows alone waits for them
	}
	q.About = spoken(q.About)
	data := question{
		Question: q, Language: own.String(), Text: q.In(own), Other: other.String(), Second: q.In(other),
	}
	c := &content{title: q.Title, template: "question"}
	a, err := v.answerTo(r.Context(), f, &q, patience)
	switch {
	case err != nil:
		return nil, fmt.Errorf("@%s: %w", q.Name, err)
	case a == nil:
		data.Pending = true
	default:
		c.tables = []*table{v.answerTable(a)}
	}
	c.data = data
	return c, nil
}

// answerTo returns the answer to a ready question, of the graph as it was when the fleet was read, nil where it takes
// longer than somebody waits. Meanwhile it is worked out for who asks next. One that fails can be asked again.
func (v *View) answerTo(
	ctx context.Context, f *fleet, q *report.Question, patience time.Duration,
) (*answer, error) {
	f.mu.Lock()
	a := f.answers[q.Name]
	if a == nil {
		a = begin(v.asks, func(ctx context.Context) (*answer, error) { return v.workOut(ctx, q) }, func() {
			f.mu.Lock()
			defer f.mu.Unlock()
			delete(f.answers, q.Name)
		})
		if a == nil {
			f.mu.Unlock()
			return nil, errors.New("too many questions at once: wait for the others")
		}
		f.answers[q.Name] = a
	}
	f.mu.Unlock()
	patient, cancel := context.WithTimeout(ctx, patience)
	defer cancel()
	out, err := a.wait(patient)
	if err != nil && patient.Err() != nil && ctx.Err() == nil {
		return nil, nil
	}
	return out, err
}

// workOut answers a question within the time that an answer may take.
func (v *View) workOut(ctx context.Context, q *report.Question) (*answer, error) {
	ctx, cancel := context.WithTimeoutCause(ctx, v.o.Time, fmt.Errorf("not answered within %s", v.o.Time))
	defer cancel()
	a, err := v.ask(ctx, q.In(v.o.Source.Language))
	if err != nil && ctx.Err() != nil {
		err = context.Cause(ctx)
	}
	return a, err
}

// An asked is what the page for questions of one's own says beside the answer.
type asked struct{ Language, Text, Error string }

func (v *View) askPage(r *http.Request) (*content, error) {
	data := asked{Language: v.o.Source.Language.String(), Text: r.URL.Query().Get("text")}
	c := &content{title: "Ask", template: "ask"}
	if strings.TrimSpace(data.Text) != "" {
		a, err := v.ask(r.Context(), data.Text)
		switch {
		case err != nil && r.Context().Err() != nil:
			return nil, err
		case err != nil:
			data.Error = err.Error()
		default:
			c.tables = []*table{v.answerTable(a)}
		}
		if err != nil && r.URL.Query().Get(formatParameter) != "" {
			return nil, errors.Join(badRequest("%s", data.Error))
		}
	}
	c.data = data
	return c, nil
}
