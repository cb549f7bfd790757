package collectors

import (
	"context"
	"errors"
	"fmt"
	"iter"
	"slices"
	"strings"
	"sync/atomic"

	"assetgraph/internal/panics"
)

// A Witness is a record that a list has shown in this run. A provider that does not know it when it is asked by id
// answers another question than the one that was asked, and what it says of other ids proves nothing. The zero Witness
// is ready: it knows no record yet, and then nothing is checked. All methods may be called from any goroutine.
type Witness struct{ id atomic.Pointer[string] }

// Watch returns records as they are, and keeps the id of the last one that could be read.
func (w *Witness) Watch(records iter.Seq2[Record, error]) iter.Seq2[Record, error] {
	return func(yield func(Record, error) bool) {
		last := ""
		defer func() {
			if last != "" {
				w.id.Store(&last)
			}
		}()
		for r, err := range records {
			if err == nil && r.Err == nil && IsNumber(r.ID) {
				last = r.ID
			}
			if !yield(r, err) {
				return
			}
		}
	}
}

// ID returns the id of the record, "" when there is none.
func (w *Witness) ID() string {
	if id := w.id.Load(); id != nil {
		return *id
	}
	return ""
}

// ErrCannotAsk is the error of a provider that answers another question than the one for an id: the route or the filter is
// not there, or it does not know a record which its list has just shown. Nothing it says of other ids is believed.
var ErrCannotAsk = errors.New("the provider can't be asked by id")

var errUnknownWitness = fmt.Errorf("%w: it does not know a record that its list has just shown", ErrCannotAsk)

// AliveByID is the Alive of a step whose provider is asked for one record at a time: has reports whether it has that id,
// and runs at most atOnce times side by side. It returns the ids that the provider has, in the order of ids. What is no
// number is no id of such a provider: it is returned without being asked for. The first error ends it, and so does a
// witness that is not there, with ErrCannotAsk; then no id is returned.
func AliveByID(ctx context.Context, ids []string, w *Witness, atOnce int, has func(ctx context.Context, id string) (bool, error)) ([]string, error) {
	if !slices.ContainsFunc(ids, IsNumber) {
		return slices.Clone(ids), nil
	}
	if id := w.ID(); id != "" {
		if there, err := has(ctx, id); err != nil {
			return nil, err
		} else if !there {
			return nil, errUnknownWitness
		}
	}
	ctx, cancel := context.WithCancelCause(ctx)
	defer cancel(nil)
	alive := make([]bool, len(ids))
	var work panics.Group
	for worker := range min(atOnce, len(ids)) {
		work.Go(func() {
			for i := worker; i < len(ids) && ctx.Err() == nil; i += atOnce {
				if alive[i] = !IsNumber(ids[i]); alive[i] {
					continue
				}
				there, err := has(ctx, ids[i])
				if err != nil {
					cancel(err)
				}
				alive[i] = there
			}
		})
	}
	work.Wait()
	if ctx.Err() != nil {
		return nil, context.Cause(ctx)
	}
	var out []string
	for i, id := range ids {
		if alive[i] {
			out = append(out, id)
		}
	}
	return out, nil
}

// IsNumber reports whether id consists of digits alone, as the ids do that may stand in a path or a filter.
func IsNumber(id string) bool {
	return id != "" && strings.Trim(id, "0123456789") == ""
}
