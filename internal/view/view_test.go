package view

import (
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"hash/maphash"
	"maps"
	"net/url"
	"path/filepath"
	"slices"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
	"pgregory.net/rapid"

	"assetgraph/graph"
	"assetgraph/graph/sqlite"
	"assetgraph/internal/findings"
	"assetgraph/internal/providers"
	"assetgraph/internal/report"
)

// What is built in of others is what they published: cytoscape 3.35.0 as npm has it.
func TestAssetsOfOthersAreAsPublished(t *testing.T) {
	text, err := assets.ReadFile("assets/cytoscape.min.js")
	require.NoError(t, err)
	sum := sha256.Sum256(text)
	require.Equal(t, "71fa9ebec21a7ca2c40cff6aacc30d1f6464e363662ad4b2c197e1adc770cd94", hex.EncodeToString(sum[:]))
	licence, err := assets.ReadFile("assets/cytoscape.LICENSE")
	require.NoError(t, err)
	require.Contains(t, string(licence), "Permission is hereby granted, free of charge")
}

func TestWebAddressesAloneAreLinks(t *testing.T) {
	for text, want := range map[string]string{
		"https://console.example/computers/1": "https://console.example/computers/1",
		"http://127.0.0.1:1/#/device/7":       "http://127.0.0.1:1/#/device/7",
		"javascript:alert(1)":                 "", "JaVaScRiPt:alert(1)": "", "data:text/html,<script>": "", "//evil.example": "",
		"file:///etc/passwd": "", "https:": "", "https:evil": "", "vbscript:x": "", "/relative": "", "": "", "http://[": "",
	} {
		require.Equal(t, want, webAddress(text), text)
	}
	require.Empty(t, linked("name", "https://console.example").Link, "a name is no link, whatever it looks like")
}

func people() *table {
	names := []string{"Zoë", "adam", "", "Bert"}
	ages := []int64{30, 7, 12, 100}
	seen := []any{time.Unix(2, 0), time.Time{}, time.Unix(9, 0), time.Unix(1, 0)}
	lacks := []string{"edr;rmm", "", "stale-edr", "edr-disabled"}
	return &table{
		rows: 4, size: 3,
		columns: []column{
			{name: "name", title: "Name"}, {name: "age", title: "Age", number: true}, {name: "seen", title: "Seen"},
			{name: "lacks", title: "Lacks", choices: []string{"edr"}, groups: map[string][]string{"edr-failing": {"edr-disabled"}}},
		},
		value: func(row, i int) any { return []any{names[row], ages[row], seen[row], lacks[row]}[i] },
	}
}

func TestTablesSortAndFilter(t *testing.T) {
	for query, want := range map[string][]int{
		"": {0, 1, 2, 3}, "sort=name": {1, 3, 0, 2}, "sort=-name": {0, 3, 1, 2}, "sort=age": {1, 2, 0, 3}, "sort=-age": {3, 0, 2, 1},
		"sort=seen": {3, 0, 2, 1}, "sort=-seen": {2, 0, 3, 1}, "sort=nothing": {0, 1, 2, 3}, "q=ZOË": {0}, "q=ert": {3}, "q=B": {3},
		"lacks=edr": {0}, "lacks=stale-edr": {2}, "lacks=edr-failing": {3}, "name=A": {1}, "q=b&name=ber": {3}, "q=none": {},
	} {
		q, err := url.ParseQuery(query)
		require.NoError(t, err)
		require.Equal(t, want, people().selected(q), query)
	}
}

// A table whose columns are kept shows what one does that looks at each row anew, also of some of its rows.
func TestKeptColumnsSayTheSame(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		texts := rapid.SliceOfN(rapid.StringMatching(`[aAbBü;]{0,3}`), 1, 20).Draw(t, "texts")
		number := func(row int) int64 { return int64(len(texts[row]) - 1) }
		made := func(k *kept) *table {
			return &table{
				rows: len(texts), kept: k, columns: []column{{name: "text"}, {name: "number"}},
				value: func(row, i int) any { return []any{texts[row], number(row)}[i] },
			}
		}
		var k kept
		for range 3 {
			q := url.Values{}
			for name, values := range map[string][]string{
				"q": {"", "a", "Ü", "0"}, "text": {"", "b;"}, "number": {"", "1"}, "sort": {"", "text", "-text", "number", "-number"},
			} {
				q.Set(name, rapid.SampledFrom(values).Draw(t, name))
			}
			once, again := made(nil), made(&k)
			if rapid.Bool().Draw(t, "some") {
				once.only = rapid.SliceOfDistinct(rapid.IntRange(0, len(texts)-1), rapid.ID).Draw(t, "only")
				again.only = once.only
			}
			got := again.selected(q)
			require.Equal(t, once.selected(q), got)
			wanted := func(row int) bool {
				text, n := strings.ToLower(texts[row]), fmt.Sprint(number(row))
				return (strings.Contains(text, strings.ToLower(q.Get("q"))) || strings.Contains(n, q.Get("q"))) &&
					strings.Contains(text, q.Get("text")) && strings.Contains(n, q.Get("number"))
			}
			rows := slices.DeleteFunc(again.has(), func(row int) bool { return !wanted(row) })
			name, reverse := strings.CutPrefix(q.Get("sort"), "-")
			slices.SortStableFunc(rows, func(a, b int) int {
				x, y := strings.ToLower(texts[a]), strings.ToLower(texts[b])
				n := map[string]int{"text": strings.Compare(x, y), "number": int(number(a) - number(b))}[name]
				if name == "text" && (x == "") != (y == "") {
					return len(y) - len(x) // none is last either way
				}
				if reverse {
					return -n
				}
				return n
			})
			require.Equal(t, rows, got)
		}
	})
}

