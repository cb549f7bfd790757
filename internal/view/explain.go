package view

import (
	"cmp"
	"context"
	"net/http"
	"slices"
	"strings"
	"time"

	"assetgraph/graph"
	"assetgraph/internal/report"
)

// A subject is what the page of a machine, customer, person or record says beside its tables.
type subject struct {
	Kind, Name, Key    string
	Facts              []fact
	Relations          []relation
	Coverage           *fact // what a machine lacks, and why; nil for what is no machine
	Since, Changed     cell
	Changes, Neighbour string
	Customer           string // address of the machines of a customer
	Machine            bool
	Alone              bool // a record that belongs to nothing
	FindingNotes       []string
}

// A fact is a property.
type fact struct {
	Name  string
	Value cell
}

// A relation says what a subject has to do with another.
type relation struct{ Text, Name, Link string }

func (v *View) explainPage(r *http.Request) (*content, error) {
	key := r.URL.Query().Get("key")
	if key == "" {
		return nil, badRequest("The key is missing: search for a name, and follow what is found.")
	}
	stamp, err := v.stamp(r.Context())
	if err != nil {
		return nil, err
	}
	m, err := v.match(r.Context(), stamp, key)
	if err != nil {
		return nil, err
	}
	s := subject{
		Kind: kindOf(m.Type), Name: cmp.Or(m.Name, m.Key), Key: m.Key, Since: plain(m.Subject.KeySince),
		Changed: plain(m.Subject.LastChanged), Changes: address("/changes", "of", m.Key),
		Neighbour: address("/neighbourhood", "key", m.Key), Machine: m.Type == "device",
		Alone: derived()[m.Type] == "",
	}
	for _, p := range m.Subject.Properties {
		s.Facts = append(s.Facts, fact{p.Name, linked(p.Name, p.Value)})
	}
	for _, one := range m.Subject.Relations {
		s.Relations = append(s.Relations, relationOf(one, m))
	}
	if m.Type == "organization" {
		s.Customer = address("/customer", "key", m.Key)
	}
	tables := []*table{evidence(m.Subject.Records), comparison(m.Subject), conflicts(m.Subject.Conflicts)}
	if s.Machine {
		found, err := v.wrongWith(r.Context(), stamp, &s)
		if err != nil {
			return nil, err
		}
		tables = append(tables, found)
	}
	return &content{title: s.Name, template: "explain", data: s, tables: tables}, nil
}

// wrongWith says what a machine lacks, and returns what was found wrong with it from run to run.
func (v *View) wrongWith(ctx context.Context, stamp string, s *subject) (*table, error) {
	f, err := v.fleetOf(ctx, stamp)
	if err != nil {
		return nil, err
	}
	b, err := v.findings(ctx, f)
	if err != nil {
		return nil, err
	}
	if i, ok := f.machines[s.Key]; ok {
		g := &f.coverage.Gaps[i]
		s.Coverage = &fact{g.Reason, lacks(v.o.Source.Model.Tools(), g.Missing)}
	}
	s.FindingNotes = b.list.Notes
	rows := b.ofMachine(s.Key)
	t := v.findingsTable(f, b, rows, b.anyAccepted(rows))
	t.name, t.caption = "findings", "What was found wrong with it, and since when"
	t.none = "Nothing, now or before."
	t.without("name", "organization", "device")
	return t, nil
}

// match returns what a key names, whole.
func (v *View) match(ctx context.Context, stamp, key string) (*report.Match, error) {
	if there, err := v.holds(ctx, graph.Key(key)); err != nil || !there || v.explained(graph.Key(key)) == "" {
		return nil, cmp.Or(err, error(&report.UnknownError{Kind: "key", Name: key}))
	}
	source, _ := v.sourceOf(stamp)
	x, err := report.Explain(ctx, source, key, 1)
	if err != nil {
		return nil, err
	}
	if len(x.Matches) == 0 { // it was deleted since
		return nil, &report.UnknownError{Kind: "key", Name: key}
	}
	return &x.Matches[0], nil
}

// derived are the types that the program makes of records, as people call them.
func derived() map[string]string {
	return map[string]string{"device": "machine", "organization": "customer", "person": "person"}
}

// kindOf returns what people call the entities of a type; the type itself for records.
func kindOf(typ string) string { return cmp.Or(derived()[typ], typ) }

// linked shows the value of a property, a link as one if it leads to a web page.
func linked(name, value string) cell {
	c := plain(value)
	if name == "webLink" {
		c.Link = webAddress(value)
	}
	return c
}

// relationOf says a relation from where the match stands.
func relationOf(r report.Relation, m *report.Match) relation {
	switch {
	case r.From == m.Key:
		return relation{strings.ToLower(r.Verb), cmp.Or(r.Name, r.To), explained(r.To)}
	case r.Verb == "HAS":
		return relation{"belongs to", cmp.Or(r.Name, r.From), explained(r.From)}
	case r.Verb == "USES":
		return relation{"used by", cmp.Or(r.Name, r.From), explained(r.From)}
	}
	return relation{strings.ToLower(r.Verb) + ", from", cmp.Or(r.Name, r.From), explained(r.From)}
}

