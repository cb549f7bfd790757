package storetest

import (
	"fmt"
	"maps"
	"slices"
	"strings"

	"github.com/stretchr/testify/require"

	"assetgraph/graph"
)

func findTests() []test {
	return []test{
		{"selected properties are read and no others", selectedProperties},
		{"links by type, with properties of where they lead from", linksByType},
		{"links around entities", linksAround},
		{"thousands of links come back complete", manyLinks},
		{"a search finds texts by their letters and digits", searches},
		{"a search finds what was written since, and nothing that is gone", searchesLate},
	}
}

func selectedProperties(e *env) {
	store := e.open()
	full := fullDevice(e)
	e.create(store, full)
	for _, s := range []graph.Selection{{}, {Keys: keys([]*graph.Element{full})}} {
		s.Type, s.Properties = e.device, []string{"hostname", "macAddresses", "createdOn", "nobody"}
		n := 0
		for st, err := range store.Elements(e.Context(), s) {
			n++
			require.NoError(e, err)
			require.Equal(e, full.Key, st.Key)
			require.Equal(e, "fleet", st.Instance)
			for _, p := range e.device.Properties {
				want := graph.Value{}
				if slices.Contains(s.Properties, p.Name) {
					want = full.Get(p.Name)
				}
				require.True(e, want.Equal(st.Get(p.Name)), p.Name)
			}
			require.Zero(e, st.Digest)
			require.Zero(e, st.CreatedOn)
		}
		require.Equal(e, 1, n)
	}
	_, _, has := e.link(store)
	n := 0
	for st, err := range store.Elements(e.Context(), graph.Selection{Type: e.has, Properties: []string{}}) {
		require.NoError(e, err)
		require.Equal(e, has[n].Key, st.Key)
		require.Equal(e, has[n].From, st.From)
		n++
	}
	require.Equal(e, len(has), n)
}

// links returns the selected links as text, with the host name of where they lead from.
func (e *env) links(store graph.Store, s graph.LinkSelection) []string {
	e.Helper()
	var list []string
	for l, err := range store.Links(e.Context(), s) {
		require.NoError(e, err)
		text := fmt.Sprintf("%s %s %s", l.Type.Name, l.From, l.To)
		if s.Properties != nil {
			require.Equal(e, l.From, l.Origin.Key)
			require.Equal(e, l.Type.From, l.Origin.Type.Name)
			text += " " + l.Origin.Get("hostname").Text()
		} else {
			require.Nil(e, l.Origin)
		}
		list = append(list, text)
	}
	slices.Sort(list)
	return list
}

// mesh writes an organization that has two devices, of which one hosts the other, and a machine that one of them is.
func (e *env) mesh(store graph.Store) {
	e.Helper()
	org := e.entity(e.organization, "fleet", "o", nil)
	a := e.entity(e.device, "fleet", "a", set{"hostname": graph.TextOf("host-a")})
	b := e.entity(e.device, "fleet", "b", nil)
	m := e.entity(e.machine, "own", "m", nil)
	e.create(store, org)
	e.create(store, a, b)
	e.create(store, m)
	e.create(store, e.relationship(e.has, "fleet", org.Key, a.Key, nil), e.relationship(e.has, "fleet", org.Key, b.Key, nil))
	e.create(store, e.relationship(e.hosts, "fleet", a.Key, b.Key, nil))
	e.create(store, e.relationship(e.is, "own", a.Key, m.Key, nil))
}

const (
	orgHasA = "fleetmgr_organization_has_device fleet:fleetmgr_organization:o fleet:fleetmgr_device:a"
	orgHasB = "fleetmgr_organization_has_device fleet:fleetmgr_organization:o fleet:fleetmgr_device:b"
	aHostsB = "fleetmgr_device_hosts_device fleet:fleetmgr_device:a fleet:fleetmgr_device:b"
	aIsM    = "fleetmgr_device_is_device fleet:fleetmgr_device:a own:device:m"
)

func linksByType(e *env) {
	store := e.open()
	require.Empty(e, e.links(store, graph.LinkSelection{Types: []*graph.Type{e.has}}))
	e.mesh(store)
	require.Equal(e, []string{orgHasA, orgHasB}, e.links(store, graph.LinkSelection{Types: []*graph.Type{e.has}}))
	require.Equal(e, []string{aHostsB + " host-a", aIsM + " host-a"},
		e.links(store, graph.LinkSelection{Types: []*graph.Type{e.is, e.hosts}, Properties: []string{"nobody", "hostname"}}))
	require.Empty(e, e.links(store, graph.LinkSelection{}))
}

func linksAround(e *env) {
	store := e.open()
	e.mesh(store)
	all := []*graph.Type{e.has, e.hosts, e.is}
	around := func(types []*graph.Type, ids ...graph.Key) graph.LinkSelection {
		return graph.LinkSelection{Types: types, Around: ids}
	}
	a, b := graph.Key("fleet:fleetmgr_device:a"), graph.Key("fleet:fleetmgr_device:b")
	require.Equal(e, []string{aHostsB, aIsM, orgHasA}, e.links(store, around(all, a)))
	require.Equal(e, []string{aHostsB, aIsM, orgHasA, orgHasB}, e.links(store, around(all, b, a, a, "fleet:fleetmgr_device:404")),
		"each once")
	require.Equal(e, []string{aIsM}, e.links(store, around([]*graph.Type{e.is}, a, b)))
	require.Empty(e, e.links(store, graph.LinkSelection{Types: all, Around: []graph.Key{}}), "no keys are not all keys")
	selection := around(all, "own:device:m")
	selection.Properties = []string{"hostname"}
	require.Equal(e, []string{aIsM + " host-a"}, e.links(store, selection))
}

