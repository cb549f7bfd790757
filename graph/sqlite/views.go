package sqlite

import (
	"context"
	"database/sql/driver"
	"strings"

	"assetgraph/graph"
)

// view is a SQL view that shows the elements of one type.
type view struct{ name, definition string }

// staleViews returns the views that lack or whose definition is no longer what the schema asks for. Views of types that
// the schema does not know stay.
func staleViews(ctx context.Context, c *conn, schema *graph.Schema) ([]view, error) {
	present := map[string]string{}
	err := c.query(ctx, func(columns []driver.Value) error {
		present[textOf(columns[0])] = textOf(columns[1])
		return nil
	}, "SELECT name, sql FROM sqlite_schema WHERE type = 'view'")
	if err != nil {
		return nil, err
	}
	var stale []view
	for _, t := range schema.Types() {
		if v := viewOf(t); present[v.name] != v.definition {
			stale = append(stale, v)
		}
	}
	return stale, nil
}

func viewOf(t *graph.Type) view {
	var b strings.Builder
	column := func(expression, name string) {
		if b.Len() > 0 {
			b.WriteString(",\n  ")
		}
		b.WriteString(expression + " AS " + quoteName(name))
	}
	class := append(appendTexts(nil, t.Classes), ' ')
	column("e.key", "_key")
	column(quoteText(t.Name), "_type")
	column(quoteText(strings.TrimSpace(string(class))), "_class")
	column(quoteText(t.Integration), "_integration")
	column("s.instance", "_instance")
	if t.IsRelationship() {
		column("f.key", "_from")
		column("t.key", "_to")
	}
	column("lower(hex(e.digest))", "_digest")
	column(instant("e.created"), "_createdOn")
	column(instant("e.updated"), "_updatedOn")
	for _, p := range t.Properties {
		column("json_extract(e.properties, "+quoteText("$."+string(appendText(nil, p.Name)))+")", p.Name)
	}
	return view{t.Name, "CREATE VIEW " + quoteName(t.Name) + " AS SELECT " + b.String() + "\n" + sourceOf(t)}
}

// sourceOf names the tables that a view is made of. The range of keys lets a scan of an entity's view read its own
// scopes alone; a search by key goes to the key at once and finds the scope by number.
func sourceOf(t *graph.Type) string {
	if t.IsRelationship() {
		return "FROM graph_scope s JOIN graph_relationship e ON e.scope = s.id" +
			" JOIN graph_entity f ON f.id = e.from_id JOIN graph_entity t ON t.id = e.to_id" +
			" WHERE s.type = " + quoteText(t.Name)
	}
	return "FROM graph_scope s JOIN graph_entity e ON e.scope = s.id" +
		" AND e.key >= s.instance || " + quoteText(":"+t.Name+":") + " AND e.key < s.instance || " + quoteText(":"+t.Name+";") +
		" WHERE s.type = " + quoteText(t.Name)
}

// instant turns epoch milliseconds into text in graph.TimeLayout.
func instant(column string) string {
	return "strftime('%Y-%m-%dT%H:%M:%fZ', " + column + " / 1000.0, 'unixepoch')"
}

func quoteName(s string) string { return `"` + strings.ReplaceAll(s, `"`, `""`) + `"` }
func quoteText(s string) string { return "'" + strings.ReplaceAll(s, "'", "''") + "'" }
