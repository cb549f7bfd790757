package rawjson_test

import (
	"fmt"
	"maps"
	"reflect"
	"slices"
	"strconv"
	"strings"
	"testing"

	"assetgraph/collectors"
	"assetgraph/collectors/internal/rawjson"

	"github.com/go-json-experiment/json"
	"github.com/go-json-experiment/json/jsontext"
	"github.com/stretchr/testify/require"
)

// A value of another shape costs its own field: the others are read, in front of it and behind it.
func TestValueOfAnotherShapeCostsItsField(t *testing.T) {
	const before, after = `{"coreCount":4,`, `,"isActive":true,"id":"7"}`
	rest := agent{ID: "7", Count: rawjson.Int{N: 4, Set: true}, Live: rawjson.Bool{B: true, Set: true}}
	with := func(change func(*agent)) agent {
		a := rest
		change(&a)
		return a
	}
	for name, tc := range map[string]struct {
		member string
		want   agent
		unread []string
	}{
		"object for a text": {
			`"computerName":{"hunter2":1}`, rest, []string{"computerName: an object where a text was expected"},
		},
		"text for a number":   {`"plain":"hunter2"`, rest, []string{"plain: a text where a whole number was expected"}},
		"array for an object": {`"tags":["hunter2"]`, rest, []string{"tags: an array where an object was expected"}},
		"text for a list": {
			`"networkInterfaces":"hunter2"`, rest, []string{"networkInterfaces: a text where an array was expected"},
		},
		"text for a pointer": {`"owner":"hunter2"`, rest, []string{"owner: a text where an object was expected"}},
		"one member of a map": {
			`"tags":{"a":"1","b":4711,"c":"3"}`,
			with(func(a *agent) { a.Tags = map[string]string{"a": "1", "b": "", "c": "3"} }),
			[]string{"tags.b: a number where a text was expected"},
		},
		"one member of a list": {
			`"networkInterfaces":[{"inet":"a"},"hunter2",{"inet":"c"}]`,
			with(func(a *agent) { a.Nics = []nic{{Inet: rawjson.Texts{"a"}}, {}, {Inet: rawjson.Texts{"c"}}} }),
			[]string{"networkInterfaces[]: a text where an object was expected"},
		},
		"one text of many": {
			`"networkInterfaces":[{"inet":["a",{"hunter2":1},"c",[]]},{"inet":[["hunter2"]]}]`,
			with(func(a *agent) { a.Nics = []nic{{Inet: rawjson.Texts{"a", "c"}}, {}} }),
			[]string{"networkInterfaces[].inet[]: an object where a text was expected"},
		},
		"several fields": {
			`"computerName":[],"plain":{},"networkInterfaces":[{"inet":{}}]`,
			with(func(a *agent) { a.Nics = []nic{{}} }),
			[]string{
				"computerName: an array where a text was expected",
				"plain: an object where a whole number was expected",
				"networkInterfaces[].inet: an object where an array of texts was expected",
			},
		},
		"unknown fields may be anything": {`"x":{"y":[1,{}]}`, rest, nil},
	} {
		t.Run(name, func(t *testing.T) {
			records, err := rawjson.Records([]byte("["+before+tc.member+after+"]"), "agent", "id", agentID)
			require.NoError(t, err)
			require.NoError(t, records[0].Err)
			require.Equal(t, "7", records[0].ID)
			require.Equal(t, &tc.want, records[0].Value)
			require.Equal(t, tc.unread, sentences(records[0].Unread))
		})
	}
}

func sentences(unread []collectors.FieldError) []string {
	var all []string
	for _, e := range unread {
		all = append(all, fmt.Sprintf("%s: %v", e.Field, e.Err))
	}
	return all
}

// What makes a record doubtful as a whole still does behind a field that is left out.
func TestFaultsBehindAFieldThatIsLeftOut(t *testing.T) {
	for name, tc := range map[string]struct{ rest, text string }{
		"name twice": {`"id":"7","x":1,"x":2`, "agent 7: field x: duplicate object member name"},
		"name twice in the field": {
			`"id":"7","tags":[{"a":1,"a":2}]`, "agent 7: field tags.0.a: duplicate object member name",
		},
		"name twice in a member": {
			`"id":"7","networkInterfaces":[{"inet":[],"inet":[]}]`,
			"agent 7: field networkInterfaces.0.inet: duplicate object member name",
		},
		"bad UTF-8":           {`"id":"7","x":"` + "\xff" + `"`, "agent 7: field x: not valid JSON"},
		"id of another shape": {`"id":["7"]`, "agent without id: field id: an array where a text was expected"},
		"no id":               {`"x":1`, "agent without id: field id: no id"},
	} {
		t.Run(name, func(t *testing.T) {
			records, err := rawjson.Records([]byte(`[{"computerName":{},`+tc.rest+`}]`), "agent", "id", agentID)
			require.NoError(t, err)
			require.ErrorContains(t, records[0].Err, tc.text)
			require.Nil(t, records[0].Value)
			require.Empty(t, records[0].Unread)
		})
	}
}

