package e2e

import (
	"bytes"
	"compress/gzip"
	"encoding/json"
	"fmt"
	"maps"
	"net"
	"net/http"
	"net/http/httptest"
	"strconv"
	"strings"
	"sync"
	"time"
)

// An exchange is one request at which a fault strikes.
type exchange struct {
	w     http.ResponseWriter
	r     *http.Request
	body  []byte // what the healthy product answers
	page  []byte // what the page before it held; nil on the first page
	times int    // how often the fault struck before, in this run
}

// A fault spoils one answer, each time it is asked for. It reports whether it applies to that answer; then nothing was
// written.
type fault struct {
	name   string
	strike func(x *exchange) bool
	skips  bool // the answer looks healthy, and lacks rows
}

// faults are the ways in which an answer can go wrong.
func faults() []fault {
	list := []fault{
		{name: "web page under 200", strike: answer("text/html", func(*exchange) string {
			return "<!doctype html><html><head><title>Console</title></head><body></body></html>"
		})},
		{name: "null", strike: answer("application/json", func(*exchange) string { return "null" })},
		{name: "error object under 200", strike: answer("application/json", errorObject)},
		{name: "empty list", skips: true, strike: answer("application/json", func(*exchange) string { return "[]" })},
		{name: "empty object", strike: answer("application/json", func(*exchange) string { return "{}" })},
		{name: "empty body", strike: answer("application/json", func(*exchange) string { return "" })},
		{name: "body cut in half", strike: answer("application/json", func(x *exchange) string { return string(x.body[:len(x.body)/2]) })},
		{name: "last byte missing", strike: answer("application/json", func(x *exchange) string { return strings.TrimRight(string(x.body[:len(x.body)-1]), " \n") })},
		{name: "list in another shape", strike: answer("application/json", otherShape)},
		{name: "rows that are no objects", strike: rewriteRows(func(rows []json.RawMessage) []json.RawMessage {
			return append(rows[:len(rows)/2:len(rows)/2], append([]json.RawMessage{[]byte(`"text"`)}, rows[len(rows)/2+1:]...)...)
		})},
		{name: "one record broken", strike: rewriteRows(breakRow)},
		{name: "one row skipped", skips: true, strike: rewriteRows(func(rows []json.RawMessage) []json.RawMessage {
			return append(rows[:len(rows)/2:len(rows)/2], rows[len(rows)/2+1:]...)
		})},
		{name: "all rows skipped", skips: true, strike: rewriteRows(func([]json.RawMessage) []json.RawMessage { return []json.RawMessage{} })},
		{name: "page before repeated", skips: true, strike: func(x *exchange) bool {
			return x.page != nil && send(x, http.StatusOK, "application/json", string(x.page))
		}},
		{name: "same cursor again", strike: rewriteCursor(func(x *exchange) string { return x.r.URL.Query().Get("cursor") + "again" })},
		{name: "cursor without end", strike: rewriteCursor(func(x *exchange) string { return fmt.Sprint("next-", x.times, x.r.URL.RawQuery) })},
		{name: "body shorter than announced", strike: shortBody},
		{name: "gzip stream cut", strike: cutGzip},
		{name: "connection reset", strike: reset},
		{name: "no answer", strike: hang},
		{name: "a byte at a time", strike: drip},
	}
	for _, status := range []int{401, 403, 404, 429, 500, 502, 503} {
		list = append(list, fault{name: strconv.Itoa(status), strike: func(x *exchange) bool {
			return send(x, status, "application/json", `{"message":"no"}`)
		}})
	}
	return list
}

// send answers with body, unless that is what the healthy product says.
func send(x *exchange, status int, contentType, body string) bool {
	if status == http.StatusOK && body == string(x.body) {
		return false
	}
	x.w.Header().Set("Content-Type", contentType)
	x.w.WriteHeader(status)
	_, _ = x.w.Write([]byte(body))
	return true
}

