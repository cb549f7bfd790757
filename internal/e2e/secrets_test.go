package e2e

import (
	"bytes"
	"encoding/json"
	"fmt"
	"io"
	"log/slog"
	"net/http"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"sync/atomic"
	"testing"

	"github.com/stretchr/testify/require"

	"assetgraph/graph"
	"assetgraph/internal/executor"
	"assetgraph/internal/simulator"
)

// A notebook is a writer for several goroutines.
type notebook struct {
	mu   sync.Mutex
	text bytes.Buffer
}

func (n *notebook) Write(b []byte) (int, error) {
	n.mu.Lock()
	defer n.mu.Unlock()
	return n.text.Write(b)
}

func (n *notebook) String() string {
	n.mu.Lock()
	defer n.mu.Unlock()
	return n.text.String()
}

// An echo answers requests with what they carried: credentials in header, address and body.
type echo struct {
	how atomic.Pointer[func(w http.ResponseWriter, text string)]
}

func (e *echo) intercept(w http.ResponseWriter, r *http.Request, next http.Handler) {
	how := e.how.Load()
	if how == nil {
		next.ServeHTTP(w, r)
		return
	}
	sent, _ := io.ReadAll(r.Body)
	(*how)(w, fmt.Sprintf("%s %s %s", r.Header.Get("Authorization"), sent, r.URL))
}

// TestSecretsStayOut runs with the most talkative logs over products that hold secrets in their records and repeat
// credentials in every kind of error, and looks for the secrets in everything that a run leaves.
func TestSecretsStayOut(t *testing.T) {
	t.Parallel()
	onBothStores(t, secretsStayOut)
}

func secretsStayOut(t *testing.T, g *ground) {
	echo, logs := &echo{}, &notebook{}
	e := g.estate(t, simulator.Options{Intercept: echo.intercept, RefreshToken: true})
	e.options.Logger = slog.New(slog.NewJSONHandler(logs, &slog.HandlerOptions{Level: slog.LevelDebug}))
	e.options.StateDir = t.TempDir()
	store := g.open(t)
	run := func(plan bool) {
		o := e.runOptions(t, store)
		o.Plan, o.Logger = plan, e.options.Logger
		report, err := executor.Run(t.Context(), o)
		fmt.Fprintln(logs, string(must(json.Marshal(report))), err)
	}
	run(true)
	run(false)
	require.Contains(t, logs.String(), `"complete"`)
	e.Advance(g.change())
	for _, how := range few(g, echoes(), 4, 0) {
		echo.how.Store(&how)
		run(false)
	}
	echo.how.Store(nil)
	e.Advance(g.change())
	run(false)
	runs, err := store.Runs(t.Context(), 0)
	require.NoError(t, err)
	for _, r := range runs {
		fmt.Fprintln(logs, string(r.Report))
	}
	for stored, err := range everything(t, store) {
		require.NoError(t, err)
		for p, v := range stored.Values() {
			fmt.Fprintln(logs, p.Name, v.String())
		}
	}
	_, _ = logs.Write(g.image(t))
	require.Greater(t, len(e.Secrets()), 10)
	for _, secret := range e.Secrets() {
		i := strings.Index(logs.String(), secret)
		require.Negative(t, i, "%s in: %.300s", secret, logs.String()[max(0, i-200):])
	}
	requireKeptTokenAlone(t, e)
}

// echoes are the kinds of answers in which a server may repeat what it was sent.
func echoes() []func(http.ResponseWriter, string) {
	status := func(code int, contentType, format string) func(http.ResponseWriter, string) {
		return func(w http.ResponseWriter, text string) {
			w.Header().Set("Content-Type", contentType)
			w.WriteHeader(code)
			fmt.Fprintf(w, format, text)
		}
	}
	list := []func(http.ResponseWriter, string){
		status(http.StatusOK, "text/html", "<title>%s</title>"),
		status(http.StatusOK, "application/json", `{"errors":[{"code":1,"title":%q}]}`),
		status(http.StatusOK, "application/json", `{"resultCode":"FAILURE","errorMessage":%q}`),
		status(http.StatusOK, "application/json", `{"title":%q,"status":500}`),
		status(http.StatusOK, "application/json", `[%q`),
		status(http.StatusOK, "text/plain", "%s"),
		func(w http.ResponseWriter, text string) {
			w.Header().Set("Location", "https://example.invalid/?q="+strings.Map(printable, text))
			w.WriteHeader(http.StatusFound)
		},
	}
	for _, code := range []int{400, 401, 403, 404, 429, 500, 503} {
		list = append(list,
			status(code, "application/json", `{"errors":[{"code":1,"title":"no","detail":%q}]}`),
			status(code, "application/json", `{"error":"no","error_description":%q}`),
			status(code, "text/plain", "%s"), status(code, "text/html", "<title>%s</title>"))
	}
	return list
}

func printable(r rune) rune {
	if r <= ' ' || r > '~' {
		return '-'
	}
	return r
}

// everything reads all elements of the graph.
func everything(t *testing.T, store graph.Store) func(func(graph.Stored, error) bool) {
	return func(yield func(graph.Stored, error) bool) {
		for _, typ := range schema(t).Types() {
			for stored, err := range store.Elements(t.Context(), graph.Selection{Type: typ}) {
				if !yield(stored, err) {
					return
				}
			}
		}
	}
}

// requireKeptTokenAlone checks that the one secret that must be kept, a refresh token that took the place of another,
// lies in a file of its owner's alone, and nothing else beside it.
func requireKeptTokenAlone(t *testing.T, e *estate) {
	t.Helper()
	files, err := os.ReadDir(e.options.StateDir)
	require.NoError(t, err)
	require.Len(t, files, 1)
	info, err := files[0].Info()
	require.NoError(t, err)
	require.Equal(t, os.FileMode(0o600), info.Mode())
	require.True(t, strings.HasSuffix(info.Name(), ".token"), info.Name())
	text, err := os.ReadFile(filepath.Join(e.options.StateDir, info.Name()))
	require.NoError(t, err)
	require.Len(t, strings.Fields(string(text)), 1)
}
