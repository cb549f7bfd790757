package sqlite

import (
	"context"
	"strings"

	"modernc.org/sqlite"

	"assetgraph/graph"
)

// kinds returns for each column of a query the kind of the declared property that it shows, Absent for one that shows
// none or makes something else of it. It is nil when that can't be told.
//
// The columns of a view are expressions, of which SQLite knows no type. So the text is compiled once more, in a
// database in memory in which each view is a table with declared columns, and never run there.
func kinds(ctx context.Context, schema *graph.Schema, text string, columns int) []graph.Kind {
	var info []sqlite.ColumnInfo
	err := useAlone(ctx, empty, func(c *conn) (err error) {
		info, err = describe(ctx, c, schema, text)
		return err
	})
	if err != nil || len(info) != columns {
		return nil // it asks for something beside the views
	}
	out := make([]graph.Kind, columns)
	for i, column := range info {
		if t := schema.Type(column.TableName); t != nil {
			if p := t.Property(column.OriginName); p != nil {
				out[i] = p.Kind
			}
		}
	}
	return out
}

func describe(ctx context.Context, c *conn, schema *graph.Schema, text string) ([]sqlite.ColumnInfo, error) {
	statements, lower := tables(), strings.ToLower(text)
	for _, t := range schema.Types() {
		if strings.Contains(lower, strings.ToLower(t.Name)) { // only what the text can mean
			statements = append(statements, shadow(t))
		}
	}
	for _, s := range statements {
		if _, err := c.exec(ctx, s); err != nil {
			return nil, err
		}
	}
	return c.describe(text)
}

// shadow returns the text that makes a table with the columns of a type's view.
func shadow(t *graph.Type) string {
	var names []string
	for _, c := range viewColumns(t) {
		names = append(names, quoteName(c.name))
	}
	return "CREATE TABLE " + quoteName(t.Name) + " (" + strings.Join(names, ", ") + ")"
}
