package immybot

import (
	"fmt"
	"net/http"
	"net/url"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"assetgraph/collectors"
)

// made returns n sessions of computers 1 to 10 over the last days, in no order of their times.
func made(n int) []madeSession {
	var rows []madeSession
	for id := 1; id <= n; id++ {
		rows = append(rows, madeSession{
			id: id, computer: 1 + id%10, created: noon.Add(-time.Duration(id*7919%(7*24*60)) * time.Minute),
		})
	}
	return rows
}

func computersOf(rows []madeSession) (list []string) {
	for _, r := range rows {
		list = append(list, fmt.Sprint(r.computer))
	}
	slices.Sort(list)
	return list
}

func TestSessionsAreReadInWindows(t *testing.T) {
	for name, tt := range map[string]struct {
		table sessionTable
		size  int
		asks  int
	}{
		"a day each":                     {table: sessionTable{rows: made(40)}, asks: 8},
		"none":                           {asks: 8},
		"pages of a day":                 {table: sessionTable{rows: made(40)}, size: 2, asks: 21},
		"fewer rows than were asked for": {table: sessionTable{rows: made(40), cap: 3}, asks: 14},
		"a clock of another zone":        {table: sessionTable{rows: made(40), shifted: -9 * time.Hour}, asks: 8},
		"no total: to the empty page":    {table: sessionTable{rows: made(40), silent: true}, asks: 16},
		"no choice of fields":            {table: sessionTable{rows: made(40), choosy: true}, asks: 8},
		"a new row while they are read": {table: sessionTable{rows: made(40), before: func(s *sessionTable, n int) {
			if n == 8 {
				s.rows = append(s.rows, madeSession{id: 99, computer: 7, created: noon})
			}
		}}, asks: 8},
	} {
		t.Run(name, func(t *testing.T) {
			in := newInstance(t)
			in.sessions(&tt.table)
			records, m, err := readAll(t, in.collector(tt.size), "maintenance")
			require.NoError(t, err)
			require.Equal(t, computersOf(tt.table.rows), ids(records))
			require.Len(t, tt.table.asked, tt.asks, "requests")
			require.Equal(t, tt.asks, m.Pages())
			for _, q := range tt.table.asked {
				require.Equal(t, tt.table.choosy, !q.Has("select"))
			}
			first, _, _ := windowOf(t, tt.table.asked[0].Get("filter"))
			_, end, _ := windowOf(t, tt.table.asked[tt.asks-1].Get("filter"))
			require.Equal(t, time.Date(2024, 2, 22, 0, 0, 0, 0, time.UTC), first, "by the instance's clock")
			require.Equal(t, time.Date(2024, 3, 1, 0, 0, 0, 0, time.UTC), end)
		})
	}
}

// A window that is not answered in time is halved, also behind its first page; nothing in it is passed over, and none
// that is begun gets longer again.
func TestWindowsThatTakeTooLongAreHalved(t *testing.T) {
	for name, slow := range map[string]func(requests *int) func(from, to time.Time) bool{
		"all": func(*int) func(from, to time.Time) bool {
			return func(from, to time.Time) bool { return to.Sub(from) > 3*time.Hour }
		},
		"after some pages": func(n *int) func(from, to time.Time) bool {
			return func(from, to time.Time) bool { *n++; return *n > 9 && to.Sub(from) > 7*time.Hour }
		},
		"one day": func(*int) func(from, to time.Time) bool {
			return func(from, to time.Time) bool { return from.Day() == 25 && to.Sub(from) > time.Hour }
		},
	} {
		t.Run(name, func(t *testing.T) {
			in, requests := newInstance(t), 0
			table := &sessionTable{rows: made(300), slow: slow(&requests), cap: 7}
			in.sessions(table)
			c, err := New(Config{
				Instance: "immybot", URL: in.URL, TenantID: testTenant, ClientID: "app", ClientSecret: testSecret,
				AuthorityURL: in.URL, Options: collectors.Options{RetryTime: 100 * time.Millisecond},
			})
			require.NoError(t, err)
			records, _, err := readAll(t, c, "maintenance")
			require.NoError(t, err)
			require.Subset(t, ids(records), computersOf(table.rows))
			seen := map[int64]bool{}
			for _, r := range records {
				seen[r.Value.(*MaintenanceSession).ID.N] = true
			}
			require.Len(t, seen, 300)
		})
	}
}

