package wire

import (
	"strings"
	"testing"
	"time"

	"assetgraph/collectors"

	"github.com/go-json-experiment/json/jsontext"
	"github.com/stretchr/testify/require"
)

type machine struct {
	ID    Text              `json:"id"`
	Count Int               `json:"count"`
	Live  Bool              `json:"live"`
	Seen  Time              `json:"seen"`
	Boot  Epoch             `json:"boot"`
	IPs   Texts             `json:"ips"`
	Nics  []struct{ A Int } `json:"nics"`
	Link  *struct{ B Text } `json:"link"`
	Tags  map[string]string `json:"tags"`
	Owner upper             `json:"owner"`
	Own   string            `json:"-"`
}

// upper is a type that is read by way of its text.
type upper string

func (u *upper) UnmarshalJSONFrom(d *jsontext.Decoder) error {
	var t Text
	err := t.UnmarshalJSONFrom(d)
	u.SetText(string(t))
	return err
}

func (u *upper) SetText(text string) { *u = upper(strings.ToUpper(text)) }

// read returns the machines that a cursor reads without the library's help, and whether it read the whole page.
func read(page string, path ...string) ([]*machine, bool) {
	var all []*machine
	_, whole := quick([]byte(page), "machine", func(m *machine) string { return string(m.ID) }, path, nil, func(r collectors.Record, _ error) bool {
		all = append(all, r.Value.(*machine))
		return true
	})
	return all, whole
}

// What providers send must not fall back to the library without anybody seeing it.
func TestUsualPagesAreReadInOnePass(t *testing.T) {
	const full = `{"id":"7","x":{"a":[1,{"b":null}],"c":"\ud83d\ude00"},"count":12,"live":"True","seen":"2026-10-02T13:14:15.5Z","boot":1757000000.5,"ips":["é","a\"b"],"nics":[{"A":1},{"A":null}],"link":{"B":true},"tags":{"k":"v"},"owner":"me"}`
	want := &machine{
		ID: "7", Count: Int{N: 12, Set: true}, Live: Bool{B: true, Set: true},
		Seen: Time{time.Date(2026, 10, 2, 13, 14, 15, 5e8, time.UTC)}, Boot: Epoch{time.UnixMilli(1757000000500).UTC()},
		IPs: Texts{"é", `a"b`}, Nics: []struct{ A Int }{{Int{N: 1, Set: true}}, {}}, Link: &struct{ B Text }{"true"},
		Tags: map[string]string{"k": "v"}, Owner: "ME",
	}
	for name, tc := range map[string]struct {
		page string
		path []string
		want []*machine
	}{
		"all kinds of members":   {`{"data":[` + full + `,` + full + `],"pagination":{"nextCursor":null}}`, []string{"data"}, []*machine{want, want}},
		"bare list":              {"[" + full + "]", nil, []*machine{want}},
		"empty list":             {`{"count":0,"results":[]}`, []string{"results"}, nil},
		"nested path":            {`{"data":{"all":{"sites":[]},"sites":[{"id":"1"}]}}`, []string{"data", "sites"}, []*machine{{ID: "1"}}},
		"white space":            {" {\r\n\t\"data\" : [ { \"id\" : 1 , \"ips\" : [ \"a\" , null ] } , { \"id\":\"2\" } ] } \n", []string{"data"}, []*machine{{ID: "1", IPs: Texts{"a"}}, {ID: "2"}}},
		"members come and go":    {`[{"id":"1","a":1,"b":2},{"id":"2","b":2},{"id":"3","a":1,"b":2},{"c":0,"id":"4"}]`, nil, []*machine{{ID: "1"}, {ID: "2"}, {ID: "3"}, {ID: "4"}}},
		"members change places":  {`[{"id":"1","a":1,"b":2},{"b":2,"a":1,"id":"2"}]`, nil, []*machine{{ID: "1"}, {ID: "2"}}},
		"null for all":           {`[{"id":"1","count":null,"live":null,"seen":null,"boot":null,"ips":null,"nics":null,"link":null,"tags":null,"owner":null}]`, nil, []*machine{{ID: "1"}}},
		"object where a time is": {`[{"id":"1","seen":{"a":[]},"boot":[1]}]`, nil, []*machine{{ID: "1"}}},
	} {
		t.Run(name, func(t *testing.T) {
			got, whole := read(tc.page, tc.path...)
			require.True(t, whole)
			require.Equal(t, tc.want, got)
		})
	}
}

