package rest_test

import (
	"context"
	"io"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"assetgraph/collectors/internal/rest"

	"github.com/stretchr/testify/require"
)

func TestGetSendsRouteQueryAndCredentials(t *testing.T) {
	s := serve(t, func(w http.ResponseWriter, r *http.Request, _ int64) {
		if r.Method != http.MethodGet || r.URL.Path != "/api/v1/agents" || r.URL.RawQuery != "cursor=c0ffee" ||
			r.Header.Get("Authorization") != "ApiToken "+secret || r.Header.Get("Accept") != "application/json" ||
			r.UserAgent() != "probe/1" {
			w.WriteHeader(http.StatusTeapot)
			return
		}
		answer(w, http.StatusOK, " "+page+"\n")
	})
	c := s.config(t)
	c.Options.UserAgent = "probe/1"
	body, err := get(t, c)
	require.NoError(t, err)
	require.Equal(t, page, string(body))
}

func TestPostSendsJSON(t *testing.T) {
	s := serve(t, func(w http.ResponseWriter, r *http.Request, call int64) {
		body, _ := io.ReadAll(r.Body)
		if r.Method != http.MethodPost || r.Header.Get("Content-Type") != "application/json" ||
			string(body) != `{"a":1}` {
			w.WriteHeader(http.StatusTeapot)
			return
		}
		if call == 1 {
			w.WriteHeader(http.StatusBadGateway)
			return
		}
		answer(w, http.StatusOK, page)
	})
	body, err := rest.New(s.config(t)).Post(t.Context(), "details", map[string]int{"a": 1})
	require.NoError(t, err)
	require.Equal(t, page, string(body))
	require.EqualValues(t, 2, s.calls.Load())
}

func TestPostOfWhatIsNoJSON(t *testing.T) {
	s := serve(t, func(w http.ResponseWriter, _ *http.Request, _ int64) { answer(w, http.StatusOK, page) })
	_, err := rest.New(s.config(t)).Post(t.Context(), "/details", func() {})
	require.ErrorContains(t, err, "main: POST /details")
	require.Zero(t, s.calls.Load())
}

// A status that no second try changes is asked for once.
func TestStatusIsFinal(t *testing.T) {
	for name, tc := range map[string]struct {
		status int
		body   string
		text   string
	}{
		"400":                     {400, `{"error":"limit too large"}`, "400 Bad Request: limit too large"},
		"403":                     {403, `{"error":"not permitted"}`, "403 Forbidden: not permitted"},
		"404 without explanation": {404, `{}`, "404 Not Found"},
		"501":                     {501, `{}`, "501 Not Implemented"},
		"304 without a condition": {304, "", "304 Not Modified"},
		"206 nobody asked for":    {206, page, "206 Partial Content"},
		"error object under 200":  {200, `{"error":"half of it failed"}`, "200 OK: half of it failed"},
		"message with line break": {403, "{\"error\":\"a\tb\r\nc\x1b[0m\"}", "a b c [0m"},
	} {
		t.Run(name, func(t *testing.T) {
			s := serve(t, func(w http.ResponseWriter, _ *http.Request, _ int64) { answer(w, tc.status, tc.body) })
			_, err := get(t, s.config(t))
			_ = requireError(t, err, tc.status, tc.text)
			require.EqualValues(t, 1, s.calls.Load())
		})
	}
}

func TestErrorTextIsWhole(t *testing.T) {
	s := serve(t, func(w http.ResponseWriter, _ *http.Request, _ int64) { answer(w, 403, `{"error":"no rights"}`) })
	_, err := get(t, s.config(t))
	require.EqualError(t, err, "main: GET /agents: 403 Forbidden: no rights")
}

func TestPlainTextOfAnErrorIsItsMessage(t *testing.T) {
	s := serve(t, func(w http.ResponseWriter, _ *http.Request, _ int64) {
		http.Error(w, "404 page not found: "+strings.Repeat("x", 2000), http.StatusNotFound)
	})
	_, err := get(t, s.config(t))
	e := requireError(t, err, 404, "404 page not found")
	require.Less(t, len(e.Message), 600)
}

func TestStatusIsTriedAgain(t *testing.T) {
	for _, status := range []int{429, 500, 502, 503, 504} {
		t.Run(http.StatusText(status), func(t *testing.T) {
			s := serve(t, func(w http.ResponseWriter, _ *http.Request, call int64) {
				if call < 3 {
					w.Header().Set("Content-Type", "text/html")
					w.WriteHeader(status)
					_, _ = io.WriteString(w, "<html>busy</html>")
					return
				}
				answer(w, http.StatusOK, page)
			})
			body, err := get(t, s.config(t))
			require.NoError(t, err)
			require.Equal(t, page, string(body))
			require.EqualValues(t, 3, s.calls.Load())
		})
	}
}

