package view

import (
	"context"
	"embed"
	"errors"
	"fmt"
	"io"
	"iter"
	"log/slog"
	"net"
	"net/http"
	"net/url"
	"time"

	"assetgraph/internal/panics"
	"assetgraph/internal/report"
)

// Options say what a View shows.
type Options struct {
	Source report.Source       // opened for reading alone
	Graph  string              // where the graph lies, without user name and password
	Cover  report.CoverOptions // what counts as covered; Every, Missing and Now are the view's own
	Now    func() time.Time    // what time it is for answers
	Logger *slog.Logger

	// AllowQueries has a page on which people ask the graph in its own language.
	AllowQueries bool

	// Rows is how many rows a page shows of one answer, Time how long an answer may take, and Patience how long a page
	// waits for that of a ready question before it shows itself without.
	Rows           int
	Time, Patience time.Duration

	// Write writes rows in a form, csv or json, as the program's other commands do. A value is nil, or a bool, int64,
	// float64, string, time.Time, []any or map[string]any.
	Write func(w io.Writer, form string, columns []string, rows iter.Seq[[]any]) error
}

// A View is the web view of one graph.
type View struct {
	o      Options
	pages  []page
	texts  *templates
	memory memory

	reads jobs // of the whole graph
	asks  jobs // of questions
}

//go:embed assets
var assets embed.FS

// New returns a view that serves nothing yet.
func New(o Options) (*View, error) {
	v := &View{o: o, reads: make(jobs, waiting), asks: make(jobs, waiting)}
	v.pages = v.allPages()
	var err error
	v.texts, err = readTemplates()
	return v, err
}

// Serve answers requests of one browser on a listener until ctx ends, which is no error. Before the first request it
// hands the address to announce, with the token by which a browser begins; that works once.
func (v *View) Serve(ctx context.Context, l net.Listener, announce func(address string)) error {
	a := newAccess(l.Addr())
	ctx, cancel := context.WithCancel(ctx)
	server := &http.Server{
		Handler: a.guard(v.handler()), ReadHeaderTimeout: 10 * time.Second, IdleTimeout: 2 * time.Minute,
		MaxHeaderBytes: 64 << 10, ErrorLog: slog.NewLogLogger(v.o.Logger.Handler(), slog.LevelDebug),
		BaseContext: func(net.Listener) context.Context { return ctx },
	}
	var beside panics.Group
	for range workers {
		beside.Go(func() { v.work(ctx, v.reads) })
		beside.Go(func() { v.work(ctx, v.asks) })
	}
	beside.Go(func() { v.readAhead(ctx) })
	beside.Go(func() {
		<-ctx.Done()
		_ = server.Close() // what is under way has lost its context
	})
	announce((&url.URL{
		Scheme: "http", Host: a.hosts[0], Path: "/", RawQuery: url.Values{tokenParameter: {a.token}}.Encode(),
	}).String())
	err := server.Serve(l)
	cancel()
	beside.Wait()
	if errors.Is(err, http.ErrServerClosed) {
		return nil
	}
	return fmt.Errorf("serve the view: %w", err)
}

func (v *View) handler() http.Handler {
	mux := http.NewServeMux()
	for _, p := range v.pages {
		mux.HandleFunc("GET "+p.pattern, func(w http.ResponseWriter, r *http.Request) { v.answer(w, r, p) })
	}
	mux.HandleFunc("GET /assets/{name}", serveAsset)
	mux.HandleFunc("GET /", func(w http.ResponseWriter, r *http.Request) {
		v.fail(w, r, notFound("There is no such page."))
	})
	return mux
}

// serveAsset serves what pages load. Browsers may keep it for a while: it changes with the program alone.
func serveAsset(w http.ResponseWriter, r *http.Request) {
	w.Header().Set("Cache-Control", "private, max-age=600")
	http.ServeFileFS(w, r, assets, "assets/"+r.PathValue("name"))
}

// answer makes a page, within the time that an answer may take.
func (v *View) answer(w http.ResponseWriter, r *http.Request, p page) {
	ctx, cancel := context.WithTimeoutCause(r.Context(), v.o.Time,
		fmt.Errorf("not answered within %s", v.o.Time))
	defer cancel()
	timed := r.WithContext(ctx)
	var out *content
	err := panics.Do(func() (err error) {
		out, err = p.make(timed)
		return err
	})
	if err != nil {
		if ctx.Err() != nil && r.Context().Err() == nil {
			err = &pageError{http.StatusServiceUnavailable, "This page was " + context.Cause(ctx).Error() + "."}
		}
		v.fail(w, r, err)
		return
	}
	v.write(w, r, p, out)
}
