package e2e

import (
	"bytes"
	"encoding/json"
	"fmt"
	"maps"
	"math/rand/v2"
	"net/http"
	"net/http/httptest"
	"regexp"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"assetgraph/internal/executor"
	"assetgraph/internal/simulator"
)

// A rewriter is an intercept that says the same in other words, once it is switched on.
type rewriter struct {
	on      atomic.Bool
	rewrite func(body []byte) []byte
	count   atomic.Int64 // answers that were changed
}

func (rw *rewriter) intercept(w http.ResponseWriter, r *http.Request, next http.Handler) {
	// Reports and windows of time are read in an order that says where the next page begins: in another one they are not whole.
	inOrder := strings.HasPrefix(r.URL.Path, "/v2/queries/") || strings.HasSuffix(r.URL.Path, "/dx")
	if !rw.on.Load() || r.Method != http.MethodGet || inOrder {
		next.ServeHTTP(w, r)
		return
	}
	healthy := httptest.NewRecorder()
	next.ServeHTTP(healthy, r)
	body := healthy.Body.Bytes()
	if healthy.Code == http.StatusOK {
		changed := rw.rewrite(body)
		if !bytes.Equal(changed, body) {
			rw.count.Add(1)
		}
		body = changed
	}
	maps.Copy(w.Header(), healthy.Header())
	w.WriteHeader(healthy.Code)
	_, _ = w.Write(body)
}

// rewritten starts a fleet whose answers the rewriter changes once it is on, and reads it into the ground as it is.
func (g *ground) rewritten(t *testing.T, pageSize int) (*rewriter, *estate) {
	t.Helper()
	rw := &rewriter{}
	e := g.estate(t, simulator.Options{Intercept: rw.intercept})
	e.options.PageSize = pageSize
	g.load(t, e)
	return rw, e
}

// TestEqualDataWritesNothing reads the same fleet again in other words.
func TestEqualDataWritesNothing(t *testing.T) {
	t.Parallel()
	onBothStores(t, equalData)
}

func equalData(t *testing.T, g *ground) {
	rw, e := g.rewritten(t, 0)
	for name, rewrite := range map[string]func([]byte) []byte{
		"as it was":                    func(b []byte) []byte { return b },
		"records in another order":     shuffleRows,
		"members in another order":     shuffleMembers,
		"escapes for plain characters": escapeLetters,
		"times in another spelling":    respellTimes,
		"MAC addresses in capitals":    respellMACs,
		"white space":                  indent,
		"records given twice":          doubleRows,
	} {
		t.Run(name, func(t *testing.T) {
			rw.rewrite = rewrite
			store := g.fork(t).open(t)
			rw.on.Store(true)
			defer rw.on.Store(false)
			report := e.run(t, t.Context(), store)
			require.Equal(t, executor.StatusComplete, report.Run.Status, "%v", report.Steps)
			require.Equal(t, executor.Counts{Unchanged: report.Totals.Unchanged}, report.Totals)
			require.Positive(t, report.Totals.Unchanged)
			require.LessOrEqual(t, writesOf(t, store), 3, "how fresh the three instances are, and nothing else")
			if name != "as it was" {
				require.Positive(t, rw.count.Swap(0), "the answers were changed")
			}
		})
	}
}

func shuffleRows(body []byte) []byte {
	out, ok := editRows(body, func(rows []json.RawMessage) []json.RawMessage {
		rand.Shuffle(len(rows), func(i, j int) { rows[i], rows[j] = rows[j], rows[i] })
		return rows
	})
	if !ok {
		return body
	}
	return out
}

func doubleRows(body []byte) []byte {
	if bytes.Contains(body, []byte(`"count":`)) || bytes.Contains(body, []byte(`"computerCount":`)) {
		return body // a count that is exceeded is another matter
	}
	out, ok := editRows(body, func(rows []json.RawMessage) []json.RawMessage { return append(rows, rows...) })
	if !ok {
		return body
	}
	return out
}

func shuffleMembers(body []byte) []byte {
	d := json.NewDecoder(bytes.NewReader(body))
	d.UseNumber()
	var v any
	if d.Decode(&v) != nil {
		return body
	}
	var b bytes.Buffer
	writeShuffled(&b, v)
	return b.Bytes()
}

func writeShuffled(b *bytes.Buffer, v any) {
	switch v := v.(type) {
	case map[string]any:
		b.WriteByte('{')
		first := true
		for name, member := range v { // Go's own order is another one each time
			if !first {
				b.WriteByte(',')
			}
			first = false
			b.Write(must(json.Marshal(name)))
			b.WriteByte(':')
			writeShuffled(b, member)
		}
		b.WriteByte('}')
	case []any:
		b.WriteByte('[')
		for i, member := range v {
			if i > 0 {
				b.WriteByte(',')
			}
			writeShuffled(b, member)
		}
		b.WriteByte(']')
	default:
		b.Write(must(json.Marshal(v)))
	}
}

