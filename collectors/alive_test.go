package collectors_test

import (
	"context"
	"errors"
	"iter"
	"sync/atomic"
	"testing"

	"github.com/stretchr/testify/require"

	"assetgraph/collectors"
)

// shown returns a witness that has watched a list.
func shown(list iter.Seq2[collectors.Record, error]) *collectors.Witness {
	var w collectors.Witness
	for _, err := range w.Watch(list) {
		_ = err // a list that breaks off is one that was watched too
	}
	return &w
}

func listOf(records ...collectors.Record) iter.Seq2[collectors.Record, error] {
	return func(yield func(collectors.Record, error) bool) {
		for _, r := range records {
			if !yield(r, nil) {
				return
			}
		}
	}
}

func TestWitness(t *testing.T) {
	for name, tt := range map[string]struct {
		list iter.Seq2[collectors.Record, error]
		want string
	}{
		"empty list":                    {listOf(), ""},
		"the last record":               {listOf(collectors.Record{ID: "1"}, collectors.Record{ID: "2"}), "2"},
		"no record that can't be read":  {listOf(collectors.Record{ID: "1"}, collectors.Record{ID: "2", Err: errors.New("x")}), "1"},
		"no id that can't be asked for": {listOf(collectors.Record{ID: "1"}, collectors.Record{ID: "a/b"}), "1"},
		"what came before the list failed": {func(yield func(collectors.Record, error) bool) {
			_ = yield(collectors.Record{ID: "1"}, nil) && yield(collectors.Record{}, errors.New("x"))
		}, "1"},
		"a list that failed at once has no": {func(yield func(collectors.Record, error) bool) { yield(collectors.Record{}, errors.New("x")) }, ""},
	} {
		t.Run(name, func(t *testing.T) { require.Equal(t, tt.want, shown(tt.list).ID()) })
	}
}

func TestWatchPassesOnAndStopsWithItsConsumer(t *testing.T) {
	var w collectors.Witness
	n := 0
	for r, err := range w.Watch(listOf(collectors.Record{ID: "1"}, collectors.Record{ID: "2"})) {
		require.NoError(t, err)
		require.Equal(t, "1", r.ID)
		n++
		break
	}
	require.Equal(t, 1, n)
	require.Equal(t, "1", w.ID())
}

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
	seven, nine := shown(listOf(collectors.Record{ID: "7"})), shown(listOf(collectors.Record{ID: "9"}))
	for name, tt := range map[string]struct {
		witness *collectors.Witness
		ids     []string
		want    []string
		err     error
	}{
		"nothing":                                 {seven, nil, nil, nil},
		"in the order of the question":            {seven, []string{"5", "4", "3", "2", "1"}, []string{"5", "3"}, nil},
		"all are gone":                            {seven, []string{"1", "2"}, nil, nil},
		"what is no number is alive and unasked":  {seven, []string{"x", "1", "", "-1", "1/../2", "٣"}, []string{"x", "", "-1", "1/../2", "٣"}, nil},
		"one error and nobody is told to be gone": {seven, []string{"1", "3", "500", "2"}, nil, failed},
		"witness that is not there":               {nine, []string{"1", "3"}, nil, collectors.ErrCannotAsk},
		"witness is not asked for without ids":    {nine, []string{"x"}, []string{"x"}, nil},
		"without a witness":                       {&collectors.Witness{}, []string{"1", "3"}, []string{"3"}, nil},
	} {
		for _, atOnce := range []int{1, 2, 10} {
			t.Run(name, func(t *testing.T) {
				alive, err := collectors.AliveByID(t.Context(), tt.ids, tt.witness, atOnce, has)
				require.ErrorIs(t, err, tt.err)
				require.Equal(t, tt.want, alive)
			})
		}
	}
}

func TestAliveByIDEndsWithTheFirstError(t *testing.T) {
	failed := errors.New("busy")
	var asked atomic.Int64
	_, err := collectors.AliveByID(t.Context(), make300(), &collectors.Witness{}, 4, func(ctx context.Context, _ string) (bool, error) {
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
	alive, err := collectors.AliveByID(ctx, make300(), &collectors.Witness{}, 2, func(context.Context, string) (bool, error) {
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