// Whatever is wrong, or only odd, is left to the library, and nothing behind it is taken.
func TestFaultsEndTheQuickPass(t *testing.T) {
	for name, page := range map[string]string{
		"name twice":                 `[{"id":"1"},{"id":"2","id":"3"}]`,
		"unknown name twice":         `[{"id":"1"},{"x":1,"id":"2","x":2}]`,
		"name twice in an unknown":   `[{"id":"1"},{"id":"2","x":[{"a":1},{"a":1,"b":2,"a":3}]}]`,
		"name twice by an escape":    `[{"id":"1"},{"id":"2","\u0069d":"3"}]`,
		"twice after another order":  `[{"id":"1","a":1,"b":1},{"b":1,"a":1,"b":2,"id":"2"}]`,
		"empty name twice":           `[{"id":"1"},{"id":"2","":1,"":2}]`,
		"lone surrogate in unknown":  `[{"id":"1"},{"id":"2","x":"\ud83d"}]`,
		"bad escape":                 `[{"id":"1"},{"id":"2","x":"\q"}]`,
		"control character":          "[{\"id\":\"1\"},{\"id\":\"2\",\"x\":\"a\x01\"}]",
		"leading zero":               `[{"id":"1"},{"id":"2","x":01}]`,
		"number without digits":      `[{"id":"1"},{"id":"2","x":-}]`,
		"fraction without digits":    `[{"id":"1"},{"id":"2","x":1.}]`,
		"exponent without digits":    `[{"id":"1"},{"id":"2","x":1e+}]`,
		"broken literal":             `[{"id":"1"},{"id":"2","x":nul}]`,
		"comma before the end":       `[{"id":"1"},{"id":"2",}]`,
		"no comma":                   `[{"id":"1"} {"id":"2"}]`,
		"no colon":                   `[{"id":"1"},{"id" "2"}]`,
		"no value":                   `[{"id":"1"},{"id":}]`,
		"cut off in a record":        `[{"id":"1"},{"id":"2","x":"`,
		"cut off behind an escape":   `[{"id":"1"},{"id":"2","x":"\`,
		"null record":                `[{"id":"1"},null]`,
		"record without id":          `[{"id":"1"},{"count":1}]`,
		"text for a record":          `[{"id":"1"},"2"]`,
		"object for a text":          `[{"id":"1"},{"id":{"a":1}}]`,
		"fraction for an integer":    `[{"id":"1"},{"id":"2","count":1.5}]`,
		"object for a list":          `[{"id":"1"},{"id":"2","nics":{}}]`,
		"list in texts":              `[{"id":"1"},{"id":"2","ips":[["a"]]}]`,
		"number for a Go text":       `[{"id":"1"},{"id":"2","tags":{"k":1}}]`,
		"nested beyond all measure":  `[{"id":"1"},{"id":"2","x":` + strings.Repeat("[", maxDepth) + strings.Repeat("]", maxDepth) + `}]`,
		"object nested that deep":    `[{"id":"1"},{"id":"2","x":` + strings.Repeat(`{"a":`, maxDepth) + `1` + strings.Repeat("}", maxDepth) + `}]`,
		"more names than one cares":  `[{"id":"1"},{"id":"2","x":{` + manyNames(maxNames+1) + `}}]`,
		"space that JSON has not":    "[{\"id\":\"1\"},\v{\"id\":\"2\"}]",
		"text that never ends":       `[{"id":"1"},{"id":"2","x":"` + strings.Repeat("a", 100),
		"control byte behind a name": "[{\"id\":\"1\"},{\"id\"\x00:\"2\"}]",
	} {
		t.Run(name, func(t *testing.T) {
			got, whole := read(page)
			require.False(t, whole)
			require.Equal(t, []*machine{{ID: "1"}}, got)
		})
	}
	for name, page := range map[string]string{
		"cut off behind a record": `[{"id":"1"}`, "data behind the end": `[{"id":"1"}]x`, "second list": `[{"id":"1"}][]`, "NUL behind the end": "[{\"id\":\"1\"}]\x00",
	} {
		got, whole := read(page)
		require.False(t, whole, name)
		require.Len(t, got, 1, name)
	}
	for name, page := range map[string]string{
		"nothing": ``, "null": `null`, "text": `"data"`, "object": `{}`, "bad UTF-8": "[{\"id\":\"1\",\"x\":\"\xff\"}]", "half a character at the end": "[{\"id\":\"1\"}]\xc3",
	} {
		got, whole := read(page)
		require.False(t, whole, name)
		require.Empty(t, got, name)
	}
	_, whole := read(`{"data":[],"data":[]}`, "data")
	require.False(t, whole, "list twice")
	_, whole = read(`{"other":[]}`, "data")
	require.False(t, whole, "no list")
}

func manyNames(n int) string {
	var b strings.Builder
	for i := range n {
		if i > 0 {
			b.WriteByte(',')
		}
		b.WriteString(`"` + strings.Repeat("n", i%50) + string(rune('a'+i%26)) + time.Duration(i).String() + `":0`)
	}
	return b.String()
}

// A consumer who has enough ends the pass without falling back.
func TestStopEndsThePass(t *testing.T) {
	n := 0
	for _, err := range Stream([]byte(`[{"id":"1"},{"id":"2"},{"id":"3"}]`), "machine", "id", func(m *machine) string { return string(m.ID) }) {
		require.NoError(t, err)
		if n++; n == 2 {
			break
		}
	}
	require.Equal(t, 2, n)
}

// Records in front of a fault and behind it come once each, in their order.
func TestFallBackGoesOnWhereThePassEnded(t *testing.T) {
	var ids []string
	for r, err := range Stream([]byte(`[{"id":"1"},{"id":"2"},{"id":"3","x":1,"x":2},{"id":"4"}]`), "machine", "id", func(m *machine) string { return string(m.ID) }) {
		require.NoError(t, err)
		require.Equal(t, r.ID == "3", r.Err != nil)
		ids = append(ids, r.ID)
	}
	require.Equal(t, []string{"1", "2", "3", "4"}, ids)
}

// What stands beside the records is what Get gives, of good pages and bad ones.
func TestBesideIsGet(t *testing.T) {
	for name, page := range map[string]string{
		"behind":         `{"data":[{"id":"1"}],"pagination":{"n":3}}`,
		"in front":       `{"pagination":{"n":3},"data":[{"id":"1"}]}`,
		"absent":         `{"data":[{"id":"1"}]}`,
		"null":           `{"data":[{"id":"1"}],"pagination":null}`,
		"null within":    `{"data":[{"id":"1"}],"pagination":{"n":null}}`,
		"another type":   `{"data":[{"id":"1"}],"pagination":{"n":"many"}}`,
		"another shape":  `{"data":[{"id":"1"}],"pagination":7}`,
		"twice":          `{"data":[{"id":"1"}],"pagination":{"n":3},"pagination":{"n":4}}`,
		"broken record":  `{"data":[{"id":"1","id":"2"}],"pagination":{"n":3}}`,
		"cut off":        `{"data":[{"id":"1"}],"pagination":{"n":3}`,
		"no list":        `{"pagination":{"n":3}}`,
		"broken page":    `{"data":[{"id":"1"}}`,
		"behind its end": `{"data":[{"id":"1"}],"pagination":{"n":3}}{`,
	} {
		t.Run(name, func(t *testing.T) {
			var got, want Int
			beside := Beside{Path: []string{"pagination", "n"}, Into: &got}
			id := func(m *machine) string { return string(m.ID) }
			records, err := RecordsBeside([]byte(page), "machine", "id", id, &beside, "data")
			found, wantErr := get([]byte(page), &want, beside.Path)
			require.Equal(t, found, beside.Found)
			require.Equal(t, wantErr, beside.Err)
			require.Equal(t, want, got)
			wantRecords, wantErr := Records([]byte(page), "machine", "id", id, "data")
			require.Equal(t, wantErr, err)
			require.Equal(t, wantRecords, records)
		})
	}
}

// Texts outlive the page: its memory is used again.
func TestRecordsDoNotReferToThePage(t *testing.T) {
	page := []byte(strings.Repeat(" ", 8) + `[{"id":"one","ips":["10.0.0.1"],"link":{"B":"b"},"tags":{"k":"v"},"owner":"me"},{"id":"a\nb","ips":"10.0.0.2"},{"id":"one"}]`)
	got, whole := read(string(page))
	require.True(t, whole)
	records, err := Records(page, "machine", "id", func(m *machine) string { return string(m.ID) })
	require.NoError(t, err)
	clear(page)
	for i, r := range records {
		require.Equal(t, got[i], r.Value)
		require.Equal(t, string(got[i].ID), r.ID)
	}
}

// Texts that come again and again are kept once; ids, which never do, are not looked up for ever.
func TestInternedTexts(t *testing.T) {
	var p place
	for i := range 1000 {
		text := time.Duration(i).String()
		require.Equal(t, text, p.intern([]byte(text)))
	}
	require.True(t, p.texts.futile)
	var q place
	for range 1000 {
		require.Equal(t, "windows", q.intern([]byte("windows")))
	}
	require.False(t, q.texts.futile)
	text := []byte("windows")
	require.LessOrEqual(t, testing.AllocsPerRun(100, func() { q.intern(text) }), 0.5)
	require.Empty(t, q.intern(nil))
}

// Eight bytes at a time and one by one find the same byte.
func FuzzSpecial(f *testing.F) {
	f.Add([]byte("aaaaaaaaaaaaa\"aaa\\a\x1f\x80\xa2\xdc "))
	f.Fuzz(func(t *testing.T, text []byte) {
		for i := range text {
			want := i
			for want < len(text) && text[want] != '"' && text[want] != '\\' && text[want] >= ' ' {
				want++
			}
			require.Equal(t, want, special(text, i), "from %d", i)
		}
	})
}
