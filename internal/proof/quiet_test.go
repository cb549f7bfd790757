package proof

import (
	"bytes"
	"encoding/json"
	"fmt"
	"maps"
	"math/rand/v2"
	"net/http"
	"net/http/httptest"
	"os"
	"regexp"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"assetgraph/graph/sqlite"
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
	if !rw.on.Load() || r.Method != http.MethodGet {
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

// TestEqualDataWritesNothing reads the same fleet again in other words.
func TestEqualDataWritesNothing(t *testing.T) {
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
			rw := &rewriter{rewrite: rewrite}
			e := newEstate(t, simulator.Options{Intercept: rw.intercept}, t.Cleanup)
			e.options.PageSize = 0
			store := open(t, loaded(t, e))
			rw.on.Store(true)
			report := e.run(t, t.Context(), store)
			require.Equal(t, executor.StatusComplete, report.Run.Status, "%v", report.Steps)
			require.Equal(t, executor.Counts{Unchanged: report.Totals.Unchanged}, report.Totals)
			require.Positive(t, report.Totals.Unchanged)
			require.LessOrEqual(t, store.DataWrites(), int64(3), "how fresh the three instances are, and nothing else")
			if name != "as it was" {
				require.Positive(t, rw.count.Load(), "the answers were changed")
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

// TestPlanIsWhatTheRunDoes compares the counts of a plan with those of the run that follows, and the file's bytes before and
// after the plan.
func TestPlanIsWhatTheRunDoes(t *testing.T) {
	e := newEstate(t, simulator.Options{}, t.Cleanup)
	path := loaded(t, e)
	for range 3 {
		e.Advance(simulator.Change{Add: 3, Remove: 9, Edit: 4, Rename: 3, Move: 3, CheckIn: 12})
		before, err := os.ReadFile(path)
		require.NoError(t, err)
		reader, err := sqlite.Open(t.Context(), path, schema(t), sqlite.Options{ReadOnly: true})
		require.NoError(t, err)
		o := e.runOptions(t, reader)
		o.Plan = true
		plan, err := executor.Run(t.Context(), o)
		require.NoError(t, err)
		require.NoError(t, reader.Close())
		after, err := os.ReadFile(path)
		require.NoError(t, err)
		require.True(t, bytes.Equal(before, after), "a plan writes nothing")

		store, err := sqlite.Open(t.Context(), path, schema(t), sqlite.Options{})
		require.NoError(t, err)
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
	e := newEstate(t, simulator.Options{}, t.Cleanup)
	path := loaded(t, e)
	e.Advance(change())
	truth := e.truth(t, t.Context())
	right := e.run(t, t.Context(), open(t, duplicate(t, path)))
	for name, off := range map[string]time.Duration{"a day late": -24 * time.Hour, "a day early": 24 * time.Hour, "five years late": -5 * 365 * 24 * time.Hour, "five years early": 5 * 365 * 24 * time.Hour} {
		t.Run(name, func(t *testing.T) {
			store := open(t, duplicate(t, path))
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
