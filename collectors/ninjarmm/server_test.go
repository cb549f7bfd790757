package ninjarmm

import (
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"assetgraph/collectors"
)

const (
	testClient = "client-0001"
	testSecret = "client-secret-canary"
)

// A tenant plays one NinjaOne instance as docs/providers/ninjarmm-api.md describes it. Its fields are set before the
// first request; answers to a route can be replaced in handlers.
type tenant struct {
	*httptest.Server

	lists    map[string][]row // paged: by route
	unpaged  map[string]string
	handlers map[string]http.HandlerFunc // by path, instead of everything else

	clamp        int                           // the server's own maximum of rows in a page
	order        func(rows []row)              // of one page
	ignoreAfter  bool                          // every page is the first
	ignoreFilter bool                          // df is not honoured: approved devices come
	inclusive    bool                          // the row of after comes once more, with others
	tokenLife    int                           // requests that a token is good for; 0 = all
	refreshToken string                        // the only one that is good now; "" = client credentials
	onPage       func(route, df string, n int) // after the n-th page of a list was answered

	mu       sync.Mutex
	token    string
	left     int
	issued   int
	forms    []map[string][]string
	requests []string // path?query
	pages    map[string]int
}

// A row is one record of a list.
type row struct {
	id     int64
	status string // devices only
	body   string
}

func newTenant(t *testing.T) *tenant {
	t.Helper()
	s := &tenant{
		lists: map[string][]row{
			"/v2/organizations": nil, "/v2/locations": nil, "/v2/devices-detailed": nil, "/v2/devices": nil,
		},
		unpaged: map[string]string{
			"/v2/users": "[]", "/v2/roles": "[]", "/v2/policies": "[]", "/v2/alerts": "[]",
			"/v2/queries/device-health": `{"results":[{"deviceId":1}]}`, "/v2/queries/antivirus-status": `[{"deviceId":1}]`,
			"/v2/queries/volumes": `{"results":[{"deviceId":1}]}`, "/v2/queries/backup/usage": `{"results":[{"id":1}]}`,
			"/v2/queries/os-patch-installs": `{"results":[{"deviceId":1}]}`,
		},
		handlers: map[string]http.HandlerFunc{},
		clamp:    1000,
		pages:    map[string]int{},
	}
	s.Server = httptest.NewServer(s)
	t.Cleanup(s.Close)
	return s
}

func (s *tenant) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	s.mu.Lock()
	s.requests = append(s.requests, r.URL.Path+"?"+r.URL.RawQuery)
	handler := s.handlers[r.URL.Path]
	_, isList := s.lists[r.URL.Path]
	s.mu.Unlock()
	switch {
	case handler != nil:
		handler(w, r)
	case r.URL.Path == "/ws/oauth/token":
		s.serveToken(w, r)
	case !s.authorized(w, r):
	case isList:
		s.serveList(w, r)
	case s.serveOne(w, r):
	case s.unpaged[r.URL.Path] != "":
		answer(w, 200, s.unpaged[r.URL.Path])
	default:
		answer(w, 404, `{"resultCode":"FAILURE","errorMessage":"HTTP 404 Not Found","incidentId":"WEB_MGMT_SERVICE-0"}`)
	}
}

func answer(w http.ResponseWriter, status int, body string) {
	w.Header().Set("Content-Type", "application/json")
	w.WriteHeader(status)
	_, _ = io.WriteString(w, body)
}

func (s *tenant) serveToken(w http.ResponseWriter, r *http.Request) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if err := r.ParseForm(); err != nil || r.Method != http.MethodPost {
		answer(w, 405, `{}`)
		return
	}
	s.forms = append(s.forms, r.PostForm)
	refresh := ""
	switch {
	case r.PostForm.Get("client_id") != testClient:
		answer(w, 404, `{"resultCode":"Client app not exist","incidentId":"WEB_MGMT_SERVICE-0"}`)
		return
	case r.PostForm.Get("client_secret") != testSecret:
		answer(w, 401, `{"error":"invalid_client"}`)
		return
	case r.PostForm.Get("grant_type") == "client_credentials" &&
		strings.Contains(r.PostForm.Get("scope"), "offline_access"):
		answer(w, 400, `{"error":"invalid_scope"}`)
		return
	case r.PostForm.Get("grant_type") == "refresh_token":
		if r.PostForm.Get("refresh_token") != s.refreshToken {
			answer(w, 400, `{"error":"invalid_token"}`)
			return
		}
		s.refreshToken = fmt.Sprintf("refresh-canary-%d", s.issued+1)
		refresh = fmt.Sprintf(`,"refresh_token":%q`, s.refreshToken)
	}
	s.issued++
	s.token, s.left = fmt.Sprintf("access-canary-%d", s.issued), s.tokenLife
	answer(w, 200, fmt.Sprintf(`{"access_token":%q,"expires_in":3600,"scope":"monitoring","token_type":"Bearer"%s}`,
		s.token, refresh))
}

func (s *tenant) authorized(w http.ResponseWriter, r *http.Request) bool {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.token == "" || r.Header.Get("Authorization") != "Bearer "+s.token {
		answer(w, 401, `{"error":"not_authenticated","error_description":"Invalid credentials","error_code":10}`)
		return false
	}
	if s.tokenLife > 0 {
		if s.left--; s.left == 0 {
			s.token = ""
		}
	}
	return true
}

