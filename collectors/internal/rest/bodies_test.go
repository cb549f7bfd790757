package rest_test

import (
	"bytes"
	"fmt"
	"net/http"
	"net/http/httptest"
	"path/filepath"
	"strings"
	"sync"
	"testing"

	"assetgraph/collectors/internal/rest"

	"github.com/stretchr/testify/require"
)

// large is a page of its own for each number, longer than what is read at first.
func large(n, size int) string {
	return fmt.Sprintf(`{"data":"%s"}`, strings.Repeat(fmt.Sprintf("%08d", n), size/8))
}

// What is handed back is never part of an answer that is still held.
func TestReleasedBodiesAreNotSharedWithOthers(t *testing.T) {
	s := serve(t, func(w http.ResponseWriter, _ *http.Request, call int64) {
		_, _ = w.Write([]byte(large(int(call), 200<<10+int(call%7)*8)))
	})
	c := s.config(t)
	c.InFlight = 4
	client := rest.New(c)
	var work sync.WaitGroup
	for range 4 {
		work.Go(func() {
			held, err := client.Get(t.Context(), "/agents", nil)
			if err != nil {
				t.Error(err)
				return
			}
			before := bytes.Clone(held)
			for range 20 {
				other, err := client.Get(t.Context(), "/agents", nil)
				if err != nil || !bytes.HasPrefix(other, []byte(`{"data":"`)) ||
					bytes.Count(other, other[9:17]) != len(other)/8-1 {
					t.Errorf("an answer is mixed up: %v", err)
					return
				}
				client.Release(other)
			}
			if !bytes.Equal(before, held) {
				t.Error("an answer that was not handed back has changed")
			}
		})
	}
	work.Wait()
}

// A shorter answer in the memory of a longer one ends where it ends.
func TestShortAnswerAfterALongOne(t *testing.T) {
	for name, compressed := range map[string]bool{"as it is": false, "compressed": true} {
		t.Run(name, func(t *testing.T) {
			s := serve(t, func(w http.ResponseWriter, _ *http.Request, call int64) {
				body := page
				if call%2 == 1 {
					body = "\xef\xbb\xbf " + large(7, 300<<10) + "\n"
				}
				if compressed {
					w.Header().Set("Content-Encoding", "gzip")
					body = string(zip(body))
				}
				_, _ = w.Write([]byte(body))
			})
			client := rest.New(s.config(t))
			for range 3 {
				body, err := client.Get(t.Context(), "/agents", nil)
				require.NoError(t, err)
				require.Equal(t, large(7, 300<<10), string(body))
				client.Release(body)
				body, err = client.Get(t.Context(), "/agents", nil)
				require.NoError(t, err)
				require.Equal(t, page, string(body))
				client.Release(body)
			}
		})
	}
}

// A body of the largest size that is taken is read whole, with and without a stated length.
func TestBodyOfExactlyTheLimit(t *testing.T) {
	for name, length := range map[string]bool{"length stated": true, "length not stated": false} {
		t.Run(name, func(t *testing.T) {
			body := large(1, 100<<10)
			s := serve(t, func(w http.ResponseWriter, _ *http.Request, _ int64) {
				if length {
					w.Header().Set("Content-Length", fmt.Sprint(len(body)))
				}
				_, _ = w.Write([]byte(body[:9]))
				_, _ = w.Write([]byte(body[9:]))
			})
			c := s.config(t)
			c.MaxBody = int64(len(body))
			got, err := rest.New(c).Get(t.Context(), "/agents", nil)
			require.NoError(t, err)
			require.Equal(t, body, string(got))
			c.MaxBody--
			_, err = rest.New(c).Get(t.Context(), "/agents", nil)
			require.ErrorContains(t, err, "too large")
		})
	}
}

func BenchmarkGetPage(b *testing.B) {
	body := []byte(large(1, 4<<20))
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter,
		_ *http.Request) {
		_, _ = w.Write(body)
	}))
	defer server.Close()
	for name, release := range map[string]bool{"kept": false, "released": true} {
		b.Run(name, func(b *testing.B) {
			base, err := rest.BaseURL(server.URL, "")
			require.NoError(b, err)
			client := rest.New(rest.Config{
				Instance: "main", BaseURL: base, Transport: &http.Transport{DisableKeepAlives: true},
			})
			b.SetBytes(int64(len(body)))
			b.ReportAllocs()
			for b.Loop() {
				got, err := client.Get(b.Context(), "/agents", nil)
				require.NoError(b, err)
				if release {
					client.Release(got)
				}
			}
		})
	}
}

// An answer of many megabytes that does not tell its length goes through a file, which nobody sees, or without one
// where none can be made.
func TestLargeAnswerOfUnknownLength(t *testing.T) {
	const size = 33 << 20
	page := large(1, size)
	for name, tmp := range map[string]string{
		"by way of a file": t.TempDir(), "in memory alone": filepath.Join(t.TempDir(), "missing"),
	} {
		t.Run(name, func(t *testing.T) {
			t.Setenv("TMPDIR", tmp)
			s := serve(t, func(w http.ResponseWriter, _ *http.Request, _ int64) {
				for rest := page; rest != ""; {
					n := min(len(rest), 1<<20)
					_, _ = w.Write([]byte(rest[:n]))
					rest = rest[n:]
				}
			})
			c := s.config(t)
			c.MaxBody = size + 100
			body, err := rest.New(c).Get(t.Context(), "/persons", nil)
			require.NoError(t, err)
			require.Zero(t, strings.Compare(page, string(body)), "what was sent")
			left, err := filepath.Glob(filepath.Join(tmp, "*"))
			require.NoError(t, err)
			require.Empty(t, left)

			c.MaxBody = size - 100
			_, err = rest.New(c).Get(t.Context(), "/persons", nil)
			require.ErrorContains(t, err, "too large")
		})
	}
}