func TestSessionsThatCanNotBeTrusted(t *testing.T) {
	for name, tt := range map[string]struct {
		table  sessionTable
		size   int
		reason string
	}{
		"a row is missing":           {sessionTable{rows: made(40), lose: 17}, 0, "the list ended early"},
		"the filter by id is not":    {sessionTable{rows: made(40), keyless: true}, 2, "does not keep to the order"},
		"the filters by time aren't": {sessionTable{rows: made(40), timeless: true}, 0, "does not keep to the window"},
		"no time is told":            {sessionTable{rows: made(40), date: "-"}, 0, "do not say what time it is"},
	} {
		t.Run(name, func(t *testing.T) {
			in := newInstance(t)
			in.sessions(&tt.table)
			in.list("/computers/paged", &pagedList{rows: computers(10)})
			c := in.collector(tt.size)
			_, _, err := readAll(t, c, "maintenance")
			var incomplete *collectors.IncompleteError
			require.ErrorAs(t, err, &incomplete)
			require.ErrorContains(t, err, tt.reason)
			requireLack(t, c)
		})
	}
}

// requireLack reads the computers behind sessions that could not be read.
func requireLack(t *testing.T, c *Collector) {
	t.Helper()
	_, _, err := read(t, c, "provider-agents")
	require.NoError(t, err)
	records, _, err := read(t, c, "computers")
	require.NoError(t, err)
	require.NotEmpty(t, records)
	for _, r := range records {
		require.Equal(t, []string{"maintenance"}, r.Lacks)
	}
}

func TestSessionsThatAreRefusedAreUnavailable(t *testing.T) {
	for name, refuse := range map[string]func(*instance){
		"403":            func(in *instance) { in.status(routeSessions, http.StatusForbidden, `{}`) },
		"404":            func(in *instance) { in.status(routeSessions, http.StatusNotFound, `{}`) },
		"HTML under 200": func(in *instance) { delete(in.routes, routeSessions) },
	} {
		t.Run(name, func(t *testing.T) {
			in := newInstance(t)
			refuse(in)
			in.list("/computers/paged", &pagedList{rows: computers(10)})
			c := in.collector(0)
			records, _, err := readAll(t, c, "maintenance")
			require.Empty(t, records)
			require.True(t, collectors.IsUnavailable(err), err)
			requireLack(t, c)
			_, err = count(t, c, "maintenance")
			require.True(t, collectors.IsUnavailable(err), err)
		})
	}
	in := newInstance(t)
	in.status(routeSessions, http.StatusServiceUnavailable, `{}`)
	_, _, err := readAll(t, in.collector(0), "maintenance")
	require.Error(t, err)
	require.False(t, collectors.IsUnavailable(err), "an outage")
}

func TestSessionsAreCountedByNobody(t *testing.T) {
	in := newInstance(t)
	table := &sessionTable{rows: made(40)}
	in.sessions(table)
	n, err := count(t, in.collector(0), "maintenance")
	require.NoError(t, err)
	require.Equal(t, -1, n)
	require.Empty(t, table.asked, "one row proves that they may be read")
}

// A computer tells its newest session that has ended, and keeps what was known where there is none.
func TestLastMaintenanceOfAComputer(t *testing.T) {
	at := func(days int) time.Time { return noon.Add(-time.Duration(days) * day) }
	rows := []madeSession{
		{10, 1, 0, at(6)}, {11, 1, 2, at(1)}, // Failed after Passed
		{20, 2, 7, at(2)}, {21, 2, 1, at(0)}, {22, 2, 3, at(0)}, {23, 2, 6, at(0)}, // runs, is to begin, waits
		{31, 3, 9, at(1)}, {30, 3, 0, at(3)}, // the id decides, whichever comes first
		{40, 4, 1, at(1)},  // none that has ended
		{50, 99, 0, at(1)}, // of a computer that is gone
		{60, 6, 42, at(1)}, // a status that nobody knows
	}
	in := newInstance(t)
	in.sessions(&sessionTable{rows: rows})
	in.list("/computers/paged", &pagedList{rows: computers(6)})
	records, _, err := readAll(t, in.collector(0), "computers")
	require.NoError(t, err)
	got := map[string]string{}
	for _, r := range records {
		last := r.Value.(*Computer).LastMaintenance
		got[r.ID] = strings.TrimSpace(fmt.Sprint(last.Status, " ", last.On.Format("02"), " ", strings.Join(r.Lacks, "")))
	}
	require.Equal(t, map[string]string{
		"1": "Failed 28", "2": "PartialPassed 27", "3": "Missed 28", "4": "01 maintenance", "5": "01 maintenance", "6": "42 28",
	}, got)

	c := in.collector(0)
	c.config.Options.Collect = collectors.ParseCollect("IMMYBOT_COLLECT", "none")
	c.steps = c.newSteps()
	require.True(t, stepOf(t, c, "maintenance").Skipped)
	_, _, err = read(t, c, "provider-agents")
	require.NoError(t, err)
	records, _, err = read(t, c, "computers")
	require.NoError(t, err)
	for _, r := range records {
		require.Empty(t, r.Lacks, "nobody reads it, so nothing is known")
		require.Zero(t, r.Value.(*Computer).LastMaintenance)
	}
}

