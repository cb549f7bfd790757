package sentinelone

import (
	"cmp"
	"encoding/base64"
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"net/url"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"assetgraph/collectors"
)

const testToken = "eyJ0b2tlbg.test-token_0123456789"

// A console plays the Management API as strictly as its documentation reads: it refuses what a real one refuses, and
// fails the test when pages of one walk are not asked for alike.
type console struct {
	t       *testing.T
	server  *httptest.Server
	records map[string][]string // raw records by route below basePath
	answer  map[string]http.HandlerFunc
	date    func() string      // what its answers say of the time; nil = the truth
	after   func(route string) // called when a list was answered; nil = nothing
	filters map[string]string  // by route, the filter by id that it knows; others are ignored, as in life

	mu    sync.Mutex
	walks map[string]url.Values // query of the first page, by cursor handed out
	asked []asked
}

type asked struct {
	route string
	query url.Values
}

func newConsole(t *testing.T) *console {
	c := &console{
		t:       t,
		records: map[string][]string{"/accounts": nil, "/sites": nil, "/groups": nil, "/agents": nil, "/users": nil, "/threats": nil, rangerRoute: nil, roguesRoute: nil},
		answer:  map[string]http.HandlerFunc{},
		filters: map[string]string{
			"/accounts": "ids", "/sites": "siteIds", "/groups": "groupIds", "/agents": "ids", "/users": "ids", "/threats": "ids", rangerRoute: "ids", roguesRoute: "ids",
		},
		walks: map[string]url.Values{},
	}
	c.server = httptest.NewServer(http.HandlerFunc(c.serve))
	t.Cleanup(c.server.Close)
	return c
}

// collector returns a collector of the console that tries nothing again.
func (c *console) collector(o collectors.Options) *Collector {
	o.RetryTime = -1
	s, err := New(Config{Instance: "s1", URL: c.server.URL, APIToken: testToken, Options: o})
	require.NoError(c.t, err)
	return s
}

func (c *console) serve(w http.ResponseWriter, r *http.Request) {
	route, ok := strings.CutPrefix(r.URL.Path, "/web/api/v2.1")
	if !ok {
		http.Error(w, "404 page not found", http.StatusNotFound)
		return
	}
	c.mu.Lock()
	c.asked = append(c.asked, asked{route, r.URL.Query()})
	c.mu.Unlock()
	if c.date != nil {
		w.Header()["Date"] = slices.DeleteFunc([]string{c.date()}, func(s string) bool { return s == "" })
	}
	authorized := r.Header.Get("Authorization") == "ApiToken "+testToken
	switch answer := c.answer[route]; {
	case answer != nil:
		answer(w, r)
	case route == "/system/status":
		reply(w, 200, `{"data":{"health":"ok"}}`)
	case !authorized:
		reply(w, 401, unauthorized)
	case route == "/system/info":
		reply(w, 200, `{"data":{"build":"1","version":"Z"}}`)
	case route == "/users/api-token-details" && r.Method == http.MethodPost:
		c.tokenDetails(w, r, time.Now().AddDate(1, 0, 0))
	case route == "/agents/count":
		reply(w, 200, fmt.Sprintf(`{"data":{"total":%d}}`, len(c.below("/agents", r.URL.Query()))))
	case r.Method != http.MethodGet:
		reply(w, 404, `{"errors":[{"code":4040010,"detail":"","title":"Requested resource was not found"}]}`)
	default:
		c.list(w, route, r.URL.Query())
	}
}

const unauthorized = `{"errors":[{"code":4010010,"detail":null,"title":"Authentication Failed"}]}`

func reply(w http.ResponseWriter, status int, body string) {
	w.Header().Set("Content-Type", "application/json")
	w.WriteHeader(status)
	_, _ = io.WriteString(w, body)
}

func (c *console) tokenDetails(w http.ResponseWriter, r *http.Request, expires time.Time) {
	var body struct {
		Data struct {
			APIToken string `json:"apiToken"`
		} `json:"data"`
	}
	if err := json.NewDecoder(r.Body).Decode(&body); err != nil || body.Data.APIToken != testToken {
		c.t.Errorf("api-token-details asked with %+v, %v", body, err)
	}
	reply(w, 200, fmt.Sprintf(`{"data":{"createdAt":"2025-01-01T00:00:00Z","expiresAt":%q}}`,
		expires.UTC().Format(time.RFC3339)))
}