func answer(contentType string, body func(*exchange) string) func(*exchange) bool {
	return func(x *exchange) bool { return send(x, http.StatusOK, contentType, body(x)) }
}

// errorObject is how the product reports an error, under a status of success and beside an empty list.
func errorObject(x *exchange) string {
	switch productOf(x.r) {
	case "sentinelone":
		return `{"data":[],"errors":[{"code":5000010,"title":"Server could not process the request."}],"pagination":{"nextCursor":null,"totalItems":0}}`
	case "ninjarmm":
		return `{"resultCode":"FAILURE","errorMessage":"internal error","incidentId":"0"}`
	default:
		return `{"title":"An error occurred while processing your request.","status":500,"count":0,"results":[]}`
	}
}

// otherShape puts a list into an object, and an object into a list.
func otherShape(x *exchange) string {
	if bytes.HasPrefix(bytes.TrimSpace(x.body), []byte("[")) {
		return `{"items":` + string(x.body) + `}`
	}
	return `[` + string(x.body) + `]`
}

func productOf(r *http.Request) string {
	switch path := strings.ToLower(r.URL.Path); {
	case strings.HasPrefix(path, "/web/api/"):
		return "sentinelone"
	case strings.HasPrefix(path, "/v2/"), strings.HasSuffix(path, "/ws/oauth/token"):
		return "ninjarmm"
	default:
		return "immybot"
	}
}

// breakRow makes the id of the row in the middle an object: its own or, of what is a row of a device, the device's.
func breakRow(rows []json.RawMessage) []json.RawMessage {
	var row map[string]json.RawMessage
	if json.Unmarshal(rows[len(rows)/2], &row) != nil {
		return nil
	}
	id := "id"
	if len(row["deviceId"]) > 0 && row["deviceId"][0] != '"' { // that of a report; ImmyBot's is a text, and not the record's
		id = "deviceId"
		if row["uid"] != nil {
			id = "uid"
		}
	}
	row[id] = []byte(`{"value":1}`)
	rows[len(rows)/2] = must(json.Marshal(row))
	return rows
}

// rewriteRows edits the rows of a list, where there are some.
func rewriteRows(edit func([]json.RawMessage) []json.RawMessage) func(*exchange) bool {
	return func(x *exchange) bool {
		body, ok := editRows(x.body, edit)
		return ok && send(x, http.StatusOK, "application/json", string(body))
	}
}

// editRows edits the rows of a list in any of the products' shapes. It reports whether there were rows and edit left
// other ones.
func editRows(body []byte, edit func([]json.RawMessage) []json.RawMessage) ([]byte, bool) {
	var rows []json.RawMessage
	if json.Unmarshal(body, &rows) == nil {
		if len(rows) == 0 {
			return nil, false
		}
		rows = edit(rows)
		return must(json.Marshal(rows)), rows != nil
	}
	var object map[string]json.RawMessage
	if json.Unmarshal(body, &object) != nil {
		return nil, false
	}
	for _, name := range []string{"data", "sites", "results"} {
		if inner, ok := object[name]; ok {
			edited, ok := editRows(inner, edit)
			object[name] = edited
			return must(json.Marshal(object)), ok
		}
	}
	return nil, false
}

// rewriteCursor sets nextCursor where the answer has one or could have.
func rewriteCursor(next func(*exchange) string) func(*exchange) bool {
	return func(x *exchange) bool {
		var object map[string]json.RawMessage
		var pages map[string]json.RawMessage
		if json.Unmarshal(x.body, &object) != nil || json.Unmarshal(object["pagination"], &pages) != nil {
			return false
		}
		pages["nextCursor"] = must(json.Marshal(next(x)))
		object["pagination"] = must(json.Marshal(pages))
		return send(x, http.StatusOK, "application/json", string(must(json.Marshal(object))))
	}
}

func must[T any](v T, err error) T {
	if err != nil {
		panic(err)
	}
	return v
}