// evidence shows which records are a subject, and why.
func evidence(records []report.Record) *table {
	return &table{
		name: "records", caption: "Records, and why they are it", rows: len(records),
		none: "No record of a product is linked to it.",
		columns: []column{
			{name: "product", title: "Product"}, {name: "name", title: "Record"}, {name: "state", title: "State"},
			{name: "work", title: "Does its work"}, {name: "method", title: "Linked by"},
			{name: "matchedValue", title: "Value that matched", code: true},
			{name: "confidence", title: "Confidence"}, {name: "linkedSince", title: "Linked since (UTC)"},
			{name: "verb", title: "Link"}, {name: "type", title: "Type", code: true},
			{name: "key", title: "Key", code: true},
		},
		value: func(row, i int) any {
			r := &records[row]
			return []any{
				r.Product, r.Name, r.State, work(r.Work).Text, r.Method, r.MatchedValue, r.Confidence, r.LinkedSince, r.Verb,
				r.Type, r.Key,
			}[i]
		},
		cell: func(row, i int) cell {
			r := &records[row]
			switch i {
			case 2:
				if r.State == "" {
					return cell{Text: "live", Sign: "✓", Class: "good"}
				}
				return cell{Text: r.State, Sign: "!", Class: "warn"}
			case 3:
				return work(r.Work)
			case 6:
				return confidence(r.Confidence)
			}
			return cell{}
		},
	}
}

// work shows whether a record's tool does its work on the machine, and why not.
func work(w *report.Work) cell {
	switch {
	case w == nil:
		return cell{}
	case w.Does == nil:
		return cell{Text: "nobody knows", Sign: "?"}
	case *w.Does:
		return cell{Text: w.Verb, Sign: "✓", Class: "good"}
	}
	reasons := make([]string, len(w.Ailments))
	for i, a := range w.Ailments {
		reasons[i] = a.Ailment + " (" + a.Reason + ")"
	}
	return cell{
		Text: "does not " + strings.TrimSuffix(w.Verb, "s") + ": " + strings.Join(reasons, ", "), Sign: "!",
		Class: "warn",
	}
}

// confidence shows how sure a link is.
func confidence(word string) cell {
	switch word {
	case "exact":
		return cell{Text: word, Sign: "●"}
	case "strong":
		return cell{Text: word, Sign: "◕"}
	}
	return cell{Text: word, Sign: "◑"}
}

// comparison shows the properties of a subject beside those of its records.
func comparison(s *report.Subject) *table {
	var names []string
	values := make([]map[string]string, 1+len(s.Records))
	take := func(at int, list []report.Named) {
		values[at] = map[string]string{}
		for _, p := range list {
			values[at][p.Name] = p.Value
			if !slices.Contains(names, p.Name) {
				names = append(names, p.Name)
			}
		}
	}
	take(0, s.Properties)
	columns := []column{{name: "property", title: "Property"}, {name: "graph", title: "In the graph"}}
	for i := range s.Records {
		r := &s.Records[i]
		take(i+1, r.Properties)
		columns = append(columns, column{name: r.Key, title: r.Product + " " + r.Name})
	}
	return &table{
		name: "properties", caption: "What each of them says", columns: columns, rows: len(names), size: 500,
		none: "Nothing is known of it.",
		value: func(row, i int) any {
			if i == 0 {
				return names[row]
			}
			return values[i-1][names[row]]
		},
		cell: func(row, i int) cell {
			if i == 0 {
				return cell{}
			}
			return linked(names[row], values[i-1][names[row]])
		},
	}
}

// conflicts shows the records of others that share an identifier with a machine and were kept apart.
func conflicts(list []report.Conflict) *table {
	return &table{
		name: "conflicts", caption: "Others that share an identifier, and were kept apart", rows: len(list),
		none: "Nothing else shares an identifier with it.",
		columns: []column{
			{name: "identifier", title: "Identifier"}, {name: "value", title: "Value", code: true},
			{name: "sharing", title: "Others", number: true}, {name: "name", title: "Name"},
			{name: "record", title: "Record", code: true}, {name: "belongs", title: "Belongs to", code: true},
		},
		value: func(row, i int) any {
			c := &list[row]
			return []any{c.Identifier, c.Value, int64(c.Sharing), c.Name, c.Record, c.Belongs}[i]
		},
		cell: func(row, i int) cell {
			c := &list[row]
			switch {
			case i == 3:
				return cell{Text: cmp.Or(c.Name, c.Record), Link: explained(c.Record)}
			case i == 5 && c.Belongs == "":
				return cell{Text: "nothing"}
			case i == 5:
				return cell{Text: c.Belongs, Link: explained(c.Belongs)}
			}
			return cell{}
		},
	}
}

// day is a time as sentences have it.
func day(t time.Time) string { return t.UTC().Format("2006-01-02 15:04 UTC") }
