package ninjarmm

import (
	"fmt"
	"net/http"
	"net/url"
	"strconv"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"assetgraph/collectors"
)

const (
	healthRoute  = "/v2/queries/device-health"
	volumesRoute = "/v2/queries/volumes"
)

// reports serves the bodies of a report one after another, and the last one for ever.
func (s *tenant) reports(route string, bodies ...string) {
	served := 0
	s.handlers[route] = func(w http.ResponseWriter, r *http.Request) {
		if s.authorized(w, r) {
			answer(w, http.StatusOK, bodies[min(served, len(bodies)-1)])
			served++
		}
	}
}

// reportPage makes one page of device-health with the rows of the devices.
func reportPage(cursor string, devices ...int) string {
	var rows []string
	for _, id := range devices {
		rows = append(rows, fmt.Sprintf(`{"deviceId":%d,"healthStatus":"HEALTHY"}`, id))
	}
	if cursor != "" {
		cursor = `"cursor":` + cursor + ","
	}
	return "{" + cursor + `"results":[` + strings.Join(rows, ",") + `]}`
}

func at(offset int) string {
	return fmt.Sprintf(`{"name":"c-1","offset":%d,"count":2,"expires":1774312200.5}`, offset)
}

// The cursor has the same name on every page; that is no sign of the end, and neither is a short page.
func TestReportGoesOnUntilAnEmptyPage(t *testing.T) {
	for name, offsets := range map[string][]int{"of its begin": {0, 2, 3, 5}, "of its end": {2, 3, 5, 5}} {
		t.Run("a page tells the offset "+name, func(t *testing.T) {
			s := newTenant(t)
			s.reports(healthRoute, reportPage(at(offsets[0]), 1, 2), reportPage(at(offsets[1]), 3),
				reportPage(at(offsets[2]), 4, 5), reportPage(at(offsets[3])))
			var m collectors.Meter
			ids, _, err := read(t, s.collector(t), "health", &m)
			require.NoError(t, err)
			require.Equal(t, idsTo(5), ids)
			require.Equal(t, 4, m.Pages())
			require.Equal(t, []string{
				"pageSize=1000", "cursor=c-1&pageSize=1000", "cursor=c-1&pageSize=1000", "cursor=c-1&pageSize=1000",
			}, s.seen(healthRoute))
		})
	}
}

func TestReportEndsWithoutACursor(t *testing.T) {
	for _, cursor := range []string{"", "null", "{}", `""`, `{"name":null,"offset":2}`} {
		s := newTenant(t)
		s.reports(healthRoute, reportPage(cursor, 1, 2))
		ids, _, err := read(t, s.collector(t), "health", &collectors.Meter{})
		require.NoError(t, err, cursor)
		require.Equal(t, idsTo(2), ids)
		require.Len(t, s.seen(healthRoute), 1)
	}
}

func TestReportWithACursorThatIsATextAlone(t *testing.T) {
	s := newTenant(t)
	s.reports(healthRoute, reportPage(`"c"`, 1), reportPage(`"c"`, 2), reportPage(`"c"`))
	ids, _, err := read(t, s.collector(t), "health", &collectors.Meter{})
	require.NoError(t, err)
	require.Equal(t, idsTo(2), ids)
}

// What is not mended by another cursor stays incomplete.
func TestReportThatLosesRowsIsIncomplete(t *testing.T) {
	for name, c := range map[string]struct {
		pages []string
		want  string
		walks int
	}{
		"the same offset again":     {[]string{reportPage(at(0), 1, 2), reportPage(at(0), 3, 4)}, "is the one before", 1},
		"the same page, no offsets": {[]string{reportPage(`"c"`, 1, 2), reportPage(`"c"`, 1, 2)}, "is the one before", 1},
		"a page was lost":           {[]string{reportPage(at(0), 1, 2), reportPage(at(4), 5, 6)}, "rows are missing", 3},
		"the last page was lost":    {[]string{reportPage(at(0), 1, 2), reportPage(at(4))}, "rows are missing", 3},
	} {
		t.Run(name, func(t *testing.T) {
			s := newTenant(t)
			walks := s.walks(healthRoute, func(int) []string { return c.pages })
			s.lists["/v2/devices-detailed"] = deviceRows(approved, 1, 1)
			n := s.collector(t)
			ids, _, err := read(t, n, "health", &collectors.Meter{})
			var incomplete *collectors.IncompleteError
			require.ErrorAs(t, err, &incomplete)
			require.ErrorContains(t, err, c.want)
			require.Equal(t, idsTo(2), ids, "what came is counted once")
			require.Equal(t, c.walks, walks())
			require.Contains(t, lacks(t, n, "1"), "health", "also of a device whose row came: another may have been lost")
		})
	}
}