func shortBody(x *exchange) bool {
	x.w.Header().Set("Content-Length", strconv.Itoa(len(x.body)))
	return send(x, http.StatusOK, "application/json", string(x.body[:len(x.body)/2]))
}

func cutGzip(x *exchange) bool {
	var zipped bytes.Buffer
	z := gzip.NewWriter(&zipped)
	_, _ = z.Write(x.body)
	_ = z.Close()
	x.w.Header().Set("Content-Encoding", "gzip")
	return send(x, http.StatusOK, "application/json", zipped.String()[:zipped.Len()*2/3])
}

func reset(x *exchange) bool {
	conn, _, err := http.NewResponseController(x.w).Hijack()
	if err != nil {
		return false
	}
	if tcp, ok := conn.(*net.TCPConn); ok {
		_ = tcp.SetLinger(0)
	}
	_ = conn.Close()
	return true
}

// tooLong is how long a request waits in the cases of an answer that does not come.
const tooLong = 250 * time.Millisecond

func hang(x *exchange) bool {
	<-x.r.Context().Done()
	return true
}

func drip(x *exchange) bool {
	if len(x.body) < 100 {
		return false // in time all the same
	}
	x.w.Header().Set("Content-Type", "application/json")
	c := http.NewResponseController(x.w)
	for i := range x.body {
		if _, err := x.w.Write(x.body[i : i+1]); err != nil || c.Flush() != nil {
			break
		}
		select {
		case <-x.r.Context().Done():
			return true
		case <-time.After(tooLong / 10):
		}
	}
	return true
}

// A target is the request that a fault strikes: one page of one route.
type target struct {
	product, route, page string
	method, uri          string
	turn                 int    // of a walk whose pages are all asked for in the same words
	before               []byte // body of the page before; nil on the first
	anyPage              bool   // strikes whatever page of the route is asked
}

// A striker is an intercept that lets one fault strike one target. It is off until it is armed.
type striker struct {
	mu     sync.Mutex
	fault  fault
	target target
	armed  bool
	struck int // how often the fault was sent
	turns  turns
}

func (s *striker) arm(f fault, t target) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.fault, s.target, s.armed, s.struck, s.turns = f, t, true, 0, turns{}
}

// disarm returns how often the fault struck.
func (s *striker) disarm() int {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.armed = false
	return s.struck
}

func (s *striker) intercept(w http.ResponseWriter, r *http.Request, next http.Handler) {
	s.mu.Lock()
	hit := s.armed && s.target.hits(r, s.turns, s.fault)
	f, t, times := s.fault, s.target, s.struck
	s.mu.Unlock()
	if !hit {
		next.ServeHTTP(w, r)
		return
	}
	healthy := httptest.NewRecorder()
	next.ServeHTTP(healthy, r)
	w.Header()["Date"] = healthy.Header()["Date"] // what time it is there is no matter of the fault
	x := &exchange{w: w, r: r, body: healthy.Body.Bytes(), page: t.before, times: times}
	if healthy.Code == http.StatusOK {
		s.mu.Lock()
		s.struck++
		s.mu.Unlock()
		if f.strike(x) {
			return
		}
		s.mu.Lock()
		s.struck--
		s.mu.Unlock()
	}
	maps.Copy(w.Header(), healthy.Header())
	w.WriteHeader(healthy.Code)
	_, _ = w.Write(healthy.Body.Bytes())
}

// hits reports whether the fault is for that request. A cursor that the fault made up leads to the same page again. Of a
// walk whose pages are all asked for in the same words a request that is sent again gets the next page: a fault that is
// seen stays.
func (t target) hits(r *http.Request, turns turns, f fault) bool {
	if r.Method != t.method {
		return false
	}
	uri, turn := turns.uri(r)
	return uri == t.uri && (turn == t.turn || turn > t.turn && !f.skips) || t.anyPage && routeOf(r) == t.route || strings.Contains(r.URL.Query().Get("cursor"), "next-") && routeOf(r) == t.route
}
