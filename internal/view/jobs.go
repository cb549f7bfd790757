package view

import (
	"context"
	"errors"

	"assetgraph/internal/panics"
)

// Jobs are done beside requests, so that one takes the time that it needs whoever still waits for it.
type jobs chan func(context.Context)

// How many jobs of a kind are done side by side, and how many may wait for that.
const (
	workers = 2
	waiting = 16
)

// add has a job done, and reports whether there was room for it.
func (j jobs) add(job func(context.Context)) bool {
	select {
	case j <- job:
		return true
	default:
		return false
	}
}

// work does jobs until ctx ends. One that meets a fault leaves its error to who waits for it.
func (v *View) work(ctx context.Context, list jobs) {
	for {
		select {
		case <-ctx.Done():
			return
		case job := <-list:
			err := panics.Do(func() error {
				job(ctx)
				return nil
			})
			if err != nil {
				v.o.Logger.Error("the view met a fault", "error", err)
			}
		}
	}
}

// An awaited value is being worked out, or was. Any number of requests wait for it.
type awaited[T any] struct {
	done  chan struct{} // closed when value and err are there
	value T
	err   error
}

// begin has a value worked out beside requests; nil where there is no room for that. Where it fails, failed is called
// before those are told who wait.
func begin[T any](list jobs, work func(context.Context) (T, error), failed func()) *awaited[T] {
	a := &awaited[T]{done: make(chan struct{}), err: errors.New("this met a fault of the program, which its log names")}
	begun := list.add(func(ctx context.Context) {
		defer close(a.done)
		defer func() {
			if a.err != nil {
				failed()
			}
		}()
		a.value, a.err = work(ctx)
	})
	if !begun {
		return nil
	}
	return a
}

// wait returns the value when it is there.
func (a *awaited[T]) wait(ctx context.Context) (T, error) {
	select {
	case <-a.done:
		return a.value, a.err
	case <-ctx.Done():
		var none T
		return none, ctx.Err()
	}
}
