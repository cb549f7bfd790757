package rest_test

import (
	"bytes"
	"compress/gzip"
	"io"
	"net"
	"net/http"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"assetgraph/collectors/internal/rest"

	"github.com/stretchr/testify/require"
)

func TestAnswerThatIsNoJSON(t *testing.T) {
	for name, tc := range map[string]struct {
		contentType string
		body        string
		text        string
	}{
		"console in place of an unknown route": {
			"text/html; charset=utf-8", "<!doctype html><title>Sign in</title>", "unknown route or wrong URL",
		},
		"HTML that calls itself JSON": {"application/json", "<html></html>", "unknown route or wrong URL"},
		"HTML without a type":         {"-", "<html></html>", "unknown route or wrong URL"},
		"JSON that calls itself HTML": {"text/html", page, "unknown route or wrong URL"},
		"plain text":                  {"text/plain", "Bad Gateway", "not JSON but text/plain"},
		"broken content type":         {"a/b/c; d", "Bad Gateway", "not JSON but unknown"},
		"null":                        {"application/json", "null", "empty"},
		"null with space":             {"application/json", " null\n", "empty"},
		"nothing":                     {"application/json", "", "empty"},
		"space":                       {"application/json", " \r\n\t", "empty"},
		"byte order mark and nothing": {"application/json", "\xef\xbb\xbf", "empty"},
		"bare words":                  {"application/json", "Bad Gateway", "not JSON"},
		"words without a type":        {"-", "Bad Gateway", "not JSON"},
	} {
		t.Run(name, func(t *testing.T) {
			s := serve(t, func(w http.ResponseWriter, _ *http.Request, _ int64) { typed(w, tc.contentType, tc.body) })
			c := s.config(t)
			c.Options.RetryTime = time.Second
			_, err := get(t, c)
			_ = requireError(t, err, http.StatusOK, tc.text)
			require.EqualValues(t, 4, s.calls.Load(), "a route that may not exist is asked for a few times")
		})
	}
}

func TestJSONUnderAnotherContentType(t *testing.T) {
	for _, contentType := range []string{"text/plain; charset=utf-8", "application/octet-stream", "a/b/c; d", "-"} {
		s := serve(t, func(w http.ResponseWriter, _ *http.Request, _ int64) { typed(w, contentType, page) })
		body, err := get(t, s.config(t))
		require.NoError(t, err, contentType)
		require.Equal(t, page, string(body))
	}
}

// typed answers under 200; the content type "-" stands for none at all.
func typed(w http.ResponseWriter, contentType, body string) {
	w.Header().Set("Content-Type", contentType)
	if contentType == "-" {
		w.Header()["Content-Type"] = nil
	}
	_, _ = io.WriteString(w, body)
}

func TestHTMLIsTold(t *testing.T) {
	s := serve(t, func(w http.ResponseWriter, _ *http.Request, _ int64) { typed(w, "text/html", "<html>") })
	_, err := get(t, s.config(t))
	require.ErrorIs(t, err, rest.ErrHTML)
}

func TestNoContentIsEmpty(t *testing.T) {
	s := serve(t, func(w http.ResponseWriter, _ *http.Request, _ int64) { w.WriteHeader(http.StatusNoContent) })
	_, err := get(t, s.config(t))
	_ = requireError(t, err, http.StatusNoContent, "empty")
}

func TestAnswerThatIsJSON(t *testing.T) {
	for name, tc := range map[string]struct{ contentType, body, want string }{
		"application/json":  {"application/json", page, page},
		"text/json":         {"text/json; charset=utf-8", page, page},
		"suffix":            {"application/problem+json", page, page},
		"no type":           {"-", page, page},
		"empty list":        {"application/json", "[]", "[]"},
		"empty object":      {"application/json", "{}", "{}"},
		"number":            {"application/json", "12", "12"},
		"text":              {"application/json", `"ok"`, `"ok"`},
		"byte order mark":   {"application/json", "\xef\xbb\xbf" + page, page},
		"space around":      {"application/json", "\n " + page + " \n", page},
		"null inside":       {"application/json", "[null]", "[null]"},
		"error not at root": {"application/json", `{"data":{"error":"x"}}`, `{"data":{"error":"x"}}`},
	} {
		t.Run(name, func(t *testing.T) {
			s := serve(t, func(w http.ResponseWriter, _ *http.Request, _ int64) { typed(w, tc.contentType, tc.body) })
			body, err := get(t, s.config(t))
			require.NoError(t, err)
			require.Equal(t, tc.want, string(body))
		})
	}
}

