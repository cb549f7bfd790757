package rest_test

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"net/url"
	"strconv"
	"strings"
	"testing"
	"time"

	"assetgraph/collectors/internal/rest"

	"github.com/stretchr/testify/require"
)

// A sized server answers pages of at most so many rows, and refuse everything above.
func sized(t *testing.T, most int, refuse func(w http.ResponseWriter, r *http.Request)) (*server, *[]int) {
	asked := &[]int{}
	return serve(t, func(w http.ResponseWriter, r *http.Request, _ int64) {
		rows, _ := strconv.Atoi(r.URL.Query().Get("limit"))
		*asked = append(*asked, rows)
		if rows > most {
			refuse(w, r)
			return
		}
		answer(w, http.StatusOK, fmt.Sprintf("[%d]", rows))
	}), asked
}

func status(code int) func(w http.ResponseWriter, r *http.Request) {
	return func(w http.ResponseWriter, _ *http.Request) { answer(w, code, `{}`) }
}

// pageOf asks for one page and checks that Decode is told how many rows were asked for.
func pageOf(t *testing.T, client *rest.Client, size *rest.Size, rows int) error {
	t.Helper()
	return client.Page(t.Context(), rest.Page{
		Route: "/agents", Query: url.Values{"df": {"status = PENDING"}}, Param: "limit", Rows: rows, Size: size,
		Decode: func(body []byte, rows int) error {
			require.Equal(t, fmt.Sprintf("[%d]", rows), string(body))
			return nil
		},
	})
}

func TestPageThatIsTooLargeIsHalved(t *testing.T) {
	hang := func(_ http.ResponseWriter, r *http.Request) { <-r.Context().Done() }
	large := func(w http.ResponseWriter, _ *http.Request) {
		answer(w, http.StatusOK, `["`+strings.Repeat("x", 5000)+`"]`)
	}
	cut := func(w http.ResponseWriter, _ *http.Request) {
		w.Header().Set("Content-Length", "1000")
		answer(w, http.StatusOK, page)
	}
	for name, tc := range map[string]struct {
		refuse func(w http.ResponseWriter, r *http.Request)
		want   []int
	}{
		"504":             {status(504), []int{1000, 500, 250, 125}},
		"request timeout": {hang, []int{1000, 500, 250, 125}},
		"too many bytes":  {large, []int{1000, 500, 250, 125}},
		"502":             {status(502), []int{1000, 1000, 500, 500, 250, 250, 125}},
		"503":             {status(503), []int{1000, 1000, 500, 500, 250, 250, 125}},
		"500":             {status(500), []int{1000, 1000, 500, 500, 250, 250, 125}},
		"cut off":         {cut, []int{1000, 1000, 500, 500, 250, 250, 125}},
	} {
		t.Run(name, func(t *testing.T) {
			s, asked := sized(t, 200, tc.refuse)
			c := s.config(t)
			c.MaxBody, c.Options.RetryTime, c.Options.RequestTimeout = 4000, time.Second, 300*time.Millisecond
			client, size := rest.New(c), &rest.Size{}
			require.NoError(t, pageOf(t, client, size, 1000))
			require.Equal(t, tc.want, *asked)
			require.NoError(t, pageOf(t, client, size, 1000))
			require.Equal(t, append(tc.want, 125), *asked, "the list keeps to what was answered")
		})
	}
}

func TestNoPageIsSmallerThanTheFewest(t *testing.T) {
	s, asked := sized(t, 0, status(504))
	c := s.config(t)
	c.Options.RetryTime = 100 * time.Millisecond
	err := pageOf(t, rest.New(c), &rest.Size{}, 25)
	e := requireError(t, err, 504, "GET /agents?df=status = PENDING&limit=10: 504 Gateway Timeout")
	require.Equal(t, "df=status = PENDING&limit=10", e.Query)
	require.Equal(t, []int{25, 12, 10, 10}, (*asked)[:4])
	require.NotContains(t, *asked, 5)
}

func TestPageIsNotHalved(t *testing.T) {
	for name, code := range map[string]int{"throttled": 429, "refused": 403, "not there": 404, "bad request": 400} {
		s, asked := sized(t, 0, status(code))
		c := s.config(t)
		c.Options.RetryTime = 100 * time.Millisecond
		require.Error(t, pageOf(t, rest.New(c), &rest.Size{}, 1000), name)
		for _, rows := range *asked {
			require.Equal(t, 1000, rows, name)
		}
	}
}