// However much is wrong with a record, what is said of it stays short.
func TestUnreadFieldsAreBounded(t *testing.T) {
	var tags strings.Builder
	for i := range 1000 {
		fmt.Fprintf(&tags, `"%s%d":%d,`, strings.Repeat("n", 1000), i, i)
	}
	page := `[{"id":"7","tags":{` + tags.String() + `"z":"z"},"networkInterfaces":[` + strings.Repeat(`1,`, 1000) +
		`{"inet":"a"}]}]`
	records, err := rawjson.Records([]byte(page), "agent", "id", agentID)
	require.NoError(t, err)
	require.NoError(t, records[0].Err)
	require.LessOrEqual(t, len(records[0].Unread), 20)
	require.Less(t, len(strings.Join(sentences(records[0].Unread), "")), 10_000)
	require.Equal(t, "z", records[0].Value.(*agent).Tags["z"])
	require.Equal(t, rawjson.Texts{"a"}, records[0].Value.(*agent).Nics[1000].Inet)
}

// Whatever comes in place of any value of any record of the three providers: it is read, or else it is as if null had
// come there, and that field is named. Nothing else of the record is lost.
func TestAnyValueOfTheProvidersMayHaveAnotherShape(t *testing.T) {
	shapes := map[string]string{ // and the same with null in place of what is inside
		`[]`: `null`, `{}`: `null`, `"N/A"`: `null`, `7`: `null`, `1.5`: `null`, `1e999`: `null`, `true`: `null`,
		`[[]]`: `[null]`, `[{}]`: `[null]`, `[1]`: `[null]`, `{"x":{}}`: `{"x":null}`, `{"value":[]}`: `{"value":null}`,
	}
	pages := traffic(t, 30)
	left := 0
	for _, l := range lists() {
		t.Run(l.name, func(t *testing.T) {
			head, tail := enclosing(l.path)
			read := func(member string) collectors.Record {
				records, err := l.records([]byte(head + member + tail))
				require.NoError(t, err, member)
				require.Len(t, records, 1)
				return records[0]
			}
			members, err := elements(string(pages[l.name]), l.path...)
			require.NoError(t, err)
			whole, err := l.library(jsontext.Value(members[0]))
			require.NoError(t, err)
			for _, p := range places(withAllFields(t, members[0], whole), "", "") {
				for shape, inside := range shapes {
					got := read(p.with(shape))
					require.NoError(t, got.Err, "%s: %s", p.at, shape)
					for _, e := range got.Unread {
						require.True(t, strings.HasPrefix(e.Field, p.at), "%s: %s gives %v", p.at, shape, e)
						require.ErrorContains(t, e.Err, " was expected")
						left++
					}
					if len(got.Unread) == 0 {
						continue // it was read, or nobody wants to know it
					}
					if got.Unread[0].Field == p.at {
						inside = "null"
					}
					require.Equal(t, read(p.with(inside)).Value, got.Value, "%s: %s", p.at, shape)
				}
			}
		})
	}
	require.Greater(t, left, 1000, "shapes that are no values of their fields")
}

// A spot is a value inside a member.
type spot struct{ at, before, after string }

func (p spot) with(value string) string { return p.before + value + p.after }

// places returns all values below the root of a member.
func places(raw jsontext.Value, at, before string) (all []spot) {
	var walk func(raw jsontext.Value, at, before, after string)
	walk = func(raw jsontext.Value, at, before, after string) {
		if at != "" {
			all = append(all, spot{at, before, after})
		}
		var object map[string]jsontext.Value
		var array []jsontext.Value
		switch raw.Kind() {
		case jsontext.KindBeginObject:
			if json.Unmarshal(raw, &object) != nil {
				return
			}
			for _, name := range slices.Sorted(maps.Keys(object)) {
				var others strings.Builder
				for other, value := range object {
					if other != name {
						others.WriteString("," + strconv.Quote(other) + ":" + string(value))
					}
				}
				walk(object[name], strings.TrimPrefix(at+"."+name, "."), before+"{"+strconv.Quote(name)+":",
					others.String()+"}"+after)
			}
		case jsontext.KindBeginArray:
			if json.Unmarshal(raw, &array) == nil && len(array) > 0 {
				var others strings.Builder
				for _, value := range array[1:] {
					others.WriteString("," + string(value))
				}
				walk(array[0], at+"[]", before+"[", others.String()+"]"+after)
			}
		default: // nothing inside
		}
	}
	walk(raw, at, before, "")
	return all
}

// withAllFields adds to a member what its wire type knows and the member does not have.
func withAllFields(t *testing.T, member string, value any) jsontext.Value {
	t.Helper()
	var object map[string]jsontext.Value
	require.NoError(t, json.Unmarshal([]byte(member), &object))
	for field := range reflect.TypeOf(value).Elem().Fields() {
		if name := field.Tag.Get("json"); name != "-" && object[name] == nil {
			object[name] = jsontext.Value("null")
		}
	}
	raw, err := json.Marshal(object)
	require.NoError(t, err)
	return raw
}
