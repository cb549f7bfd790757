package e2e

import (
	"cmp"
	"maps"
	"net/http"
	"net/http/httptest"
	"regexp"
	"slices"
	"strings"
	"sync"
)

// A trace is what the products were asked in one healthy run.
type trace struct {
	mu    sync.Mutex
	asked []asked
	turns turns
}

type asked struct {
	product, route, method, uri string
	turn                        int
	body                        []byte
}

// turns count the requests of walks whose pages are all asked for in the same words: the server knows which comes next.
type turns map[string]int

// uri returns the address of a request without the cursor of such a walk, and which of its pages it is for.
func (t turns) uri(r *http.Request) (uri string, turn int) {
	if !strings.HasPrefix(r.URL.Path, "/v2/queries/") {
		return r.URL.RequestURI(), 0
	}
	q := r.URL.Query()
	cursor := q.Get("cursor")
	q.Del("cursor")
	if cursor != "" {
		t[cursor]++
	}
	return r.URL.Path + "?" + q.Encode(), t[cursor]
}

func (tr *trace) intercept(w http.ResponseWriter, r *http.Request, next http.Handler) {
	answer := httptest.NewRecorder()
	next.ServeHTTP(answer, r)
	tr.mu.Lock()
	if tr.turns == nil {
		tr.turns = turns{}
	}
	uri, turn := tr.turns.uri(r)
	tr.asked = append(tr.asked, asked{productOf(r), routeOf(r), r.Method, uri, turn, answer.Body.Bytes()})
	tr.mu.Unlock()
	maps.Copy(w.Header(), answer.Header())
	w.WriteHeader(answer.Code)
	_, _ = w.Write(answer.Body.Bytes())
}

var (
	idInPath     = regexp.MustCompile(`/\d+(/|$)`)
	tenantInPath = regexp.MustCompile(`/[0-9a-f-]{36}/`)
)

// routeOf names a request so that the pages of one list have one name.
func routeOf(r *http.Request) string {
	path := strings.ToLower(idInPath.ReplaceAllString(r.URL.Path, "/{id}$1"))
	name := r.Method + " " + tenantInPath.ReplaceAllString(path, "/{tenant}/")
	q := r.URL.Query()
	switch {
	case q.Get("df") != "":
		name += " pending"
	case q.Get("pageSize") == "1":
		name += " sign-in"
	case q.Get("deletedOnly") != "":
		name += " deleted"
	case strings.HasSuffix(path, "/table-view"): // asked for site by site
	case q.Has("ids") || q.Has("siteIds") || q.Has("groupIds"):
		name += " by id"
	}
	return name
}

// targets picks the first, a middle and the last page of every route that was asked.
func (tr *trace) targets() []target {
	tr.mu.Lock()
	defer tr.mu.Unlock()
	pages := map[string][]asked{}
	for _, a := range tr.asked {
		key := a.product + " " + a.route
		if !slices.ContainsFunc(pages[key], func(b asked) bool { return b.uri == a.uri && b.turn == a.turn }) {
			pages[key] = append(pages[key], a)
		}
	}
	var list []target
	for _, key := range slices.Sorted(maps.Keys(pages)) {
		list = append(list, pick(pages[key])...)
	}
	return list
}

func pick(pages []asked) []target {
	last := len(pages) - 1
	var list []target
	for _, p := range []struct {
		name string
		n    int
	}{{"first page", 0}, {"middle page", cmp.Or((last+1)/2, -1)}, {"last page", cmp.Or(last, -1)}} {
		if p.n < 0 || p.name == "middle page" && p.n == last {
			continue
		}
		a := pages[p.n]
		t := target{product: a.product, route: a.route, page: p.name, method: a.method, uri: a.uri, turn: a.turn}
		if p.n > 0 && !t.ofPart() { // what is asked for one by one has no pages that an answer could be confused with
			t.before = pages[p.n-1].body
		}
		list = append(list, t)
	}
	return list
}