// Whatever breaks the answer off is a fault of the connection: it is tried again and the second answer counts.
func TestBrokenAnswerIsTriedAgain(t *testing.T) {
	for name, breakOff := range map[string]func(w http.ResponseWriter){
		"short Content-Length": func(w http.ResponseWriter) {
			w.Header().Set("Content-Length", "1000")
			answer(w, http.StatusOK, page)
		},
		"cut gzip": func(w http.ResponseWriter) {
			packed := zip(strings.Repeat(page, 100))
			w.Header().Set("Content-Encoding", "gzip")
			answer(w, http.StatusOK, string(packed[:len(packed)-20]))
		},
		"corrupt gzip": func(w http.ResponseWriter) {
			w.Header().Set("Content-Encoding", "gzip")
			answer(w, http.StatusOK, "no gzip at all")
		},
		"cut JSON in a whole answer": func(w http.ResponseWriter) { answer(w, http.StatusOK, page[:len(page)-3]) },
		"cut list in a whole answer": func(w http.ResponseWriter) { answer(w, http.StatusOK, `[{"id":1}`) },
		"connection reset":           func(w http.ResponseWriter) { reset(w, "") },
		"reset within the body": func(w http.ResponseWriter) {
			reset(w,
				"HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nTransfer-Encoding: chunked\r\n\r\n5\r\n{\"dat\r\n")
		},
		"reset within the header": func(w http.ResponseWriter) { reset(w, "HTTP/1.1 200 OK\r\nContent-") },
		"no HTTP":                 func(w http.ResponseWriter) { reset(w, "SSH-2.0-OpenSSH_9.6\r\n") },
	} {
		t.Run(name, func(t *testing.T) {
			s := serve(t, func(w http.ResponseWriter, _ *http.Request, call int64) {
				if call == 1 {
					breakOff(w)
					return
				}
				answer(w, http.StatusOK, page)
			})
			body, err := get(t, s.config(t))
			require.NoError(t, err)
			require.Equal(t, page, string(body))
			require.GreaterOrEqual(t, s.calls.Load(), int64(2))
		})
		t.Run(name+" always", func(t *testing.T) {
			s := serve(t, func(w http.ResponseWriter, _ *http.Request, _ int64) { breakOff(w) })
			c := s.config(t)
			c.Options.RetryTime = -1
			_, err := get(t, c)
			_ = requireError(t, err, rest.Status(err), ": ")
		})
	}
}

// reset writes raw bytes and drops the connection without a farewell.
func reset(w http.ResponseWriter, raw string) {
	hijacker, ok := w.(http.Hijacker)
	if !ok {
		return
	}
	conn, _, err := hijacker.Hijack()
	if err != nil {
		return
	}
	_, _ = io.WriteString(conn, raw)
	if tcp, ok := conn.(*net.TCPConn); ok && raw == "" {
		_ = tcp.SetLinger(0)
	}
	_ = conn.Close()
}

func zip(text string) []byte {
	var b bytes.Buffer
	w := gzip.NewWriter(&b)
	_, _ = io.WriteString(w, text)
	_ = w.Close()
	return b.Bytes()
}

func TestGzip(t *testing.T) {
	want := `{"data":"` + strings.Repeat("x", 100_000) + `"}`
	s := serve(t, func(w http.ResponseWriter, _ *http.Request, _ int64) {
		w.Header().Set("Content-Encoding", "gzip")
		answer(w, http.StatusOK, string(zip(want)))
	})
	body, err := get(t, s.config(t))
	require.NoError(t, err)
	require.Equal(t, want, string(body))
}

