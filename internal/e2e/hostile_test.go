package e2e

import (
	"bytes"
	"encoding/json"
	"fmt"
	"maps"
	"regexp"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"assetgraph/graph"
	"assetgraph/internal/executor"
)

// A hostile value stands in place of the name of one machine in one product, as raw JSON.
type hostile struct {
	name  string
	raw   string
	costs string // "": nothing, it is stored as a value
}

const (
	theField  = "field"
	theRecord = "record"
)

func hostiles() []hostile {
	nested := func(depth int) string { return strings.Repeat(`[`, depth) + strings.Repeat(`]`, depth) }
	return []hostile{
		{"backtick", "\"a`b`) DETACH DELETE n //\"", ""},
		{"quotes", `"a'b\"c'); DROP TABLE entity; --"`, ""},
		{"escaped backtick", `"\u0060x\u0060 \\u0060"`, ""},
		{"dollar and braces", `"${HOME} {{.}} $props %s"`, ""},
		{"line breaks", `"a\nb\r\nc"`, ""},
		{"NUL", `"a\u0000b"`, ""},
		{"direction marks", `"a\u202eb\u200fc\u2066"`, ""},
		{"lone surrogate", `"a\ud800b"`, theRecord},
		{"70 kB", `"` + strings.Repeat("x", 70_000) + `"`, ""},
		{"invalid UTF-8", "\"a\xff\xfeb\"", theRecord},
		{"number beyond 2^53", `9007199254740993`, ""},
		{"number beyond any range", `1e400`, ""},
		{"depth of 9,900", nested(9_900), theField},
		{"object", `{"a":1}`, theField},
		{"empty", `""`, ""},
		{"white space", `"   "`, ""},
	}
}

// TestHostileValues puts hostile values in the place of a machine's name in each product. They are stored as data, or
// cost that field or that one record and are named; all other records stay what they are.
func TestHostileValues(t *testing.T) {
	t.Parallel()
	onBothStores(t, hostileValues)
}

func hostileValues(t *testing.T, g *ground) {
	rw, e := g.rewritten(t, 0)
	for i, product := range allProducts() {
		member := map[string]string{"sentinelone": "computerName", "ninjarmm": "systemName", "immybot": "computerName"}[product]
		t.Run(product, func(t *testing.T) {
			truth := e.truth(t, t.Context(), product)
			for _, h := range few(g, hostiles(), len(allProducts()), i) { // on the server each value in one product
				t.Run(h.name, func(t *testing.T) {
					store := g.fork(t).open(t)
					rw.rewrite = replaceOnce(member, h.raw)
					rw.on.Store(true)
					report := e.run(t, t.Context(), store, product)
					rw.on.Store(false)
					require.Positive(t, rw.count.Swap(0))
					requireHostile(t, h, report, truth, read(t, t.Context(), store, product))
					report = e.run(t, t.Context(), store, product)
					require.Equal(t, executor.StatusComplete, report.Run.Status)
					requireEqual(t, truth, read(t, t.Context(), store, product), "after a healthy run")
					g.healed = true
				})
			}
		})
	}
}

func requireHostile(t *testing.T, h hostile, report *executor.Report, truth, after holding) {
	t.Helper()
	require.Zero(t, report.Totals.Deleted)
	require.Empty(t, truth.without(after), "lost")
	require.Empty(t, after.without(truth), "invented")
	require.LessOrEqual(t, len(truth.changed(after)), 2, "only the first machine of each list")
	if h.costs != theRecord {
		require.Equal(t, executor.StatusComplete, report.Run.Status, "%v", report.Steps)
		require.Equal(t, h.costs == theField, strings.Contains(fmt.Sprint(report.Warnings), "Name left out: "), "%v", report.Warnings)
		return
	}
	require.Equal(t, executor.StatusIncomplete, report.Run.Status)
	require.Contains(t, fmt.Sprint(report.Steps), "left out", "the reason is given")
	require.Empty(t, truth.changed(after))
}

// replaceOnce replaces the first value of a member in an answer that has it.
func replaceOnce(member, raw string) func([]byte) []byte {
	value := regexp.MustCompile(`"` + member + `":\s*"[^"]*"`)
	return func(body []byte) []byte {
		at := value.FindIndex(body)
		if at == nil || bytes.Contains(body, []byte(`"externalAgentId"`)) {
			return body
		}
		return append(append(bytes.Clone(body[:at[0]]), `"`+member+`":`+raw...), body[at[1]:]...)
	}
}

// TestHostileTextIsStoredAsItIs reads back what was stored.
func TestHostileTextIsStoredAsItIs(t *testing.T) {
	t.Parallel()
	onBothStores(t, hostileText)
}

func hostileText(t *testing.T, g *ground) {
	rw, e := g.rewritten(t, 0)
	store := g.open(t)
	want := "a`b`'\"\\); DROP TABLE entity; -- \u202e\n$x {{y}} %s"
	rw.rewrite = replaceOnce("name", string(must(json.Marshal(want))))
	rw.on.Store(true)
	e.run(t, t.Context(), store, "ninjarmm")
	for stored, err := range store.Elements(t.Context(), graph.Selection{Type: schema(t).Type("ninjarmm_organization")}) {
		require.NoError(t, err)
		if strings.HasPrefix(stored.Get("name").Text(), "a`b`") {
			require.Equal(t, strings.ReplaceAll(want, "\n", " "), strings.ReplaceAll(stored.Get("name").Text(), "\n", " "))
			return
		}
	}
	require.Fail(t, "not stored")
}

