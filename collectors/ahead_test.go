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

// A toldList is a list of pages of two records whose fetch says what to expect. What happens to it is told in order.
type toldList struct {
	*endlessList

	end    int                // the last page
	expect func(n int) string // what is expected behind a page; nil for what comes
	fail   map[int]error      // pages that can't be read, once what is behind them is expected
	before func(n int)        // called when the page behind is expected; nil for nothing
}

func (l *toldList) fetch(ctx context.Context, cursor string) (Page, error) {
	page, err := l.endlessList.fetch(ctx, cursor)
	if err != nil {
		return page, err
	}
	n, _ := strconv.Atoi(cursor)
	if page.More = n < l.end; !page.More {
		page.Next = ""
	}
	guess := page.Next
	if l.expect != nil {
		guess = l.expect(n)
	}
	Expect(ctx, guess)
	if l.before != nil {
		l.before(n)
	}
	return page, l.fail[n]
}

func (l *toldList) walk(t *testing.T) (ids []string, failed error) {
	t.Helper()
	for r, err := range Walk(t.Context(), &Meter{}, l.fetch) {
		require.NoError(t, failed)
		if failed = err; err == nil {
			ids = append(ids, r.ID)
		}
	}
	require.Zero(t, l.at.Load(), "the walk returned before its last fetch did")
	return ids, failed
}

func (l *toldList) cursors() (list []string) {
	close(l.asked)
	for cursor := range l.asked {
		list = append(list, cursor)
	}
	return list
}

func numbered(n int) (ids []string) {
	for i := range n {
		ids = append(ids, strconv.Itoa(i))
	}
	return ids
}

// The page behind is asked for while the one in front of it is decoded and the one before that is consumed, and none
// further: the fourth page is asked for when the second one is consumed.
func TestPageThatIsExpectedIsFetchedWhileTheOneBeforeItIsDecoded(t *testing.T) {
	defer goleak.VerifyNone(t, goleak.IgnoreCurrent())
	l := &toldList{endlessList: newEndlessList(), end: 4}
	for r, err := range Walk(t.Context(), &Meter{}, l.fetch) {
		require.NoError(t, err)
		switch r.ID {
		case "0":
			require.Empty(t, <-l.asked, "the first page")
			require.Empty(t, l.asked, "who stops at once causes no request")
		case "2":
			require.Equal(t, "1", <-l.asked)
			require.Empty(t, l.asked, "who stops at the second page causes none either")
		case "3":
			require.Equal(t, "2", <-l.asked)
			require.Equal(t, "3", <-l.asked, "while the second page is consumed, the third is decoded and the fourth asked for")
			require.Empty(t, l.asked, "nothing is asked for further ahead")
		}
	}
	require.Equal(t, []string{"4"}, l.cursors())
	require.LessOrEqual(t, l.most.Load(), int64(2))
}

func TestWhatIsExpectedMayBeWrong(t *testing.T) {
	for name, expect := range map[string]func(n int) string{
		"right":   nil,
		"nothing": func(int) string { return "" },
		"another": func(int) string { return "77" },
		"itself":  strconv.Itoa,
		"once":    func(n int) string { return map[int]string{1: "77"}[n] },
		"beyond":  func(n int) string { return strconv.Itoa(n + 1) },
	} {
		t.Run(name, func(t *testing.T) {
			defer goleak.VerifyNone(t, goleak.IgnoreCurrent())
			l := &toldList{endlessList: newEndlessList(), end: 4, expect: expect}
			ids, err := l.walk(t)
			require.NoError(t, err)
			require.Equal(t, numbered(10), ids)
			asked := l.cursors()
			for n := 1; n <= 4; n++ {
				require.Contains(t, asked, strconv.Itoa(n))
			}
			if name == "right" {
				require.Equal(t, []string{"", "1", "2", "3", "4"}, asked)
			}
		})
	}
}

// A page that is read twice, since the first time something was wrong with it, says twice what to expect.
func TestWhatIsExpectedMayBeSaidAgain(t *testing.T) {
	defer goleak.VerifyNone(t, goleak.IgnoreCurrent())
	l := &toldList{endlessList: newEndlessList(), end: 3}
	again := func(ctx context.Context, cursor string) (Page, error) {
		if cursor == "2" {
			Expect(ctx, "77")
			Expect(ctx, "3")
		}
		return l.fetch(ctx, cursor)
	}
	var ids []string
	for r, err := range Walk(t.Context(), &Meter{}, again) {
		require.NoError(t, err)
		ids = append(ids, r.ID)
	}
	require.Equal(t, numbered(8), ids)
	require.Zero(t, l.at.Load())
	require.Subset(t, l.cursors(), []string{"", "1", "2", "3"})
}

func TestErrorOfAPageGivesUpWhatIsExpectedBehindIt(t *testing.T) {
	defer goleak.VerifyNone(t, goleak.IgnoreCurrent())
	failure := errors.New("502")
	l := &toldList{endlessList: newEndlessList(), end: 9, fail: map[int]error{2: failure}}
	l.blocked = "3" // comes when it is given up
	ids, err := l.walk(t)
	require.Equal(t, failure, err)
	require.Equal(t, numbered(4), ids)
}

func TestContextThatEndsWhileAPageIsExpected(t *testing.T) {
	defer goleak.VerifyNone(t, goleak.IgnoreCurrent())
	l := &toldList{endlessList: newEndlessList(), end: 9}
	ctx, cancel := context.WithCancel(t.Context())
	l.before = func(n int) {
		if n == 2 {
			cancel()
		}
	}
	var failed error
	for _, err := range Walk(ctx, &Meter{}, l.fetch) {
		require.NoError(t, failed)
		failed = err
	}
	require.ErrorIs(t, failed, context.Canceled)
	require.Zero(t, l.at.Load())
}

func TestConsumerWhoStopsGivesUpAllThatIsOnItsWay(t *testing.T) {
	defer goleak.VerifyNone(t, goleak.IgnoreCurrent())
	l := &toldList{endlessList: newEndlessList(), end: 9}
	l.blocked = "3"
	for r, err := range Walk(t.Context(), &Meter{}, l.fetch) {
		require.NoError(t, err)
		if r.ID == "3" {
			break
		}
	}
	require.Zero(t, l.at.Load())
}