// list answers one page. Cursors hold a plus sign and arrive percent-encoded at their end, as real ones do.
func (c *console) list(w http.ResponseWriter, route string, query url.Values) {
	if _, ok := c.records[route]; !ok {
		reply(w, 404, `{"errors":[{"code":4040010,"detail":"","title":"Requested resource was not found"}]}`)
		return
	}
	records := c.filtered(c.below(route, query), query.Get(c.filters[route]))
	if route == "/threats" {
		records = c.threats(records, query)
	}
	total := len(records)
	if query.Get("countOnly") == "true" {
		c.page(w, route, nil, "", total)
		return
	}
	limit, err := strconv.Atoi(query.Get("limit"))
	if most := map[string]int{"/groups": 300}[route]; err != nil || limit < 1 || limit > 1000 ||
		most > 0 && limit > most {
		reply(w, 400,
			`{"errors":[{"code":4000010,"detail":"limit: Must be between 1 and the maximum","title":"Validation Error"}]}`)
		return
	}
	if len(query["cursor"]) > 1 || query.Get("sortBy") != "id" || query.Get("sortOrder") != "asc" {
		c.t.Errorf("%s asked with %v", route, query)
	}
	start := 0
	if cursor := query.Get("cursor"); cursor != "" {
		if start = c.position(cursor, query); start < 0 {
			reply(w, 400,
				`{"errors":[{"code":4000010,"detail":"Invalid cursor value received","title":"Validation Error"}]}`)
			return
		}
		total = 0 // totalItems is right on the first page alone
	}
	end, next := min(start+limit, len(records)), ""
	if end < len(records) {
		next = c.cursor(end, query)
	}
	c.page(w, route, records[start:end], next, total)
	if c.after != nil {
		c.after(route)
	}
}

// below returns the records of a route that lie in the accounts and sites that are asked for, all when none are.
func (c *console) below(route string, query url.Values) []string {
	return slices.DeleteFunc(slices.Clone(c.records[route]), func(raw string) bool {
		var record struct {
			SiteID    string `json:"siteId"`
			AccountID string `json:"accountId"`
			Agent     struct {
				SiteID    string `json:"siteId"`
				AccountID string `json:"accountId"`
			} `json:"agentDetectionInfo"`
		}
		if err := json.Unmarshal([]byte(raw), &record); err != nil && c.filters != nil {
			return false
		}
		record.SiteID, record.AccountID = cmp.Or(record.SiteID, record.Agent.SiteID), cmp.Or(record.AccountID, record.Agent.AccountID)
		outside := func(filter, id string) bool {
			if route == "/groups" && filter == "accountIds" { // they name their site alone
				id = c.accountOf(record.SiteID)
			}
			return query.Has(filter) && filter != c.filters[route] && !slices.Contains(strings.Split(query.Get(filter), ","), id)
		}
		return c.filters != nil && (outside("siteIds", record.SiteID) || outside("accountIds", record.AccountID))
	})
}

// threats returns the threats of the status that is asked for that have changed since.
func (c *console) threats(records []string, query url.Values) []string {
	return slices.DeleteFunc(slices.Clone(records), func(raw string) bool {
		var record struct {
			Info struct {
				IncidentStatus string    `json:"incidentStatus"`
				UpdatedAt      time.Time `json:"updatedAt"`
			} `json:"threatInfo"`
		}
		if err := json.Unmarshal([]byte(raw), &record); err != nil {
			c.t.Errorf("record %s: %v", raw, err)
		}
		since, err := time.Parse(timeFilter, query.Get("updatedAt__gte"))
		return !slices.Contains(strings.Split(query.Get("incidentStatuses"), ","), record.Info.IncidentStatus) ||
			err == nil && record.Info.UpdatedAt.Before(since)
	})
}