func manyLinks(e *env) {
	store := e.open()
	const n = 3000
	org, devices := e.entity(e.organization, "fleet", "o", nil), e.devices("fleet", n)
	e.create(store, org)
	e.create(store, devices...)
	var has []*graph.Element
	for _, d := range devices {
		has = append(has, e.relationship(e.has, "fleet", org.Key, d.Key, nil))
	}
	e.create(store, has...)
	seen := map[graph.Key]bool{}
	for l, err := range store.Links(e.Context(), graph.LinkSelection{Types: []*graph.Type{e.has}}) {
		require.NoError(e, err)
		require.Equal(e, org.Key, l.From)
		seen[l.To] = true
	}
	require.Len(e, seen, n)
	require.Len(e, e.links(store, graph.LinkSelection{Types: []*graph.Type{e.has}, Around: []graph.Key{org.Key}}), n)
}

// found returns the ids of the devices that a search finds and that hold the part: a store may find others too.
func (e *env) found(store graph.Store, p graph.Part) string {
	e.Helper()
	s := graph.Search{Types: []*graph.Type{e.device}, Properties: []string{"hostname", "macAddresses"}, Parts: []graph.Part{p}}
	ids := map[string]bool{}
	for key, err := range store.Search(e.Context(), s) {
		require.NoError(e, err)
		require.Equal(e, e.device.Name, key.Scope().Type)
		for st, err := range store.Elements(e.Context(), graph.Selection{Type: e.device, Keys: []graph.Key{key}}) {
			require.NoError(e, err)
			if slices.ContainsFunc(append(st.Get("macAddresses").List(), st.Get("hostname").Text()), s.Holds) {
				ids[st.Get("id").Text()] = true
			}
		}
	}
	return strings.Join(slices.Sorted(maps.Keys(ids)), " ")
}

// searched writes devices whose names are spelled in many ways.
func (e *env) searched(store graph.Store) {
	e.Helper()
	device := func(id, hostname string, macs ...string) *graph.Element {
		return e.entity(e.device, "fleet", id, set{"hostname": graph.TextOf(hostname), "macAddresses": graph.TextsOf(macs...)})
	}
	e.create(store,
		device("plain", "LT-0042"), device("long", "lt-0042.corp.example", "00:50:56:ab:cd:ef"),
		device("blanks", "VMware-56 4d 8f\t01 02"), device("person", "Jane  Döe's PC"),
		device("huge", strings.Repeat("x", 40_000)+"LT0042"+strings.Repeat("y z", 9_000)),
		device("list", "", "02:00:00:00:00:01", `a \ "b" /c/`), device("other", "nothing"))
	e.create(store, e.entity(e.deviceX, "fleet", "x", set{"name": graph.TextOf("LT-0042")}))
}

func searches(e *env) {
	store := e.open()
	e.searched(store)
	e.requireSearches(store)
}

func (e *env) requireSearches(store graph.Store) {
	e.Helper()
	for _, tt := range []struct {
		part graph.Part
		want string
	}{
		{graph.Part{Text: "lt0042"}, "huge long plain"},
		{graph.Part{Text: "lt0042", Begins: true}, "long plain"},
		{graph.Part{Text: "lt0042", Begins: true, Ends: true}, "plain"},
		{graph.Part{Text: "example", Ends: true}, "long"},
		{graph.Part{Text: "005056abcdef", Begins: true, Ends: true}, "long"},
		{graph.Part{Text: "564d8f0102"}, "blanks"},
		{graph.Part{Text: "vmware564d8f0102", Begins: true, Ends: true}, "blanks"},
		{graph.Part{Text: "vmware564d8f010", Begins: true, Ends: true}, ""},
		{graph.Part{Text: "6"}, "blanks long"},
		{graph.Part{Text: "janedespc", Begins: true, Ends: true}, "person"},
		{graph.Part{Text: "ned"}, "person"},
		{graph.Part{Text: "xlt0042yzyzyzyzyzyzyzyzyzyzyzyz"}, "huge"},
		{graph.Part{Text: "abc", Begins: true, Ends: true}, "list"},
		{graph.Part{Text: "000001"}, "list"},
		{graph.Part{Text: "lt0043"}, ""},
		{graph.Part{Text: "lt0042", Properties: []string{"hostname"}}, "huge long plain"},
		{graph.Part{Text: "005056abcdef", Begins: true, Ends: true, Properties: []string{"macAddresses"}}, "long"},
	} {
		require.Equal(e, tt.want, e.found(store, tt.part), "%+v", tt.part)
	}
}

// What finds entities by an index may make that when the graph is closed for the first time.
func searchesLate(e *env) {
	first := e.graph.Open(e.T, e.schema, false)
	e.searched(first)
	require.NoError(e, first.Close())
	store := e.open()
	e.requireSearches(store)
	e.apply(store, graph.Update, at(2), e.entity(e.device, "fleet", "plain", set{"hostname": graph.TextOf("WS-7")}))
	e.apply(store, graph.Delete, at(2), e.entity(e.device, "fleet", "person", nil))
	e.create(store, e.entity(e.device, "fleet", "new", set{"hostname": graph.TextOf("LT 0042")}))
	require.Equal(e, "huge long new", e.found(store, graph.Part{Text: "lt0042"}))
	require.Equal(e, "plain", e.found(store, graph.Part{Text: "ws7", Begins: true, Ends: true}))
	require.Empty(e, e.found(store, graph.Part{Text: "janedespc"}))
}
