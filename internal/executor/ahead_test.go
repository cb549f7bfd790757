package executor

import (
	"context"
	"errors"
	"iter"
	"testing"

	"github.com/stretchr/testify/require"
	"go.uber.org/goleak"
)

func numbers(n int, last error) iter.Seq2[int, error] {
	return func(yield func(int, error) bool) {
		for i := range n {
			if !yield(i, nil) {
				return
			}
		}
		if last != nil {
			yield(0, last)
		}
	}
}

func TestAheadYieldsTheSameInTheSameOrder(t *testing.T) {
	defer goleak.VerifyNone(t)
	broken := errors.New("broken")
	var got []int
	var failed error
	for v, err := range ahead(t.Context(), numbers(100, broken)) {
		if err != nil {
			failed = err
			continue
		}
		got = append(got, v)
	}
	require.ErrorIs(t, failed, broken)
	require.Len(t, got, 100)
	require.IsIncreasing(t, got)
}

func TestAheadLeavesNothingBehindWhenStoppedEarly(t *testing.T) {
	defer goleak.VerifyNone(t)
	made := 0
	counting := func(yield func(int, error) bool) {
		for i := range 100 {
			if made = i; !yield(i, nil) {
				return
			}
		}
	}
	for v, err := range ahead(t.Context(), counting) {
		require.NoError(t, err)
		if v == 3 {
			break
		}
	}
	require.LessOrEqual(t, made, 5, "at most one is made ahead")
}

func TestAheadSaysThatTheContextEnded(t *testing.T) {
	defer goleak.VerifyNone(t)
	ctx, cancel := context.WithCancelCause(t.Context())
	defer cancel(nil)
	stopped := errors.New("stopped")
	var last error
	for v, err := range ahead(ctx, numbers(100, nil)) {
		if v == 10 {
			cancel(stopped)
		}
		last = err
	}
	require.ErrorIs(t, last, stopped)
}
