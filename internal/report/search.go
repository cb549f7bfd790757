package report

import (
	"context"
	"fmt"
	"slices"
	"strings"
	"unicode"
	"unicode/utf8"

	"assetgraph/graph"
	"assetgraph/internal/panics"
)

// A search is for entities one of whose identifying properties holds one of the texts, or a MAC address. It is coarse:
// what it finds is to be looked at.
type search struct {
	texts []string
	whole bool // nothing but the text; else the text is a part
	macs  []string
	in    identifying // the properties that matter
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

// all returns every one of them, the order in which they are compared.
func (i identifying) all() []string { return slices.Concat(i.names, i.serials, i.codes, i.macs) }

// elements calls f with the entities of some types that a search may find, those of one type after those of another.
// Each is valid until f returns.
func (s Source) elements(ctx context.Context, types []*graph.Type, q search, f func(*graph.Element)) error {
	found, err := s.candidates(ctx, types, q)
	if err != nil {
		return err
	}
	for i, t := range types {
		selection := graph.Selection{Type: t}
		if found != nil {
			if selection.Keys = found[i]; len(selection.Keys) == 0 {
				continue
			}
		}
		for e, err := range s.Store.Elements(ctx, selection) {
			if err != nil {
				return fmt.Errorf("read %s: %w", t.Name, err)
			}
			f(e.Element)
		}
	}
	return nil
}

// candidates returns keys for each type, nil where only looking at all entities would tell.
func (s Source) candidates(ctx context.Context, types []*graph.Type, q search) ([][]graph.Key, error) {
	if searcher, ok := s.Store.(graph.Searcher); ok {
		return searched(ctx, searcher, types, q)
	}
	if s.Language != Cypher {
		return nil, nil
	}
	found := make([][]graph.Key, len(types))
	errs := make([]error, len(types))
	turn := make(chan struct{}, 4)
	var waiting panics.Group
	for i, t := range types {
		waiting.Go(func() {
			turn <- struct{}{}
			defer func() { <-turn }()
			condition := q.cypher(t)
			if condition == "" {
				return
			}
			text := "MATCH (e:" + t.Name + ") WHERE e._type = '" + t.Name + "' AND (" + condition + ") RETURN e._key"
			errs[i] = s.each(ctx, t.Name, text,
				func(row []any) { found[i] = append(found[i], graph.Key(textOf(row[0]))) })
		})
	}
	waiting.Wait()
	for _, err := range errs {
		if err != nil {
			return nil, err
		}
	}
	return found, nil
}

func searched(ctx context.Context, searcher graph.Searcher, types []*graph.Type, q search) ([][]graph.Key, error) {
	var parts []graph.Part
	for _, text := range slices.Concat(q.texts, q.macs) {
		b := bare(text)
		if b == "" {
			return nil, nil
		}
		parts = append(parts, graph.Part{Text: b, Begins: q.whole, Ends: q.whole})
	}
	index := map[string]int{}
	for i, t := range types {
		index[t.Name] = i
	}
	found := make([][]graph.Key, len(types))
	for key, err := range searcher.Search(ctx, parts) {
		if err != nil {
			return nil, err
		}
		if i, ok := index[key.Scope().Type]; ok {
			found[i] = append(found[i], key)
		}
	}
	return found, nil
}

// cypher returns the search as a condition on an entity e of type t, "" for one that can't hold.
func (q search) cypher(t *graph.Type) string {
	var lower, squeezed []string
	for _, text := range q.texts {
		lower = append(lower, strings.ToLower(text))
		if b := bare(text); b != "" {
			squeezed = append(squeezed, b)
		}
	}
	var list []string
	add := func(properties, texts []string, whole bool, form func(string) string) {
		for _, name := range properties {
			p := t.Property(name)
			switch {
			case p == nil || len(texts) == 0:
			case p.Kind == graph.Texts:
				list = append(list, "any(v IN e."+name+" WHERE "+comparison(form("v"), texts, whole)+")")
			default:
				list = append(list, comparison(form("e."+name), texts, whole))
			}
		}
	}
	add(q.in.names, lower, q.whole, func(v string) string { return "toLower(" + v + ")" })
	add(slices.Concat(q.in.serials, q.in.codes), squeezed, q.whole, func(v string) string {
		for _, separator := range []string{"-", " ", ":", ".", "_"} {
			v = "replace(" + v + ", '" + separator + "', '')"
		}
		return "toLower(" + v + ")"
	})
	add(q.in.macs, q.macs, true, func(v string) string { return v })
	return strings.Join(list, " OR ")
}

// comparison compares a value with texts. Texts of people must not become part of a query: of one that has characters
// which a literal does not keep as they are, it looks for a part that has none.
func comparison(value string, texts []string, whole bool) string {
	var equal, list []string
	for _, text := range texts {
		part := literalPart(text)
		if whole && part == text {
			equal = append(equal, "'"+part+"'")
		} else {
			list = append(list, value+" CONTAINS '"+part+"'")
		}
	}
	if len(equal) > 0 {
		list = append(list, value+" IN ["+strings.Join(equal, ", ")+"]")
	}
	return strings.Join(list, " OR ")
}

// literalPart returns the longest part of a text that is the same within quotes: letters, digits and a few signs. Neo4j
// resolves \u escapes before it looks for the end of a literal, so that no escape is safe.
func literalPart(text string) string {
	longest := ""
	for part := range strings.FieldsFuncSeq(text, func(r rune) bool {
		return r == utf8.RuneError || !unicode.IsLetter(r) && !unicode.IsDigit(r) && !strings.ContainsRune(" -._@+:", r)
	}) {
		if len(part) > len(longest) {
			longest = part
		}
	}
	return longest
}
