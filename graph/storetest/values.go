package storetest

import (
	"math"
	"strings"
	"time"

	"github.com/stretchr/testify/require"

	"assetgraph/graph"
)

func valueTests() []test {
	return []test{
		{"texts of every kind come back byte for byte", textsSurvive},
		{"integers beyond 2^53 come back exactly", integersSurvive},
		{"times come back to the millisecond from year 1 to 9999", timesSurvive},
		{"false and zero are values and not absence", falseIsNoAbsence},
		{"lists come back whole", listsSurvive},
		{"values of relationships come back", relationshipValuesSurvive},
		{"ids of every kind make keys that are found again", hostileIDs},
		{"hostile text never becomes code", hostileTextIsData},
	}
}

// texts that something between the program and the disk may take for something else.
func hostileTexts() []string {
	return []string{
		"Ünïcödé 日本語 🖥️ e\u0301", "\u202eevil\u202c שלום\u200f", "it's \"quoted\" `and` ´ticked´", "line\r\nbreak\ttab",
		`\u0060 \\ \n \x00 \`, "\x01\x1f\x7f\u0085\u2028\u2029\ufeff.", "null", "true", "0123", "1e9", "-0",
		`{"a":[1,null]}`, "[]", "2026-01-01T00:00:00.000Z", "100%", "$1 ?1 :a @b {c} ${d} $$",
		"'); DROP TABLE graph_entity; --", "x' OR '1'='1", "`}) DETACH DELETE n //",
		"\u0060}) MATCH (n) DETACH DELETE n RETURN 1 //",
		"\"; MATCH (n) DELETE n; //", "<script>alert(1)</script>", "=1+1", strings.Repeat("70 kB ünï ", 7000),
	}
}

func textsSurvive(e *env) {
	store := e.open()
	var want []row
	for i, s := range hostileTexts() {
		d := e.entity(e.device, "fleet", string(rune('a'+i)),
			set{"name": graph.TextOf(s), "hostname": graph.TextOf("h" + s)})
		e.create(store, d)
		want = append(want, rowAt(d, at(1), at(1)))
	}
	require.Equal(e, want, e.elements(store, graph.Selection{Type: e.device}))
}

func integersSurvive(e *env) {
	store := e.open()
	for _, n := range []int64{0, 1, -1, 1<<53 - 1, 1<<53 + 1, -(1<<53 + 1), math.MaxInt64, math.MinInt64} {
		d := e.entity(e.device, "fleet", "1", set{"memoryBytes": graph.IntOf(n)})
		e.create(store, d)
		require.Equal(e, rowAt(d, at(1), at(1)), e.element(store, e.device, d.Key))
	}
}

func timesSurvive(e *env) {
	store := e.open()
	for _, when := range []time.Time{
		time.Date(1, 1, 1, 0, 0, 0, 1e6, time.UTC), time.Date(1, 12, 31, 23, 59, 59, 999e6, time.UTC),
		time.Date(1582, 10, 10, 12, 0, 0, 0, time.UTC), time.Date(1969, 12, 31, 23, 59, 59, 999e6, time.UTC),
		time.UnixMilli(0), time.Date(2026, 2, 28, 23, 59, 59, 7e6, time.FixedZone("", -5*3600)),
		time.Date(9999, 12, 31, 23, 59, 59, 999e6, time.UTC),
	} {
		d := e.entity(e.device, "fleet", "1", set{"createdOn": graph.TimeOf(when), "lastSeenOn": graph.TimeOf(when)})
		require.False(e, d.Get("createdOn").IsAbsent())
		e.create(store, d)
		require.Equal(e, rowAt(d, at(1), at(1)), e.element(store, e.device, d.Key))
	}
}

