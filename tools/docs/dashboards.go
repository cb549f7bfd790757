package main

import (
	"bytes"
	"encoding/json"

	"assetgraph/internal/report"
)

// dashboards returns the ready questions as other tools show them.
func dashboards() ([]file, error) {
	list, err := report.Library()
	if err != nil {
		return nil, err
	}
	var files []file
	for _, d := range []struct {
		path    string
		content any
	}{
		{"deploy/dashboards/datasette.json", datasette(list)},
		{"deploy/dashboards/grafana-sqlite.json", grafana(list)},
		{"deploy/dashboards/neodash.json", neodash(list)},
	} {
		var text bytes.Buffer
		e := json.NewEncoder(&text)
		e.SetEscapeHTML(false)
		e.SetIndent("", "  ")
		if err := e.Encode(d.content); err != nil {
			return nil, err
		}
		files = append(files, file{d.path, text.String()})
	}
	return files, nil
}

// shownAs is the name of the dashboards.
const shownAs = "assetgraph: ready questions"

// object is a JSON object. Its members are written in alphabetical order.
type object map[string]any

// datasette returns metadata of Datasette: the questions as canned queries of the database assetgraph, which is how
// Datasette calls assetgraph.db.
func datasette(list []report.Question) object {
	queries := object{}
	for _, q := range list {
		queries[q.Name] = object{"title": q.Title, "description": q.About, "sql": q.In(report.SQL)}
	}
	return object{
		"title": "assetgraph",
		"databases": object{"assetgraph": object{
			"description": "Machines, customers and people, and what products know of them. One view for each type; the " +
				"tables below them are the program's own.",
			"queries": queries,
		}},
	}
}

// A tile is a place on a dashboard. Two stand beside each other.
type tile struct{ x, y, width, height int }

func tileOf(i, columns, height int) tile {
	return tile{x: i % 2 * columns / 2, y: i / 2 * height, width: columns / 2, height: height}
}

// grafana returns a dashboard for the data source frser-sqlite-datasource, which Grafana asks for when it is imported.
func grafana(list []report.Question) object {
	const columns, height = 24, 9
	source := object{"type": "frser-sqlite-datasource", "uid": "${DS_ASSETGRAPH}"}
	panels := make([]object, 0, len(list))
	for i, q := range list {
		at, text := tileOf(i, columns, height), q.In(report.SQL)
		panels = append(panels, object{
			"id": i + 1, "type": "table", "title": q.Title, "description": q.About, "datasource": source,
			"gridPos": object{"x": at.x, "y": at.y, "w": at.width, "h": at.height},
			"targets": []object{{
				"refId": "A", "datasource": source, "queryType": "table", "queryText": text, "rawQueryText": text,
				"timeColumns": []string{},
			}},
			"fieldConfig": object{"defaults": object{}, "overrides": []object{}},
			"options":     object{"showHeader": true, "cellHeight": "sm"},
		})
	}
	return object{
		"__inputs": []object{{
			"name": "DS_ASSETGRAPH", "label": "assetgraph", "description": "the SQLite file of the graph",
			"type": "datasource", "pluginId": "frser-sqlite-datasource", "pluginName": "SQLite",
		}},
		"__requires": []object{
			{"type": "grafana", "id": "grafana", "name": "Grafana", "version": "10.0.0"},
			{"type": "datasource", "id": "frser-sqlite-datasource", "name": "SQLite", "version": "3.0.0"},
			{"type": "panel", "id": "table", "name": "Table", "version": ""},
		},
		"uid": "assetgraph-questions", "title": shownAs, "tags": []string{"assetgraph"}, "schemaVersion": 39,
		"editable": true, "time": object{"from": "now-24h", "to": "now"}, "panels": panels,
	}
}

// neodash returns a dashboard of NeoDash 2.4, the form that Neo4j's own dashboards import too.
func neodash(list []report.Question) object {
	const columns, height = 24, 6
	reports := make([]object, 0, len(list))
	for i, q := range list {
		at := tileOf(i, columns, height)
		reports = append(reports, object{
			"id": q.Name, "title": q.Title, "type": "table", "query": q.In(report.Cypher),
			"x": at.x, "y": at.y, "width": at.width, "height": at.height, "selection": object{},
			"settings": object{"description": q.About, "refreshButtonEnabled": true, "allowDownload": true},
		})
	}
	return object{
		"title": shownAs, "version": "2.4", "uuid": "assetgraph-questions",
		"settings":   object{"pagenumber": 0, "editable": true, "fullscreenEnabled": true, "parameters": object{}},
		"pages":      []object{{"title": "Ready questions", "reports": reports}},
		"parameters": object{}, "extensions": object{},
	}
}
