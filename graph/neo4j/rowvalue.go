package neo4j

import (
	"encoding/base64"
	"fmt"
	"slices"
	"time"
	"unicode/utf8"

	driver "github.com/neo4j/neo4j-go-driver/v5/neo4j"
	"github.com/neo4j/neo4j-go-driver/v5/neo4j/dbtype"
)

// rowValue turns a value of the driver into one of the kinds that graph.Rows names. A date and a time of day become
// texts, since they are no point in time; a point becomes a map, and bytes that are no text become base64.
func rowValue(v any) any {
	switch v := v.(type) {
	case []any:
		return plainList(v)
	case map[string]any:
		return plainMap(v)
	case []byte:
		return plainBytes(v)
	case time.Time:
		return v.UTC()
	case dbtype.LocalDateTime:
		return time.Time(v)
	case driver.Node:
		return plainNode(v)
	case driver.Relationship:
		return plainRelationship(v)
	case driver.Path:
		return plainPath(v)
	case dbtype.Point2D:
		return map[string]any{"srid": int64(v.SpatialRefId), "x": v.X, "y": v.Y}
	case dbtype.Point3D:
		return map[string]any{"srid": int64(v.SpatialRefId), "x": v.X, "y": v.Y, "z": v.Z}
	case fmt.Stringer: // dates, times of day, durations
		return v.String()
	}
	return v
}

func plainList(list []any) []any {
	out := make([]any, len(list))
	for i, v := range list {
		out[i] = rowValue(v)
	}
	return out
}

func plainMap(m map[string]any) map[string]any {
	out := make(map[string]any, len(m))
	for k, v := range m {
		out[k] = rowValue(v)
	}
	return out
}

func plainBytes(b []byte) string {
	if utf8.Valid(b) {
		return string(b)
	}
	return base64.StdEncoding.EncodeToString(b)
}

func plainNode(n driver.Node) map[string]any {
	out := plainMap(n.Props)
	labels := make([]any, 0, len(n.Labels))
	for _, l := range slices.Sorted(slices.Values(n.Labels)) {
		labels = append(labels, l)
	}
	out["_labels"] = labels
	return out
}

func plainRelationship(r driver.Relationship) map[string]any {
	out := plainMap(r.Props)
	out["_verb"] = r.Type
	return out
}

func plainPath(p driver.Path) []any {
	var out []any
	for i, n := range p.Nodes {
		out = append(out, plainNode(n))
		if i < len(p.Relationships) {
			out = append(out, plainRelationship(p.Relationships[i]))
		}
	}
	return out
}
