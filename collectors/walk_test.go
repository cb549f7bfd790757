package collectors

import (
	"context"
	"errors"
	"fmt"
	"strconv"
	"testing"

	"github.com/stretchr/testify/require"
)

// A list is a paged list whose cursors are the numbers of its pages.
type list struct {
	pages []Page
	asked []string
	err   error // given in place of the page after the last
}

func (l *list) fetch(_ context.Context, cursor string) (Page, error) {
	l.asked = append(l.asked, cursor)
	n := 0
	if cursor != "" {
		n, _ = strconv.Atoi(cursor)
	}
	if n >= len(l.pages) {
		return Page{}, l.err
	}
	return l.pages[n], nil
}

// records makes records of one kind with these ids.
func records(ids ...string) []Record {
	var made []Record
	for _, id := range ids {
		made = append(made, Record{Kind: "agent", ID: id})
	}
	return made
}

// collect runs the walk to its end.
func collect(t *testing.T, l *list, m *Meter, limit int) ([]string, error) {
	t.Helper()
	var ids []string
	var failed error
	for r, err := range walkLimited(t.Context(), m, limit, l.fetch) {
		require.NoError(t, failed, "the walk goes on after its error")
		if failed = err; err == nil {
			ids = append(ids, r.ID)
		}
	}
	return ids, failed
}

func TestWalkReadsToTheEndMark(t *testing.T) {
	broken := Record{Kind: "agent", Err: &RecordError{Kind: "agent", Err: errors.New("bad")}}
	for name, tc := range map[string]struct {
		pages []Page
		want  []string
		pager int
		total int
	}{
		"one page":  {[]Page{{Records: records("1", "2"), Total: 2}}, []string{"1", "2"}, 1, 2},
		"no record": {[]Page{{Total: 0}}, nil, 1, 0},
		"several pages": {
			[]Page{{Records: records("1"), Next: "1", More: true, Total: 2}, {Records: records("2"), Total: 0}},
			[]string{"1", "2"}, 2, 2,
		},
		"empty page before the end": {
			[]Page{{Records: records("1"), Next: "1", More: true, Total: 1}, {Next: "2", More: true}, {}},
			[]string{"1"}, 3, 1,
		},
		"a few empty pages between": {
			[]Page{
				{Next: "1", More: true, Total: -1}, {Next: "2", More: true, Total: -1},
				{Next: "3", More: true, Total: -1}, {Records: records("1"), Total: -1},
			}, []string{"1"}, 4, 0,
		},
		"no total": {[]Page{{Records: records("1"), Total: -1}}, []string{"1"}, 1, 0},
		"total on a later page": {
			[]Page{{Records: records("1"), Next: "1", More: true, Total: -1}, {Records: records("2"), Total: 2}},
			[]string{"1", "2"}, 2, 2,
		},
		"more than the total": {
			[]Page{{Records: records("1", "2", "3"), Total: 2}}, []string{"1", "2", "3"}, 1, 2,
		},
		"twice in overlapping pages": {
			[]Page{{Records: records("1", "2"), Next: "1", More: true, Total: 3}, {Records: records("2", "3")}},
			[]string{"1", "2", "2", "3"}, 2, 3,
		},
		"broken record counts": {
			[]Page{{Records: append(records("1"), broken), Total: 2}}, []string{"1", ""}, 1, 2,
		},
		"next without more":           {[]Page{{Records: records("1"), Next: "", Total: 1}}, []string{"1"}, 1, 1},
		"next is there but not meant": {[]Page{{Records: records("1"), Next: "7", Total: 1}}, []string{"1"}, 1, 1},
		"same id in another kind": {
			[]Page{
				{Records: records("1"), Next: "1", More: true, Total: 1}, {Records: []Record{{Kind: "site", ID: "1"}}},
			}, []string{"1", "1"}, 2, 1,
		},
	} {
		t.Run(name, func(t *testing.T) {
			var m Meter
			got, err := collect(t, &list{pages: tc.pages}, &m, MaxPages)
			require.NoError(t, err)
			require.Equal(t, tc.want, got)
			require.Equal(t, tc.pager, m.Pages())
			total := m.Expected()
			require.Equal(t, tc.total, total)
		})
	}
}

