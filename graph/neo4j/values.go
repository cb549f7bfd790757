package neo4j

import (
	"encoding/hex"
	"time"

	"assetgraph/graph"
)

// parameter returns the value as the driver sends it; nil when it is absent.
func (s *Store) parameter(v graph.Value) any {
	switch v.Kind() {
	case graph.Text:
		return v.Text()
	case graph.Int:
		return v.Int()
	case graph.Bool:
		return v.Bool()
	case graph.Time:
		return s.datetime(v.Time())
	case graph.Texts:
		return v.List()
	case graph.Absent:
	}
	return nil
}

// datetime gives t the offset Z: with a zone's name the server would keep "[UTC]", which is not equal to what people
// write in queries.
func (s *Store) datetime(t time.Time) any {
	if t.IsZero() {
		return nil
	}
	return t.In(s.utc)
}

// valueOf returns what a property holds. A value of another kind than the declared one, which somebody else put there,
// is as good as none.
func valueOf(kind graph.Kind, v any) graph.Value {
	switch v := v.(type) {
	case string:
		if kind == graph.Text {
			return graph.TextOf(v)
		}
	case int64:
		if kind == graph.Int {
			return graph.IntOf(v)
		}
	case bool:
		if kind == graph.Bool {
			return graph.BoolOf(v)
		}
	case time.Time:
		if kind == graph.Time {
			return graph.TimeOf(v)
		}
	case []any:
		if kind == graph.Texts {
			return textsOf(v)
		}
	}
	return graph.Value{}
}

func textsOf(list []any) graph.Value {
	texts := make([]string, 0, len(list))
	for _, v := range list {
		text, ok := v.(string)
		if !ok {
			return graph.Value{}
		}
		texts = append(texts, text)
	}
	return graph.TextsOf(texts...)
}

func digestOf(v any) graph.Digest {
	text, _ := v.(string)
	d, err := graph.ParseDigest(text)
	if err != nil {
		return graph.Digest{} // makes the differ write the element again
	}
	return d
}

// volatileOf reads what [rowMaker.volatileOf] wrote.
func volatileOf(v any) (graph.Digest, graph.Clock) {
	const digits = 2 * len(graph.Digest{})
	text, _ := v.(string)
	if len(text) < digits {
		return graph.Digest{}, ""
	}
	clock, err := hex.DecodeString(text[digits:])
	if err != nil {
		return graph.Digest{}, ""
	}
	return digestOf(text[:digits]), graph.Clock(clock)
}

func timeOf(v any) time.Time {
	if t, ok := v.(time.Time); ok {
		return t.UTC()
	}
	return time.Time{}
}
