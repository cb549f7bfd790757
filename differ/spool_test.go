package differ_test

import (
	"strconv"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"assetgraph/differ"
	"assetgraph/graph"
)

func TestSpoolReadsBackWhatLiesAtARef(t *testing.T) {
	f := newFleet()
	spool, err := differ.NewSpool(t.TempDir())
	require.NoError(t, err)
	defer spool.Close()
	want := map[differ.Ref]string{}
	for i, name := range []string{"short", strings.Repeat("long", 5000), "last"} {
		ref, err := spool.Add(f.newAgent(t, string(rune('a'+i)), name, int64(i)))
		require.NoError(t, err)
		want[ref] = name
	}
	_, err = spool.Add(f.newSite(t, "1"))
	require.NoError(t, err)
	require.Len(t, want, 3)
	for ref, name := range want {
		e := &graph.Element{}
		require.NoError(t, spool.Read(ref, e))
		require.Equal(t, name, e.Get("hostname").Text())
	}
	require.Error(t, spool.Read(1<<60, &graph.Element{}))
}

func TestScopeYieldsWhatWasReadWithItsPlace(t *testing.T) {
	c := comparing{fleet: newFleet(), guard: lenient()}
	m := hold(c.newAgent(t, "gone", "x", 1))
	c.incomplete = []string{"agent"}
	read := []*graph.Element{c.newAgent(t, "2", "b", 1), c.newAgent(t, "1", "a", 1), c.newAgent(t, "2", "b", 1)}
	p := c.compare(t, m, read...)
	var names []string
	for l, err := range scope(p, "agent").Elements() {
		require.NoError(t, err)
		e := &graph.Element{}
		require.NoError(t, c.spool.Read(l.Ref, e))
		require.Equal(t, l.Key, e.Key)
		names = append(names, e.Get("hostname").Text())
	}
	require.Equal(t, []string{"a", "b"}, names)
	names = nil
	for e, err := range scope(p, "agent").AsRead() {
		require.NoError(t, err)
		names = append(names, e.Get("hostname").Text())
	}
	require.Equal(t, []string{"b", "a", "b"}, names)
	require.Equal(t, []graph.Key{"i:agent:gone"}, scope(p, "agent").Kept(""))
}

func TestPlanOfWhatIsDerivedNamesEntitiesOfTheFirst(t *testing.T) {
	c := comparing{fleet: newFleet(), guard: lenient()}
	first := c.compare(t, memory{}, c.newSite(t, "1"), c.newAgent(t, "1", "a", 1))
	device := graph.NewEntityType("device", "derived", "made up", []string{"Device"})
	is := graph.NewRelationshipType("derived", "agent", "IS", "device")
	spool, err := differ.NewSpool(t.TempDir())
	require.NoError(t, err)
	defer spool.Close()
	to := graph.EntityKey("d", "device", "1")
	for _, e := range []*graph.Element{
		graph.NewEntity(device, "d", "1"),
		graph.NewRelationship(is, "d", graph.EntityKey("i", "agent", "1"), to),
		graph.NewRelationship(is, "d", graph.EntityKey("i", "agent", "2"), to),
		graph.NewRelationship(is, "d", graph.EntityKey("other", "agent", "2"), to),
	} {
		_, err := spool.Add(seal(t, e))
		require.NoError(t, err)
	}
	second, err := differ.Compare(t.Context(), differ.Comparison{
		Reader: memory{}, Spool: spool, After: first,
		Scopes: []differ.Desired{
			{Type: device, Instance: "d", Complete: true}, {Type: is, Instance: "d", Complete: true},
		},
	})
	require.NoError(t, err)
	require.Equal(t, differ.Counts{Create: 2}, counts(second, "agent_is_device"),
		"agent 2 is unknown; of another instance nothing is known")
	require.Equal(t, 1, scope(second, "agent_is_device").Dangling)
	first.Append(second)
	var order []string
	for _, sp := range first.Scopes {
		order = append(order, sp.Scope.Type)
	}
	require.Equal(t, []string{"site", "agent", "device", "site_has_agent", "agent_is_device"}, order)
}

// Of what was added last a part is in the file and the rest is not, in the middle of an element.
func TestSpoolReadsWhatIsOnlyPartlyWritten(t *testing.T) {
	f := newFleet()
	spool, err := differ.NewSpool(t.TempDir())
	require.NoError(t, err)
	defer spool.Close()
	e := &graph.Element{}
	var refs []differ.Ref
	for i := range 3000 { // more than is buffered
		ref, err := spool.Add(f.newAgent(t, strconv.Itoa(i), "host", int64(i)))
		require.NoError(t, err)
		refs = append(refs, ref)
	}
	for i, ref := range refs {
		require.NoError(t, spool.Read(ref, e), i)
		require.Equal(t, graph.EntityKey("i", "agent", strconv.Itoa(i)), e.Key)
	}
}
