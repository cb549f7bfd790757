package rawjson_test

import (
	"errors"
	"strings"
	"testing"

	"assetgraph/collectors/internal/rawjson"

	"github.com/stretchr/testify/require"
)

// elements reads all members at a path.
func elements(page string, path ...string) ([]string, error) {
	var members []string
	for raw, err := range rawjson.Elements([]byte(page), path...) {
		if err != nil {
			return members, err
		}
		members = append(members, string(raw))
	}
	return members, nil
}

func TestElements(t *testing.T) {
	for name, tc := range map[string]struct {
		page string
		path []string
		want []string
	}{
		"root":       {`[1, "a",{"b":[2]} ,null]`, nil, []string{`1`, `"a"`, `{"b":[2]}`, `null`}},
		"empty root": {` [ ] `, nil, nil},
		"member":     {`{"data":[1]}`, []string{"data"}, []string{`1`}},
		"nested": {
			`{"data":{"allSites":{"sites":[9]},"sites":[1,2]},"pagination":{}}`, []string{"data", "sites"},
			[]string{`1`, `2`},
		},
		"names after":       {`{"data":[1],"pagination":{"nextCursor":null}}`, []string{"data"}, []string{`1`}},
		"names before":      {`{"pagination":{"data":[7]},"x":[8],"data":[1]}`, []string{"data"}, []string{`1`}},
		"name with escapes": {`{"d\u0061ta":[1]}`, []string{"data"}, []string{`1`}},
		"other name twice":  {`{"a":1,"a":2,"data":[1]}`, []string{"data"}, []string{`1`}},
		"broken member": {
			`{"data":[{"a":1,"a":2},{"b":"` + "\xff" + `"},3]}`, []string{"data"},
			[]string{`{"a":1,"a":2}`, `{"b":"` + "\xff" + `"}`, `3`},
		},
		"deep but not too deep": {
			`[` + strings.Repeat(`[`, 5000) + strings.Repeat(`]`, 5000) + `]`, nil,
			[]string{strings.Repeat(`[`, 5000) + strings.Repeat(`]`, 5000)},
		},
		"brackets inside a text": {`["]","\"]"]`, nil, []string{`"]"`, `"\"]"`}},
	} {
		t.Run(name, func(t *testing.T) {
			got, err := elements(tc.page, tc.path...)
			require.NoError(t, err)
			require.Equal(t, tc.want, got)
		})
	}
}

// An answer of another shape is never an empty list.
func TestElementsRefuses(t *testing.T) {
	for name, tc := range map[string]struct {
		page string
		path []string
		text string
	}{
		"nothing":                    {``, nil, "cut off"},
		"null at the root":           {`null`, nil, "null where an array was expected"},
		"object at the root":         {`{"data":[]}`, nil, "an object where an array was expected"},
		"missing":                    {`{"errors":[]}`, []string{"data"}, "data: the answer has no such member"},
		"missing in an empty object": {`{}`, []string{"data"}, "no such member"},
		"other case":                 {`{"Data":[]}`, []string{"data"}, "no such member"},
		"null":                       {`{"data":null}`, []string{"data"}, "data: null where an array was expected"},
		"object":                     {`{"data":{}}`, []string{"data"}, "an object where an array was expected"},
		"text":                       {`{"data":"[]"}`, []string{"data"}, "a text where an array was expected"},
		"array on the way": {
			`{"data":[{"sites":[]}]}`, []string{"data", "sites"}, "data.sites: an array where an object was expected",
		},
		"null on the way":             {`{"data":null}`, []string{"data", "sites"}, "no such member"},
		"array in place of an object": {`[]`, []string{"data"}, "an array where an object was expected"},
		"twice":                       {`{"data":[1],"x":0,"data":[2]}`, []string{"data"}, "twice"},
		"twice on the way":            {`{"data":{"sites":[1]},"data":{}}`, []string{"data", "sites"}, "twice"},
		"twice, first null":           {`{"data":{},"data":{"sites":[1]}}`, []string{"data", "sites"}, "twice"},
		"cut in a member":             {`{"data":[{"id":1},{"id"`, []string{"data"}, "cut off"},
		"cut between members":         {`{"data":[{"id":1},`, []string{"data"}, "cut off"},
		"cut after the array":         {`{"data":[{"id":1}]`, []string{"data"}, "cut off"},
		"cut in what follows":         {`{"data":[1],"pagination":{"next`, []string{"data"}, "cut off"},
		"cut before the array":        {`{"data"`, []string{"data"}, "cut off"},
		"more after the end":          {`{"data":[1]} {"data":[2]}`, []string{"data"}, "more data after the end"},
		"HTML after the end":          {`{"data":[1]}<html>`, []string{"data"}, "more data after the end"},
		"no comma":                    {`[1 2]`, nil, "not valid JSON"},
		"comma at the end":            {`[1,]`, nil, "not valid JSON"},
		"single quotes":               {`['a']`, nil, "not valid JSON"},
		"words":                       {`{"data":[nothing]}`, []string{"data"}, "data.0: not valid JSON"},
		"HTML":                        {`<html>`, []string{"data"}, "not valid JSON"},
		"too deep":                    {`[` + strings.Repeat(`[`, 1_000_000), nil, "not valid JSON"},
		"too deep on the way":         {strings.Repeat(`{"a":`, 1_000_000), []string{"data"}, "not valid JSON"},
	} {
		t.Run(name, func(t *testing.T) {
			_, err := elements(tc.page, tc.path...)
			require.ErrorContains(t, err, tc.text)
			_, ok := errors.AsType[*rawjson.PageError](err)
			require.True(t, ok, "%T", err)
			require.Less(t, len(err.Error()), 400)
		})
	}
}