func falseIsNoAbsence(e *env) {
	store := e.open()
	no := e.entity(e.device, "fleet", "1", set{"isVirtual": graph.BoolOf(false), "memoryBytes": graph.IntOf(0)})
	yes := e.entity(e.device, "fleet", "2", set{"isVirtual": graph.BoolOf(true)})
	none := e.entity(e.device, "fleet", "3", nil)
	e.create(store, no, yes, none)
	require.Equal(e, []row{rowAt(no, at(1), at(1)), rowAt(yes, at(1), at(1)), rowAt(none, at(1), at(1))},
		e.elements(store, graph.Selection{Type: e.device}))
}

func listsSurvive(e *env) {
	store := e.open()
	for _, list := range [][]string{{"one"}, {"b", "a", "b"}, hostileTexts()} {
		d := e.entity(e.device, "fleet", "1", set{"macAddresses": graph.TextsOf(list...)})
		e.create(store, d)
		var got []string
		for st, err := range store.Elements(e.Context(), graph.Selection{Type: e.device}) {
			require.NoError(e, err)
			got = st.Get("macAddresses").List()
		}
		require.Equal(e, d.Get("macAddresses").List(), got)
	}
}

func relationshipValuesSurvive(e *env) {
	store := e.open()
	d, m := e.entity(e.device, "fleet", "1", nil), e.entity(e.machine, "assetgraph", "1", nil)
	e.create(store, d)
	e.create(store, m)
	for _, s := range hostileTexts() {
		r := e.relationship(e.is, "assetgraph", d.Key, m.Key, set{
			"method": graph.TextOf("serial"), "matchedValue": graph.TextOf(s), "score": graph.IntOf(1<<53 + 1),
			"certain": graph.BoolOf(false), "linkedOn": graph.TimeOf(at(3)), "evidence": graph.TextsOf(s, "a"),
		})
		e.create(store, r)
		require.Equal(e, rowAt(r, at(1), at(1)), e.element(store, e.is, r.Key))
	}
}

func hostileIDs(e *env) {
	store := e.open()
	ids := []string{
		"'", "\"", "`", "\\", "\\u0060", "a:b", "a|HAS|b", "%41", "A", "a", "é", "日本", " ", "\n", "~",
		strings.Repeat("x", graph.MaxKeyID),
	}
	want := map[graph.Key]string{}
	for _, id := range ids {
		d := graph.NewEntity(e.device, "fleet", id)
		if d.Get("id").IsAbsent() {
			d.Set("id", graph.TextOf("white space"))
		}
		require.NoError(e, d.Seal())
		e.create(store, d)
		want[d.Key] = d.Get("id").Text()
	}
	require.Len(e, want, len(ids), "ids that differ must have keys that differ")
	got := map[graph.Key]string{}
	for key, id := range want {
		for st, err := range store.Elements(e.Context(), graph.Selection{Type: e.device, Keys: []graph.Key{key}}) {
			require.NoError(e, err)
			require.Equal(e, id, st.Get("id").Text())
			got[st.Key] = id
		}
	}
	require.Equal(e, want, got)
}

func hostileTextIsData(e *env) {
	store := e.open()
	_, _, has := e.link(store)
	sentinels := e.dump(store)
	for _, s := range hostileTexts() {
		d := e.entity(e.deviceX, "o'brien`\"", "id "+s[:min(40, len(s))], set{"name": graph.TextOf(s)})
		e.create(store, d)
		e.apply(store, graph.Update, at(2), d)
		e.apply(store, graph.Refresh, at(3), d)
		require.Len(e, e.headers(store, e.deviceX, "o'brien`\""), 1)
		require.Len(e,
			e.elements(store, graph.Selection{Type: e.deviceX, Instance: "o'brien`\"", Keys: []graph.Key{d.Key}}), 1)
		require.Empty(e,
			e.elements(store, graph.Selection{Type: e.deviceX, Instance: s, Keys: []graph.Key{graph.Key(s)}}))
		require.Empty(e, e.headers(store, e.deviceX, s))
		e.apply(store, graph.Delete, at(4), d)
	}
	require.Equal(e, sentinels, e.dump(store))
	require.Len(e, e.headers(store, e.has, "fleet"), len(has))
}
