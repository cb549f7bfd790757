package e2e

import (
	"maps"
	"net/http"
	"net/http/httptest"
	"regexp"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"assetgraph/internal/executor"
	"assetgraph/internal/simulator"
)

// A loser is an intercept that loses answers of one of NinjaRMM's reports, whose cursor the product has moved on by then.
type loser struct {
	mu      sync.Mutex
	route   string
	page    int  // of a walk, 0 is the first
	walks   int  // in so many walks of the report
	offsets bool // the product says how far its cursor is

	begun  int            // walks of that report
	served map[string]int // pages of the last walk of each report
	lost   int
}

func (l *loser) lose(route string, page, walks int, offsets bool) {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.route, l.page, l.walks, l.offsets, l.begun, l.lost = route, page, walks, offsets, 0, 0
}

var offsetOfCursor = regexp.MustCompile(`"cursor":\{"name":("[^"]*")[^}]*\}`)

func (l *loser) intercept(w http.ResponseWriter, r *http.Request, next http.Handler) {
	l.mu.Lock()
	defer l.mu.Unlock()
	if l.served == nil {
		l.served = map[string]int{}
	}
	if r.URL.Query().Get("cursor") == "" {
		l.served[r.URL.Path] = 0
	}
	page := l.served[r.URL.Path]
	l.served[r.URL.Path]++
	if r.URL.Path != l.route {
		next.ServeHTTP(w, r)
		return
	}
	if page == 0 {
		l.begun++
	}
	healthy := httptest.NewRecorder()
	next.ServeHTTP(healthy, r)
	if page == l.page && l.begun <= l.walks {
		l.lost++
		panic(http.ErrAbortHandler)
	}
	body := healthy.Body.Bytes()
	if !l.offsets {
		body = offsetOfCursor.ReplaceAll(body, []byte(`"cursor":$1`))
	}
	maps.Copy(w.Header(), healthy.Header())
	w.WriteHeader(healthy.Code)
	_, _ = w.Write(body)
}

// TestLostAnswerOfAReport loses answers of reports: one page, in the first walk or in every one. A report that another
// walk reads to its end is whole, and else nothing of it changes.
func TestLostAnswerOfAReport(t *testing.T) {
	t.Parallel()
	onBothStores(t, lostAnswers)
}

func lostAnswers(t *testing.T, g *ground) {
	l := &loser{}
	e := g.estate(t, simulator.Options{Intercept: l.intercept})
	e.options.RetryTime = 10 * time.Second // a lost answer is asked for again, however slow the machine is
	g.load(t, e)
	known := func() postures {
		s := g.fork(t).opened(t, t.Context(), true)
		defer func() { require.NoError(t, s.Close()) }()
		return posturesIn(t, t.Context(), s, "ninjarmm")
	}()
	e.Advance(g.change())
	truth := e.truth(t, t.Context(), "ninjarmm")
	healthy := g.fork(t).open(t)
	require.Equal(t, executor.StatusComplete, e.run(t, t.Context(), healthy).Run.Status)
	real := posturesIn(t, t.Context(), healthy, "ninjarmm")
	steps := map[string]int{}
	for _, s := range e.run(t, t.Context(), healthy, "ninjarmm").Steps {
		steps[s.Step] = s.Records
	}
	for _, c := range few(g, l.cases(), 7, 1) {
		t.Run(c.name, func(t *testing.T) {
			l.lose(c.route, c.page, c.walks, c.offsets)
			defer l.lose("", 0, 0, true)
			store := g.fork(t).open(t)
			report := e.run(t, t.Context(), store, "ninjarmm")
			require.Positive(t, l.lost)
			after := posturesIn(t, t.Context(), store, "ninjarmm")
			if c.walks == 1 {
				require.Equal(t, executor.StatusComplete, report.Run.Status, "%v", report.Steps)
				require.Equal(t, 2, l.begun, "a walk that lost a page is of no use")
				requireEqual(t, truth, read(t, t.Context(), store, "ninjarmm"), "after a lost answer")
				require.Equal(t, real, after)
			} else {
				require.Equal(t, executor.StatusIncomplete, report.Run.Status, "%v", report.Steps)
				require.Equal(t, 3, l.begun, "three walks and no more")
				after.requireKept(t, known, real)
			}
			for _, s := range report.Steps {
				if c.walks == 1 {
					require.Equal(t, steps[s.Step], s.Records, "%s: rows are counted once", s.Step)
				} else {
					require.LessOrEqual(t, s.Records, steps[s.Step], "%s: rows are counted once", s.Step)
				}
			}
		})
	}
}

// A lostCase is an answer that gets lost.
type lostCase struct {
	name, route string
	page, walks int
	offsets     bool
}

// cases are the first, a middle and the last page with rows of each report that was walked.
func (l *loser) cases() (cases []lostCase) {
	for _, name := range []string{"device-health", "antivirus-status", "volumes", "backup/usage", "os-patch-installs"} {
		route := "/v2/queries/" + name
		name = strings.ReplaceAll(name, "/", " ")
		last := l.served[route] - 2 // the end is a page without rows
		cases = append(cases,
			lostCase{name + ", first page", route, 0, 1, true},
			lostCase{name + ", middle page", route, last / 2, 1, true},
			lostCase{name + ", last page", route, last, 1, true},
			lostCase{name + ", middle page, no offsets", route, last / 2, 1, false},
			lostCase{name + ", last page, no offsets", route, last, 1, false},
			lostCase{name + ", middle page in every walk", route, last / 2, 1 << 10, true},
		)
	}
	return cases
}