func TestElementsStopsWithItsConsumer(t *testing.T) {
	seen := 0
	for _, err := range rawjson.Elements([]byte(`[1,2,3`)) {
		require.NoError(t, err)
		if seen++; seen == 2 {
			break
		}
	}
	require.Equal(t, 2, seen)
}

func TestGet(t *testing.T) {
	for name, tc := range map[string]struct {
		page  string
		path  []string
		found bool
		want  string
	}{
		"nested": {
			`{"data":[{"nextCursor":"no"}],"pagination":{"nextCursor":"abc"}}`, []string{"pagination", "nextCursor"},
			true, "abc",
		},
		"root":             {`"abc"`, nil, true, "abc"},
		"empty text":       {`{"nextCursor":""}`, []string{"nextCursor"}, true, ""},
		"null":             {`{"pagination":{"nextCursor":null}}`, []string{"pagination", "nextCursor"}, false, ""},
		"missing":          {`{"pagination":{}}`, []string{"pagination", "nextCursor"}, false, ""},
		"missing before":   {`{}`, []string{"pagination", "nextCursor"}, false, ""},
		"null before":      {`{"pagination":null}`, []string{"pagination", "nextCursor"}, false, ""},
		"number as a text": {`{"nextCursor":17}`, []string{"nextCursor"}, true, "17"},
	} {
		t.Run(name, func(t *testing.T) {
			var got rawjson.Text
			found, err := rawjson.Get([]byte(tc.page), &got, tc.path...)
			require.NoError(t, err)
			require.Equal(t, tc.found, found)
			require.Equal(t, tc.want, string(got))
		})
	}
}

func TestGetRefuses(t *testing.T) {
	for name, tc := range map[string]struct{ page, text string }{
		"twice": {`{"pagination":{"totalItems":1,"totalItems":2}}`, "twice"},
		"wrong kind": {
			`{"pagination":{"totalItems":"hunter2"}}`,
			"pagination.totalItems: a text where a whole number was expected",
		},
		"no object":          {`{"pagination":[]}`, "an array where an object was expected"},
		"cut off":            {`{"pagination":{"totalItems":1}`, "cut off"},
		"more after the end": {`{"pagination":{"totalItems":1}}}`, "more data after the end"},
		"broken before":      {`{"data":[nope],"pagination":{"totalItems":1}}`, "not valid JSON"},
		"nothing":            {``, "cut off"},
		"a value with a name": {
			`{"pagination":{"totalItems":{"password":"hunter2"}}}`,
			"pagination.totalItems: an object where a whole number was expected",
		},
	} {
		t.Run(name, func(t *testing.T) {
			var got rawjson.Int
			_, err := rawjson.Get([]byte(tc.page), &got, "pagination", "totalItems")
			require.ErrorContains(t, err, tc.text)
			require.NotContains(t, err.Error(), "hunter2")
		})
	}
}
