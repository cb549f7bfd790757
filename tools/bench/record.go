package main

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"maps"
	"net/http"
	"net/http/httptest"
	"net/http/httputil"
	"net/url"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"sync"
)

// A request is one that execute sent, with what came back.
type request struct {
	Method string      `json:"method"`
	URL    string      `json:"url"` // of the simulator
	Header http.Header `json:"header"`
	Body   []byte      `json:"body"`
	Status int         `json:"status"`
	Bytes  int64       `json:"bytes"` // of the answer's body
}

// A recording holds the requests of one run by provider, in the order in which they were sent.
type recording map[string][]*request

func (r recording) bytes() (n int64) {
	for _, list := range r {
		for _, one := range list {
			n += one.Bytes
		}
	}
	return n
}

// answered leaves out requests whose answers were not read to their ends, such as that for a list which turns out to be
// too large to be read at once.
func (r recording) answered() recording {
	for provider, list := range r {
		r[provider] = slices.DeleteFunc(list, func(one *request) bool { return one.Status == 0 })
	}
	return r
}

// recording returns what execute asks of the fleet: of a plan that finds no graph, which reads all that a run reads.
func (f *fleet) recording(ctx context.Context) (recording, error) {
	if f.recorded != nil {
		return f.recorded, nil
	}
	r := &recorder{list: recording{}}
	defer r.close()
	env := maps.Clone(f.env)
	for provider, variable := range map[string]string{
		"sentinelone": "SENTINELONE_URL", "ninjarmm": "NINJARMM_URL", "immybot": "IMMYBOT_URL",
	} {
		if f.env[variable] != "" {
			env[variable] = r.proxy(provider, f.env[variable])
		}
	}
	if f.env["IMMYBOT_URL"] != "" {
		env["IMMYBOT_AUTHORITY_URL"] = r.proxy("immybot", f.env["IMMYBOT_AUTHORITY_URL"])
		env["IMMYBOT_SCOPE"] = f.env["IMMYBOT_URL"] + "/.default"
	}
	cmd := exec.CommandContext(ctx, f.session.execute, "plan", "--output", "json", "--log-level", "error", "--graph",
		"sqlite:no-such-graph.db")
	env["TMPDIR"] = filepath.Join(f.session.folder, "spool")
	if err := os.MkdirAll(env["TMPDIR"], 0o700); err != nil {
		return nil, err
	}
	cmd.Env, cmd.Dir = f.environment(env), f.session.folder
	var errs bytes.Buffer
	cmd.Stderr = &errs
	largest := watchSize(env["TMPDIR"])
	err := cmd.Run()
	f.spool = largest()
	if err != nil {
		return nil, fmt.Errorf("record a run: %w\n%s", err, errs.String())
	}
	f.recorded = r.list.answered()
	f.session.say("recorded %.1f MB", float64(f.recorded.bytes())/1e6)
	return f.recorded, r.failure()
}

// A recorder is a number of proxies that keep what passes.
type recorder struct {
	servers []*httptest.Server

	mu   sync.Mutex
	list recording
	errs []error
}

// proxy returns the URL of a server that passes everything on to the target.
func (r *recorder) proxy(provider, target string) string {
	to, err := url.Parse(target)
	if err != nil {
		r.fail(err)
		return target
	}
	proxy := &httputil.ReverseProxy{
		Rewrite:      func(p *httputil.ProxyRequest) { p.SetURL(to) },
		ErrorHandler: func(_ http.ResponseWriter, _ *http.Request, err error) { r.fail(err) },
	}
	s := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, in *http.Request) {
		one, err := r.keep(provider, target, in)
		if err != nil {
			r.fail(err)
			return
		}
		counting := &counter{ResponseWriter: w, status: http.StatusOK}
		proxy.ServeHTTP(counting, in)
		one.Status, one.Bytes = counting.status, counting.bytes
	}))
	r.servers = append(r.servers, s)
	return s.URL
}

// keep adds a request to the list and leaves its body to be read again.
func (r *recorder) keep(provider, target string, in *http.Request) (*request, error) {
	body, err := io.ReadAll(in.Body)
	if err != nil {
		return nil, err
	}
	in.Body = io.NopCloser(bytes.NewReader(body))
	one := &request{Method: in.Method, URL: target + in.URL.RequestURI(), Header: in.Header.Clone(), Body: body}
	r.mu.Lock()
	defer r.mu.Unlock()
	r.list[provider] = append(r.list[provider], one)
	return one, nil
}

func (r *recorder) fail(err error) {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.errs = append(r.errs, err)
}

func (r *recorder) failure() error {
	r.mu.Lock()
	defer r.mu.Unlock()
	return errors.Join(r.errs...)
}

func (r *recorder) close() {
	for _, s := range r.servers {
		s.Close()
	}
}

// A counter counts what an answer holds.
type counter struct {
	http.ResponseWriter
	status int
	bytes  int64
}

func (c *counter) WriteHeader(status int) {
	c.status = status
	c.ResponseWriter.WriteHeader(status)
}

func (c *counter) Write(b []byte) (int, error) {
	n, err := c.ResponseWriter.Write(b)
	c.bytes += int64(n)
	return n, err
}

// Unwrap lets http.ResponseController reach the server's own writer.
func (c *counter) Unwrap() http.ResponseWriter { return c.ResponseWriter }

// longestChain returns the longest sequence of requests of one provider in which each page names the one before it,
// with the sign-in before it, and how many pages it has: what no client can read side by side. Offsets can be read in
// any order.
func (r recording) longestChain() (chain []*request, pages int, err error) {
	for _, provider := range slices.Sorted(maps.Keys(r)) {
		lists := map[string][]*request{}
		follows := map[string]bool{}
		var signIn []*request
		for _, one := range r[provider] {
			u, err := url.Parse(one.URL)
			if err != nil {
				return nil, 0, err
			}
			if one.Method == http.MethodPost {
				signIn = append(signIn, one)
				continue
			}
			query := u.Query()
			list := u.Path + "?" + without(query, "cursor", "after").Encode()
			lists[list] = append(lists[list], one)
			follows[list] = follows[list] || query.Has("cursor") || query.Has("after")
		}
		for name, list := range lists {
			if follows[name] && len(list) > pages {
				chain, pages = slices.Concat(signIn, list), len(list)
			}
		}
	}
	return chain, pages, nil
}

func without(query url.Values, names ...string) url.Values {
	out := maps.Clone(query)
	for _, name := range names {
		delete(out, name)
	}
	return out
}
