package byid_test

import (
	"math"
	"math/rand/v2"
	"testing"

	"github.com/stretchr/testify/require"

	"assetgraph/collectors/internal/byid"
)

func TestMapHoldsWhatAMapHolds(t *testing.T) {
	edges := []int64{0, 1, 62, 63, 64, 65, 127, 128, -1, -63, -64, -65, math.MaxInt64, math.MaxInt64 - 1, math.MinInt64, math.MinInt64 + 1}
	for seed := range uint64(50) {
		random := rand.New(rand.NewPCG(seed, 1))
		next := func() int64 {
			if random.IntN(4) == 0 {
				return edges[random.IntN(len(edges))]
			}
			return random.Int64N(400) - 200
		}
		var m byid.Map[string]
		want := make(map[int64]string)
		for range 600 {
			id := next()
			have, has := m.Of(id)
			expected, expects := want[id]
			require.Equal(t, expects, has, id)
			require.Equal(t, expected, have, id)
			*m.At(id) += "x"
			want[id] += "x"
		}
		for id := int64(-300); id < 300; id++ {
			have, has := m.Of(id)
			expected, expects := want[id]
			require.Equal(t, expects, has, id)
			require.Equal(t, expected, have, id)
		}
	}
}

func TestNewIDHasTheZeroT(t *testing.T) {
	var m byid.Map[int]
	for _, id := range []int64{3, 1, 2} {
		at := m.At(id)
		require.Zero(t, *at, "of an id that comes before others too")
		*at = int(id)
	}
	for id := int64(1); id <= 3; id++ {
		require.Equal(t, int(id), *m.At(id))
	}
}
