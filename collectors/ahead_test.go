package collectors

import (
	"context"
	"errors"
	"strconv"
	"sync/atomic"
	"testing"

	"github.com/stretchr/testify/require"
	"go.uber.org/goleak"
)

// An endlessList gives pages of two records and tells of each request.
type endlessList struct {
	asked   chan string // cursors, as they are asked for
	at      atomic.Int64
	most    atomic.Int64 // fetches at the same time
	blocked string       // the page at this cursor comes when the context ends
}

func newEndlessList() *endlessList { return &endlessList{asked: make(chan string, 1000)} }

func (l *endlessList) fetch(ctx context.Context, cursor string) (Page, error) {
	l.most.Store(max(l.most.Load(), l.at.Add(1)))
	defer l.at.Add(-1)
	l.asked <- cursor
	if cursor != "" && cursor == l.blocked {
		<-ctx.Done()
		return Page{}, ctx.Err()
	}
	n, _ := strconv.Atoi(cursor)
	return Page{
		Records: records(strconv.Itoa(2*n), strconv.Itoa(2*n+1)), Next: strconv.Itoa(n + 1), More: true, Total: -1,
	}, nil
}

func TestNextPageIsFetchedWhileThisOneIsConsumed(t *testing.T) {
	defer goleak.VerifyNone(t, goleak.IgnoreCurrent())
	l, m, n := newEndlessList(), &Meter{}, 0
	for r, err := range Walk(t.Context(), m, l.fetch) {
		require.NoError(t, err)
		require.Equal(t, strconv.Itoa(n), r.ID)
		if n%2 == 0 {
			require.Equal(t, []string{"", "1", "2", "3"}[n/2], <-l.asked)
			require.Empty(t, l.asked, "the next page is asked for after the first record only")
		} else {
			next := <-l.asked // comes without this record being given back
			require.Equal(t, strconv.Itoa(n/2+1), next)
			l.asked <- next
		}
		require.Equal(t, n/2+1, m.Pages(), "the page that is fetched ahead does not count yet")
		if n++; n == 8 {
			break
		}
	}
	require.Equal(t, 4, m.Pages())
	require.Equal(t, int64(1), l.most.Load(), "one request at a time")
}

func TestPageThatIsFetchedInVainIsGivenUp(t *testing.T) {
	defer goleak.VerifyNone(t, goleak.IgnoreCurrent())
	l, m := newEndlessList(), &Meter{}
	l.blocked = "1"
	for r, err := range Walk(t.Context(), m, l.fetch) {
		require.NoError(t, err)
		if r.ID == "1" {
			break
		}
	}
	require.Zero(t, l.at.Load(), "the walk returned before its last fetch did")
	require.Equal(t, 1, m.Pages())
	require.Len(t, l.asked, 2)
}

func TestContextThatEndsWhileThePageAheadIsFetched(t *testing.T) {
	defer goleak.VerifyNone(t, goleak.IgnoreCurrent())
	for _, blocked := range []string{"1", "none"} {
		l, m := newEndlessList(), &Meter{}
		l.blocked = blocked
		ctx, cancel := context.WithCancel(t.Context())
		var failed error
		for r, err := range Walk(ctx, m, l.fetch) {
			require.NoError(t, failed)
			if failed = err; r.ID == "1" {
				<-l.asked
				<-l.asked // the page ahead
				cancel()
			}
		}
		require.ErrorIs(t, failed, context.Canceled)
		require.Equal(t, 1, m.Pages())
		require.Zero(t, l.at.Load())
		cancel()
	}
}

func TestErrorOfThePageAheadComesAfterTheRecordsBeforeIt(t *testing.T) {
	failure := errors.New("502")
	l := &list{pages: []Page{{Records: records("1", "2", "3"), Next: "1", More: true, Total: -1}}, err: failure}
	got, err := collect(t, l, &Meter{}, MaxPages)
	require.Equal(t, []string{"1", "2", "3"}, got)
	require.Equal(t, failure, err)
	require.Equal(t, []string{"", "1"}, l.asked)
}

// What must not be asked for is not asked for ahead either.
func TestNothingIsFetchedAheadThatTheGuardsRefuse(t *testing.T) {
	more := func(next string, ids ...string) Page {
		return Page{Records: records(ids...), Next: next, More: true, Total: -1}
	}
	far := more("1", "1", "2")
	far.Total = 0
	for i := range surplus {
		far.Records = append(far.Records, Record{Kind: "agent", ID: strconv.Itoa(i + 3)})
	}
	for name, tc := range map[string]struct {
		pages []Page
		limit int
		want  []string
	}{
		"cursor again":       {[]Page{more("1", "1", "2"), more("1", "3", "4")}, MaxPages, []string{"", "1"}},
		"limit":              {[]Page{more("1", "1", "2"), more("2", "3", "4"), more("3", "5")}, 2, []string{"", "1"}},
		"more than expected": {[]Page{far, more("2", "1")}, MaxPages, []string{""}},
	} {
		t.Run(name, func(t *testing.T) {
			l := &list{pages: tc.pages}
			_, err := collect(t, l, &Meter{}, tc.limit)
			_, ok := errors.AsType[*IncompleteError](err)
			require.True(t, ok, "%v", err)
			require.Equal(t, tc.want, l.asked)
		})
	}
}
