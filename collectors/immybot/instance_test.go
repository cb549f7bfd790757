package immybot

import (
	"context"
	"encoding/json"
	"fmt"
	"iter"
	"math/rand/v2"
	"net/http"
	"net/http/httptest"
	"net/url"
	"os"
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
	testTenant = "11111111-2222-4333-8444-555555555555"
	testSecret = "s3cr3t~value"
)

// An instance plays ImmyBot and Entra on loopback: unknown routes get the console's page under 200, lists keep to their
// query.
type instance struct {
	*httptest.Server
	t *testing.T

	mu       sync.Mutex
	routes   map[string]http.HandlerFunc // below /api/v1
	singles  map[string][]row            // what is asked for by id, by the path before it; other ids get 404
	requests []string                    // path and query, in order
	tokens   int                         // handed out so far
	token    http.HandlerFunc            // nil = a token of an hour
	refuse   int                         // how many requests the valid token is still refused for
}

func newInstance(t *testing.T) *instance {
	in := &instance{t: t, routes: map[string]http.HandlerFunc{}, singles: map[string][]row{}}
	in.Server = httptest.NewServer(in)
	t.Cleanup(in.Close)
	in.answer("/auth", fixture(t, "recorded/auth.json"))
	in.answer("/tenants", `[{"id":1,"name":"Owner","isMsp":true}]`)
	in.answer("/provider-links", `[]`)
	in.answer("/provider-types", `[]`)
	in.list("/provider-agents/pending", &pagedList{})
	in.list("/computers/paged", &pagedList{})
	in.sessions(&sessionTable{})
	in.answer("/persons", `[]`)
	in.answer("/users", fixture(t, "recorded/users.json"))
	return in
}

func (in *instance) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	in.mu.Lock()
	defer in.mu.Unlock()
	if r.URL.Path == "/"+testTenant+"/oauth2/v2.0/token" {
		in.serveToken(w, r)
		return
	}
	in.requests = append(in.requests, r.URL.RequestURI())
	path, ok := strings.CutPrefix(r.URL.Path, "/api/v1")
	switch {
	case r.Method != http.MethodGet:
		in.t.Errorf("%s %s: a collector sends GET only", r.Method, r.URL.Path)
	case strings.HasSuffix(r.RequestURI, "?") || strings.HasSuffix(r.RequestURI, "&"):
		in.t.Errorf("%s ends with a separator", r.RequestURI)
	case path == "/computers":
		in.t.Error("/computers shows 25 rows and must not be used")
	case strings.Contains(r.URL.RawQuery, "True") || strings.Contains(r.URL.RawQuery, "False"):
		in.t.Errorf("%s: booleans are lower case", r.RequestURI)
	}
	if r.Header.Get("Authorization") != "Bearer token-"+strconv.Itoa(in.tokens) || in.refuse > 0 {
		in.refuse--
		w.WriteHeader(http.StatusUnauthorized)
		return
	}
	handler := in.routes[path]
	if handler == nil {
		handler = in.single(path)
	}
	if !ok || handler == nil {
		in.console(w)
		return
	}
	handler(w, r)
}

// single returns the handler of a record that is asked for by id; nil where that is no route.
func (in *instance) single(path string) http.HandlerFunc {
	slash := strings.LastIndexByte(path, '/')
	rows, ok := in.singles[path[:max(slash, 0)]]
	if !ok {
		return nil
	}
	return func(w http.ResponseWriter, _ *http.Request) {
		for _, r := range rows {
			if strconv.Itoa(r.id) == path[slash+1:] {
				writeJSON(w, http.StatusOK, r.json)
				return
			}
		}
		writeJSON(w, http.StatusNotFound, `{"title":"Not Found","status":404}`)
	}
}

func (in *instance) serveToken(w http.ResponseWriter, r *http.Request) {
	want := map[string]string{
		"grant_type": "client_credentials", "scope": in.URL + "/.default", "client_id": "app",
		"client_secret": testSecret,
	}
	for name, value := range want {
		if got := r.PostFormValue(name); got != value {
			in.t.Errorf("%s of the token request is %q", name, got)
		}
	}
	if in.token != nil {
		in.token(w, r)
		return
	}
	in.tokens++
	writeJSON(w, http.StatusOK,
		fmt.Sprintf(`{"token_type":"Bearer","expires_in":3599,"access_token":"token-%d"}`, in.tokens))
}

func (in *instance) console(w http.ResponseWriter) {
	w.Header().Set("Content-Type", "text/html")
	_, _ = w.Write([]byte(fixture(in.t, "synthetic/spa-fallback.html")))
}

// answer serves a fixed body.
func (in *instance) answer(path, body string) {
	in.routes[path] = func(w http.ResponseWriter, r *http.Request) {
		for _, name := range []string{"PageSize", "pageSize", "Page", "Filters"} {
			if r.URL.Query().Has(name) {
				in.t.Errorf("%s: a list without total is taken whole, not with %s", path, name)
			}
		}
		writeJSON(w, http.StatusOK, body)
	}
}

func (in *instance) status(path string, status int, body string) {
	in.routes[path] = func(w http.ResponseWriter, _ *http.Request) { writeJSON(w, status, body) }
}

// asked returns the requests whose path and query begin with prefix.
func (in *instance) asked(prefix string) []string {
	in.mu.Lock()
	defer in.mu.Unlock()
	return slices.DeleteFunc(slices.Clone(in.requests), func(r string) bool { return !strings.HasPrefix(r, prefix) })
}

