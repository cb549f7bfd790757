// Package modeldoc describes a declared schema for people: as Markdown for docs/graph-model.md and `execute schema`,
// and as data for its JSON form. It imports package graph alone.
package modeldoc

import (
	"fmt"
	"strings"

	"assetgraph/graph"
)

// A Model is a schema as data.
type Model struct {
	Entities      []Type `json:"entities"`
	Relationships []Type `json:"relationships"`
}

// A Type describes one entity type or relationship type.
type Type struct {
	Type        string     `json:"_type"`
	Class       []string   `json:"_class"`
	Integration string     `json:"_integration"`
	Source      string     `json:"source"`
	Verb        string     `json:"verb,omitempty"`
	From        string     `json:"from,omitempty"`
	To          string     `json:"to,omitempty"`
	Transient   bool       `json:"transient,omitempty"` // its elements come and go by design
	Properties  []Property `json:"properties"`
}

// A Property describes one property.
type Property struct {
	Name     string `json:"name"`
	Kind     string `json:"type"`
	Volatile bool   `json:"volatile"`       // a change of only such properties is a refresh
	Part     string `json:"part,omitempty"` // the part of what is read of which it comes
	Doc      string `json:"doc,omitempty"`
}

// Of returns the schema as data, in its order. No list is nil.
func Of(s *graph.Schema) Model {
	m := Model{Entities: []Type{}, Relationships: []Type{}}
	for _, t := range s.Types() {
		d := Type{
			Type: t.Name, Class: t.Classes, Integration: t.Integration, Source: t.Source, Verb: t.Verb, From: t.From,
			To: t.To, Transient: t.Transient, Properties: []Property{},
		}
		for _, p := range t.Properties {
			d.Properties = append(d.Properties,
				Property{Name: p.Name, Kind: p.Kind.String(), Volatile: p.Volatile, Part: p.Part, Doc: p.Doc})
		}
		if t.IsRelationship() {
			m.Relationships = append(m.Relationships, d)
		} else {
			m.Entities = append(m.Entities, d)
		}
	}
	return m
}

// Markdown returns the schema as Markdown: an overview, one table for each entity type, one of all relationships.
func Markdown(s *graph.Schema) string {
	m := Of(s)
	var b strings.Builder
	b.WriteString("## Entities\n\n| `_type` | `_class` | from |\n|---|---|---|\n")
	for _, t := range m.Entities {
		fmt.Fprintf(&b, "| [`%s`](#%s) | %s | %s |\n", t.Type, t.Type, strings.Join(t.Class, ", "), cell(t.Source))
	}
	b.WriteString("\n## Relationships\n\n| `_type` | from | verb | to | properties |\n|---|---|---|---|---|\n")
	for _, t := range m.Relationships {
		fmt.Fprintf(&b, "| `%s` | `%s` | %s | `%s` | %s |\n", t.Type, t.From, t.Verb, t.To, names(t.Properties))
	}
	b.WriteString("\n## Properties of each entity type\n")
	for _, t := range m.Entities {
		comes := ""
		if t.Transient {
			comes = " They come and go: any number may be gone with the next run."
		}
		fmt.Fprintf(&b, "\n### %s\n\nClasses: %s. From: %s.%s\n\n| property | type | |\n|---|---|---|\n", t.Type,
			strings.Join(t.Class, ", "), t.Source, comes)
		for _, p := range t.Properties {
			fmt.Fprintf(&b, "| `%s` | %s | %s |\n", p.Name, p.Kind, note(p))
		}
	}
	return b.String()
}

func names(list []Property) string {
	out := make([]string, len(list))
	for i, p := range list {
		out[i] = "`" + p.Name + "`"
	}
	return strings.Join(out, ", ")
}

func note(p Property) string {
	parts := make([]string, 0, 3)
	if p.Part != "" {
		parts = append(parts, "part `"+p.Part+"`")
	}
	if p.Volatile {
		parts = append(parts, "volatile")
	}
	if p.Doc != "" {
		parts = append(parts, cell(p.Doc))
	}
	return strings.Join(parts, "; ")
}

func cell(s string) string { return strings.ReplaceAll(s, "|", `\|`) }
