package work

import (
	"cmp"
	"context"
	"errors"
	"slices"
	"sync"
	"time"

	"golang.org/x/sync/errgroup"

	"assetgraph/graph"
	"assetgraph/internal/executor"
	"assetgraph/internal/panics"
)

// An Instance is one that workers are to keep up to date.
type Instance struct {
	Name  string
	Every time.Duration // how often it is due; more than 0
}

// Options say what a process works on.
type Options struct {
	Instances []Instance // its share of all that are configured
	Store     graph.Store
	Parallel  int       // pieces of work at the same time
	Until     time.Time // nothing is begun from then on; zero = no limit

	// Run has one instance read and written, or with "" correlates. It calls claim once the instance's lease is held and
	// before anything else is done, and ends with its error. A *graph.HeldError says that others hold the lease.
	Run func(ctx context.Context, instance string, claim func(context.Context) error) error

	Now func() time.Time
}

// Correlation is the name of the piece of work that reads no instance.
const Correlation = ""

// errTaken says that somebody else did a piece of work since it was chosen.
var errTaken = errors.New("another worker did it meanwhile")

// longest is for how long what changed may wait to be correlated while instances are still due.
const longest = 10 * time.Minute

// Do works until nothing is due that nobody else is at, or until the context or the time ends. Its error is one of the
// graph or of the context: how single pieces of work went is Run's business. A piece that failed is not tried again by
// the same process.
func Do(ctx context.Context, o Options) error {
	w := &worker{Options: o, began: o.Now(), busy: make(map[string]bool), tried: make(map[string]time.Time)}
	if err := w.weigh(ctx); err != nil {
		return err
	}
	group, ctx := errgroup.WithContext(ctx)
	for range max(1, o.Parallel) {
		group.Go(func() (err error) {
			defer panics.Catch(&err)
			return w.work(ctx)
		})
	}
	return group.Wait()
}

// A worker is one process.
type worker struct {
	Options
	began time.Time
	sizes map[string]int // elements that the graph held of each instance when the process began

	mu    sync.Mutex
	busy  map[string]bool      // what is being done here
	tried map[string]time.Time // when what was tried here had been done last by then
}

// weigh finds out how large instances are: of those that are equally overdue the largest comes first, so that no worker
// is left with it in the end.
func (w *worker) weigh(ctx context.Context) error {
	counts, err := w.Store.Counts(ctx)
	w.sizes = make(map[string]int)
	for _, c := range counts {
		w.sizes[c.Instance] += c.Count
	}
	return err
}

func (w *worker) work(ctx context.Context) error {
	for ctx.Err() == nil && (w.Until.IsZero() || w.Now().Before(w.Until)) {
		piece, last, err := w.take(ctx)
		if err != nil || piece == nil {
			return err
		}
		claim := func(ctx context.Context) error { return w.claim(ctx, *piece, last) }
		err = w.Run(ctx, *piece, claim)
		w.leave(*piece, last, err)
	}
	return context.Cause(ctx)
}

// take chooses the next piece of work, nil for none, and when it was done last.
func (w *worker) take(ctx context.Context) (piece *string, last time.Time, err error) {
	w.mu.Lock()
	defer w.mu.Unlock()
	state, err := executor.ReadProgress(ctx, w.Store)
	if err != nil {
		return nil, last, err
	}
	held, err := w.held(ctx)
	if err != nil {
		return nil, last, err
	}
	due := w.due(state, held)
	if w.wantsCorrelation(state, held) {
		idle := len(due) == 0 && len(held)+len(w.busy) == 0 // else whoever is at something will be the last
		if idle || len(due) > 0 && w.Now().Sub(latest(state.Correlated, w.began)) > longest {
			name := Correlation
			w.busy[name] = true
			return &name, state.Correlated, nil
		}
	}
	if len(due) == 0 {
		return nil, last, nil
	}
	first := due[0].Name
	w.busy[first] = true
	return &first, state.Started[first], nil
}

func latest(a, b time.Time) time.Time {
	if a.After(b) {
		return a
	}
	return b
}

// due returns the instances that are due and that nobody is at, the most overdue first.
func (w *worker) due(state executor.Progress, held map[string]bool) (list []Instance) {
	now := w.Now()
	for _, in := range w.Instances {
		last := state.Started[in.Name]
		tried, again := w.tried[in.Name]
		if held[in.Name] || w.busy[in.Name] || again && tried.Equal(last) || now.Before(last.Add(in.Every)) {
			continue
		}
		list = append(list, in)
	}
	slices.SortStableFunc(list, func(a, b Instance) int {
		return cmp.Or(
			state.Started[a.Name].Add(a.Every).Truncate(time.Minute).Compare(
				state.Started[b.Name].Add(b.Every).Truncate(time.Minute)),
			cmp.Compare(w.sizes[b.Name], w.sizes[a.Name]))
	})
	return list
}

// wantsCorrelation reports whether instances were written since the last correlation began, and nobody correlates.
func (w *worker) wantsCorrelation(state executor.Progress, held map[string]bool) bool {
	tried, again := w.tried[Correlation]
	return state.Written.After(state.Correlated) && !held[executor.CorrelationLease] && !w.busy[Correlation] &&
		(!again || !tried.Equal(state.Correlated))
}

// held returns what others hold. A holder of this machine whose process is gone holds nothing.
func (w *worker) held(ctx context.Context) (map[string]bool, error) {
	leases, err := w.Store.Held(ctx)
	held := make(map[string]bool)
	for _, l := range leases {
		if !w.busy[l.Instance] && !executor.IsGone(l.Holder) {
			held[l.Instance] = true
		}
	}
	return held, err
}

// claim looks once more, now that the lease is held: another worker may have had it between the choice and now.
func (w *worker) claim(ctx context.Context, piece string, last time.Time) error {
	state, err := executor.ReadProgress(ctx, w.Store)
	if err != nil {
		return err
	}
	if piece != Correlation && !state.Started[piece].Equal(last) {
		return errTaken
	}
	return nil
}

// leave gives a piece of work back.
func (w *worker) leave(piece string, last time.Time, err error) {
	w.mu.Lock()
	defer w.mu.Unlock()
	delete(w.busy, piece)
	_, held := errors.AsType[*graph.HeldError](err)
	if err != nil && !held && !errors.Is(err, errTaken) {
		w.tried[piece] = last
	}
}

// Taken reports whether an error of Run says that somebody else did, or is doing, the piece of work.
func Taken(err error) bool {
	_, held := errors.AsType[*graph.HeldError](err)
	return held || errors.Is(err, errTaken)
}