// What a page says of a table is what its CSV has, whichever page of it is open.
func TestPagesOfATableHaveAllItsRows(t *testing.T) {
	at := func(text string) *url.URL {
		u, err := url.Parse(text)
		require.NoError(t, err)
		return u
	}
	first := people().shown(at("/people?sort=age"))
	require.Len(t, first.Rows, 3)
	require.Equal(t, "Page 1 of 2", first.Pages)
	require.Equal(t, "ascending", first.Heads[1].Direction)
	require.Equal(t, "/people?sort=-age#rows", first.Heads[1].Sort)
	require.Equal(t, "/people?format=csv&sort=age", first.CSV)
	second := people().shown(at(first.Next))
	require.Len(t, second.Rows, 1)
	require.Equal(t, "/people?format=json&sort=age", second.JSON)
	require.Len(t, slices.Collect(people().values(at(second.CSV).Query())), 4)
	filtered := people().shown(at("/people?q=edr&page=2&sort=age&key=k"))
	require.Equal(t, "3 of 4 rows", filtered.Count)
	require.Equal(t, "/people?key=k&sort=age", filtered.All)
	require.Equal(t, []hidden{{"key", "k"}, {"sort", "age"}}, filtered.Filter.Hidden)

	named := people()
	named.name = "folk"
	shown := named.shown(at("/people?key=k&folk.q=adam&q=zoë"))
	require.Len(t, shown.Rows, 1)
	require.Equal(t, "/people?folk.q=adam&format=csv&key=k&q=zo%C3%AB&table=folk", shown.CSV)
}

// An index finds whatever the store would have to find, for parts, beginnings, ends and wholes.
func TestIndexFindsWhatTheStoreFinds(t *testing.T) {
	schema, err := providers.All().Schema()
	require.NoError(t, err)
	dir := t.TempDir()
	n := 0
	rapid.Check(t, func(t *rapid.T) {
		n++
		store, err := sqlite.Open(t.Context(), filepath.Join(dir, fmt.Sprintf("%d.db", n)), schema, sqlite.Options{})
		require.NoError(t, err)
		defer func() { require.NoError(t, store.Close()) }()
		device := schema.Type("device")
		value := rapid.StringMatching(`[aAbB1:-]{0,6}`)
		said := map[graph.Key][]string{}
		var elements []*graph.Element
		for i := range rapid.IntRange(0, 6).Draw(t, "machines") {
			e := graph.NewEntity(device, "assetgraph", fmt.Sprint(i))
			name, macs := value.Draw(t, "name"), rapid.SliceOfN(value, 0, 3).Draw(t, "macs")
			e.Set("name", graph.TextOf(name))
			e.Set("macAddresses", graph.TextsOf(macs...))
			require.NoError(t, e.Seal())
			said[e.Key] = append(macs, name)
			elements = append(elements, e)
		}
		_, err = store.Apply(t.Context(), graph.Batch{Op: graph.Create, Type: device, Instance: "assetgraph", Elements: elements, At: time.Now()})
		require.NoError(t, err)
		s := report.Source{Store: store, Schema: schema, Model: providers.All().Model()}
		x, err := readIndex(t.Context(), s, "")
		require.NoError(t, err)
		part := graph.Part{
			Text: rapid.StringMatching(`[ab1]{1,4}`).Draw(t, "part"), Begins: rapid.Bool().Draw(t, "begins"), Ends: rapid.Bool().Draw(t, "ends"),
		}
		q := graph.Search{Types: []*graph.Type{device}, Properties: report.Searched(schema, s.Model), Parts: []graph.Part{part}}
		found := map[graph.Key]bool{}
		for key, err := range (&indexed{Store: store, index: x}).Search(t.Context(), q) {
			require.NoError(t, err)
			require.False(t, found[key], "once each")
			found[key] = true
		}
		for _, key := range slices.Sorted(maps.Keys(said)) {
			if slices.ContainsFunc(said[key], q.Holds) {
				require.True(t, found[key], "%s says %q, searched is %+v", key, said[key], part)
			}
		}
	})
}