var (
	letterInText = regexp.MustCompile(`[a-z]`)
	textValue    = regexp.MustCompile(`:\s*"[^"\\]*"`)
	timeValue    = regexp.MustCompile(`"(\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d)(\.\d+)?Z"`)
	macValue     = regexp.MustCompile(`"[0-9a-f]{2}(:[0-9a-f]{2}){5}"`)
)

func escapeLetters(body []byte) []byte {
	return textValue.ReplaceAllFunc(body, func(value []byte) []byte {
		return letterInText.ReplaceAllFunc(value, func(c []byte) []byte { return fmt.Appendf(nil, `\u%04x`, c[0]) })
	})
}

func respellTimes(body []byte) []byte {
	return timeValue.ReplaceAllFunc(body, func(value []byte) []byte {
		at, err := time.Parse(time.RFC3339Nano, strings.Trim(string(value), `"`))
		if err != nil || at.Year() < 1900 {
			return value
		}
		return []byte(`"` + at.In(time.FixedZone("", 2*60*60)).Format("2006-01-02T15:04:05.000000000-07:00") + `"`)
	})
}

func respellMACs(body []byte) []byte { return macValue.ReplaceAllFunc(body, bytes.ToUpper) }

func indent(body []byte) []byte {
	var b bytes.Buffer
	if json.Indent(&b, body, "\n", "\t ") != nil {
		return body
	}
	return b.Bytes()
}

// TestPlanIsWhatTheRunDoes compares the counts of a plan with those of the run that follows, and all that lies in the
// graph before and after the plan.
func TestPlanIsWhatTheRunDoes(t *testing.T) {
	t.Parallel()
	onBothStores(t, planIsWhatTheRunDoes)
}

func planIsWhatTheRunDoes(t *testing.T, g *ground) {
	e := newEstate(t, simulator.Options{}, t.Cleanup)
	e.options.PageSize = 200
	g.load(t, e)
	for range 3 {
		e.Advance(simulator.Change{Add: 3, Remove: 9, Edit: 4, Rename: 3, Move: 3, CheckIn: 12})
		before := g.image(t)
		reader := g.opened(t, t.Context(), true)
		o := e.runOptions(t, reader)
		o.Plan = true
		plan, err := executor.Run(t.Context(), o)
		require.NoError(t, err)
		require.NoError(t, reader.Close())
		require.True(t, bytes.Equal(before, g.image(t)), "a plan writes nothing")

		store := g.opened(t, t.Context(), false)
		report := e.run(t, t.Context(), store)
		require.NoError(t, store.Close())
		require.Equal(t, plan.Entities, report.Entities)
		require.Equal(t, plan.Relationships, report.Relationships)
		require.Equal(t, plan.Withheld, report.Withheld)
		require.Equal(t, plan.Run.Status, report.Run.Status)
		require.Positive(t, plan.Totals.Created)
		require.Positive(t, plan.Totals.Deleted+plan.Totals.Withheld)
	}
}

// TestClocksDecideNothing loads and changes a graph with clocks that are wrong.
func TestClocksDecideNothing(t *testing.T) {
	t.Parallel()
	onBothStores(t, clocksDecideNothing)
}

func clocksDecideNothing(t *testing.T, g *ground) {
	e := g.estate(t, simulator.Options{})
	g.load(t, e)
	e.Advance(g.change())
	truth := e.truth(t, t.Context())
	right := e.run(t, t.Context(), g.fork(t).open(t))
	for name, off := range map[string]time.Duration{"a day late": -24 * time.Hour, "a day early": 24 * time.Hour, "five years late": -5 * 365 * 24 * time.Hour, "five years early": 5 * 365 * 24 * time.Hour} {
		t.Run(name, func(t *testing.T) {
			store := g.fork(t).open(t)
			o := e.runOptions(t, store)
			o.Now = func() time.Time { return time.Now().Add(off) }
			report, err := executor.Run(t.Context(), o)
			require.NoError(t, err)
			require.Equal(t, right.Entities, report.Entities)
			require.Equal(t, right.Relationships, report.Relationships)
			require.Equal(t, right.Run.Status, report.Run.Status)
			requireEqual(t, truth, read(t, t.Context(), store), name)
			again := e.run(t, t.Context(), store)
			require.Equal(t, executor.Counts{Unchanged: again.Totals.Unchanged}, again.Totals, "by the right clock again")
		})
	}
}
