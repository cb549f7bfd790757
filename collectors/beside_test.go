package collectors_test

import (
	"errors"
	"iter"
	"testing"

	"github.com/stretchr/testify/require"

	"assetgraph/collectors"
)

// rows yields a row for each id, and then the error; the ids in broken can't be read.
func rows(ids []string, broken []string, end error) iter.Seq2[collectors.Record, error] {
	return func(yield func(collectors.Record, error) bool) {
		for _, id := range ids {
			if !yield(collectors.Record{Kind: "row", ID: id, Value: id}, nil) {
				return
			}
		}
		for _, id := range broken {
			if !yield(collectors.Record{Kind: "row", ID: id, Err: errors.New("is a list")}, nil) {
				return
			}
		}
		if end != nil {
			yield(collectors.Record{}, end)
		}
	}
}

func TestBesideTellsWhatItKnows(t *testing.T) {
	cut := errors.New("cut")
	for name, tt := range map[string]struct {
		broken []string
		end    error
		known  map[int64]bool // by id
	}{
		"whole":                       {known: map[int64]bool{1: true, 2: true, 3: true}},
		"cut":                         {end: cut, known: map[int64]bool{1: false, 2: false, 3: false}},
		"a row of one is broken":      {broken: []string{"2"}, known: map[int64]bool{1: true, 2: false, 3: true}},
		"a row of nobody is broken":   {broken: []string{""}, known: map[int64]bool{1: false, 2: false, 3: false}},
		"another's row is broken too": {broken: []string{"9"}, known: map[int64]bool{1: true, 2: true, 3: true, 9: false}},
	} {
		t.Run(name, func(t *testing.T) {
			var b collectors.Beside[int]
			n := 0
			for r, err := range b.Records(rows([]string{"1", "2", "1"}, tt.broken, tt.end),
				func(_ collectors.Record, into *int) { *into++ }) {
				if err != nil {
					require.ErrorIs(t, err, tt.end)
				} else if r.Err == nil {
					n++
				}
			}
			require.Equal(t, 3, n, "rows pass through")
			for id, want := range tt.known {
				count, given, known := b.Of(id)
				require.Equal(t, want, known, id)
				if known {
					require.Equal(t, map[int64]int{1: 2, 2: 1}[id], count, id)
					require.Equal(t, id < 3, given, id)
				}
			}
		})
	}
}

func TestBesideThatWasNotFilledKnowsNothing(t *testing.T) {
	var b collectors.Beside[int]
	_, given, known := b.Of(1)
	require.False(t, given)
	require.False(t, known)
	for _, err := range b.Records(rows([]string{"1", "2"}, nil, nil), func(collectors.Record, *int) {}) {
		require.NoError(t, err)
		break
	}
	_, _, known = b.Of(1)
	require.False(t, known, "the consumer had enough before the end")
}
