package report

import (
	"context"
	"fmt"
	"slices"
	"strings"

	"assetgraph/graph"
)

// A Language is what a store's Query understands.
type Language uint8

// The languages: that of the embedded graph and that of Neo4j.
const (
	SQL Language = iota
	Cypher
)

// String returns the language as it is written.
func (l Language) String() string { return [...]string{"SQL", "Cypher"}[l] }

// A Store is what answers need of a graph store.
type Store interface {
	graph.Reader
	graph.Querier

	// Runs is that of graph.Journal.
	Runs(ctx context.Context, limit int) ([]graph.Run, error)
}

// A Source is a graph that can be asked.
type Source struct {
	Store    Store
	Language Language // that Store's Query understands
	Schema   *graph.Schema
	Model    Model // what the types of Schema are
}

// each calls f with every row of the answer.
func (s Source) each(ctx context.Context, what, text string, f func(row []any)) error {
	rows, err := s.Store.Query(ctx, text)
	if err != nil {
		return fmt.Errorf("read %s: %w", what, err)
	}
	for row, err := range rows.Rows {
		if err != nil {
			return fmt.Errorf("read %s: %w", what, err)
		}
		f(row)
	}
	return nil
}

// eachEntity calls f with the named properties of every entity of type t.
func (s Source) eachEntity(ctx context.Context, t string, properties []string, f func(row []any)) error {
	var text string
	if s.Language == SQL {
		text = "SELECT " + columnsOf("e", properties, SQL) + " FROM " + quoted(t) + " e"
	} else {
		text = "MATCH (e:" + t + ") WHERE e._type = '" + t + "' RETURN " + columnsOf("e", properties, Cypher)
	}
	return s.each(ctx, t, text, f)
}

// A link names a relationship type and what is wanted of it and of the entity where it begins.
type link struct {
	t    *graph.Type
	of   []string // properties of the relationship
	from []string // properties of the entity that it leads from
	ends []string // keys of ends: only those; nil for all
	out  bool     // ends are those that it leads from; else those that it leads to
}

// eachLink calls f with the key of the end and the key of the beginning of every relationship, followed by the wanted
// properties of the relationship and of its beginning.
func (s Source) eachLink(ctx context.Context, l link, f func(row []any)) error {
	if l.ends == nil {
		return s.each(ctx, l.t.Name, s.linkText(l), f)
	}
	const most = 500 // keys in one text
	for part := range slices.Chunk(l.ends, most) {
		l.ends = part
		if err := s.each(ctx, l.t.Name, s.linkText(l), f); err != nil {
			return err
		}
	}
	return nil
}

func (s Source) linkText(l link) string {
	var columns []string
	for _, c := range [...]struct {
		alias string
		names []string
	}{{"r", l.of}, {"f", l.from}} {
		if len(c.names) > 0 {
			columns = append(columns, columnsOf(c.alias, c.names, s.Language))
		}
	}
	if s.Language == SQL {
		return l.sql(strings.Join(append([]string{`r."_to", r."_from"`}, columns...), ", "))
	}
	return l.cypher(strings.Join(append([]string{"t._key", "f._key AS origin"}, columns...), ", "))
}

func (l link) sql(columns string) string {
	text := "SELECT " + columns + " FROM " + quoted(l.t.Name) + " r"
	if len(l.from) > 0 {
		text += " JOIN " + quoted(l.t.From) + ` f ON f."_key" = r."_from"`
	}
	switch {
	case l.ends == nil:
		return text
	case l.out:
		return text + ` WHERE r."_from" IN (` + keyList(l.ends) + ")"
	}
	return text + ` WHERE r."_to" IN (` + keyList(l.ends) + ")"
}

func (l link) cypher(columns string) string {
	text := "MATCH (f:" + l.t.From + ")-[r:" + l.t.Verb + "]->(t:" + l.t.To + ") WHERE r._type = '" + l.t.Name + "'"
	switch {
	case l.ends == nil:
	case l.out:
		text = "MATCH (f:Entity) WHERE f._key IN [" + keyList(l.ends) + "] " + text
	default:
		text = "MATCH (t:Entity) WHERE t._key IN [" + keyList(l.ends) + "] " + text
	}
	return text + " RETURN " + columns
}

// columnsOf names properties, which come from the schema or stand in this package, as columns of an answer.
func columnsOf(alias string, properties []string, l Language) string {
	list := make([]string, len(properties))
	for i, p := range properties {
		if l == SQL {
			list[i] = alias + "." + quoted(p)
		} else {
			list[i] = alias + "." + p
		}
	}
	return strings.Join(list, ", ")
}

func quoted(name string) string { return `"` + strings.ReplaceAll(name, `"`, `""`) + `"` }

// keyList writes keys as literals. Keys are made of a few harmless characters (graph.Key); one that is not is left out,
// because texts of people must never become part of a query.
func keyList(keys []string) string {
	list := make([]string, 0, len(keys))
	for _, k := range keys {
		if strings.IndexFunc(k, strange) < 0 {
			list = append(list, "'"+k+"'")
		}
	}
	return strings.Join(list, ", ")
}

func strange(r rune) bool {
	return (r < '0' || r > '9') && (r < 'a' || r > 'z') && (r < 'A' || r > 'Z') &&
		!strings.ContainsRune("-._~@+=%:|", r)
}