func TestMaxBody(t *testing.T) {
	const limit = 10_000
	whole := `"` + strings.Repeat("x", limit-2) + `"`
	for name, tc := range map[string]struct {
		body string
		gzip bool
		fits bool
	}{
		"to the byte":           {whole, false, true},
		"one byte more":         {whole + " ", false, false},
		"gzip bomb":             {`"` + strings.Repeat("x", 50_000_000) + `"`, true, false},
		"gzip that fits":        {whole, true, true},
		"much more than stated": {`"` + strings.Repeat("x", 1_000_000) + `"`, false, false},
	} {
		t.Run(name, func(t *testing.T) {
			s := serve(t, func(w http.ResponseWriter, _ *http.Request, _ int64) {
				body := tc.body
				if tc.gzip {
					w.Header().Set("Content-Encoding", "gzip")
					body = string(zip(body))
				}
				answer(w, http.StatusOK, body)
			})
			c := s.config(t)
			c.MaxBody = limit
			body, err := get(t, c)
			if tc.fits {
				require.NoError(t, err)
				require.Len(t, body, limit)
				return
			}
			_ = requireError(t, err, http.StatusOK, "too large: more than 10000 bytes")
			require.EqualValues(t, 1, s.calls.Load())
		})
	}
}

func TestLargeErrorBodyKeepsItsStatus(t *testing.T) {
	s := serve(t, func(w http.ResponseWriter, _ *http.Request, _ int64) {
		answer(w, http.StatusForbidden, strings.Repeat("x", 1<<20))
	})
	_, err := get(t, s.config(t))
	_ = requireError(t, err, http.StatusForbidden, "403 Forbidden")
}

// A server that never finishes does not hold the run: one that is silent and one that goes on and on.
func TestRequestTimeout(t *testing.T) {
	for name, stall := range map[string]func(w http.ResponseWriter, r *http.Request){
		"no answer":      func(_ http.ResponseWriter, r *http.Request) { <-r.Context().Done() },
		"dripping body":  drip(http.StatusOK),
		"dripping error": drip(http.StatusServiceUnavailable),
	} {
		t.Run(name, func(t *testing.T) {
			s := serve(t, func(w http.ResponseWriter, r *http.Request, _ int64) { stall(w, r) })
			c := s.config(t)
			c.Options.RequestTimeout, c.Options.RetryTime = 100*time.Millisecond, -1
			_, err := get(t, c)
			e := requireError(t, err, rest.Status(err), "")
			if e.Status != http.StatusServiceUnavailable {
				require.ErrorContains(t, err, "no complete answer within 100ms")
			}
			require.LessOrEqual(t, s.calls.Load(), int64(1))
		})
	}
}

// drip sends a byte now and then until the client has gone.
func drip(status int) func(w http.ResponseWriter, r *http.Request) {
	return func(w http.ResponseWriter, r *http.Request) {
		answer(w, status, `["`)
		for r.Context().Err() == nil {
			_, _ = io.WriteString(w, "x")
			_ = http.NewResponseController(w).Flush()
			time.Sleep(5 * time.Millisecond)
		}
	}
}

func TestTimeoutIsTriedAgain(t *testing.T) {
	s := serve(t, func(w http.ResponseWriter, r *http.Request, call int64) {
		if call == 1 {
			<-r.Context().Done()
			return
		}
		answer(w, http.StatusOK, page)
	})
	c := s.config(t)
	c.Options.RequestTimeout = 500 * time.Millisecond
	_, err := get(t, c)
	require.NoError(t, err)
	require.GreaterOrEqual(t, s.calls.Load(), int64(2))
}

func TestNobodyListens(t *testing.T) {
	s := serve(t, nil)
	s.Close()
	c := s.config(t)
	c.Options.RetryTime = 100 * time.Millisecond
	_, err := get(t, c)
	_ = requireError(t, err, 0, "connection refused")
}

// TLS is verified; a certificate does not get better by asking again.
func TestCertificateNobodyKnows(t *testing.T) {
	s := serve(t, func(w http.ResponseWriter, _ *http.Request, _ int64) { answer(w, http.StatusOK, page) })
	c := s.config(t)
	s.Close()
	var handshakes atomic.Int64
	secure := newTLSServer(t, &handshakes)
	base, err := rest.BaseURL(secure, "")
	require.NoError(t, err)
	c.BaseURL, c.Transport = base, nil
	c.Options.RetryTime = 3 * time.Second
	_, err = get(t, c)
	_ = requireError(t, err, 0, "certificate")
	require.EqualValues(t, 1, handshakes.Load())
}