// walks serves, to the nth walk of a report, the pages of that walk, and returns what counts the walks. "" breaks the
// connection as the answer would have come.
func (s *tenant) walks(route string, pages func(walk int) []string) (begun func() int) {
	var mu sync.Mutex
	walk, served := 0, 0
	s.handlers[route] = func(w http.ResponseWriter, r *http.Request) {
		if !s.authorized(w, r) {
			return
		}
		mu.Lock()
		defer mu.Unlock()
		if r.URL.Query().Get("cursor") == "" {
			walk, served = walk+1, 0
		}
		list := pages(walk)
		body := list[min(served, len(list)-1)]
		if served++; body == "" {
			panic(http.ErrAbortHandler)
		}
		answer(w, http.StatusOK, body)
	}
	return func() int {
		mu.Lock()
		defer mu.Unlock()
		return walk
	}
}

// The server has moved the cursor on when the answer is lost: only another walk gets the page.
func TestReportIsBegunAnewAfterALostAnswer(t *testing.T) {
	const lost = ""
	begin, end := []int{0, 2, 4, 5}, []int{2, 4, 5, 5}
	page := func(offsets []int, n int) string {
		cursor := `"c"`
		if offsets != nil {
			cursor = at(offsets[n])
		}
		return reportPage(cursor, [][]int{{1, 2}, {3, 4}, {5}, nil}[n]...)
	}
	whole := func(offsets []int) []string {
		return []string{page(offsets, 0), page(offsets, 1), page(offsets, 2), page(offsets, 3), page(offsets, 3)}
	}
	for _, told := range []struct {
		name    string
		offsets []int
	}{{"begin", begin}, {"end", end}, {"none", nil}, {"of something else", []int{7, 8, 9, 10}}} {
		for at, walks := range []int{1, 2, 2, 2} { // nothing is lost with the empty page, where offsets tell it
			if at == 3 && (told.name == "begin" || told.name == "end") {
				walks = 1
			}
			t.Run(fmt.Sprintf("offsets %s, page %d", told.name, at), func(t *testing.T) {
				s := newTenant(t)
				if at == 0 {
					walks++ // the request is sent again, which begins a walk
				}
				began := s.walks(healthRoute, func(walk int) []string {
					pages := whole(told.offsets)
					if walk == 1 {
						pages[at] = lost
					}
					return pages
				})
				s.lists["/v2/devices-detailed"] = deviceRows(approved, 1, 5)
				c := s.config()
				c.Options.RetryTime = 5 * time.Second
				n, err := New(c)
				require.NoError(t, err)
				ids, _, err := read(t, n, "health", &collectors.Meter{})
				require.NoError(t, err)
				require.Equal(t, idsTo(5), ids)
				require.Equal(t, walks, began())
				require.NotContains(t, lacks(t, n, "3"), "health")
			})
		}
	}
}

