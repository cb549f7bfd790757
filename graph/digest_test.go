package graph_test

import (
	"crypto/sha256"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"assetgraph/graph"
)

func TestDigestFollowsEveryProperty(t *testing.T) {
	base := fullDevice(t)
	changes := map[string]graph.Value{
		"hostname": graph.TextOf("pc-8"), "memoryBytes": graph.IntOf(1), "isVirtual": graph.BoolOf(true),
		"createdOn": graph.TimeOf(time.UnixMilli(1)), "macAddresses": graph.TextsOf("a"), "webLink": graph.TextOf("https://x"),
		"lastSeenOn": graph.TimeOf(time.UnixMilli(98)), "active": graph.BoolOf(false),
	}
	seen := map[string]string{}
	for name, v := range changes {
		for what, value := range map[string]graph.Value{"changed": v, "absent": {}} {
			e := fullDevice(t)
			if e.Get(name).Equal(value) {
				continue
			}
			e.Set(name, value)
			require.NoError(t, e.Seal())
			volatile := e.Type.Property(name).Volatile
			require.Equal(t, volatile, e.Digest == base.Digest, "%s %s", name, what)
			require.Equal(t, !volatile, e.Volatile == base.Volatile, "%s %s", name, what)
			both := e.Digest.String() + e.Volatile.String()
			require.Empty(t, seen[both], "%s %s has the digests of another change", name, what)
			seen[both] = name + what
		}
	}
}

// Encodings that run one value into the next would make these equal.
func TestDigestKeepsValuesApart(t *testing.T) {
	typ := graph.NewEntityType("x", "x", "x", []string{"Record"},
		graph.Property{Name: "a", Kind: graph.Texts}, graph.Property{Name: "b", Kind: graph.Texts}, graph.Property{Name: "ab", Kind: graph.Text})
	digests := map[graph.Digest]bool{}
	for _, set := range []map[string]graph.Value{
		{}, {"a": graph.TextsOf("b", "c")}, {"a": graph.TextsOf("bc")}, {"b": graph.TextsOf("b", "c")}, {"a": graph.TextsOf("b"), "b": graph.TextsOf("c")},
		{"ab": graph.TextOf("bc")}, {"a": graph.TextsOf("\x01c", "b")}, {"ab": graph.TextOf("c")},
	} {
		e := graph.NewEntity(typ, "i", "1")
		for name, v := range set {
			e.Set(name, v)
		}
		require.NoError(t, e.Seal())
		require.False(t, digests[e.Digest], "%v", set)
		digests[e.Digest] = true
	}
}

// A property that is declared later, or elsewhere in the list, must not make every element look changed.
func TestDigestDependsOnNamesAndNotOnTheirOrder(t *testing.T) {
	a, b := graph.Property{Name: "a", Kind: graph.Text}, graph.Property{Name: "b", Kind: graph.Int}
	var digests []graph.Digest
	for _, properties := range [][]graph.Property{{a, b}, {b, a}, {b, {Name: "aa", Kind: graph.Text}, a}} {
		e := graph.NewEntity(graph.NewEntityType("x", "x", "x", nil, properties...), "i", "1")
		e.Set("a", graph.TextOf("v"))
		e.Set("b", graph.IntOf(2))
		require.NoError(t, e.Seal())
		digests = append(digests, e.Digest)
	}
	require.Equal(t, digests[0], digests[1])
	require.Equal(t, digests[0], digests[2])
}

// Graphs hold digests of earlier versions: another algorithm would write every element again.
func TestDigestIsStable(t *testing.T) {
	e := fullDevice(t)
	require.Equal(t, "2e04e20ceaf809b558fb2a93bc8ad92c", e.Digest.String())
	require.Equal(t, "6f5eef716a889ed695bb2294cb8c5354", e.Volatile.String())

	bare := graph.NewRelationship(hostsType(), "ninja", e.Key, e.Key)
	require.NoError(t, bare.Seal())
	nothing := sha256.Sum256(nil)
	require.Equal(t, graph.Digest(nothing[:16]), bare.Digest)
	require.Equal(t, bare.Digest, bare.Volatile)
}

func TestParseDigest(t *testing.T) {
	want := fullDevice(t).Digest
	got, err := graph.ParseDigest(want.String())
	require.NoError(t, err)
	require.Equal(t, want, got)
	for _, s := range []string{"", "00", strings.Repeat("0", 31), strings.Repeat("0", 33), strings.Repeat("g", 32), strings.Repeat("0", 31) + "x"} {
		got, err := graph.ParseDigest(s)
		require.Error(t, err, "%q", s)
		require.Zero(t, got)
	}
}
