package sqlite

import (
	"encoding/json"
	"errors"
	"math"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"assetgraph/graph"
)

func jsonType() *graph.Type {
	return graph.NewEntityType("x", "x", "x", []string{"Record"},
		graph.Property{Name: "it's \"n\"", Kind: graph.Text}, graph.Property{Name: "i", Kind: graph.Int}, graph.Property{Name: "b", Kind: graph.Bool},
		graph.Property{Name: "t", Kind: graph.Time}, graph.Property{Name: "l", Kind: graph.Texts}, graph.Property{Name: "v", Kind: graph.Int, Volatile: true})
}

func TestAppendProperties(t *testing.T) {
	e := graph.NewEntity(jsonType(), "i", "1")
	e.Set("it's \"n\"", graph.TextOf("a\"b\\c\n\x01ü\u2028."))
	e.Set("i", graph.IntOf(math.MinInt64))
	e.Set("b", graph.BoolOf(false))
	e.Set("t", graph.TimeOf(time.UnixMilli(1)))
	e.Set("l", graph.TextsOf("b\"", "a"))
	tests := []struct {
		name  string
		which extent
		want  string
	}{
		{"what is there", all, `{"id":"1","it's \"n\"":"a\"b\\c\n\u0001ü` + "\u2028" + `.","i":-9223372036854775808,"b":false,"t":"1970-01-01T00:00:00.001Z","l":["a","b\""]}`},
		{"volatile ones alone", volatile, `{}`},
	}
	for _, c := range tests {
		t.Run(c.name, func(t *testing.T) {
			got := string(newJSONWriter(e.Type).appendProperties(nil, e, c.which))
			require.Equal(t, c.want, got)
			require.True(t, json.Valid([]byte(got)))
		})
	}
}

func TestReadPropertiesThatOthersWroteAnew(t *testing.T) {
	text := ` { "other" : {"a":[1,{"b":"}"}],"c":null} , "i" : 7, "it's \"n\"":"\u0041\ud83d\ude00\/", "l":["b", 3, "a", [ ] ], "b":true ,
		"t":"1970-01-01T00:00:00.001Z", "x":-1.5e+10, "v":null, "y":[] } `
	e := graph.NewEntity(jsonType(), "i", "1")
	require.NoError(t, new(decoder).readProperties(e, text, nil))
	require.Equal(t, "A😀/", e.Get("it's \"n\"").Text())
	require.EqualValues(t, 7, e.Get("i").Int())
	require.True(t, e.Get("b").Bool())
	require.EqualValues(t, 1, e.Get("t").UnixMilli())
	require.Equal(t, []string{"a", "b"}, e.Get("l").List())
	require.True(t, e.Get("v").IsAbsent())
	require.NoError(t, e.Seal())
}

func TestReadPropertiesOfAnotherKind(t *testing.T) {
	for _, text := range []string{`{"i":"7"}`, `{"i":7.5}`, `{"i":[7]}`, `{"b":1}`, `{"b":"true"}`, `{"t":1}`, `{"t":"yesterday"}`, `{"l":"a"}`,
		`{"l":{}}`, `{"it's \"n\"":1}`, `{"it's \"n\"":["a"]}`, `{"i":99999999999999999999}`} {
		e := graph.NewEntity(jsonType(), "i", "1")
		require.NoError(t, new(decoder).readProperties(e, text, nil), text)
		require.NoError(t, e.Seal())
		for p := range e.Values() {
			require.Contains(t, []string{"id", "name", "displayName"}, p.Name, text)
		}
	}
}

func TestReadPropertiesRefuses(t *testing.T) {
	for _, text := range []string{"", "null", "[]", "{", `{"a"`, `{"a":`, `{"a":1`, `{"a":1,`, `{"a" 1}`, `{"a":1 "b":2}`, `{"a":[1}`, `{"a":"x}`, `{"a":"\`,
		`{"i":}`, `{"l":["a"`, `{"l":["a" "b"]}`, `{1:2}`, `{"a":1}}`, `{"a":"\ux"}`, `{"a":` + strings.Repeat("[", 2000)} {
		require.ErrorIs(t, new(decoder).readProperties(graph.NewEntity(jsonType(), "i", "1"), text, nil), errProperties, text)
	}
}

func FuzzProperties(f *testing.F) {
	f.Add("a", int64(1), true, `{"x":1}`)
	f.Add("\"\\\x00\x1f\u2028", int64(math.MaxInt64), false, `{"x":[{"y":"\ud83d"}]}`)
	f.Fuzz(func(t *testing.T, text string, n int64, b bool, foreign string) {
		e := graph.NewEntity(jsonType(), "i", "1")
		e.Set("it's \"n\"", graph.TextOf(text))
		e.Set("i", graph.IntOf(n))
		e.Set("b", graph.BoolOf(b))
		e.Set("t", graph.TimeOf(time.UnixMilli(n)))
		e.Set("l", graph.TextsOf(text, "x"))
		require.NoError(t, e.Seal())
		written := newJSONWriter(e.Type).appendProperties(nil, e, all)
		var asMap map[string]any
		require.NoError(t, json.Unmarshal(written, &asMap), "%s", written)

		back := graph.NewEntity(e.Type, "i", "1")
		require.NoError(t, new(decoder).readProperties(back, string(written), nil))
		require.Empty(t, e.Changed(back))

		if json.Unmarshal([]byte(foreign), &asMap) == nil && asMap != nil {
			require.NoError(t, new(decoder).readProperties(back, foreign, nil), "what is a JSON object is read")
		} else {
			_ = new(decoder).readProperties(back, foreign, nil) // must not panic or hang
		}
	})
}

func TestCheckQuery(t *testing.T) {
	for _, text := range []string{
		"select 1", " \n\t-- a comment; drop\n/* ; */ SELECT 1 ;; -- ;\n /* ; */", "with x as (select 1) select * from x", "values (1)",
		"explain select 1", "EXPLAIN QUERY PLAN with x as (select 1) select 1", "select ';', \";\", `;`, [;] from (select 1)", "select 'it''s; fine'",
		"\ufeffselect 1", "select 1 -- no end", "select 1 /* no end ; ",
	} {
		require.NoError(t, checkQuery(text), text)
	}
	tests := map[error][]string{
		errNoStatement: {"", " ; ", "-- select 1", "/* select 1", "explain", "explain query plan"},
		errTwo:         {"select 1; select 2", "select 1;/**/select 2", "select ''';'; x", "select 1;'", "select [;]; select 2"},
		errNotReading:  {"insert into x values (1)", "PRAGMA user_version", "explain pragma user_version=1", "explain query plan attach 'x' as y", "vacuum", "(select 1)", "selectx", "'select' 1"},
		errNUL:         {"select 1\x00; drop table x"},
	}
	for want, texts := range tests {
		for _, text := range texts {
			if errors.Is(want, errNoStatement) && strings.Contains(text, ";") {
				require.Error(t, checkQuery(text), text)
				continue
			}
			require.ErrorIs(t, checkQuery(text), want, text)
		}
	}
}
