package correlate

import (
	"bytes"
	"crypto/sha256"
	"encoding/binary"
	"slices"
	"testing"

	"github.com/stretchr/testify/require"

	"assetgraph/graph"
)

// remembered returns the memory of a run that met the records.
func remembered(t require.TestingT, o *Overrides, records ...string) ([]byte, *season) {
	s := seasonOf(t, records)
	s.overrides = o
	c := s.correlator(t, 0, false, func(*Correlator) {})
	require.Nil(t, c.Memory(), "nothing is decided yet")
	resolve(t, c, s)
	return c.Memory(), s
}

func someRecords() []string {
	return []string{"a1 serial=ABC1234 uuid=" + uuid1, "c1 serial=ABC1234 primaryUserEmail=ann@one.example link=sentinelone:" + uuid1,
		"d1 name=pc", "p1 email=ann@one.example"}
}

// sealedMemory returns a memory whose checksum is right.
func sealedMemory(body []byte) []byte {
	sum := sha256.Sum256(body)
	return append(slices.Clone(body), sum[:checksumSize]...)
}

func TestDamagedMemoryIsRefused(t *testing.T) {
	data, s := remembered(t, nil, someRecords()...)
	recall := func(data []byte) error {
		c := New(Options{Model: testModel()})
		err := c.Recall(data)
		if err != nil {
			require.Zero(t, c.previous.size(), "it is as before")
			require.False(t, c.Partial(c.model.device.Type))
		}
		return err
	}
	require.NoError(t, recall(data))
	for n := range data {
		require.ErrorIs(t, recall(data[:n]), ErrMemory, "the first %d bytes", n)
		other := slices.Clone(data)
		other[n] ^= 0x10
		require.ErrorIs(t, recall(other), ErrMemory, "byte %d", n)
	}
	require.ErrorIs(t, recall(append(slices.Clone(data), 0)), ErrMemory)
	body := data[:len(data)-checksumSize]
	for n := range body {
		require.ErrorIs(t, recall(sealedMemory(body[:n])), ErrMemory, "%d bytes with their checksum", n)
	}

	c := s.correlator(t, 0, false, func(*Correlator) {})
	c.AddPreviousKey(c.model.device.Type, "assetgraph:device:x")
	require.ErrorIs(t, c.Recall(data), ErrMemory, "the last run was told already")
}

// FuzzRecall: what has the right checksum may be anything all the same.
func FuzzRecall(f *testing.F) {
	data, s := remembered(f, nil, someRecords()...)
	f.Add(data[:len(data)-checksumSize])
	f.Fuzz(func(t *testing.T, body []byte) {
		c := s.correlator(t, 0, false, func(*Correlator) {})
		if err := c.Recall(sealedMemory(body)); err != nil {
			require.ErrorIs(t, err, ErrMemory)
			return
		}
		for _, err := range c.Resolve(s.fleet.read) {
			if err != nil {
				return
			}
		}
		for range c.Former() {
			continue
		}
		for range c.Machines() {
			continue
		}
	})
}

// TestMemoryOfOtherRules: keys go on, and all is made again.
func TestMemoryOfOtherRules(t *testing.T) {
	data, s := remembered(t, &Overrides{Different: [][]string{{"sentinelone_agent/1", "ninjarmm_device/1"}}}, someRecords()...)
	s.overrides = nil
	c := s.correlator(t, 0, false, func(c *Correlator) { require.NoError(t, c.Recall(data)) })
	require.False(t, c.uses(rulePrevious), "judged anew")
	for _, typ := range c.model.Types() {
		require.False(t, c.Partial(typ))
	}
	got := resolve(t, c, s)
	require.Contains(t, got, graph.Key("assetgraph:device:serial-ABC1234"))
	for range c.Former() {
		require.Fail(t, "all is yielded")
	}
	require.True(t, c.previous.taken[0])
}

// TestMemoryOfAnotherModel: what the last run decided counts, and all is made again.
func TestMemoryOfAnotherModel(t *testing.T) {
	data, s := remembered(t, nil, someRecords()...)
	body := slices.Clone(data[:len(data)-checksumSize])
	at := bytes.Index(body, binary.LittleEndian.AppendUint64(nil, testModel().fingerprint()))
	require.Positive(t, at)
	body[at]++
	c := s.correlator(t, 0, false, func(c *Correlator) { require.NoError(t, c.Recall(sealedMemory(body))) })
	require.True(t, c.uses(rulePrevious))
	require.False(t, c.Partial(c.model.device.Type))
	require.Contains(t, resolve(t, c, s), graph.Key("assetgraph:device:serial-ABC1234"))
	require.True(t, c.previous.taken[0])
}

func TestWhatIsPartial(t *testing.T) {
	data, s := remembered(t, nil, someRecords()...)
	c := s.correlator(t, 0, false, func(c *Correlator) { require.NoError(t, c.Recall(data)) })
	for _, typ := range c.model.Types() {
		whole := typ.Name == "organization" || typ.To == "organization" || c.model.isSighting(typ)
		require.Equal(t, !whole, c.Partial(typ), typ.Name)
	}
	require.False(t, c.Partial(s.elements[0].typ), "of a provider")
	for key := range resolve(t, c, s) {
		require.Contains(t, string(key), ":organization:", "nothing else is another")
	}
}

// TestRecordThatIsNotToldOf: its relationship could not be named, and would stay.
func TestRecordThatIsNotToldOf(t *testing.T) {
	data, _ := remembered(t, nil, someRecords()...)
	s := seasonOf(t, someRecords()[1:])
	for _, removed := range []bool{false, true} {
		c := s.correlator(t, 0, false, func(c *Correlator) { require.NoError(t, c.Recall(data)) })
		if removed {
			c.Removed(keyOf("a1"))
			c.Removed("sentinelone:sentinelone_site:99")
			c.Removed("no key")
		}
		var failed error
		for _, err := range c.Resolve(s.fleet.read) {
			failed = err
		}
		former := map[graph.Key]bool{}
		for _, key := range c.Former() {
			former[key] = true
		}
		gone := former["sentinelone:sentinelone_agent:1|PROTECTS|assetgraph:device:serial-ABC1234"]
		if !removed {
			require.ErrorIs(t, failed, ErrMemory)
			require.Nil(t, c.Memory())
			continue
		}
		require.NoError(t, failed)
		require.True(t, gone)
		require.True(t, former["assetgraph:person:ann@one.example|USES|assetgraph:device:serial-ABC1234"])
	}
}
