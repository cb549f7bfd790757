package graph_test

import (
	"math"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"assetgraph/graph"
)

// same expects b to be a, value by value.
func same(t *testing.T, a, b *graph.Element) {
	t.Helper()
	require.Equal(t, a.Header(), b.Header())
	require.Equal(t, []any{a.Type, a.Instance, a.From, a.To}, []any{b.Type, b.Instance, b.From, b.To})
	require.Empty(t, a.Changed(b))
}

func codecElements(t *testing.T) []*graph.Element {
	t.Helper()
	full := fullDevice(t)
	bare := graph.NewEntity(full.Type, "ninja", "8")
	extreme := graph.NewEntity(full.Type, "ü'\"", "\xff\x00")
	extreme.Set("hostname", graph.TextOf(strings.Repeat("70 kB ", 12000)))
	extreme.Set("memoryBytes", graph.IntOf(math.MinInt64))
	extreme.Set("active", graph.BoolOf(true))
	extreme.Set("createdOn", graph.TimeOf(time.Date(9999, 12, 31, 23, 59, 59, 999e6, time.UTC)))
	hosts := graph.NewRelationship(hostsType(), "ninja", full.Key, bare.Key)
	hosts.Set("method", graph.TextOf("serial"))
	odd := graph.NewRelationship(hosts.Type, "ninja", "a", "b|c")
	odd.Key = "a|HOSTS|c" // a key that is not that of its ends
	out := []*graph.Element{full, bare, extreme, hosts, odd, graph.NewRelationship(hostsType(), "", "", ""), graph.NewRelationship(hostsType(), "i", "a|HOSTS", "|")}
	for _, e := range out {
		require.NoError(t, e.Seal())
	}
	return out
}

func TestCodecRoundTrip(t *testing.T) {
	reused := &graph.Element{}
	for _, e := range codecElements(t) {
		data := e.AppendTo([]byte("before"))[len("before"):]
		require.NoError(t, reused.Decode(e.Type, data))
		same(t, e, reused)
		clear(data) // the element holds none of it
		same(t, e, reused)
		require.NoError(t, reused.Seal())
		require.Equal(t, e.Header(), reused.Header(), "what is decoded and sealed again has the same digests")
	}
}

func TestDecodeRefusesWhatIsNotWhole(t *testing.T) {
	for _, e := range codecElements(t) {
		data := e.AppendTo(nil)
		step := 1 + len(data)/500
		for n := 0; n < len(data); n += step {
			require.ErrorIs(t, new(graph.Element).Decode(e.Type, data[:n]), graph.ErrCorrupt, "%d of %d bytes", n, len(data))
		}
		require.ErrorIs(t, new(graph.Element).Decode(e.Type, append(data, 0)), graph.ErrCorrupt, "something after it")
	}
}

func TestDecodeRefusesAnotherTypesElement(t *testing.T) {
	data := fullDevice(t).AppendTo(nil)
	other := graph.NewEntityType("other", "x", "x", nil, graph.Property{Name: "hostname", Kind: graph.Int})
	require.ErrorIs(t, new(graph.Element).Decode(other, data), graph.ErrCorrupt)
	require.ErrorIs(t, new(graph.Element).Decode(hostsType(), data), graph.ErrCorrupt)
	renamed := deviceType()
	renamed = graph.NewEntityType("ninjarmm_machine", "ninjarmm", "", nil, renamed.Properties[4:]...)
	require.ErrorIs(t, new(graph.Element).Decode(renamed, data), graph.ErrCorrupt, "the same properties under another name")
}

func FuzzDecode(f *testing.F) {
	entities, relationships := deviceType(), hostsType()
	for _, e := range codecElements(&testing.T{}) {
		f.Add(e.AppendTo(nil), e.Type.IsRelationship())
	}
	f.Fuzz(func(t *testing.T, data []byte, relationship bool) {
		typ := entities
		if relationship {
			typ = relationships
		}
		e := &graph.Element{}
		if err := e.Decode(typ, data); err != nil {
			require.ErrorIs(t, err, graph.ErrCorrupt)
			return
		}
		again := &graph.Element{}
		require.NoError(t, again.Decode(typ, e.AppendTo(nil)), "what was read can be written and read")
		same(t, e, again)
	})
}
