package report

import (
	"math"
	"strconv"
	"time"

	"assetgraph/graph"
)

// JSONValue returns a value of an answer as JSON can have it: times as [graph.TimeLayout] writes them, and numbers that
// JSON does not have (NaN, infinities) as text.
func JSONValue(v any) any {
	switch t := v.(type) {
	case time.Time:
		return t.UTC().Format(graph.TimeLayout)
	case float64:
		if math.IsNaN(t) || math.IsInf(t, 0) {
			return strconv.FormatFloat(t, 'g', -1, 64)
		}
	}
	return v
}
