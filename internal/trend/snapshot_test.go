package trend

import (
	"bytes"
	"context"
	"encoding/gob"
	"fmt"
	"slices"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"assetgraph/graph"
	"assetgraph/internal/report"
)

// A notebook keeps one memory.
type notebook struct {
	graph.Journal
	data []byte
}

func (n *notebook) SaveMemory(_ context.Context, _ string, data []byte) error {
	n.data = data
	return nil
}
func (n *notebook) Memory(context.Context, string) ([]byte, error) { return n.data, nil }

func dayAt(n int) time.Time { return time.Date(2026, 11, n, 0, 0, 0, 0, time.UTC) }

// look is one of so many machines, which knows some of two tools.
func look(day, machines int, known ...string) *snapshot {
	s := newSnapshot(dayAt(day), dayAt(day).Add(time.Hour))
	s.Tools, s.Known = []string{"edr", "rmm"}, known
	for n := range machines {
		s.add(&report.Member{
			Device: graph.Key(fmt.Sprint("machine-", n)), Customer: graph.Key(fmt.Sprint(n % 200)), Excluded: n%7 == 0,
			Tools: []report.Standing{{Counts: true, Has: n%3 == 0}, {Counts: n%2 == 0}},
		}, fmt.Sprint("customer ", n%200))
	}
	s.sort()
	return s
}

// What is kept comes back, in about 12 bytes for each machine and look.
func TestMemoryComesBack(t *testing.T) {
	const machines = 20_000
	var book notebook
	empty, err := recall(t.Context(), &book)
	require.NoError(t, err)
	require.Empty(t, empty.Looks)
	m := empty.with(look(1, machines, "edr", "rmm")).with(look(2, machines, "edr", "rmm"))
	require.NoError(t, m.save(t.Context(), &book))
	require.Less(t, len(book.data), 2*13*machines)
	again, err := recall(t.Context(), &book)
	require.NoError(t, err)
	require.Len(t, again.Looks, 2)
	now := again.Looks[1]
	for n := range 1000 {
		at, there := slices.BinarySearch(now.Machines, digest(graph.Key(fmt.Sprint("machine-", n))))
		require.True(t, there)
		require.Equal(t, place{
			customer: graph.Key(fmt.Sprint(n % 200)), name: fmt.Sprint("customer ", n%200), there: true, excluded: n%7 == 0,
			counts: true, has: n%3 == 0,
		}, now.place(at, 0))
		require.Equal(t, n%2 == 0, now.place(at, 1).counts)
	}
	for machine, c := range changes(again.Looks[0], now, "rmm") {
		require.Equal(t, c.before, c.now, machine)
	}
}

// What can't be read is no memory, and no error.
func TestMemoryThatCanNotBeReadIsNone(t *testing.T) {
	var book notebook
	require.NoError(t, (&memory{}).with(look(1, 50, "edr")).save(t.Context(), &book))
	whole := book.data
	encoded := func(change func(*memory)) []byte {
		m := (&memory{}).with(look(1, 50, "edr"))
		change(m)
		var b bytes.Buffer
		require.NoError(t, gob.NewEncoder(&b).Encode(m))
		return b.Bytes()
	}
	for name, data := range map[string][]byte{
		"nothing": nil, "empty": {}, "cut": whole[:len(whole)/2], "another form": []byte(`{"version":1}`),
		"another version": encoded(func(m *memory) { m.Version++ }),
		"no customer":     encoded(func(m *memory) { m.Looks[0].Customers = nil }),
		"too few states":  encoded(func(m *memory) { m.Looks[0].States = m.Looks[0].States[1:] }),
		"out of order":    encoded(func(m *memory) { m.Looks[0].Machines[0] = 1 << 63; m.Looks[0].Machines[1] = 0 }),
		"a strange tool":  encoded(func(m *memory) { m.Looks[0].Known = []string{"mdm"} }),
	} {
		book.data = data
		m, err := recall(t.Context(), &book)
		require.NoError(t, err, name)
		require.Empty(t, m.Looks, name)
	}
	book.data = whole
	m, err := recall(t.Context(), &book)
	require.NoError(t, err)
	require.Len(t, m.Looks, 1)
}

// Each tool is compared with the last look of an earlier day that knew it, and no more looks are kept than that takes.
func TestLooksThatAreKept(t *testing.T) {
	m := &memory{}
	days := func() (list []int) {
		for _, s := range m.Looks {
			list = append(list, s.Day.Day())
		}
		return list
	}
	require.Nil(t, m.before(dayAt(1), "edr"))
	m = m.with(look(1, 3, "edr", "rmm"))
	require.Nil(t, m.before(dayAt(1), "edr"), "of the same day")
	m = m.with(look(2, 3, "edr", "rmm"))
	require.Equal(t, []int{1, 2}, days())
	m = m.with(look(2, 4, "edr", "rmm"))
	require.Equal(t, []int{1, 2}, days(), "the later look of a day takes the place of the one before")
	require.Len(t, m.Looks[1].Machines, 4)
	require.Equal(t, dayAt(1), m.before(dayAt(2), "edr").Day)
	m = m.with(look(3, 3, "rmm"))
	require.Equal(t, []int{2, 3}, days())
	m = m.with(look(4, 3, "rmm"))
	require.Equal(t, []int{2, 3, 4}, days(), "one is known since the second day alone")
	require.Equal(t, dayAt(2), m.before(dayAt(5), "edr").Day)
	require.Equal(t, dayAt(4), m.before(dayAt(5), "rmm").Day)
	m = m.with(look(4, 5, "edr"))
	require.Equal(t, []int{2, 3, 4, 4}, days(), "what an earlier look of the day knew stays")
	m = m.with(look(5, 3, "edr", "rmm"))
	require.Equal(t, []int{4, 4, 5}, days())
	m = m.with(look(2, 3, "edr", "rmm"))
	require.Equal(t, []int{2}, days(), "the clock went back")
}