func (s *tenant) serveList(w http.ResponseWriter, r *http.Request) {
	s.mu.Lock()
	defer s.mu.Unlock()
	route := r.URL.Path
	size, err := strconv.Atoi(r.URL.Query().Get("pageSize"))
	if err != nil {
		answer(w, 400, `{"resultCode":"FAILURE","errorMessage":"pageSize"}`)
		return
	}
	size = min(size, s.clamp)
	after, _ := strconv.ParseInt(r.URL.Query().Get("after"), 10, 64)
	if s.ignoreAfter {
		after = 0
	}
	var page []row
	for _, x := range s.lists[route] {
		if x.id > after && s.chosen(x, r) || s.inclusive && x.id == after && after != s.last(route) {
			page = append(page, x)
		}
	}
	slices.SortStableFunc(page, func(a, b row) int { return int(a.id - b.id) })
	page = page[:min(size, len(page))]
	if s.order != nil {
		s.order(page)
	}
	bodies := make([]string, len(page))
	for i, x := range page {
		bodies[i] = x.body
	}
	answer(w, 200, "["+strings.Join(bodies, ",")+"]")
	df := r.URL.Query().Get("df")
	s.pages[route+df]++
	if s.onPage != nil {
		s.onPage(route, df, s.pages[route+df])
	}
}

// serveOne answers for a single device or organization of the lists, whatever its state, and reports whether there is
// one.
func (s *tenant) serveOne(w http.ResponseWriter, r *http.Request) bool {
	for prefix, list := range map[string]string{
		"/v2/device/": "/v2/devices-detailed", "/v2/organization/": "/v2/organizations",
	} {
		id, ok := strings.CutPrefix(r.URL.Path, prefix)
		at := slices.IndexFunc(s.lists[list], func(x row) bool { return ok && strconv.FormatInt(x.id, 10) == id })
		if at >= 0 {
			answer(w, 200, s.lists[list][at].body)
			return true
		}
	}
	return false
}

// chosen applies df, which has APPROVED as its default and is parsed only in the form with spaces as %20.
func (s *tenant) chosen(x row, r *http.Request) bool {
	if x.status == "" {
		return true
	}
	if of := regexp.MustCompile(`"organizationId":(\d+)`).FindStringSubmatch(x.body); !s.ignoreFilter && of != nil {
		_, list, _ := strings.Cut(r.URL.Query().Get("df"), "org in (")
		list, _, narrow := strings.Cut(list, ")")
		if narrow && !slices.Contains(strings.Split(list, ", "), of[1]) {
			return false
		}
	}
	want := "APPROVED"
	if strings.Contains(r.URL.RawQuery, "df=status%20%3D%20PENDING") && !s.ignoreFilter {
		want = "PENDING"
	}
	return x.status == want
}

func (s *tenant) last(route string) int64 {
	var last int64
	for _, x := range s.lists[route] {
		last = max(last, x.id)
	}
	return last
}

func (s *tenant) seen(path string) []string {
	s.mu.Lock()
	defer s.mu.Unlock()
	var found []string
	for _, r := range s.requests {
		if p, query, _ := strings.Cut(r, "?"); p == path {
			found = append(found, query)
		}
	}
	return found
}

// organizationRows makes organizations with the ids from 1 to n.
func organizationRows(n int) []row {
	rows := make([]row, n)
	for i := range rows {
		rows[i] = row{
			id:   int64(i + 1),
			body: fmt.Sprintf(`{"id":%d,"name":"Customer %d","nodeApprovalMode":"AUTOMATIC"}`, i+1, i+1),
		}
	}
	return rows
}

// deviceRows makes devices in a state with the ids from first to last.
func deviceRows(status string, first, last int64) []row {
	var rows []row
	for id := first; id <= last; id++ {
		rows = append(rows, deviceRow(id, status))
	}
	return rows
}

func deviceRow(id int64, status string) row {
	return row{
		id: id, status: status, body: fmt.Sprintf(`{"id":%d,"organizationId":1,"nodeRoleId":7,"rolePolicyId":57,"nodeClass":"WINDOWS_SERVER","approvalStatus":%q}`, id, status),
	}
}

func (s *tenant) config() Config {
	return Config{
		Instance: "ninjarmm", URL: s.URL, ClientID: testClient, ClientSecret: testSecret,
		Options: collectors.Options{RetryTime: -1, RequestTimeout: 10 * time.Second},
	}
}

func (s *tenant) collector(t *testing.T) *Collector {
	t.Helper()
	n, err := New(s.config())
	require.NoError(t, err)
	return n
}

// read runs one step and returns the ids of its records in order, the records and the error that ended it.
func read(t *testing.T, n *Collector, step string, m *collectors.Meter) ([]string, []collectors.Record, error) {
	t.Helper()
	var ids []string
	var records []collectors.Record
	for r, err := range stepOf(t, n, step).Records(t.Context(), m) {
		if err != nil {
			return ids, records, err
		}
		ids, records = append(ids, r.ID), append(records, r)
	}
	return ids, records, nil
}

func stepOf(t *testing.T, n *Collector, name string) collectors.Step {
	t.Helper()
	for _, s := range n.Steps() {
		if s.Name == name {
			return s
		}
	}
	require.Fail(t, "no step "+name)
	return collectors.Step{}
}

func idsTo(n int) []string {
	ids := make([]string, n)
	for i := range ids {
		ids[i] = strconv.Itoa(i + 1)
	}
	return ids
}

func rowsOf(t *testing.T, file []byte) []row {
	t.Helper()
	var raws []json.RawMessage
	require.NoError(t, json.Unmarshal(file, &raws))
	var rows []row
	for _, raw := range raws {
		var head struct {
			ID             int64  `json:"id"`
			ApprovalStatus string `json:"approvalStatus"`
		}
		require.NoError(t, json.Unmarshal(raw, &head))
		rows = append(rows, row{id: head.ID, status: head.ApprovalStatus, body: string(raw)})
	}
	return rows
}
