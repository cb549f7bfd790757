package jupiterone

import (
	"encoding/json"
	"strconv"
	"time"

	"assetgraph/graph"
)

// An Encoder writes elements of one type. It may be used from any goroutine.
type Encoder struct {
	t      *graph.Type
	blanks []rule // required properties that the data may lack
}

// NewEncoder returns the encoder for elements of type t.
func NewEncoder(t *graph.Type) *Encoder {
	e := &Encoder{t: t}
	if t.IsRelationship() {
		return e
	}
	seen := map[string]bool{}
	for _, class := range t.Classes {
		for _, r := range rulesOf(class) {
			if r.blank != "" && !seen[r.name] {
				seen[r.name] = true
				e.blanks = append(e.blanks, r)
			}
		}
	}
	return e
}

// Append appends the element as one line of JSON without its line feed: underscored properties first, then the declared
// ones in their order. A value that the provider did not give is left out; where a class of the entity requires one,
// what the class allows in its place stands there. A relationship carries the keys of its ends and has its verb as
// class and displayName.
func (e *Encoder) Append(b []byte, s graph.Stored) []byte {
	b = append(b, `{"_key":`...)
	b = appendText(b, string(s.Key))
	b = appendTextField(b, "_type", e.t.Name)
	if e.t.IsRelationship() {
		b = appendTextField(b, "_class", e.t.Verb)
		b = appendTextField(b, "_fromEntityKey", string(s.From))
		b = appendTextField(b, "_toEntityKey", string(s.To))
		b = appendTextField(b, "displayName", e.t.Verb)
	} else {
		b = appendField(b, "_class", appendTexts(nil, e.t.Classes))
	}
	b = appendTail(b, s)
	for _, r := range e.blanks {
		if s.Get(r.name).IsAbsent() {
			b = appendField(b, r.name, []byte(r.blank))
		}
	}
	return append(b, '}')
}

func appendTail(b []byte, s graph.Stored) []byte {
	b = appendTextField(b, "_integration", s.Type.Integration)
	b = appendTextField(b, "_instance", s.Instance)
	b = appendTextField(b, "_digest", s.Digest.String())
	b = appendField(b, "_createdOn", appendMillis(nil, s.CreatedOn))
	b = appendField(b, "_updatedOn", appendMillis(nil, s.UpdatedOn))
	for p, v := range s.Values() {
		b = appendField(b, p.Name, appendValue(nil, v))
	}
	return b
}

func appendValue(b []byte, v graph.Value) []byte {
	switch v.Kind() {
	case graph.Text:
		return appendText(b, v.Text())
	case graph.Texts:
		return appendTexts(b, v.List())
	case graph.Int:
		return strconv.AppendInt(b, v.Int(), 10)
	case graph.Bool:
		return strconv.AppendBool(b, v.Bool())
	case graph.Time:
		return strconv.AppendInt(b, v.UnixMilli(), 10)
	case graph.Absent:
	}
	return append(b, null...)
}

func appendMillis(b []byte, t time.Time) []byte { return strconv.AppendInt(b, t.UnixMilli(), 10) }

func appendTextField(b []byte, name, value string) []byte {
	return appendField(b, name, appendText(nil, value))
}

func appendField(b []byte, name string, value []byte) []byte {
	b = append(b, ',')
	b = appendText(b, name)
	b = append(b, ':')
	return append(b, value...)
}

func appendTexts(b []byte, list []string) []byte {
	b = append(b, '[')
	for i, s := range list {
		if i > 0 {
			b = append(b, ',')
		}
		b = appendText(b, s)
	}
	return append(b, ']')
}

// appendText relies on the JSON encoder for escaping; text never fails to encode.
func appendText(b []byte, s string) []byte {
	quoted, err := json.Marshal(s)
	if err != nil {
		return append(b, emptyText...)
	}
	return append(b, quoted...)
}
