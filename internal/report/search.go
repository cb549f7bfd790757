package report

import (
	"context"
	"slices"

	"assetgraph/graph"
)

// A search is for entities one of whose identifying properties holds one of the texts. It is coarse:
// what it finds is to be looked at.
type search struct {
	texts []sought
	in    identifying // the properties that matter
}

// sought is a text with the properties that may hold it, nil for all of the search's.
type sought struct {
	text  string
	whole bool // nothing but the text; else the text is a part
	in    []string
}

// identifying lists the properties that name something, by how they are compared: those that a type declares.
type identifying struct {
	names          []string // in any case
	serials, codes []string // letters and digits alone count
	macs           []string
}

const macAddresses = "macAddresses"

// identifying returns the properties that Explain looks at: some that have the same name in all products, and what
// roles name.
func (s Source) identifying() identifying {
	i := identifying{
		names:   []string{"id", "name", "displayName", "hostname", "fqdn", "netbiosName", "email", "username"},
		serials: []string{"serial"}, codes: []string{"uuid", "uid", "deviceId"}, macs: []string{macAddresses},
	}
	add := func(list *[]string, fields ...graph.Field) {
		for _, f := range fields {
			if p := f.Property(); p != nil && !slices.Contains(i.all(), p.Name) {
				*list = append(*list, p.Name)
			}
		}
	}
	for _, t := range s.Schema.Types() {
		switch role := s.Model.Role(t.Name); {
		case role == nil:
		case role.Machine != nil:
			add(&i.names, role.Machine.Names...)
			add(&i.serials, role.Machine.Serials...)
			add(&i.codes, role.Machine.External)
			add(&i.macs, role.Machine.MACs)
		case role.Customer != nil:
			add(&i.names, role.Customer.Name)
		case role.Human != nil:
			add(&i.names, role.Human.Email)
		}
	}
	return i
}

// Searched returns the names of the properties by which Explain finds what a text names: those that a store may want an
// index over.
func Searched(schema *graph.Schema, m Model) []string {
	return Source{Schema: schema, Model: m}.identifying().all()
}

// all returns every one of them, the order in which they are compared.
func (i identifying) all() []string { return slices.Concat(i.names, i.serials, i.codes, i.macs) }

// elements calls f with the entities of some types that a search may find, those of one type after those of another, of
// which the named properties are read. Each is valid until f returns.
func (s Source) elements(
	ctx context.Context, types []*graph.Type, q search, properties []string, f func(*graph.Element),
) error {
	found, err := s.candidates(ctx, types, q)
	if err != nil {
		return err
	}
	for i, t := range types {
		selection := graph.Selection{Type: t, Properties: properties}
		if found != nil {
			if selection.Keys = found[i]; len(selection.Keys) == 0 {
				continue
			}
		}
		if err := s.eachOf(ctx, selection, func(e graph.Stored) { f(e.Element) }); err != nil {
			return err
		}
	}
	return nil
}

// candidates returns keys for each type, nil where only looking at all entities would tell: of a text without ASCII
// letters and digits.
func (s Source) candidates(ctx context.Context, types []*graph.Type, q search) ([][]graph.Key, error) {
	asked := graph.Search{Types: types, Properties: q.in.all()}
	for _, t := range q.texts {
		b := bare(t.text)
		if b == "" {
			return nil, nil
		}
		asked.Parts = append(asked.Parts, graph.Part{Text: b, Begins: t.whole, Ends: t.whole, Properties: t.in})
	}
	index := map[string]int{}
	for i, t := range types {
		index[t.Name] = i
	}
	found := make([][]graph.Key, len(types))
	for key, err := range s.Store.Search(ctx, asked) {
		if err != nil {
			return nil, err
		}
		i := index[key.Scope().Type]
		found[i] = append(found[i], key)
	}
	return found, nil
}
