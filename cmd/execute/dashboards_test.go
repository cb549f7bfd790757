package main

import (
	"database/sql"
	"encoding/json"
	"os"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"assetgraph/internal/report"
)

// dashboard reads a file of deploy/dashboards.
func dashboard(t *testing.T, name string) (content map[string]any) {
	t.Helper()
	text, err := os.ReadFile("../../deploy/dashboards/" + name)
	require.NoError(t, err)
	require.NoError(t, json.Unmarshal(text, &content))
	return content
}

// texts returns the values of all members of that name, however deep.
func texts(v any, name string) (list []string) {
	switch v := v.(type) {
	case []any:
		for _, e := range v {
			list = append(list, texts(e, name)...)
		}
	case map[string]any:
		for key, e := range v {
			if text, ok := e.(string); ok && key == name {
				list = append(list, text)
			} else {
				list = append(list, texts(e, name)...)
			}
		}
	}
	return list
}

// What other tools ask of the file is answered when it is opened as they do, without the program's help; what they ask of
// Neo4j is the ready questions, which other tests ask there.
func TestDashboardsAskWhatIsAnswered(t *testing.T) {
	datasette, grafana, neodash := dashboard(t, "datasette.json"), dashboard(t, "grafana-sqlite.json"), dashboard(t, "neodash.json")
	library, err := report.Library()
	require.NoError(t, err)
	var inSQL, inCypher []string
	for _, q := range library {
		inSQL, inCypher = append(inSQL, q.In(report.SQL)), append(inCypher, q.In(report.Cypher))
	}
	require.ElementsMatch(t, inSQL, texts(datasette["databases"], "sql"))
	require.ElementsMatch(t, inSQL, texts(grafana["panels"], "rawQueryText"))
	require.ElementsMatch(t, inCypher, texts(neodash["pages"], "query"))

	workIn(t)
	answered(t, nil, "--demo")
	db, err := sql.Open("sqlite", "file:demo.db?mode=ro")
	require.NoError(t, err)
	defer db.Close()
	for i, text := range inSQL {
		rows, err := db.QueryContext(t.Context(), text)
		require.NoError(t, err, text)
		n := 0
		for rows.Next() {
			n++
		}
		require.NoError(t, rows.Err(), text)
		require.NoError(t, rows.Close())
		_, want := csvTable(t, answered(t, nil, "query", "--demo", "@"+library[i].Name, "--output", "csv"))
		require.Len(t, want, n, library[i].Name)
	}
}

// Tiles of a dashboard stand beside each other and below each other, none over another.
func TestTilesDoNotOverlap(t *testing.T) {
	taken := func(list []any, width, height string, at func(tile map[string]any) map[string]any) {
		places := map[[2]int]string{}
		for _, e := range list {
			place, title := at(e.(map[string]any)), e.(map[string]any)["title"].(string)
			number := func(name string) int { return int(place[name].(float64)) }
			for x := number("x"); x < number("x")+number(width); x++ {
				for y := number("y"); y < number("y")+number(height); y++ {
					require.Less(t, x, 24)
					require.Empty(t, places[[2]int{x, y}], "%s over %s", title, places[[2]int{x, y}])
					places[[2]int{x, y}] = title
				}
			}
		}
		require.NotEmpty(t, places)
	}
	taken(dashboard(t, "grafana-sqlite.json")["panels"].([]any), "w", "h",
		func(tile map[string]any) map[string]any { return tile["gridPos"].(map[string]any) })
	page := dashboard(t, "neodash.json")["pages"].([]any)[0].(map[string]any)
	taken(page["reports"].([]any), "width", "height", func(tile map[string]any) map[string]any { return tile })
}

// Nobody's host, user or file is in what is handed out.
func TestDashboardsNameNoPlace(t *testing.T) {
	for _, name := range []string{"datasette.json", "grafana-sqlite.json", "neodash.json"} {
		text, err := os.ReadFile("../../deploy/dashboards/" + name)
		require.NoError(t, err)
		require.NotContains(t, string(text), "://", name)
		require.Less(t, strings.Count(string(text), "\n"), 2_000, name)
	}
}
