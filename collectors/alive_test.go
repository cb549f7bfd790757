package collectors_test

import (
	"context"
	"errors"
	"sync/atomic"
	"testing"

	"github.com/stretchr/testify/require"

	"assetgraph/collectors"
)

func TestAliveByID(t *testing.T) {
	failed := errors.New("busy")
	has := func(_ context.Context, id string) (bool, error) {
		switch id {
		case "3", "5", "7":
			return true, nil
		case "500":
			return true, failed
		case "", "x", "-1", "1/../2", "٣":
			return false, errors.New("asked for what is no id: " + id)
		}
		return false, nil
	}
	seven, nine := []string{"7"}, []string{"7", "9"}
	for name, tt := range map[string]struct {
		known []string
		ids   []string
		want  []string
		err   error
	}{
		"nothing":                      {seven, nil, nil, nil},
		"in the order of the question": {seven, []string{"5", "4", "3", "2", "1"}, []string{"5", "3"}, nil},
		"all are gone":                 {seven, []string{"1", "2"}, nil, nil},
		"what is no number is alive and unasked": {
			seven, []string{"x", "1", "", "-1", "1/../2", "٣"}, []string{"x", "", "-1", "1/../2", "٣"}, nil,
		},
		"one error and nobody is told to be gone": {seven, []string{"1", "3", "500", "2"}, nil, failed},
		"a known record that is not there":        {nine, []string{"1", "3"}, nil, collectors.ErrUnknown},
		"known ones are not asked without ids":    {nine, []string{"x"}, []string{"x"}, nil},
	} {
		for _, atOnce := range []int{1, 2, 10} {
			t.Run(name, func(t *testing.T) {
				alive, err := collectors.AliveByID(t.Context(), tt.ids, tt.known, atOnce, has)
				require.ErrorIs(t, err, tt.err)
				require.Equal(t, tt.want, alive)
			})
		}
	}
}

func TestAliveByIDEndsWithTheFirstError(t *testing.T) {
	failed := errors.New("busy")
	var asked atomic.Int64
	_, err := collectors.AliveByID(t.Context(), make300(), nil, 4, func(ctx context.Context, _ string) (bool, error) {
		if asked.Add(1) == 1 {
			return false, failed
		}
		<-ctx.Done()
		return false, ctx.Err()
	})
	require.ErrorIs(t, err, failed)
	require.LessOrEqual(t, asked.Load(), int64(4))
}

func TestAliveByIDEndsWithTheContext(t *testing.T) {
	ctx, cancel := context.WithCancel(t.Context())
	alive, err := collectors.AliveByID(ctx, make300(), nil, 2, func(context.Context, string) (bool, error) {
		cancel()
		return false, nil
	})
	require.ErrorIs(t, err, context.Canceled)
	require.Nil(t, alive, "what was not asked for is not gone")
}

func make300() []string {
	ids := make([]string, 300)
	for i := range ids {
		ids[i] = "1"
	}
	return ids
}
