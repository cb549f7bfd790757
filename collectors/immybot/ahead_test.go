package immybot

import (
	"context"
	"errors"
	"math"
	"math/rand/v2"
	"runtime"
	"slices"
	"strconv"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
	"go.uber.org/goleak"

	"assetgraph/collectors"
)

// A livingList changes while it is read: before the request of a number arrives, that number's change is made. Requests
// are served one after another in the order of their arrival, as the page of that moment.
type livingList struct {
	random  *rand.Rand
	changes map[int]func(*livingList)
	cap     int // rows of one page at most, whatever is asked for

	mu       sync.Mutex
	rows     []int // ascending
	last     int   // largest id so far
	arrived  int
	always   map[int]bool // ids that were there all the time
	added    map[int]int  // id -> the request before which it came; those that went again are not in it
	inFlight atomic.Int64
	most     atomic.Int64
}

func newLivingList(n int, seed uint64) *livingList {
	l := &livingList{
		random: rand.New(rand.NewPCG(seed, 1)), changes: map[int]func(*livingList){}, always: map[int]bool{},
		added: map[int]int{}, cap: math.MaxInt,
	}
	for range n {
		l.last += 1 + l.random.IntN(3)
		l.rows = append(l.rows, l.last)
		l.always[l.last] = true
	}
	return l
}

func (l *livingList) remove() {
	if len(l.rows) > 0 {
		i := l.random.IntN(len(l.rows))
		delete(l.always, l.rows[i])
		delete(l.added, l.rows[i])
		l.rows = slices.Delete(slices.Clone(l.rows), i, i+1)
	}
}

// add adds a row at the end, or one between others.
func (l *livingList) add(between bool) {
	id := l.last + 1
	if between {
		if id = l.random.IntN(l.last) + 1; slices.Contains(l.rows, id) {
			return
		}
	}
	l.last = max(l.last, id)
	l.rows = append(slices.Clone(l.rows), id)
	slices.Sort(l.rows)
	l.added[id] = l.arrived
}

// page is a pageFunc. The value of a record is the number of the request that showed it.
func (l *livingList) page(ctx context.Context, skip, take int) ([]collectors.Record, int, error) {
	l.most.Store(max(l.most.Load(), l.inFlight.Add(1)))
	defer l.inFlight.Add(-1)
	for range rand.IntN(20) { // requests overtake each other
		runtime.Gosched()
	}
	l.mu.Lock()
	defer l.mu.Unlock()
	if ctx.Err() != nil {
		return nil, 0, ctx.Err()
	}
	l.arrived++
	if change := l.changes[l.arrived]; change != nil {
		change(l)
	}
	var records []collectors.Record
	rows := l.rows[min(skip, len(l.rows)):]
	for _, id := range rows[:min(take, l.cap, len(rows))] {
		records = append(records, collectors.Record{Kind: KindComputer, ID: strconv.Itoa(id), Value: l.arrived})
	}
	return records, len(l.rows), nil
}

// walked is what a walk over a livingList gave.
type walked struct {
	ids     map[int]bool
	arrival int // of the last request that showed a new row
	err     error
}

func walkLiving(t *testing.T, l *livingList, most int) walked {
	t.Helper()
	w := walked{ids: map[int]bool{}}
	for r, err := range walkOffsets(t.Context(), &collectors.Meter{}, 5, most, l.page) {
		if w.err = err; err != nil {
			continue
		}
		id, _ := strconv.Atoi(r.ID)
		require.False(t, w.ids[id], "%d came twice", id)
		w.ids[id], w.arrival = true, max(w.arrival, r.Value.(int))
	}
	require.Zero(t, l.inFlight.Load(), "a request goes on after the walk")
	return w
}

// missed returns how many of the rows that are there now, and came before the walk's last page, did not come.
func (l *livingList) missed(w walked) (missed int) {
	for id, arrival := range l.added {
		if arrival <= w.arrival && !w.ids[id] {
			missed++
		}
	}
	return missed
}