// collector returns one that reads the instance.
func (in *instance) collector(pageSize int) *Collector {
	c, err := New(Config{
		Instance: "immybot", URL: in.URL, TenantID: testTenant, ClientID: "app", ClientSecret: testSecret,
		AuthorityURL: in.URL,
		Options:      collectors.Options{PageSize: pageSize, RetryTime: -1, RequestTimeout: 10 * time.Second},
	})
	require.NoError(in.t, err)
	return c
}

// A pagedList plays a list of {count, results} with skip and take.
type pagedList struct {
	rows     []row
	deleted  []row
	before   func(request int) // called before each answer
	cap      int               // rows of one answer at most; 0 = none
	skipless bool              // ignores skip
	unsorted bool              // ignores the order that is asked for
	more     int               // count tells that many more
	requests int
}

type row struct {
	id   int
	json string
}

func (l *pagedList) remove(id int) {
	l.rows = slices.DeleteFunc(slices.Clone(l.rows), func(r row) bool { return r.id == id })
}

func (in *instance) list(path string, l *pagedList) {
	in.routes[path] = func(w http.ResponseWriter, r *http.Request) {
		if l.requests++; l.before != nil {
			l.before(l.requests)
		}
		q := r.URL.Query()
		rows := slices.Clone(l.rows)
		if q.Get("deletedOnly") == "true" {
			rows = slices.Clone(l.deleted)
		}
		if strings.Contains(path, "agents") && q.Get("agentFilter") != "3" {
			rows = nil // pending ones only
		}
		if !ordered(path, q) || l.unsorted {
			rand.Shuffle(len(rows), func(i, k int) { rows[i], rows[k] = rows[k], rows[i] })
		}
		count := len(rows) + l.more
		skip, take := number(q, "skip", 0), number(q, "take", 50)
		if l.cap > 0 {
			take = min(take, l.cap)
		}
		if l.skipless {
			skip = 0
		}
		rows = rows[min(skip, len(rows)):]
		rows = rows[:min(take, len(rows))]
		var bodies []string
		for _, r := range rows {
			bodies = append(bodies, r.json)
		}
		writeJSON(w, http.StatusOK, fmt.Sprintf(`{"count":%d,"results":[%s]}`, count, strings.Join(bodies, ",")))
	}
}

// ordered reports whether the query asks for an order that holds from page to page.
func ordered(path string, q url.Values) bool {
	switch path {
	case "/computers/paged":
		return q.Get("sort") == "id" && q.Get("sortDesc") == "false" && q.Get("includeOffline") == "true"
	default:
		return q.Get("sort") == "dateAdded" && q.Get("sortDesc") == "false" && q.Get("includeOffline") == "true"
	}
}

func number(q url.Values, name string, def int) int {
	if n, err := strconv.Atoi(q.Get(name)); err == nil {
		return n
	}
	return def
}

// computers returns n rows with the ids from 1.
func computers(n int) []row {
	var rows []row
	for id := 1; id <= n; id++ {
		rows = append(rows,
			row{id, fmt.Sprintf(`{"id":%d,"tenantId":1,"computerName":"PC-%d","providerLinkIds":[]}`, id, id)})
	}
	return rows
}

func fixture(t *testing.T, name string) string {
	t.Helper()
	b, err := os.ReadFile("testdata/" + name)
	require.NoError(t, err)
	return string(b)
}

// results returns the rows of a {count, results} fixture.
func results(t *testing.T, name string) []row {
	t.Helper()
	var page struct{ Results []json.RawMessage }
	require.NoError(t, json.Unmarshal([]byte(fixture(t, name)), &page))
	var rows []row
	for _, raw := range page.Results {
		var r struct{ ID int }
		require.NoError(t, json.Unmarshal(raw, &r))
		rows = append(rows, row{r.ID, string(raw)})
	}
	return rows
}

func writeJSON(w http.ResponseWriter, status int, body string) {
	w.Header().Set("Content-Type", "application/json; charset=utf-8")
	w.WriteHeader(status)
	_, _ = w.Write([]byte(body))
}

// read runs one step to its end.
func read(t *testing.T, c *Collector, step string) ([]collectors.Record, *collectors.Meter, error) {
	t.Helper()
	m := &collectors.Meter{}
	records, err := drain(stepOf(t, c, step).Records(t.Context(), m))
	return records, m, err
}

// readAll runs all steps up to the named one and returns what that one gave.
func readAll(t *testing.T, c *Collector, last string) ([]collectors.Record, *collectors.Meter, error) {
	t.Helper()
	for _, s := range c.Steps() {
		records, m, err := read(t, c, s.Name)
		if s.Name == last {
			return records, m, err
		}
	}
	t.Fatalf("no step %s", last)
	return nil, nil, nil
}

func drain(records iter.Seq2[collectors.Record, error]) ([]collectors.Record, error) {
	var out []collectors.Record
	for r, err := range records {
		if err != nil {
			return out, err
		}
		out = append(out, r)
	}
	return out, nil
}

func stepOf(t *testing.T, c *Collector, name string) collectors.Step {
	t.Helper()
	for _, s := range c.Steps() {
		if s.Name == name {
			return s
		}
	}
	t.Fatalf("no step %s", name)
	return collectors.Step{}
}

func ids(records []collectors.Record) []string {
	var out []string
	for _, r := range records {
		out = append(out, r.ID)
	}
	slices.Sort(out)
	return out
}

func idsOf(rows []row) []string {
	var out []string
	for _, r := range rows {
		out = append(out, strconv.Itoa(r.id))
	}
	slices.Sort(out)
	return out
}

func count(t *testing.T, c *Collector, step string) (int, error) {
	t.Helper()
	return stepOf(t, c, step).Count(context.WithoutCancel(t.Context()))
}
