package sqlite

import (
	"context"
	"strings"

	"assetgraph/graph"
)

// view is a SQL view that shows the elements of one type.
type view struct{ name, definition string }

// staleViews returns the views that lack or whose definition is no longer what the schema asks for. Views of types that
// the schema does not know stay.
func staleViews(ctx context.Context, c *conn, schema *graph.Schema) ([]view, error) {
	present := map[string]string{}
	err := c.query(ctx, func(columns []any) error {
		present[textOf(columns[0])] = textOf(columns[1])
		return nil
	}, "SELECT name, sql FROM sqlite_schema WHERE type = 'view'")
	if err != nil {
		return nil, err
	}
	stale, wanted := []view(nil), ownViews()
	for _, t := range schema.Types() {
		wanted = append(wanted, viewOf(t))
	}
	for _, v := range wanted {
		if present[v.name] != v.definition {
			stale = append(stale, v)
		}
	}
	return stale, nil
}

// ownViews are the views that show what is kept beside the graph.
func ownViews() []view { return []view{findingView(), figureView()} }

func viewOf(t *graph.Type) view {
	var columns []string
	for _, c := range viewColumns(t) {
		columns = append(columns, c.expression+" AS "+quoteName(c.name))
	}
	return view{
		t.Name, "CREATE VIEW " + quoteName(t.Name) + " AS SELECT " + strings.Join(columns, ",\n  ") + "\n" +
			sourceOf(t),
	}
}

// viewColumn is a column of a view and what it shows.
type viewColumn struct{ name, expression string }

func viewColumns(t *graph.Type) []viewColumn {
	class := append(appendTexts(nil, t.Classes), ' ')
	columns := []viewColumn{
		{"_key", "e.key"},
		{"_type", quoteText(t.Name)},
		{"_class", quoteText(strings.TrimSpace(string(class)))},
		{"_integration", quoteText(t.Integration)},
		{"_instance", "s.instance"},
	}
	if t.IsRelationship() {
		columns = append(columns, viewColumn{"_from", "f.key"}, viewColumn{"_to", "t.key"})
	}
	columns = append(columns,
		viewColumn{"_digest", "lower(hex(e.digest))"},
		viewColumn{"_createdOn", instant("e.created")},
		viewColumn{"_updatedOn", instant("e.updated")})
	for _, p := range t.Properties {
		columns = append(columns,
			viewColumn{p.Name, "json_extract(e.properties, " + quoteText("$."+string(appendText(nil, p.Name))) + ")"})
	}
	return columns
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
		" AND e.key >= s.instance || " + quoteText(":"+t.Name+":") + " AND e.key < s.instance || " +
		quoteText(":"+t.Name+";") +
		" WHERE s.type = " + quoteText(t.Name)
}

// instant turns epoch milliseconds into text in graph.TimeLayout.
func instant(column string) string {
	return "strftime('%Y-%m-%dT%H:%M:%fZ', " + column + " / 1000.0, 'unixepoch')"
}

func quoteName(s string) string { return `"` + strings.ReplaceAll(s, `"`, `""`) + `"` }
func quoteText(s string) string { return "'" + strings.ReplaceAll(s, "'", "''") + "'" }