// Half a list must never look whole.
func TestWalkIsIncomplete(t *testing.T) {
	more := func(next string, ids ...string) Page {
		return Page{Records: records(ids...), Next: next, More: true, Total: -1}
	}
	for name, tc := range map[string]struct {
		pages []Page
		limit int
		want  []string
		err   IncompleteError
	}{
		"cursor of the same page": {
			[]Page{more("1", "1"), more("1", "2")}, MaxPages, []string{"1", "2"},
			IncompleteError{Reason: "the provider gave the same cursor twice", Got: 2},
		},
		"cursor of a much earlier page": {
			[]Page{more("1", "1"), more("2", "2"), more("3", "3"), more("1", "4")}, MaxPages,
			[]string{"1", "2", "3", "4"},
			IncompleteError{Reason: "the provider gave the same cursor twice", Got: 4},
		},
		"empty cursor starts anew": {
			[]Page{more("", "1")}, MaxPages, []string{"1"},
			IncompleteError{Reason: "the provider gave the same cursor twice", Got: 1},
		},
		"page again under another cursor": {
			[]Page{more("1", "1", "2"), more("2", "3"), more("3", "1", "2")}, MaxPages, []string{"1", "2", "3"},
			IncompleteError{Reason: "the provider gave the same page twice", Got: 3},
		},
		"page again behind a broken record": {
			[]Page{more("1", "", "2"), more("2", "", "2")}, MaxPages, []string{"", "2"},
			IncompleteError{Reason: "the provider gave the same page twice", Got: 2},
		},
		"last page again": {
			[]Page{more("1", "1"), {Records: records("1"), Total: -1}}, MaxPages, []string{"1"},
			IncompleteError{Reason: "the provider gave the same page twice", Got: 1},
		},
		"empty pages without end": {
			[]Page{more("1", "1"), more("2"), more("3"), more("4"), more("5"), more("6", "2")}, MaxPages, []string{"1"},
			IncompleteError{Reason: "the provider keeps giving empty pages", Got: 1},
		},
		"pages without end": {
			[]Page{more("1", "1"), more("2", "2"), more("3", "3"), more("4", "4")}, 3, []string{"1", "2", "3"},
			IncompleteError{Reason: "the list did not end", Got: 3},
		},
		"fewer than the total": {
			[]Page{{Records: records("1", "2"), Next: "1", More: true, Total: 4}, {Records: records("3"), Total: 3}},
			MaxPages, []string{"1", "2", "3"},
			IncompleteError{Reason: "the list ended early", Expected: 4, Got: 3},
		},
		"duplicates in place of the rest": {
			[]Page{{Records: records("1", "2"), Next: "1", More: true, Total: 4}, {Records: records("2", "1")}},
			MaxPages, []string{"1", "2", "2", "1"},
			IncompleteError{Reason: "the list ended early", Expected: 4, Got: 2},
		},
		"total of a later page": {
			[]Page{more("1", "1"), {Records: records("2"), Total: 3}}, MaxPages, []string{"1", "2"},
			IncompleteError{Reason: "the list ended early", Expected: 3, Got: 2},
		},
		"other kinds do not stand in for the rest": {
			[]Page{{Records: append(records("1", "2"), Record{Kind: "account", ID: "9"}), Total: 3}}, MaxPages,
			[]string{"1", "2", "9"},
			IncompleteError{Reason: "the list ended early", Expected: 3, Got: 2},
		},
		"nothing though there is something": {
			[]Page{{Total: 5}}, MaxPages, nil,
			IncompleteError{Reason: "the list ended early", Expected: 5},
		},
	} {
		t.Run(name, func(t *testing.T) {
			got, err := collect(t, &list{pages: tc.pages}, &Meter{}, tc.limit)
			require.Equal(t, tc.want, got)
			e, ok := errors.AsType[*IncompleteError](err)
			require.True(t, ok, "%v", err)
			require.Equal(t, tc.err, *e)
		})
	}
}