// What the walk before said is not so any more, and stands nowhere.
func TestReportThatIsBegunAnewIsNotMixed(t *testing.T) {
	s := newTenant(t)
	row := func(device int, product, state string) string {
		return fmt.Sprintf(`{"deviceId":%d,"productName":%q,"productState":%q}`, device, product, state)
	}
	broken := `{"deviceId":2,"productState":{}}`
	walks := s.walks("/v2/queries/antivirus-status", func(walk int) []string {
		if walk == 1 {
			return []string{
				`{"cursor":` + at(0) + `,"results":[` + row(1, "A", "ON") + `,` + broken + `,` + row(3, "A", "ON") + `]}`,
				reportPage(at(9)),
			}
		}
		return []string{`{"results":[` + row(1, "A", "OFF") + `,` + row(1, "B", "ON") + `,` + row(2, "B", "OFF") + `]}`}
	})
	s.lists["/v2/devices-detailed"] = deviceRows(approved, 1, 3)
	n := s.collector(t)
	ids, records, err := read(t, n, "antivirus", &collectors.Meter{})
	require.NoError(t, err)
	require.Equal(t, 2, walks())
	require.Equal(t, []string{"1", "1", "2"}, ids, "rows of the last walk alone are counted")
	for _, r := range records {
		require.NoError(t, r.Err)
	}
	_, devices, err := read(t, n, "devices", &collectors.Meter{})
	require.NoError(t, err)
	of := map[string]*Antivirus{}
	for _, r := range devices {
		require.NotContains(t, r.Lacks, "antivirus")
		of[r.ID] = r.Value.(*Device).Posture.Antivirus
	}
	require.Equal(t, []string{"B"}, of["1"].Products())
	require.Equal(t, []any{false, true}, pair(of["2"].Protected()))
	require.Nil(t, of["3"], "it has no row any more")
}

// A report that was there a moment ago is not one that the tenant does not have.
func TestReportThatIsGoneWhenItIsBegunAnewIsIncomplete(t *testing.T) {
	s := newTenant(t)
	walks := s.walks(healthRoute, func(walk int) []string {
		if walk == 1 {
			return []string{reportPage(at(0), 1, 2), reportPage(at(4), 5)}
		}
		return []string{`{"results":[]}`}
	})
	_, _, err := read(t, s.collector(t), "health", &collectors.Meter{})
	require.ErrorContains(t, err, "rows are missing")
	require.False(t, collectors.IsUnavailable(err))
	require.Equal(t, 3, walks())
}

// lacks reads the devices and returns what one of them lacks.
func lacks(t *testing.T, n *Collector, id string) []string {
	t.Helper()
	return deviceOf(t, n, id).Lacks
}

func deviceOf(t *testing.T, n *Collector, id string) collectors.Record {
	t.Helper()
	_, records, err := read(t, n, "devices", &collectors.Meter{})
	require.NoError(t, err)
	for _, r := range records {
		if r.ID == id {
			return r
		}
	}
	require.Fail(t, "no device "+id)
	return collectors.Record{}
}

// A tenant that has not licensed a part refuses it or is silent, which is no word that all is well.
func TestReportThatATenantDoesNotHaveIsUnavailable(t *testing.T) {
	for name, c := range map[string]struct {
		status      int
		body        string
		unavailable bool
	}{
		"forbidden":    {403, `{"resultCode":"FAILURE","errorMessage":"HTTP 403 Forbidden"}`, true},
		"not there":    {404, `{"resultCode":"FAILURE","errorMessage":"HTTP 404 Not Found"}`, true},
		"no rows":      {200, `{"results":[]}`, true},
		"no rows, too": {200, `[]`, true},
		"by a gateway": {403, `<html>`, false},
		"fault":        {500, `{"resultCode":"FAILURE"}`, false},
		"gateway":      {502, `<html>`, false},
		"no content":   {204, ``, false},
		"null":         {200, `null`, false},
		"no results":   {200, `{"cursor":{"name":"c"}}`, false},
	} {
		t.Run(name, func(t *testing.T) {
			s := newTenant(t)
			s.lists["/v2/devices-detailed"] = deviceRows(approved, 1, 1)
			s.handlers[healthRoute] = func(w http.ResponseWriter, _ *http.Request) { answer(w, c.status, c.body) }
			n := s.collector(t)
			_, _, err := read(t, n, "health", &collectors.Meter{})
			require.Error(t, err)
			require.Equal(t, c.unavailable, collectors.IsUnavailable(err), "%v", err)
			require.Contains(t, lacks(t, n, "1"), "health")
			if c.status != http.StatusOK {
				_, err = stepOf(t, n, "health").Count(t.Context())
				require.Equal(t, c.unavailable, collectors.IsUnavailable(err), "%v", err)
			}
		})
	}
}

func TestReportThatIsRefusedHalfwayIsNotUnavailable(t *testing.T) {
	s := newTenant(t)
	served := 0
	s.handlers[healthRoute] = func(w http.ResponseWriter, _ *http.Request) {
		if served++; served > 1 {
			answer(w, 403, `{"resultCode":"FAILURE","errorMessage":"cursor expired"}`)
			return
		}
		answer(w, 200, reportPage(at(0), 1))
	}
	_, _, err := read(t, s.collector(t), "health", &collectors.Meter{})
	require.ErrorContains(t, err, "cursor expired")
	require.False(t, collectors.IsUnavailable(err))
}