// TestHostileRecords repeats and bends whole records.
func TestHostileRecords(t *testing.T) {
	t.Parallel()
	onBothStores(t, hostileRecords)
}

func hostileRecords(t *testing.T, g *ground) {
	rw, e := g.rewritten(t, 0)
	truth := e.truth(t, t.Context(), "sentinelone")
	for name, test := range map[string]struct {
		bend   func(row) []row // what stands in place of the first row
		more   int             // entities that this adds
		status string
	}{
		"id twice, equal":         {func(r row) []row { return []row{r, r} }, 0, executor.StatusComplete},
		"id twice, different":     {func(r row) []row { return []row{r, r.with("computerName", `"other"`)} }, 0, executor.StatusComplete},
		"ids that differ in case": {func(r row) []row { return []row{r, r.with("id", `"Abc"`), r.with("id", `"aBC"`)} }, 2, executor.StatusComplete},
		"ids that differ in form": {func(r row) []row { return []row{r, r.with("id", `"\u00e9"`), r.with("id", `"e\u0301"`)} }, 2, executor.StatusComplete},
		"id with separators":      {func(r row) []row { return []row{r, r.with("id", `"x|HAS|y:z"`), r.with("id", `"../../x?y#z%25"`)} }, 2, executor.StatusComplete},
		"id with NUL":             {func(r row) []row { return []row{r, r.with("id", `"a\u0000b"`)} }, 1, executor.StatusComplete},
		"id of 70 kB":             {func(r row) []row { return []row{r, r.with("id", `"`+strings.Repeat("7", 70_000)+`"`)} }, 0, executor.StatusIncomplete},
		"id null":                 {func(r row) []row { return []row{r, r.with("id", `null`)} }, 0, executor.StatusIncomplete},
		"id empty":                {func(r row) []row { return []row{r, r.with("id", `""`)} }, 0, executor.StatusIncomplete},
		"id an object":            {func(r row) []row { return []row{r, r.with("id", `{}`)} }, 0, executor.StatusIncomplete},
	} {
		t.Run(name, func(t *testing.T) {
			store := g.fork(t).open(t)
			rw.rewrite = bendFirst(test.bend)
			rw.on.Store(true)
			defer rw.on.Store(false)
			report := e.run(t, t.Context(), store, "sentinelone")
			require.Equal(t, test.status, report.Run.Status, "%v", report.Steps)
			require.Zero(t, report.Totals.Deleted)
			require.Equal(t, test.more, report.Entities["sentinelone_agent"].Created)
			require.Empty(t, truth.without(read(t, t.Context(), store, "sentinelone")))
			again := e.run(t, t.Context(), store, "sentinelone")
			require.Zero(t, again.Totals.Created+again.Totals.Updated+again.Totals.Deleted, "the same again: %+v", again.Totals)
		})
	}
}

type row = bendable // short, for the table

// A bendable is a record whose members can be replaced.
type bendable map[string]json.RawMessage

func (b bendable) with(name, raw string) bendable {
	out := bendable{}
	maps.Copy(out, b)
	out[name] = json.RawMessage(raw)
	return out
}

// bendFirst replaces the first row of the list of agents.
func bendFirst(bend func(bendable) []bendable) func([]byte) []byte {
	return func(body []byte) []byte {
		if !bytes.Contains(body, []byte(`"agentVersion"`)) {
			return body
		}
		out, ok := editRows(body, func(rows []json.RawMessage) []json.RawMessage {
			var first bendable
			if json.Unmarshal(rows[0], &first) != nil {
				return nil
			}
			var bent []json.RawMessage
			for _, r := range bend(first) {
				bent = append(bent, must(json.Marshal(r)))
			}
			return append(bent, rows[1:]...)
		})
		if !ok {
			return body
		}
		return out
	}
}

// TestMemberTwiceCostsOneRecord gives a member of one record twice.
func TestMemberTwiceCostsOneRecord(t *testing.T) {
	t.Parallel()
	onBothStores(t, memberTwice)
}

func memberTwice(t *testing.T, g *ground) {
	rw, e := g.rewritten(t, 0)
	store := g.open(t)
	truth := e.truth(t, t.Context(), "sentinelone")
	rw.rewrite = replaceOnce("computerName", `"one","computerName":"two"`)
	rw.on.Store(true)
	report := e.run(t, t.Context(), store, "sentinelone")
	require.Equal(t, executor.StatusIncomplete, report.Run.Status)
	require.Contains(t, fmt.Sprint(report.Steps), "1 record left out")
	requireEqual(t, truth, read(t, t.Context(), store, "sentinelone"), "nothing of it was believed")
}

// TestDepthBeyondTheParserCostsTheList nests one member deeper than JSON is read at all: nothing of that answer is
// believed.
func TestDepthBeyondTheParserCostsTheList(t *testing.T) {
	t.Parallel()
	onBothStores(t, depthBeyondTheParser)
}

func depthBeyondTheParser(t *testing.T, g *ground) {
	rw, e := g.rewritten(t, fleetPage)
	store := g.open(t)
	truth := e.truth(t, t.Context())
	rw.rewrite = replaceOnce("computerName", strings.Repeat(`[`, 100_000)+strings.Repeat(`]`, 100_000))
	rw.on.Store(true)
	report := e.run(t, t.Context(), store)
	require.Equal(t, executor.StatusIncomplete, report.Run.Status)
	require.Zero(t, report.Totals.Deleted)
	requireEqual(t, truth, read(t, t.Context(), store), "nothing of it was believed")
}
