package immybot

import (
	"encoding/json"
	"fmt"
	"net/http"
	"net/url"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
)

// noon is what time it is at the made-up instance.
var noon = time.Date(2024, time.February, 29, 12, 0, 0, 0, time.UTC)

// A sessionTable plays the list of maintenance sessions with its filters.
type sessionTable struct {
	rows     []madeSession
	date     string                        // what the answers say of the time; "" = noon, "-" = nothing
	cap      int                           // rows of one answer at most; 0 = none
	slow     func(from, to time.Time) bool // which windows are not answered in time
	lose     int                           // id of a row that is counted and never shown
	silent   bool                          // tells no total
	keyless  bool                          // ignores the filter by id
	timeless bool                          // ignores those by time
	choosy   bool                          // refuses a choice of fields
	asked    []url.Values                  // beside the first request
	shifted  time.Duration                 // its filters' clock
	before   func(t *sessionTable, n int)  // called before each answer
}

type madeSession struct {
	id, computer, status int
	created              time.Time
}

func (s *madeSession) json() string {
	return fmt.Sprintf(`{"id":%d,"computerId":%d,"sessionStatus":%d,"createdDate":%q}`, s.id, s.computer, s.status,
		s.created.Format("2006-01-02T15:04:05.000000Z"))
}

func (in *instance) sessions(table *sessionTable) {
	in.answer(routeActions, `{"data":[],"totalCount":0}`)
	in.routes[routeSessions] = func(w http.ResponseWriter, r *http.Request) { table.serve(in.t, w, r.URL.Query()) }
}

func (s *sessionTable) serve(t *testing.T, w http.ResponseWriter, q url.Values) {
	switch s.date {
	case "":
		w.Header().Set("Date", noon.Format(http.TimeFormat))
	case "-":
		w.Header()["Date"] = nil
	default:
		w.Header().Set("Date", s.date)
	}
	if q.Get("sessionType") != "2" {
		t.Errorf("sessions of clouds are asked for: %v", q)
	}
	if s.choosy && q.Has("select") {
		writeJSON(w, http.StatusBadRequest, `{"title":"Bad Request","status":400}`)
		return
	}
	if !q.Has("filter") {
		if q.Has("sort") || q.Has("requireTotalCount") || q.Get("take") != "1" {
			t.Errorf("all of the list is asked for: %v", q)
		}
		writeJSON(w, http.StatusOK, `{"data":[]}`)
		return
	}
	s.asked = append(s.asked, q)
	if s.before != nil {
		s.before(s, len(s.asked))
	}
	from, to, after := windowOf(t, q.Get("filter"))
	if s.slow != nil && s.slow(from, to) {
		w.Header().Set("Content-Type", "text/plain")
		w.WriteHeader(http.StatusGatewayTimeout)
		_, _ = w.Write([]byte("stream timeout"))
		return
	}
	if s.keyless {
		after = 0
	}
	require.Equal(t, `[{"selector":"id","desc":false}]`, q.Get("sort"))
	rows := slices.Clone(s.rows)
	slices.SortFunc(rows, func(a, b madeSession) int { return a.id - b.id })
	rows = slices.DeleteFunc(rows, func(r madeSession) bool {
		at := r.created.Add(s.shifted)
		return r.id <= after || !s.timeless && (at.Before(from) || !at.Before(to))
	})
	total := len(rows)
	if s.silent {
		total = -1
	}
	rows = slices.DeleteFunc(rows, func(r madeSession) bool { return r.id == s.lose })
	take := number(q, "take", 0)
	if s.cap > 0 {
		take = min(take, s.cap)
	}
	var texts []string
	for _, r := range rows[:min(take, len(rows))] {
		texts = append(texts, r.json())
	}
	writeJSON(w, http.StatusOK, fmt.Sprintf(`{"data":[%s],"totalCount":%d,"groupCount":-1}`, strings.Join(texts, ","), total))
}

// windowOf reads the filter, which must have both bounds of time.
func windowOf(t *testing.T, text string) (from, to time.Time, after int) {
	t.Helper()
	var conditions []json.RawMessage
	require.NoError(t, json.Unmarshal([]byte(text), &conditions))
	for i := 0; i < len(conditions); i += 2 {
		var c []any
		require.NoError(t, json.Unmarshal(conditions[i], &c), text)
		switch c[1] {
		case ">=":
			from = clock(t, c[2])
		case "<":
			to = clock(t, c[2])
		case ">":
			require.Equal(t, "id", c[0])
			after = int(c[2].(float64))
		}
	}
	require.False(t, from.IsZero() || to.IsZero(), text)
	require.LessOrEqual(t, to.Sub(from), day, "wider windows are not answered in time")
	return from, to, after
}

func clock(t *testing.T, text any) time.Time {
	t.Helper()
	at, err := time.Parse("01/02/2006 15:04:05", text.(string))
	require.NoError(t, err)
	return at
}
