package correlate

import (
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"assetgraph/converters"
	"assetgraph/graph"
)

// seasonOf returns what a run meets of the given records, all links read. "-2" before a record puts it into the other
// instance.
func seasonOf(t require.TestingT, records []string) *season {
	b := newBuilder()
	b.customers(t)
	for _, r := range records {
		r, second := strings.CutPrefix(r, "-2/")
		b.in = strings.Repeat("-2", count1(second))
		b.put(t, r)
	}
	s := &season{fleet: b.fleet}
	for _, typ := range []string{"immybot_computer", "immybot_tenant"} {
		s.read = append(s.read, graph.Scope{Instance: "immybot", Type: typ})
	}
	return s
}

func historyOf(t *testing.T) *history { return &history{t: t, graph: map[graph.Key]stored{}} }

// numbered makes records of which %[1]d is the number.
func numbered(from, to int, format string) (list []string) {
	for n := from; n <= to; n++ {
		list = append(list, fmt.Sprintf(format, n))
	}
	return list
}

// TestOthersChangeADevice: a device whose records stay as they are may be another all the same, because of others.
func TestOthersChangeADevice(t *testing.T) {
	for _, c := range []struct {
		name   string
		always []string
		steps  [][]string
	}{
		{"a serial number turns out to identify nothing", []string{"a1 serial=SHARED9 name=u at=1"}, [][]string{
			nil, {"a2 serial=SHARED9 name=v at=2", "a3 serial=SHARED9 name=w at=3"}, nil}},
		{"the customers of two records turn out to be one", []string{
			"o6 name=Alpha", "t6 name=Alpha", "a1 serial=ABC1234 name=pc at=5", "d1 serial=ABC1234 name=pc at=6"},
			[][]string{{"s5 name=Beta"}, {"s5 name=Alpha"}, {"s5 name=Beta"}}},
		{"a link leads nowhere any more", []string{"c1 mac=" + mac1 + " link=ninjarmm:1", "d1 mac=" + mac1},
			[][]string{nil, {"-2/d1 name=other"}, nil}},
		{"one of two links leads nowhere any more", []string{
			"c1 mac=" + mac1 + " link=ninjarmm:1 link=sentinelone:" + uuid1, "d1 mac=" + mac1, "a1 mac=" + mac1 + " uuid=" + uuid1},
			[][]string{nil, {"-2/d1 name=other"}, nil}},
		{"one of two links leads nowhere any more, to what another one leads too", []string{
			"c1 mac=" + mac1 + " link=ninjarmm:1 link=sentinelone:" + uuid1, "-2/c1 serial=ABC1234 mac=" + mac1 + " link=ninjarmm:1",
			"d1 serial=ABC1234 mac=" + mac1, "a1 mac=" + mac1 + " uuid=" + uuid1}, [][]string{nil, {"-2/d1 name=other"}, nil}},
		{"an address is on too many machines", []string{"a1 mac=" + mac1 + "," + mac2, "d1 mac=" + mac1 + "," + mac2},
			[][]string{nil, numbered(2, 60, "a%[1]d name=n%[1]d serial=XYZ00%[1]d mac="+mac1), nil,
				numbered(2, 60, "a%[1]d name=n%[1]d serial=XYZ00%[1]d mac="+mac2)}},
		{"an id is on too many records", []string{"c1 link=sentinelone:" + uuid1 + " link=ninjarmm:1 serial=ABC1234", "a1 uuid=" + uuid1 + " serial=ABC1234", "d1"},
			[][]string{nil, numbered(2, 60, "a%[1]d uuid="+uuid1), nil}},
		{"the larger part keeps the key of what was split", []string{"a1 serial=AAA1111", "a9 serial=AAA1111 dead", "g9 serial=AAA1111"},
			[][]string{{"d1 serial=AAA1111", "c1 serial=AAA1111"}, {"d1 serial=BBB2222", "c1"}, {"d1 serial=BBB2222", "c1"}}},
		{"a record moves to another instance", []string{"d1 serial=ABC1234 mac=" + mac1}, [][]string{
			{"a1 serial=ABC1234 mac=" + mac1}, {"-2/a1 serial=ABC1234 mac=" + mac1}, {"a1 serial=ABC1234 mac=" + mac1}}},
		{"a human's record moves to another instance", []string{"p1 email=ann@one.example"},
			[][]string{{"u1 email=ann@one.example"}, {"-2/u1 email=ann@one.example"}}},
		{"a link is withdrawn", []string{"d1"}, [][]string{{"c1 link=ninjarmm:1"}, {"c1"}, {"c1"}}},
		{"a user gets another key", []string{"c1 name=pc primaryUserEmail=ann@one.example"}, [][]string{
			{"p1 email=ann@one.example"}, nil, {"p2 email=ann@one.example"},
			{"p2 email=ann@one.example,bob@one.example", "p3 email=bob@one.example"}, {"p2 email=zoe@one.example", "p3 email=ann@one.example"}}},
		{"a human loses the address", []string{"p1 azurePrincipalId=A"}, [][]string{
			{"i1 email=ann@one.example azurePrincipalId=A"}, {"i1 azurePrincipalId=A"}, {"i1 email=ann@one.example azurePrincipalId=A"}}},
	} {
		t.Run(c.name, func(t *testing.T) {
			h := historyOf(t)
			for _, step := range c.steps {
				s := seasonOf(t, slices.Concat(c.always, step))
				h.run(s)
				s.again = true
				h.run(s)
			}
		})
	}
}

// TestContentHoldsVolatileProperties: what may change by itself and is handed on counts, what is not does not.
func TestContentHoldsVolatileProperties(t *testing.T) {
	d := graph.DeclareEntity("acme_box", "acme", "made up", "Host")
	volatile := map[string]graph.Field{}
	for _, name := range []string{"hostname", "state", "serial", "user", "who", "seen"} {
		kind := graph.Text
		if name == "seen" {
			kind = graph.Time
		}
		volatile[name] = d.Add(graph.Property{Name: name, Kind: kind, Volatile: true})
	}
	box := d.Type()
	m := NewModel(&converters.Converter{Integration: "acme", Types: []*graph.Type{box}, Roles: []converters.Role{{
		Type: box, Machine: &converters.Machine{
			Tool: &converters.Tool{Name: "acme"}, Verb: "IS", LastSeen: volatile["seen"],
			State: func(*graph.Element) converters.State { return converters.Live }, Reads: []graph.Field{volatile["state"]},
			Serials: []graph.Field{volatile["serial"]}, Names: []graph.Field{volatile["hostname"]}, User: volatile["user"],
		},
	}}})
	content := func(name string) uint64 {
		e := graph.NewEntity(box, "acme", "1")
		if name == "seen" {
			volatile[name].Set(e, graph.TimeOf(time.Date(2026, 1, 9, 0, 0, 0, 0, time.UTC)))
		} else if name != "" {
			volatile[name].Set(e, graph.TextOf("x"))
		}
		require.NoError(t, e.Seal())
		return m.roles["acme_box"].contentOf(e)
	}
	seen := map[uint64]string{content(""): "nothing"}
	for _, name := range []string{"hostname", "state", "serial", "user"} {
		require.Empty(t, seen[content(name)], name)
		seen[content(name)] = name
	}
	require.Equal(t, content(""), content("who"), "nobody looks at it")
	require.Equal(t, content(""), content("seen"), "it is remembered by itself")
	require.Zero(t, m.roles["acme_box"].contentOf(graph.NewEntity(box, "acme", "1")), "not sealed")
}
