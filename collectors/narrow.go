package collectors

import (
	"context"
	"fmt"
	"iter"
	"sync"
)

// Once holds what a run works out once and several steps use: the first that asks has it worked out, the others wait.
// The zero Once is ready.
type Once[T any] struct {
	mu    sync.Mutex
	done  bool
	value T
	err   error
}

// Get returns what find has returned when it was called first, an error too, unless that was because the context ended.
func (o *Once[T]) Get(ctx context.Context, find func(context.Context) (T, error)) (T, error) {
	o.mu.Lock()
	defer o.mu.Unlock()
	if !o.done {
		o.value, o.err = find(ctx)
		o.done = ctx.Err() == nil
	}
	return o.value, o.err
}

// A Narrowing says which records of a list a Filter leaves.
type Narrowing struct {
	Wanted  func(Record) bool // not asked of a record that could not be read
	Missing error             // why not all customers are known that were chosen; nil when all are
	Asked   bool              // the provider was asked for these customers alone, and should give no others
}

// Records yields those of the records that are wanted, and in the end Missing when nothing else ended them. A record
// that could not be read is yielded: nobody knows whose it is. When others came though they were not asked for, a
// warning says how many.
func (n Narrowing) Records(m *Meter, records iter.Seq2[Record, error]) iter.Seq2[Record, error] {
	return func(yield func(Record, error) bool) {
		others := 0
		defer func() {
			if n.Asked && others > 0 {
				m.Warn(fmt.Sprintf("%s of customers that were not asked for came all the same and were left out: the provider ignores the filter", counted(others)))
			}
		}()
		for r, err := range records {
			if err == nil && r.Err == nil && !n.Wanted(r) {
				others++
				continue
			}
			if !yield(r, err) || err != nil {
				return
			}
		}
		if n.Missing != nil {
			yield(Record{}, n.Missing)
		}
	}
}