func TestRowsThatCannotBeReadCostTheirDevice(t *testing.T) {
	for row, costs := range map[string][]string{
		`{"deviceId":1,"capacity":{"x":1}}`:                      {"1"},
		`{"deviceId":1,"bitLockerStatus":["ENCRYPTED"]}`:         {"1"},
		`{"deviceId":1,"name":"C:","name":"D:"}`:                 {"1"},
		`{"deviceId":null,"name":"C:"}`:                          {"1", "2"},
		`{"deviceId":4711,"name":"of a device that nobody has"}`: nil,
	} {
		t.Run(row, func(t *testing.T) {
			s := newTenant(t)
			s.lists["/v2/devices-detailed"] = deviceRows(approved, 1, 2)
			s.reports(volumesRoute, `{"results":[{"deviceId":2,"name":"C:","capacity":5},`+row+`]}`)
			n := s.collector(t)
			_, _, err := read(t, n, "volumes", &collectors.Meter{})
			require.NoError(t, err)
			_, records, err := read(t, n, "devices", &collectors.Meter{})
			require.NoError(t, err)
			var lacking []string
			for _, r := range records {
				for _, part := range r.Lacks {
					if part == "volumes" {
						lacking = append(lacking, r.ID)
					}
				}
			}
			require.Equal(t, costs, lacking)
		})
	}
}

func TestReportsAreAskedForByTheProvidersClock(t *testing.T) {
	s := newTenant(t)
	s.lists["/v2/organizations"] = organizationRows(1)
	there := time.Date(2031, 5, 6, 7, 8, 9, 0, time.UTC)
	s.handlers["/v2/organizations"] = func(w http.ResponseWriter, _ *http.Request) {
		w.Header().Set("Date", there.Format(http.TimeFormat))
		answer(w, 200, `[{"id":1}]`)
	}
	n := s.collector(t)
	_, _, err := read(t, n, "patches", &collectors.Meter{})
	require.True(t, collectors.IsUnavailable(err), "never by our own: %v", err)
	_, err = n.SignIn(t.Context())
	require.NoError(t, err)
	_, _, err = read(t, n, "patches", &collectors.Meter{})
	require.NoError(t, err)
	query, err := url.ParseQuery(s.seen("/v2/queries/os-patch-installs")[0])
	require.NoError(t, err)
	require.Equal(t, strconv.FormatInt(there.AddDate(0, 0, -35).Unix(), 10), query.Get("installedAfter"))
	require.Equal(t, "5000", query.Get("pageSize"))
}

func TestReportsAreAskedForWhatIsChosen(t *testing.T) {
	s := twoCustomers(t)
	n := s.narrowed(t, "1", "3")
	_, err := n.SignIn(t.Context())
	require.NoError(t, err)
	for _, step := range n.Steps() {
		if step.Part == "" {
			continue
		}
		_, _, err := read(t, n, step.Name, &collectors.Meter{})
		require.NoError(t, err, step.Name)
		for _, query := range s.seen(strings.TrimPrefix(step.Route, "GET ")) {
			takesFilter := step.Name != "backups"
			require.Equal(t, takesFilter, strings.Contains(query, "df=org%20in%20%281%2C%203%29"), step.Name)
		}
	}
}

// What is not chosen is neither asked for nor kept.
func TestPartsThatAreNotChosen(t *testing.T) {
	s := newTenant(t)
	s.lists["/v2/devices-detailed"] = deviceRows(approved, 1, 1)
	c := s.config()
	c.Options.Collect = collectors.ParseCollect("NINJARMM_COLLECT", "volumes")
	n, err := New(c)
	require.NoError(t, err)
	for _, step := range n.Steps() {
		require.Equal(t, step.Part != "" && step.Part != "volumes", step.Skipped, step.Name)
	}
	_, _, err = read(t, n, "volumes", &collectors.Meter{})
	require.NoError(t, err)
	require.Empty(t, lacks(t, n, "1"))
}
