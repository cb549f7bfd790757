package sqlite

import (
	"fmt"
	"path/filepath"
	"slices"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"assetgraph/graph"
)

// One statement inserts several rows: those that lack an end must be told apart from those beside them.
func TestMissingEndsAmongManyRows(t *testing.T) {
	a, b := graph.NewEntityType("a", "x", "x", []string{"Record"}), graph.NewEntityType("b", "x", "x", []string{"Record"})
	has := graph.NewRelationshipType("x", "a", "HAS", "b", graph.Property{Name: "n", Kind: graph.Int})
	schema, err := graph.NewSchema(a, b, has)
	require.NoError(t, err)
	s, err := Open(t.Context(), filepath.Join(t.TempDir(), "graph.db"), schema, Options{})
	require.NoError(t, err)
	apply := func(elements []*graph.Element) graph.Applied {
		for _, e := range elements {
			require.NoError(t, e.Seal())
		}
		applied, err := s.Apply(t.Context(), graph.Batch{Type: elements[0].Type, Instance: "i", Elements: elements, At: time.UnixMilli(1), Fresh: true})
		require.NoError(t, err)
		return applied
	}
	const n = 3*insertRows + 3
	from := graph.NewEntity(a, "i", "1")
	apply([]*graph.Element{from})
	var there, relationships []*graph.Element
	var missing []graph.Key
	for i := range n {
		to := graph.NewEntity(b, "i", fmt.Sprintf("%02d", i))
		r := graph.NewRelationship(has, "i", from.Key, to.Key)
		r.Set("n", graph.IntOf(int64(i)))
		relationships = append(relationships, r)
		if slices.Contains([]int{0, insertRows - 1, insertRows, n - 1}, i) {
			missing = append(missing, r.Key)
		} else {
			there = append(there, to)
		}
	}
	apply(there)
	before := s.DataWrites()
	for round := range 2 { // in bulk, then one by one
		require.Equal(t, graph.Applied{Written: len(there), Missing: missing}, apply(relationships), round)
	}
	require.EqualValues(t, 2*len(there), s.DataWrites()-before)
	var nowhere, gone []*graph.Element // many from one end that lacks, and each from another
	for i := range insertRows {
		nowhere = append(nowhere, graph.NewRelationship(has, "i", "i:a:none", there[i].Key))
		gone = append(gone, graph.NewRelationship(has, "i", graph.Key(fmt.Sprintf("i:a:none%d", i)), there[i].Key))
	}
	for _, list := range [][]*graph.Element{nowhere, gone} {
		applied := apply(list)
		require.Zero(t, applied.Written)
		require.Len(t, applied.Missing, insertRows)
	}
	i := 0
	for e, err := range s.Elements(t.Context(), graph.Selection{Type: has}) {
		require.NoError(t, err)
		require.Equal(t, there[i].Key, e.To)
		require.Equal(t, fmt.Sprintf("i:b:%02d", e.Get("n").Int()), string(e.To), "each row has its own properties")
		i++
	}
	require.Len(t, there, i)
	require.NoError(t, s.Close())
}

// Whatever others do to a row's digests, its key must be read right: a wrong one would look like a delete and a create.
func TestHeaderWithDamagedDigests(t *testing.T) {
	const key = "i:a:1"
	for digests, whole := range map[string]bool{
		"0123456789abcdefFEDCBA9876543210": true, "": false, "x": false, "0123456789abcdefFEDCBA987654321": false, "0123456789abcdefFEDCBA9876543210x": false,
	} {
		want := graph.Header{Key: key}
		if whole {
			copy(want.Digest[:], "0123456789abcdef")
			copy(want.Volatile[:], "FEDCBA9876543210")
		}
		require.Equal(t, want, headerOf(digests+key, len(key)), "%q", digests)
	}
}

func TestAppendOthers(t *testing.T) {
	tests := []struct {
		name, stored string
		which        extent
		want         string
	}{
		{"nothing there", `{}`, all, `{`},
		{"nothing of others", `{"id":"1","b":true,"v":1}`, all, `{`},
		{"of others, values as they stand there", `{"id":"1","x" : {"b": [1.0,"}\""]} ,"b":true,"\u0078y":null}`, all, `{"x":{"b": [1.0,"}\""]},"xy":null`},
		{"a name of ours in another spelling", `{"\u0069d":"1","x":1}`, all, `{"x":1`},
		{"a refresh keeps what is not volatile", `{"id":"1","v":1,"x":"{","l":["a"]}`, volatile, `{"id":"1","x":"{","l":["a"]`},
	}
	for _, c := range tests {
		t.Run(c.name, func(t *testing.T) {
			got, err := appendOthers([]byte("{"), jsonType(), c.stored, c.which)
			require.NoError(t, err)
			require.Equal(t, c.want, string(got))
		})
	}
	_, err := appendOthers([]byte("{"), jsonType(), `{"x":`, all)
	require.ErrorIs(t, err, errProperties)
}