func TestWalkToExactlyTheLimit(t *testing.T) {
	l := &list{
		pages: []Page{{Records: records("1"), Next: "1", More: true, Total: -1}, {Records: records("2"), Total: -1}},
	}
	got, err := collect(t, l, &Meter{}, 2)
	require.NoError(t, err)
	require.Equal(t, []string{"1", "2"}, got)
}

func TestWalkEndsWithTheErrorOfAPage(t *testing.T) {
	failure := errors.New("502")
	l := &list{pages: []Page{{Records: records("1"), Next: "1", More: true, Total: -1}}, err: failure}
	got, err := collect(t, l, &Meter{}, MaxPages)
	require.Equal(t, []string{"1"}, got)
	require.Equal(t, failure, err)
}

func TestListThatShowsFarMoreThanItsTotalDoesNotEnd(t *testing.T) {
	n := 0
	endless := func(context.Context, string) (Page, error) {
		n++
		page := Page{More: true, Next: strconv.Itoa(n), Total: 10}
		for i := range 1000 {
			page.Records = append(page.Records, Record{Kind: "agent", ID: strconv.Itoa(n*1000 + i)})
		}
		return page, nil
	}
	var last error
	for _, err := range Walk(t.Context(), &Meter{}, endless) {
		last = err
	}
	require.ErrorContains(t, last, "did not end")
	require.Less(t, n, 20)
}

func TestWalkStopsWithItsConsumer(t *testing.T) {
	l := &list{
		pages: []Page{
			{Records: records("1", "2"), Next: "1", More: true, Total: -1}, {Records: records("3"), Total: -1},
		},
	}
	for _, err := range Walk(t.Context(), &Meter{}, l.fetch) {
		require.NoError(t, err)
		break
	}
	require.Equal(t, []string{""}, l.asked)
}

func TestWalkStopsOnTheContext(t *testing.T) {
	ctx, cancel := context.WithCancel(t.Context())
	defer cancel()
	l := &list{
		pages: []Page{{Records: records("1"), Next: "1", More: true, Total: -1}, {Records: records("2"), Total: -1}},
	}
	var failed error
	for r, err := range Walk(ctx, &Meter{}, l.fetch) {
		failed = err
		require.NotEqual(t, "2", r.ID)
		cancel()
	}
	require.ErrorIs(t, failed, context.Canceled)
	require.Equal(t, []string{""}, l.asked)
}

// Each range over the same walk is a walk of its own.
func TestWalkTwice(t *testing.T) {
	l := &list{pages: []Page{{Records: records("1"), Next: "1", More: true, Total: 2}, {Records: records("2")}}}
	walk := Walk(t.Context(), &Meter{}, l.fetch)
	for range 2 {
		n := 0
		for _, err := range walk {
			require.NoError(t, err)
			n++
		}
		require.Equal(t, 2, n)
	}
}

func BenchmarkWalk(b *testing.B) {
	pages := make([]Page, 100)
	for i := range pages {
		ids := make([]string, 1000)
		for j := range ids {
			ids[j] = fmt.Sprintf("18451747604703%08d", i*1000+j)
		}
		pages[i] = Page{Records: records(ids...), Next: strconv.Itoa(i + 1), More: i+1 < len(pages), Total: 100_000}
	}
	b.ReportAllocs()
	for b.Loop() {
		l := &list{pages: pages}
		for _, err := range Walk(b.Context(), &Meter{}, l.fetch) {
			require.NoError(b, err)
		}
	}
}