func TestNoRetryTimeNoSmallerPage(t *testing.T) {
	s, asked := sized(t, 0, status(504))
	c := s.config(t)
	c.Options.RetryTime = -1
	require.Error(t, pageOf(t, rest.New(c), &rest.Size{}, 1000))
	require.Equal(t, []int{1000}, *asked)
}

// What made a provider slow passes: pages grow again, and stay below what failed for the second time.
func TestPagesGrowAgain(t *testing.T) {
	s, asked := sized(t, 300, status(504))
	client, size := rest.New(s.config(t)), &rest.Size{}
	for range 100 {
		require.NoError(t, pageOf(t, client, size, 1000))
	}
	seen := map[int]int{}
	for _, rows := range *asked {
		seen[rows]++
	}
	require.Equal(t, map[int]int{1000: 1, 500: 2, 250: 100}, seen)
}

func TestMalformedPageIsAskedForAgain(t *testing.T) {
	s, _ := sized(t, 10, nil)
	client, decoded := rest.New(s.config(t)), 0
	p := rest.Page{Route: "/agents", Param: "limit", Rows: 10, Decode: func([]byte, int) error {
		if decoded++; decoded == 1 {
			return fmt.Errorf("/agents: %w", malformed(true))
		}
		return nil
	}}
	require.NoError(t, client.Page(t.Context(), p))
	require.Equal(t, 2, decoded)

	p.Decode = func([]byte, int) error { return malformed(true) }
	_ = requireError(t, client.Page(t.Context(), p), 200, "malformed true")
	require.EqualValues(t, 6, s.calls.Load(), "a few times only")

	other := malformed(false)
	p.Decode = func([]byte, int) error { return other }
	require.Equal(t, error(other), client.Page(t.Context(), p), "another shape stays one")
	require.EqualValues(t, 7, s.calls.Load())
}

type malformed bool

func (m malformed) Error() string   { return fmt.Sprintf("malformed %t", bool(m)) }
func (m malformed) Malformed() bool { return bool(m) }

func TestPageEndsWithTheContext(t *testing.T) {
	s, _ := sized(t, 0, status(503))
	client := rest.New(s.config(t))
	ctx, cancel := context.WithTimeout(t.Context(), 50*time.Millisecond)
	defer cancel()
	err := client.Page(ctx, rest.Page{Route: "/agents", Param: "limit", Rows: 1000, Size: &rest.Size{}})
	require.ErrorIs(t, err, ctx.Err())
	e, ok := errors.AsType[*rest.Error](err)
	require.True(t, ok)
	require.Equal(t, "main", e.Instance)
}

func TestPageTellsWhatTimeItIsAtTheProvider(t *testing.T) {
	at := time.Date(2024, 2, 29, 23, 59, 58, 0, time.UTC)
	for name, tc := range map[string]struct {
		date []string
		want []time.Time
	}{
		"a date":  {[]string{at.Format(http.TimeFormat)}, []time.Time{at}},
		"no date": {nil, nil},
		"no time": {[]string{"yesterday"}, nil},
	} {
		t.Run(name, func(t *testing.T) {
			s := serve(t, func(w http.ResponseWriter, _ *http.Request, _ int64) {
				w.Header()["Date"] = tc.date
				answer(w, http.StatusOK, "[1]")
			})
			var told []time.Time
			require.NoError(t, rest.New(s.config(t)).Page(t.Context(), rest.Page{
				Route: "/threats", Date: func(now time.Time) { told = append(told, now) },
				Decode: func([]byte, int) error { return nil },
			}))
			require.Equal(t, tc.want, told)
		})
	}
}

func TestPageAsksForHalfOfWhatIsNoRows(t *testing.T) {
	var asked []string
	s := serve(t, func(w http.ResponseWriter, r *http.Request, _ int64) {
		asked = append(asked, r.URL.RawQuery)
		if r.URL.Query().Get("minutes") > "30" {
			w.WriteHeader(http.StatusGatewayTimeout)
			return
		}
		answer(w, http.StatusOK, "[1]")
	})
	decoded := 0
	require.NoError(t, rest.New(s.config(t)).Page(t.Context(), rest.Page{
		Route: "/sessions", Rows: 90, Size: &rest.Size{},
		Ask:    func(minutes int) url.Values { return url.Values{"minutes": {strconv.Itoa(minutes)}} },
		Decode: func(_ []byte, minutes int) error { decoded = minutes; return nil },
	}))
	require.Equal(t, []string{"minutes=90", "minutes=45", "minutes=22"}, asked)
	require.Equal(t, 22, decoded)
}