func TestSessionsOfAnotherShape(t *testing.T) {
	for row, tt := range map[string]struct {
		lack []string // computers that keep what is known of them
		fine bool
	}{
		`{"id":2,"computerId":null,"sessionStatus":0,"createdDate":"2024-02-29T08:00:00Z"}`:     {fine: true},
		`{"id":2,"computerId":2,"sessionStatus":"Failed","createdDate":"2024-02-29T08:00:00Z"}`: {fine: true},
		`{"id":2,"computerId":2,"sessionStatus":{},"createdDate":"2024-02-29T08:00:00Z"}`:       {lack: []string{"2"}},
		`{"id":2,"computerId":2,"sessionStatus":0,"createdDate":[]}`:                            {lack: []string{"2"}},
		`{"id":2,"computerId":{},"sessionStatus":0,"createdDate":"2024-02-29T08:00:00Z"}`:       {lack: []string{"1", "2"}},
		`{"id":null,"computerId":2,"sessionStatus":0,"createdDate":"2024-02-29T08:00:00Z"}`:     {lack: []string{"1", "2"}},
		`"?"`: {lack: []string{"1", "2"}},
	} {
		in := newInstance(t)
		one := madeSession{id: 1, computer: 1, created: noon.Add(-time.Hour)}
		two := madeSession{id: 3, computer: 2, created: noon.Add(-time.Hour)}
		in.routes[routeSessions] = func(w http.ResponseWriter, r *http.Request) {
			w.Header().Set("Date", noon.Format(http.TimeFormat))
			if from, _, _ := windowOfAny(t, r.URL.Query()); from.Day() != noon.Day() {
				writeJSON(w, http.StatusOK, `{"data":[],"totalCount":0}`)
				return
			}
			writeJSON(w, http.StatusOK, fmt.Sprintf(`{"data":[%s,%s,%s],"totalCount":3}`, one.json(), row, two.json()))
		}
		in.list("/computers/paged", &pagedList{rows: computers(2)})
		c := in.collector(0)
		sessions, _, err := readAll(t, c, "maintenance")
		require.NoError(t, err, row)
		require.Equal(t, tt.fine, !slices.ContainsFunc(sessions, func(r collectors.Record) bool { return r.Err != nil }), row)
		_, _, err = read(t, c, "provider-agents")
		require.NoError(t, err)
		records, _, err := read(t, c, "computers")
		require.NoError(t, err)
		var lack []string
		for _, r := range records {
			if len(r.Lacks) > 0 {
				lack = append(lack, r.ID)
			}
		}
		slices.Sort(lack)
		require.Equal(t, tt.lack, lack, row)
	}
}

func windowOfAny(t *testing.T, q url.Values) (from, to time.Time, after int) {
	t.Helper()
	if !q.Has("filter") {
		return from, to, after
	}
	return windowOf(t, q.Get("filter"))
}

func TestRecordedSession(t *testing.T) {
	records, err := Decode(KindMaintenanceSession, []byte(fixture(t, "recorded/maintenance-sessions-dx.json")))
	require.NoError(t, err)
	require.Equal(t, []string{"4166"}, ids(records))
	s := records[0].Value.(*MaintenanceSession)
	require.EqualValues(t, 102056, s.ID.N)
	how, ended := s.Outcome()
	require.True(t, ended)
	require.Equal(t, "Passed", how.Status)
	require.Equal(t, "2022-11-02T12:00:36.405976Z", how.On.Format(time.RFC3339Nano))
	require.Empty(t, records[0].Unread)
}