// TestListThatChangesWhileItIsReadIsWholeOrIncomplete makes changes at random requests and compares the walk with
// several pages on their way with the one that asks for one after another: both show every row that was there all the
// time, or say that they may not.
func TestListThatChangesWhileItIsReadIsWholeOrIncomplete(t *testing.T) {
	const lists = 3000
	missed, incomplete, parallel := map[int]int{}, map[int]int{}, int64(0)
	for seed := range uint64(lists) {
		for _, most := range []int{0, 1, 4} {
			l := newLivingList(20+int(seed%80), seed)
			during := 16 // requests
			if seed%2 == 0 {
				l.cap, during = 5, 80 // the list can't be read again in one page
			}
			kinds := 1 + int(seed%7) // a set of: rows go, rows come at the end, rows come between
			for range l.random.IntN(6) {
				var some []func(*livingList)
				if kinds&1 != 0 {
					some = append(some, (*livingList).remove)
				}
				if kinds&2 != 0 {
					some = append(some, func(l *livingList) { l.add(false) })
				}
				if kinds&4 != 0 {
					some = append(some, func(l *livingList) { l.add(true) })
				}
				l.changes[2+l.random.IntN(during)] = some[l.random.IntN(len(some))]
			}
			w := walkLiving(t, l, most)
			parallel = max(parallel, l.most.Load())
			if w.err != nil {
				_, ok := errors.AsType[*collectors.IncompleteError](w.err)
				require.True(t, ok, "%v", w.err)
				incomplete[most]++
				continue
			}
			for id := range l.always {
				require.True(t, w.ids[id], "seed %d, %d on their way: %d was there all the time and did not come", seed,
					most, id)
			}
			if kinds&1 == 0 { // rows come and none goes: nothing can hide that the list has become longer
				require.Zero(t, l.missed(w), "seed %d, %d on their way", seed, most)
			}
			missed[most] += l.missed(w)
		}
	}
	t.Logf("rows that came while as many went, and were missed: %v; incomplete: %v, of %d lists", missed, incomplete,
		lists)
	require.Equal(t, int64(4), parallel)
	require.LessOrEqual(t, missed[4], 2*missed[0]+lists/200,
		"pages on their way hide more than one page after another does")
}

func TestUnchangedListIsReadByTheSameRequests(t *testing.T) {
	for n := range 60 {
		var want []int
		for _, most := range []int{0, 1, 4} {
			l := newLivingList(n, uint64(n))
			var mu sync.Mutex
			var asked []int
			m := &collectors.Meter{}
			for _, err := range walkOffsets(t.Context(), m, 5, most,
				func(ctx context.Context, skip, take int) ([]collectors.Record, int, error) {
					mu.Lock()
					asked = append(asked, skip)
					mu.Unlock()
					return l.page(ctx, skip, take)
				}) {
				require.NoError(t, err)
			}
			slices.Sort(asked)
			if most == 0 {
				want = asked
			}
			require.Equal(t, want, asked, "%d rows, %d on their way", n, most)
			require.Equal(t, len(want), m.Pages())
		}
	}
}

// A page that fails while it is on its way is asked for again when its turn has come, and a walk that ends before it
// does not hear of it.
func TestPageThatFailsAheadIsAskedForAgain(t *testing.T) {
	for _, failures := range []int{1, 100} {
		l := newLivingList(100, 1)
		var failed atomic.Int64
		w := walkPages(t.Context(), func(ctx context.Context, skip, take int) ([]collectors.Record, int, error) {
			if skip == 60 && failed.Add(1) <= int64(failures) {
				return nil, 0, errors.New("504")
			}
			return l.page(ctx, skip, take)
		})
		if failures == 1 {
			require.NoError(t, w.err)
			require.Len(t, w.ids, 100)
			continue
		}
		require.ErrorContains(t, w.err, "504")
		require.Equal(t, int64(2), failed.Load(), "once ahead, once in its turn")
		require.Len(t, w.ids, 61)
	}
}

// walkPages walks with four pages on their way.
func walkPages(ctx context.Context, page pageFunc) walked {
	w := walked{ids: map[int]bool{}}
	for r, err := range walkOffsets(ctx, &collectors.Meter{}, 5, 4, page) {
		if w.err = err; err == nil {
			id, _ := strconv.Atoi(r.ID)
			w.ids[id] = true
		}
	}
	return w
}

func TestWalkThatIsLeftLeavesNoRequestBehind(t *testing.T) {
	defer goleak.VerifyNone(t, goleak.IgnoreCurrent())
	for stop := range 40 {
		l, n := newLivingList(100, 1), 0
		page := func(ctx context.Context, skip, take int) ([]collectors.Record, int, error) {
			rows, count, err := l.page(context.WithoutCancel(ctx), skip, take)
			if skip > 40 {
				<-ctx.Done() // hangs
				return nil, 0, ctx.Err()
			}
			return rows, count, err
		}
		ctx, cancel := context.WithTimeout(t.Context(), time.Minute)
		for _, err := range walkOffsets(ctx, &collectors.Meter{}, 5, 4, page) {
			require.NoError(t, err)
			if n++; n > stop {
				break
			}
		}
		cancel()
		require.Zero(t, l.inFlight.Load())
	}
}
