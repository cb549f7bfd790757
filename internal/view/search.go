package view

import (
	"cmp"
	"net/http"
	"strings"

	"github.com/dustin/go-humanize"

	"assetgraph/internal/report"
)

// A found is what the page of a search says beside its table.
type found struct {
	Text string
	Near []relation
	Cut  bool
	Most string
}

func (v *View) searchPage(r *http.Request) (*content, error) {
	text := strings.TrimSpace(r.URL.Query().Get("text"))
	if text == "" {
		return &content{title: "Search", template: "search", data: found{}}, nil
	}
	source, cut, err := v.source(r.Context())
	if err != nil {
		return nil, err
	}
	x, err := report.Explain(r.Context(), source, text, 0)
	if err != nil {
		return nil, err
	}
	if len(x.Matches) == 1 && r.URL.Query().Get(formatParameter) == "" {
		return &content{redirect: explained(x.Matches[0].Key)}, nil
	}
	out := found{Text: text, Cut: cut.isCut(), Most: humanize.Comma(mostFound)}
	for _, name := range x.Near {
		out.Near = append(out.Near, relation{Name: name, Link: address("/search", "text", name)})
	}
	list := x.Matches
	t := &table{
		name: "found", caption: "What fits", rows: len(list), none: "Nothing fits.",
		columns: []column{
			{name: "name", title: "Name"}, {name: "type", title: "Kind"},
			{name: "organization", title: "Customer"}, {name: "matchedBy", title: "Found by"},
			{name: "key", title: "Key", code: true},
		},
		value: func(row, i int) any {
			m := &list[row]
			return []any{m.Name, m.Type, m.Organization, strings.Join(m.MatchedBy, "; "), m.Key}[i]
		},
		cell: func(row, i int) cell {
			m := &list[row]
			switch i {
			case 0:
				return cell{Text: cmp.Or(m.Name, m.Key), Link: explained(m.Key)}
			case 1:
				return cell{Text: kindOf(m.Type)}
			}
			return cell{}
		},
	}
	return &content{title: "Search: " + text, template: "search", data: out, tables: []*table{t}}, nil
}