func (c *console) accountOf(site string) string {
	for _, raw := range c.records["/sites"] {
		if _, account, ok := strings.Cut(raw, `"accountId":"`); ok && strings.Contains(raw, `"id":"`+site+`"`) {
			account, _, _ = strings.Cut(account, `"`)
			return account
		}
	}
	return ""
}

// filtered returns the records with one of the ids, all when none is given.
func (c *console) filtered(records []string, ids string) []string {
	if ids == "" {
		return records
	}
	wanted := strings.Split(ids, ",")
	return slices.DeleteFunc(slices.Clone(records), func(raw string) bool {
		var record struct {
			ID string `json:"id"`
		}
		if err := json.Unmarshal([]byte(raw), &record); err != nil {
			c.t.Errorf("record %s: %v", raw, err)
		}
		return !slices.Contains(wanted, record.ID)
	})
}

func (c *console) page(w http.ResponseWriter, route string, records []string, next string, total int) {
	data := "[" + strings.Join(records, ",") + "]"
	if route == "/sites" {
		data = `{"allSites":{"activeLicenses":1,"totalLicenses":2},"sites":` + data + `}`
	}
	cursor := "null"
	if next != "" {
		cursor = strconv.Quote(next)
	}
	reply(w, 200, fmt.Sprintf(`{"data":%s,"pagination":{"nextCursor":%s,"totalItems":%d}}`, data, cursor, total))
}

func (c *console) cursor(start int, query url.Values) string {
	raw := base64.StdEncoding.EncodeToString(fmt.Appendf(nil, "\xfb\xef\xbe%07d", start)) // "+" in front, "==" at the end
	c.mu.Lock()
	defer c.mu.Unlock()
	query.Del("cursor")
	c.walks[raw] = query
	return strings.ReplaceAll(raw, "=", "%3D")
}

// position returns where a cursor points to, -1 for one that was never given out.
func (c *console) position(cursor string, query url.Values) int {
	c.mu.Lock()
	first, known := c.walks[cursor]
	c.mu.Unlock()
	query.Del("cursor")
	if known && query.Encode() != first.Encode() {
		c.t.Errorf("a later page was asked for with %s, the first one with %s", query.Encode(), first.Encode())
	}
	raw, err := base64.StdEncoding.DecodeString(cursor)
	if err != nil || len(raw) < 3 || !known {
		return -1
	}
	start, _ := strconv.Atoi(string(raw[3:]))
	return start
}

// queries returns what a route was asked with, in order.
func (c *console) queries(route string) []url.Values {
	c.mu.Lock()
	defer c.mu.Unlock()
	var out []url.Values
	for _, a := range c.asked {
		if a.route == route {
			out = append(out, a.query)
		}
	}
	return out
}

// A reading is what a step gave.
type reading struct {
	records []collectors.Record
	meter   *collectors.Meter
	err     error
}

func (r reading) ids() []string {
	ids := make([]string, 0, len(r.records))
	for _, record := range r.records {
		ids = append(ids, record.ID)
	}
	return ids
}

func (r reading) warnings() string { return strings.Join(r.meter.Warnings(), "\n") }

func stepOf(t *testing.T, c *Collector, name string) collectors.Step {
	steps := c.Steps()
	i := slices.IndexFunc(steps, func(s collectors.Step) bool { return s.Name == name })
	require.GreaterOrEqual(t, i, 0, name)
	return steps[i]
}

func readStep(t *testing.T, c *Collector, name string) reading {
	r := reading{meter: &collectors.Meter{}}
	for record, err := range stepOf(t, c, name).Records(t.Context(), r.meter) {
		if err != nil {
			r.err = err
			break
		}
		r.records = append(r.records, record)
	}
	return r
}

// numbered returns n records with ids that only exact integers keep apart.
func numbered(n int, format string) []string {
	records := make([]string, n)
	for i := range records {
		records[i] = fmt.Sprintf(format, 1845174760470300000+i)
	}
	return records
}

func fixture(t *testing.T, name string) []byte {
	b, err := os.ReadFile(filepath.Join("testdata", "answers", name))
	require.NoError(t, err)
	return b
}

func answer(status int, body string) http.HandlerFunc {
	return func(w http.ResponseWriter, _ *http.Request) { reply(w, status, body) }
}