// A search for what all have yields so many and says that there are more; those that are named so as a whole are first.
func TestIndexYieldsTheFirstOfMany(t *testing.T) {
	x := &index{types: map[string]bool{"device": true}, seed: maphash.MakeSeed()}
	schema, err := providers.All().Schema()
	require.NoError(t, err)
	device := schema.Type("device")
	for i := range mostFound + 100 {
		e := graph.NewEntity(device, "assetgraph", fmt.Sprint(i))
		e.Set("name", graph.TextOf(fmt.Sprintf("pc-%d", i)))
		x.add(e, []string{"name"})
	}
	last := graph.NewEntity(device, "assetgraph", "last")
	last.Set("name", graph.TextOf("PC"))
	x.add(last, []string{"name"})
	x.finish()
	s := &indexed{index: x}
	var keys []graph.Key
	for key, err := range s.Search(t.Context(), graph.Search{Types: []*graph.Type{device}, Parts: []graph.Part{{Text: "pc"}}}) {
		require.NoError(t, err)
		keys = append(keys, key)
	}
	require.Len(t, keys, mostFound)
	require.True(t, s.isCut())
	require.Equal(t, last.Key, keys[0])
}

// Boxes of a drawing lie in three columns and cover each other nowhere, and each line joins two of them.
func TestDrawingHasRoomForAll(t *testing.T) {
	n := &neighbourhood{nodes: []*node{{Key: "center", Ring: 0}}}
	for i := range 40 {
		record := &node{Key: graph.Key(fmt.Sprint("r", i)), Ring: 1, parent: n.nodes[0], Name: strings.Repeat("ö", 100)}
		n.nodes = append(n.nodes, record)
		n.edges = append(n.edges, edge{record.Key, "center", "IS"})
		for j := range i % 4 {
			other := &node{Key: graph.Key(fmt.Sprint("o", i, "-", j)), Ring: 2, parent: record}
			n.nodes = append(n.nodes, other)
			n.edges = append(n.edges, edge{other.Key, record.Key, "HAS"})
		}
	}
	n.edges = append(n.edges, edge{"r1", "r2", "USES"})
	d := draw(n)
	require.Len(t, d.Boxes, len(n.nodes))
	require.Len(t, d.Lines, len(n.edges))
	for i, a := range d.Boxes {
		require.True(t, a.X >= 0 && a.Y >= 0 && a.X+a.Width <= d.Width && a.Y+a.Height <= d.Height)
		require.LessOrEqual(t, len([]rune(a.Name)), longestName)
		for _, b := range d.Boxes[:i] {
			require.True(t, a.X >= b.X+b.Width || b.X >= a.X+a.Width || a.Y >= b.Y+b.Height || b.Y >= a.Y+a.Height)
		}
	}
}

// Once an hour ages are counted anew, and until that is done pages show what they have.
func TestAgesAreReadAgainEachHour(t *testing.T) {
	var later atomic.Int64
	file, half := loadFleet(t, 60), time.Now().Truncate(time.Hour).Add(30*time.Minute)
	v := serve(t, file, func() time.Time { return half.Add(time.Duration(later.Load())) })
	defer v.stop()
	require.Contains(t, string(v.get("/findings")), "under an hour")
	before := v.view.memory.fleet
	require.NoError(t, v.view.renew(t.Context()))
	require.Same(t, before, v.view.memory.fleet, "the hour is the same")
	later.Store(int64((30*24 + 1) * time.Hour))
	require.Contains(t, string(v.get("/findings")), "under an hour")
	require.NoError(t, v.view.renew(t.Context()))
	require.NotSame(t, before, v.view.memory.fleet)
	page := string(v.get("/findings"))
	require.NotContains(t, page, "under an hour")
	require.Contains(t, page, "30 days")
}

// Columns of findings are those of the command, and each has a title.
func TestColumnsOfFindings(t *testing.T) {
	shown := findingColumns()
	require.Len(t, shown, len(findings.Columns()))
	for _, name := range findings.Columns() {
		require.NotEmpty(t, shown[name].title, name)
	}
}
