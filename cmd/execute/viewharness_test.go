package main

import (
	"bufio"
	"bytes"
	"context"
	"io"
	"net/http"
	"net/http/cookiejar"
	"net/url"
	"strings"
	"sync"
	"testing"

	"github.com/stretchr/testify/require"
)

// A viewing is `execute view` while it serves.
type viewing struct {
	t       testing.TB
	address string // that it printed, with the token
	base    string // the same without path and token
	client  *http.Client
}

// lockedBuffer takes what several goroutines write.
type lockedBuffer struct {
	mu sync.Mutex
	b  bytes.Buffer
}

func (l *lockedBuffer) Write(p []byte) (int, error) {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.b.Write(p)
}

func (l *lockedBuffer) String() string {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.b.String()
}

// startView serves until the test ends, which is as an interrupt ends it: with exit code 0. Nobody has begun yet.
func startView(t testing.TB, env map[string]string, args ...string) *viewing {
	t.Helper()
	ctx, stop := context.WithCancel(t.Context())
	out, in := io.Pipe()
	errs := &lockedBuffer{}
	ended := make(chan int)
	list := []string{"HOME=" + t.TempDir()}
	for name, value := range env {
		list = append(list, name+"="+value)
	}
	go func() {
		code := run(ctx, append([]string{"execute", "view"}, args...), list, strings.NewReader(""), in, errs)
		_ = in.Close()
		ended <- code
	}()
	lines := bufio.NewScanner(out)
	if !lines.Scan() {
		stop()
		require.Fail(t, "the view did not begin", "exit code %d: %s", <-ended, errs)
	}
	t.Cleanup(func() {
		stop()
		require.Equal(t, exitDone, <-ended, errs)
		require.NotContains(t, errs.String(), "fault")
	})
	u, err := url.Parse(lines.Text())
	require.NoError(t, err)
	jar, err := cookiejar.New(nil)
	require.NoError(t, err)
	return &viewing{
		t: t, address: lines.Text(), base: u.Scheme + "://" + u.Host, client: &http.Client{Jar: jar},
	}
}

// begin opens the address that was printed, as a browser does.
func (v *viewing) begin() *viewing {
	v.t.Helper()
	status, _, body := v.get(v.address)
	require.Equal(v.t, http.StatusOK, status, body)
	return v
}

// get asks for a page, by its path or whole address.
func (v *viewing) get(path string) (status int, header http.Header, body string) {
	v.t.Helper()
	if strings.HasPrefix(path, "/") {
		path = v.base + path
	}
	r, err := http.NewRequestWithContext(v.t.Context(), http.MethodGet, path, nil)
	require.NoError(v.t, err)
	return v.do(r)
}

func (v *viewing) do(r *http.Request) (status int, header http.Header, body string) {
	v.t.Helper()
	answer, err := v.client.Do(r)
	require.NoError(v.t, err)
	text, err := io.ReadAll(answer.Body)
	require.NoError(v.t, err)
	require.NoError(v.t, answer.Body.Close())
	return answer.StatusCode, answer.Header, string(text)
}
