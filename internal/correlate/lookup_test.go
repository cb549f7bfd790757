package correlate

import (
	"testing"

	"github.com/stretchr/testify/require"

	"assetgraph/graph"
)

func TestLookupTellsApartWhatSharesPlaceAndTag(t *testing.T) {
	var hashes []uint64
	l := &hashTable{}
	hashOf := func(n uint32) uint64 { return hashes[n] }
	for n := range uint32(5000) {
		h := uint64(0xAB)<<56 | uint64(n)<<30 // all in one place, with one tag
		if n%2 == 0 {
			h = mix(uint64(n) + 1)
		}
		_, known := l.find(h, hashOf)
		require.False(t, known)
		hashes = append(hashes, h)
		if !l.put(h, n) {
			l.grow(0)
			for i := range n + 1 {
				require.True(t, l.put(hashes[i], i))
			}
		}
	}
	for n, h := range hashes {
		got, known := l.find(h, hashOf)
		require.True(t, known)
		require.EqualValues(t, n, got)
	}
}

func TestTallyTellsCrowds(t *testing.T) {
	tl := newTally(4)
	f := newForest(200)
	rare, common := mix(1), mix(2)
	for range maxHolders {
		tl.count(rare, 5, true)
	}
	require.False(t, tl.crowded)
	for range 200 {
		tl.count(common, 7, true)
		tl.count(rare, 7, false)
		tl.countKnown(mix(3))
	}
	require.True(t, tl.crowded)
	require.False(t, tl.isCrowd(rare), "those that are gone don't count")
	require.True(t, tl.isCrowd(common))
	tl.join(rare, 9, f)
	require.Equal(t, f.root(5), f.root(9))
	s, _ := tl.find(mix(3))
	require.Zero(t, s.holders(), "links alone lead nowhere")
}

// Records may be added before or after what the last run derived, and of most types the key is enough.
func TestPreviousMayComeInAnyOrderAndAsKeys(t *testing.T) {
	_, f := startFleet(t, 300, 3)
	first := f.run(t, nil, nil)
	want := f.run(t, first, nil)
	e := &graph.Element{}
	c := New(Options{Model: testModel()})
	for i := range f.elements {
		require.NoError(t, f.read(Ref(i), e))
		c.Add(e, Ref(i))
	}
	for _, p := range first.elements {
		switch testModel().PreviousNeed(p.typ) {
		case Keys:
			c.AddPreviousKey(p.typ, p.key)
		case Whole:
			require.NoError(t, e.Decode(p.typ, p.data))
			c.AddPrevious(e)
		case Nothing:
		}
	}
	got := &result{entities: map[graph.Key]stored{}, of: map[graph.Key]graph.Key{}, why: map[graph.Key][3]string{}, other: map[graph.Key]bool{}}
	for _, l := range f.links {
		c.said.AddLink(l)
	}
	for e, err := range c.Resolve(f.read) {
		require.NoError(t, err)
		got.take(t, e)
	}
	require.Equal(t, want.texts(t), got.texts(t))
	require.Equal(t, want.findings, c.Findings())
}

func TestElementsAddedTwiceCountOnce(t *testing.T) {
	b := newBuilder()
	b.customers(t)
	b.put(t, "a1 serial=ABC1234")
	b.put(t, "d1 serial=ABC1234")
	want := b.run(t, nil, nil)
	b.put(t, "a1 serial=XYZ9876")
	got := b.run(t, nil, nil)
	require.Equal(t, want.texts(t), got.texts(t))
	require.Equal(t, want.findings, got.findings)
}
