package graph_test

import (
	"fmt"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"assetgraph/graph"
)

// agentType has as many properties of each kind as the largest types of the providers have.
func agentType() *graph.Type {
	var properties []graph.Property
	for i := range 24 {
		properties = append(properties, graph.Property{Name: fmt.Sprintf("someText%c", 'A'+i), Kind: graph.Text, Volatile: i == 0})
	}
	for i := range 5 {
		properties = append(properties,
			graph.Property{Name: fmt.Sprintf("addresses%d", i), Kind: graph.Texts},
			graph.Property{Name: fmt.Sprintf("isFlag%d", i), Kind: graph.Bool, Volatile: i == 0},
			graph.Property{Name: fmt.Sprintf("seenOn%d", i), Kind: graph.Time, Volatile: i < 2})
	}
	return graph.NewEntityType("sentinelone_agent", "sentinelone", "x", []string{"HostAgent"}, properties...)
}

func filledAgent(b *testing.B) *graph.Element {
	e := graph.NewEntity(agentType(), "s1", "1845174760470303882")
	now := time.Date(2026, 1, 2, 3, 4, 5, 6e6, time.UTC)
	for i := range 20 {
		e.Set(fmt.Sprintf("someText%c", 'A'+i), graph.TextOf(fmt.Sprintf("some value %d", i)))
	}
	for i := range 5 {
		e.Set(fmt.Sprintf("isFlag%d", i), graph.BoolOf(i > 1))
		e.Set(fmt.Sprintf("seenOn%d", i), graph.TimeOf(now.Add(time.Duration(i)*time.Hour)))
		if i < 4 {
			e.Set(fmt.Sprintf("addresses%d", i), graph.TextsOf("192.168.0.17", "2001:db8::17"))
		}
	}
	require.NoError(b, e.Seal())
	return e
}

func BenchmarkSealEntity(b *testing.B) {
	e := filledAgent(b)
	b.ReportAllocs()
	for b.Loop() {
		if err := e.Seal(); err != nil {
			b.Fatal(err)
		}
	}
}

// BenchmarkSealAndEncode is what becomes of each element that was converted.
func BenchmarkSealAndEncode(b *testing.B) {
	e := filledAgent(b)
	var buf []byte
	b.ReportAllocs()
	for b.Loop() {
		if err := e.Seal(); err != nil {
			b.Fatal(err)
		}
		buf = e.AppendTo(buf[:0])
	}
}

func BenchmarkSealAndEncodeRelationship(b *testing.B) {
	e, typ := &graph.Element{}, hostsType()
	from, to := graph.EntityKey("ninja", "ninjarmm_device", "5948"), graph.EntityKey("ninja", "ninjarmm_device", "5949")
	var buf []byte
	b.ReportAllocs()
	for b.Loop() {
		e.ResetRelationship(typ, "ninja", from, to)
		if err := e.Seal(); err != nil {
			b.Fatal(err)
		}
		buf = e.AppendTo(buf[:0])
	}
}

func BenchmarkDecodeEntity(b *testing.B) {
	e := filledAgent(b)
	data, out := e.AppendTo(nil), &graph.Element{}
	b.SetBytes(int64(len(data)))
	b.ReportAllocs()
	for b.Loop() {
		if err := out.Decode(e.Type, data); err != nil {
			b.Fatal(err)
		}
	}
}

func BenchmarkDecodeRelationship(b *testing.B) {
	e := graph.NewRelationship(hostsType(), "ninja", graph.EntityKey("ninja", "ninjarmm_device", "5948"), graph.EntityKey("ninja", "ninjarmm_device", "5949"))
	require.NoError(b, e.Seal())
	data, out := e.AppendTo(nil), &graph.Element{}
	b.SetBytes(int64(len(data)))
	b.ReportAllocs()
	for b.Loop() {
		if err := out.Decode(e.Type, data); err != nil {
			b.Fatal(err)
		}
	}
}

func BenchmarkSetAndGet(b *testing.B) {
	e := filledAgent(b)
	v := graph.TextOf("x")
	b.ReportAllocs()
	for b.Loop() {
		e.Set("someTextA", v)
		e.Set("someTextK", v)
		e.Set("someTextW", v)
		_ = e.Get("addresses3")
	}
}
