package ahead_test

import (
	"context"
	"errors"
	"iter"
	"testing"

	"github.com/stretchr/testify/require"
	"go.uber.org/goleak"

	"assetgraph/internal/ahead"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

func TestValueIsWhatCameOfTheWork(t *testing.T) {
	failed := errors.New("failed")
	c := ahead.Begin(t.Context(), func(context.Context) (int, error) { return 7, failed })
	v, err := c.Value()
	require.Equal(t, 7, v)
	require.Equal(t, failed, err)
	c.Stop()
}

func TestStopGivesUpAndWaits(t *testing.T) {
	ended := false
	c := ahead.Begin(t.Context(), func(ctx context.Context) (int, error) {
		<-ctx.Done()
		ended = true
		return 0, ctx.Err()
	})
	c.Stop()
	require.True(t, ended)
	_, err := c.Value()
	require.ErrorIs(t, err, context.Canceled)
	var none *ahead.Call[int]
	none.Stop()
}

// numbers yields 0, 1, 2, … and tells of each before it does. Once its loop has ended it sets over.
func numbers(made chan<- int, over *bool) iter.Seq2[int, error] {
	return func(yield func(int, error) bool) {
		defer func() { *over = true }()
		for n := 0; ; n++ {
			made <- n
			if !yield(n, nil) {
				return
			}
		}
	}
}

func TestNextValueIsMadeWhileOneIsWorkedOn(t *testing.T) {
	made, over := make(chan int, 100), false
	n := 0
	for v, err := range ahead.Of(t.Context(), numbers(made, &over)) {
		require.NoError(t, err)
		require.Equal(t, n, v)
		if n == 0 {
			require.Equal(t, 0, <-made)
		}
		n++
		require.Equal(t, n, <-made, "comes without this value being given back")
		if n == 5 {
			break
		}
	}
	require.True(t, over, "nothing of it runs any more")
	require.Empty(t, made, "one value ahead and no more")
}

func TestErrorComesAfterTheValuesInFrontOfIt(t *testing.T) {
	failed := errors.New("failed")
	var got []int
	var last error
	for v, err := range ahead.Of(t.Context(), func(yield func(int, error) bool) {
		_ = yield(1, nil) && yield(2, nil) && yield(3, failed) && yield(4, nil)
	}) {
		got, last = append(got, v), err
	}
	require.Equal(t, []int{1, 2, 3}, got)
	require.Equal(t, failed, last)
}

func TestEndOfTheSequence(t *testing.T) {
	for want, seq := range []iter.Seq2[int, error]{
		func(func(int, error) bool) {},
		func(yield func(int, error) bool) { yield(1, nil) },
	} {
		n := 0
		for _, err := range ahead.Of(t.Context(), seq) {
			require.NoError(t, err)
			n++
		}
		require.Equal(t, want, n)
	}
}

func TestEndOfTheContext(t *testing.T) {
	cause := errors.New("interrupted")
	ctx, cancel := context.WithCancelCause(t.Context())
	defer cancel(nil)
	over := false
	made := make(chan int, 100)
	var last error
	for v, err := range ahead.Of(ctx, numbers(made, &over)) {
		if last = err; v == 3 {
			cancel(cause)
		}
	}
	require.Equal(t, cause, last)
	require.True(t, over)
}
