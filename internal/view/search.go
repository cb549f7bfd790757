package view

import (
	"cmp"
	"context"
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

// fewMachines is up to how many machines names that are like a text are looked for: that takes a look at each.
const fewMachines = 20_000

// near returns names that are like a text of which nothing has the name, none where there are too many to look at.
func (v *View) near(ctx context.Context, stamp, text string) (list []relation, _ error) {
	f, err := v.fleetOf(ctx, stamp)
	if err != nil || len(f.machines) > fewMachines {
		return nil, err
	}
	x, err := report.Explain(ctx, v.o.Source, text, 0)
	if err != nil {
		return nil, err
	}
	for _, name := range x.Near {
		list = append(list, relation{Name: name, Link: address("/search", "text", name)})
	}
	return list, nil
}

func (v *View) searchPage(r *http.Request) (*content, error) {
	text := strings.TrimSpace(r.URL.Query().Get("text"))
	if text == "" {
		return &content{title: "Search", template: "search", data: found{}}, nil
	}
	stamp, err := v.stamp(r.Context())
	if err != nil {
		return nil, err
	}
	source, cut := v.sourceOf(stamp)
	list, err := report.Find(r.Context(), source, text)
	if err != nil {
		return nil, err
	}
	if len(list) == 1 && r.URL.Query().Get(formatParameter) == "" {
		return &content{redirect: explained(list[0].Key)}, nil
	}
	out := found{Text: text, Cut: cut.isCut(), Most: humanize.Comma(mostFound)}
	if len(list) == 0 {
		if out.Near, err = v.near(r.Context(), stamp, text); err != nil {
			return nil, err
		}
	}
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