func TestNegativeRetryTimeTriesOnce(t *testing.T) {
	s := serve(t, func(w http.ResponseWriter, _ *http.Request, _ int64) { answer(w, 503, `{}`) })
	c := s.config(t)
	c.Options.RetryTime = -1
	_, err := get(t, c)
	_ = requireError(t, err, 503, "503 Service Unavailable")
	require.EqualValues(t, 1, s.calls.Load())
}

func TestRetriesEnd(t *testing.T) {
	s := serve(t, func(w http.ResponseWriter, _ *http.Request, _ int64) { answer(w, 503, `{"error":"down"}`) })
	c := s.config(t)
	c.Options.RetryTime = time.Second
	_, err := get(t, c)
	_ = requireError(t, err, 503, "down")
	require.Greater(t, s.calls.Load(), int64(1))
}

func TestRetryAfterIsHonoured(t *testing.T) {
	for name, header := range map[string]func() string{
		"seconds": func() string { return "1" },
		"date":    func() string { return time.Now().Add(2 * time.Second).UTC().Format(http.TimeFormat) },
	} {
		t.Run(name, func(t *testing.T) {
			s := serve(t, func(w http.ResponseWriter, _ *http.Request, call int64) {
				if call == 1 {
					w.Header().Set("Retry-After", header())
					answer(w, 429, `{}`)
					return
				}
				answer(w, http.StatusOK, page)
			})
			c, logs := s.config(t), newLogBook()
			c.Options.Logger = slog.New(logs)
			_, err := get(t, c)
			require.NoError(t, err)
			// The pause is the one that was asked for: without it the first is 150 ms at most.
			require.Regexp(t, `WARN request is tried again .* wait=(1s|2s)`, strings.Join(logs.texts(), "\n"))
		})
	}
}

func TestRetryAfterBeyondTheLimitEndsAtOnce(t *testing.T) {
	s := serve(t, func(w http.ResponseWriter, _ *http.Request, _ int64) {
		w.Header().Set("Retry-After", "3600")
		answer(w, 429, `{}`)
	})
	_, err := get(t, s.config(t))
	e := requireError(t, err, 429, "429 Too Many Requests: the provider asks to wait 1h: run again then, or let the run wait with --retry-time 1h1m")
	require.Equal(t, time.Hour, e.RetryAfter)
	require.EqualValues(t, 1, s.calls.Load())
}

func TestCancelWhileWaitingForARetry(t *testing.T) {
	ctx, cancel := context.WithCancel(t.Context())
	s := serve(t, func(w http.ResponseWriter, _ *http.Request, _ int64) {
		w.Header().Set("Retry-After", "9")
		answer(w, 503, `{}`)
		time.AfterFunc(50*time.Millisecond, cancel)
	})
	_, err := rest.New(s.config(t)).Get(ctx, "/agents", nil)
	require.ErrorIs(t, err, context.Canceled)
	_ = requireError(t, err, 0, "context canceled")
	require.EqualValues(t, 1, s.calls.Load())
}

func TestCancelWhileWaitingForTheAnswer(t *testing.T) {
	ctx, cancel := context.WithCancel(t.Context())
	s := serve(t, func(_ http.ResponseWriter, r *http.Request, _ int64) {
		cancel()
		<-r.Context().Done()
	})
	_, err := rest.New(s.config(t)).Get(ctx, "/agents", nil)
	require.ErrorIs(t, err, context.Canceled)
	require.EqualValues(t, 1, s.calls.Load())
}

// The end of the run is told from a server that is too slow.
func TestDeadlineOfTheRunIsItsOwn(t *testing.T) {
	ctx, cancel := context.WithTimeout(t.Context(), 100*time.Millisecond)
	defer cancel()
	s := serve(t, func(_ http.ResponseWriter, r *http.Request, _ int64) { <-r.Context().Done() })
	_, err := rest.New(s.config(t)).Get(ctx, "/agents", nil)
	require.ErrorIs(t, err, context.DeadlineExceeded)
	require.LessOrEqual(t, s.calls.Load(), int64(1))
}

func TestCancelWhileWaitingForASlot(t *testing.T) {
	started := make(chan struct{})
	s := serve(t, func(_ http.ResponseWriter, r *http.Request, _ int64) {
		close(started)
		<-r.Context().Done()
	})
	client := rest.New(s.config(t))
	ctx, cancel := context.WithCancel(t.Context())
	var first sync.WaitGroup
	first.Go(func() { _, _ = client.Get(ctx, "/slow", nil) })
	<-started
	impatient, stop := context.WithTimeout(t.Context(), 50*time.Millisecond)
	defer stop()
	_, err := client.Get(impatient, "/agents", nil)
	require.ErrorIs(t, err, context.DeadlineExceeded)
	cancel()
	first.Wait()
	require.EqualValues(t, 1, s.calls.Load())
}

