package panics_test

import (
	"errors"
	"fmt"
	"testing"

	"github.com/stretchr/testify/require"

	"assetgraph/internal/panics"
)

func outOfRange(list []int) int { return list[len(list)] }

func TestPanicBecomesAnErrorWithItsPlace(t *testing.T) {
	err := panics.Do(func() error { outOfRange(nil); return nil })
	require.ErrorContains(t, err, "index out of range [0] with length 0 in internal/panics_test.outOfRange (panics_test.go:")
	require.Contains(t, panics.Of(fmt.Errorf("wrapped: %w", err)).Stack(), "outOfRange")
}

func TestNilMapAndNilPointer(t *testing.T) {
	var m map[string]int
	require.ErrorContains(t, panics.Do(func() error { m["a"] = 1; return nil }), "assignment to entry in nil map in internal/panics_test.")
	var p *struct{ n int }
	require.ErrorContains(t, panics.Do(func() error { p.n++; return nil }), "nil pointer dereference in internal/panics_test.")
}

func TestValueIsNotShown(t *testing.T) {
	for _, v := range []any{"a-very-secret-token", errors.New("a-very-secret-token"), struct{ s string }{"a-very-secret-token"}} {
		err := panics.Do(func() error { panic(v) })
		require.NotContains(t, err.Error()+panics.Of(err).Stack(), "a-very-secret-token")
		require.ErrorContains(t, err, fmt.Sprintf("panic with a %T in internal/panics_test.", v))
	}
}

func TestErrorsAreNoPanics(t *testing.T) {
	plain := errors.New("plain")
	require.Equal(t, plain, panics.Do(func() error { return plain }))
	require.Nil(t, panics.Of(plain))
	require.NoError(t, panics.Do(func() error { return nil }))
}

// The first panic of a group reaches the goroutine that waits, with the place where it happened.
func TestGroupHandsPanicsOn(t *testing.T) {
	err := panics.Do(func() error {
		var g panics.Group
		ended := make(chan struct{})
		g.Go(func() { outOfRange(nil) })
		g.Go(func() { close(ended) })
		<-ended
		g.Wait()
		return nil
	})
	require.ErrorContains(t, err, "outOfRange (panics_test.go:")
	var fine panics.Group
	fine.Go(func() {})
	fine.Wait()
}