func TestInFlightIsTheMost(t *testing.T) {
	var now, most atomic.Int64
	s := serve(t, func(w http.ResponseWriter, _ *http.Request, _ int64) {
		n := now.Add(1)
		for {
			seen := most.Load()
			if n <= seen || most.CompareAndSwap(seen, n) {
				break
			}
		}
		time.Sleep(5 * time.Millisecond)
		now.Add(-1)
		answer(w, http.StatusOK, page)
	})
	c := s.config(t)
	c.InFlight = 2
	client := rest.New(c)
	var all sync.WaitGroup
	for range 12 {
		all.Go(func() { _, _ = client.Get(t.Context(), "/agents", nil) })
	}
	all.Wait()
	require.EqualValues(t, 12, s.calls.Load())
	require.LessOrEqual(t, most.Load(), int64(2))
}

// A turn that would come after the deadline is not waited for.
func TestPacing(t *testing.T) {
	s := serve(t, func(w http.ResponseWriter, _ *http.Request, _ int64) { answer(w, http.StatusOK, page) })
	c := s.config(t)
	c.Rate, c.Burst = 0.001, 2
	client := rest.New(c)
	for range 2 {
		_, err := client.Get(t.Context(), "/agents", nil)
		require.NoError(t, err)
	}
	ctx, cancel := context.WithTimeout(t.Context(), 10*time.Second)
	defer cancel()
	_, err := client.Get(ctx, "/agents", nil)
	require.ErrorIs(t, err, context.DeadlineExceeded)
	require.EqualValues(t, 2, s.calls.Load())
}

func TestLogsHoldNoSecret(t *testing.T) {
	s := serve(t, func(w http.ResponseWriter, r *http.Request, call int64) {
		if call == 1 {
			answer(w, 503, `{"error":"token `+secret+` at `+r.URL.String()+` is busy"}`)
			return
		}
		answer(w, http.StatusOK, page)
	})
	c, logs := s.config(t), newLogBook()
	c.Secrets = append(c.Secrets, "c0ffee")
	c.Options.Logger = slog.New(logs)
	_, err := get(t, c)
	require.NoError(t, err)
	texts := logs.texts()
	require.Len(t, texts, 3)
	require.Regexp(t, `^DEBUG request instance=main method=GET route=/agents status=503 ms=\d+ bytes=\d+$`, texts[0])
	require.Regexp(t, `^WARN request is tried again instance=main method=GET route=/agents error=.*is busy wait=`,
		texts[1])
	require.Regexp(t, `^DEBUG request instance=main method=GET route=/agents status=200 ms=\d+ bytes=21$`, texts[2])
	for _, text := range texts {
		requireNoSecret(t, text)
	}
}

// A query in the route would be lost or seen: it is taken for a part of the path.
func TestRouteHoldsNoQuery(t *testing.T) {
	s := serve(t, func(w http.ResponseWriter, r *http.Request, _ int64) {
		if r.URL.Path != "/api/v1/agents?cursor=c0ffee" || r.URL.RawQuery != "" {
			w.WriteHeader(http.StatusTeapot)
			return
		}
		w.WriteHeader(http.StatusNotFound)
	})
	_, err := rest.New(s.config(t)).Get(t.Context(), "agents?cursor=c0ffee", nil)
	_ = requireError(t, err, http.StatusNotFound, "404 Not Found")
}

func TestZeroConfigIsAnError(t *testing.T) {
	c := rest.Config{Instance: "main"}
	c.Options.RetryTime = -1
	_, err := get(t, c)
	_ = requireError(t, err, 0, "unsupported protocol scheme")
}

func BenchmarkGet(b *testing.B) {
	body := `["` + strings.Repeat("x", 4<<20) + `"]`
	s := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter,
		_ *http.Request) {
		answer(w, http.StatusOK, body)
	}))
	defer s.Close()
	base, err := rest.BaseURL(s.URL, "")
	require.NoError(b, err)
	transport := &http.Transport{}
	defer transport.CloseIdleConnections()
	client := rest.New(rest.Config{BaseURL: base, Transport: transport})
	b.SetBytes(int64(len(body)))
	b.ReportAllocs()
	for b.Loop() {
		_, err := client.Get(b.Context(), "/agents", nil)
		require.NoError(b, err)
	}
}

func TestRequestsThatMayNotBeSentAreNot(t *testing.T) {
	s := serve(t, func(w http.ResponseWriter, _ *http.Request, _ int64) { answer(w, http.StatusOK, "[1]") })
	config := s.config(t)
	config.May = func(method, route string) bool { return method == http.MethodGet && route == "/agents" }
	client := rest.New(config)
	_, err := client.Get(t.Context(), "/agents", nil)
	require.NoError(t, err)
	_, err = client.Get(t.Context(), "/agents/7/cancel", nil)
	require.ErrorContains(t, err, "the program never asks this")
	_, err = client.Post(t.Context(), "/agents", struct{}{})
	require.ErrorContains(t, err, "the program never asks this")
	err = client.Page(t.Context(), rest.Page{Route: "/agents/7/cancel", Decode: func([]byte, int) error { return nil }})
	require.ErrorContains(t, err, "the program never asks this")
	require.EqualValues(t, 1, s.calls.Load())
}
