package differ_test

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"iter"
	"maps"
	"slices"
	"testing"

	"github.com/stretchr/testify/require"

	"assetgraph/differ"
	"assetgraph/graph"
)

// fleet is a made-up schema: sites have agents.
type fleet struct {
	site, agent, has *graph.Type
}

func newFleet() fleet {
	return fleet{
		site: graph.NewEntityType("site", "test", "made up", []string{"Organization"}),
		agent: graph.NewEntityType("agent", "test", "made up", []string{"HostAgent"},
			graph.Property{Name: "hostname", Kind: graph.Text},
			graph.Property{Name: "osVersion", Kind: graph.Text},
			graph.Property{Name: "lastSeenOn", Kind: graph.Int, Volatile: true}),
		has: graph.NewRelationshipType("test", "site", "HAS", "agent"),
	}
}

func (f fleet) newSite(t *testing.T, id string) *graph.Element {
	return seal(t, graph.NewEntity(f.site, "i", id))
}

func (f fleet) newAgent(t *testing.T, id, hostname string, seen int64) *graph.Element {
	e := graph.NewEntity(f.agent, "i", id)
	e.Set("hostname", graph.TextOf(hostname))
	e.Set("lastSeenOn", graph.IntOf(seen))
	return seal(t, e)
}

func (f fleet) newHas(t *testing.T, site, agent string) *graph.Element {
	return seal(t,
		graph.NewRelationship(f.has, "i", graph.EntityKey("i", "site", site), graph.EntityKey("i", "agent", agent)))
}

func seal(t *testing.T, e *graph.Element) *graph.Element {
	t.Helper()
	require.NoError(t, e.Seal())
	return e
}

// memory is a differ.Reader and the model that a plan is applied to.
type memory map[graph.Key]*graph.Element

func (m memory) Headers(_ context.Context, t *graph.Type, instance string) iter.Seq2[graph.Header, error] {
	return func(yield func(graph.Header, error) bool) {
		for _, k := range slices.Sorted(maps.Keys(m)) {
			if e := m[k]; e.Type == t && e.Instance == instance && !yield(e.Header(), nil) {
				return
			}
		}
	}
}

func (m memory) Elements(_ context.Context, s graph.Selection) iter.Seq2[graph.Stored, error] {
	return func(yield func(graph.Stored, error) bool) {
		for _, k := range slices.Sorted(slices.Values(s.Keys)) {
			if e := m[k]; e != nil && e.Type == s.Type && !yield(graph.Stored{Element: e}, nil) {
				return
			}
		}
	}
}

func (m memory) apply(t *testing.T, p *differ.Plan) {
	t.Helper()
	for _, sp := range p.Scopes {
		for _, op := range []graph.Op{graph.Create, graph.Update, graph.Refresh} {
			for batch, err := range sp.Writes(t.Context(), op, 2) {
				require.NoError(t, err)
				for _, e := range batch {
					copied := &graph.Element{}
					require.NoError(t, copied.Decode(e.Type, e.AppendTo(nil)))
					require.Equal(t, op != graph.Create, m[e.Key] != nil, "%s of %s", op, e.Key)
					m[e.Key] = copied
				}
			}
		}
		for batch := range sp.Deletes(2) {
			for _, e := range batch {
				require.Contains(t, m, e.Key)
				delete(m, e.Key)
			}
		}
	}
}

func hold(elements ...*graph.Element) memory {
	m := memory{}
	for _, e := range elements {
		m[e.Key] = e
	}
	return m
}

type comparing struct {
	fleet
	incomplete []string // types that were not read to the end
	guard      differ.Guard
	spool      *differ.Spool // of the last comparison
	dir        string        // where it lies; "" = anywhere
	confirm    func(context.Context, differ.Candidates) (map[graph.Key]differ.Stay, error)
}

func (c *comparing) compare(t *testing.T, m memory, read ...*graph.Element) *differ.Plan {
	t.Helper()
	spool, err := differ.NewSpool(cmp.Or(c.dir, t.TempDir()))
	require.NoError(t, err)
	t.Cleanup(func() { require.NoError(t, spool.Close()) })
	c.spool = spool
	for _, e := range read {
		_, err := spool.Add(e)
		require.NoError(t, err)
	}
	var scopes []differ.Desired
	for _, typ := range []*graph.Type{c.site, c.agent, c.has} {
		partial := slices.Contains(c.incomplete, typ.Name)
		scopes = append(scopes, differ.Desired{Type: typ, Instance: "i", Complete: !partial, Why: "page 2 failed"})
	}
	p, err := differ.Compare(t.Context(),
		differ.Comparison{Reader: m, Spool: spool, Scopes: scopes, Guard: c.guard, Confirm: c.confirm})
	require.NoError(t, err)
	return p
}

func counts(p *differ.Plan, typ string) differ.Counts { return scope(p, typ).Counts }

func scope(p *differ.Plan, typ string) *differ.ScopePlan {
	for _, sp := range p.Scopes {
		if sp.Scope.Type == typ {
			return sp
		}
	}
	return nil
}

func TestFirstLoadCreatesEverything(t *testing.T) {
	c := comparing{fleet: newFleet(), guard: lenient()}
	m := memory{}
	p := c.compare(t, m, c.newHas(t, "1", "10"), c.newAgent(t, "9", "b", 1), c.newAgent(t, "10", "a", 1),
		c.newSite(t, "1"), c.newHas(t, "1", "9"))
	require.Equal(t, differ.Counts{Create: 1}, counts(p, "site"))
	require.Equal(t, differ.Counts{Create: 2}, counts(p, "agent"))
	require.Equal(t, differ.Counts{Create: 2}, counts(p, "site_has_agent"))
	require.Equal(t, 5, p.Writes())
	m.apply(t, p)
	require.Len(t, m, 5)
}

func TestSecondRunOfTheSameDataIsEmptyInAnyOrder(t *testing.T) {
	c := comparing{fleet: newFleet(), guard: lenient()}
	read := []*graph.Element{
		c.newSite(t, "1"), c.newAgent(t, "9", "b", 1), c.newAgent(t, "10", "a", 1), c.newHas(t, "1", "9"),
		c.newHas(t, "1", "10"),
	}
	m := hold(read...)
	require.Zero(t, c.compare(t, m, read...).Writes())
	slices.Reverse(read)
	p := c.compare(t, m, read...)
	require.Zero(t, p.Writes())
	require.Equal(t, differ.Counts{Unchanged: 2}, counts(p, "agent"))
}

func TestUpdateNamesWhatChangedAndRefreshIsApart(t *testing.T) {
	c := comparing{fleet: newFleet(), guard: lenient()}
	m := hold(c.newAgent(t, "1", "old", 1), c.newAgent(t, "2", "same", 1), c.newAgent(t, "3", "same", 1))
	p := c.compare(t, m, c.newAgent(t, "1", "new", 2), c.newAgent(t, "2", "same", 2), c.newAgent(t, "3", "same", 1))
	require.Equal(t, differ.Counts{Update: 1, Refresh: 1, Unchanged: 1}, counts(p, "agent"))
	require.Equal(t, map[string]int{"hostname": 1, "lastSeenOn": 1}, scope(p, "agent").Changed)
	for u, err := range scope(p, "agent").Updates() {
		require.NoError(t, err)
		require.Equal(t, []string{"hostname", "lastSeenOn"}, u.Changed)
		require.Equal(t, "new", u.Get("hostname").Text())
	}
	m.apply(t, p)
	require.Equal(t, "new", m[graph.EntityKey("i", "agent", "1")].Get("hostname").Text())
	require.Equal(t, int64(2), m[graph.EntityKey("i", "agent", "2")].Get("lastSeenOn").Int())
}

func TestPropertyThatVanishedIsAnUpdate(t *testing.T) {
	c := comparing{fleet: newFleet(), guard: lenient()}
	old := c.newAgent(t, "1", "h", 1)
	old.Set("osVersion", graph.TextOf("11"))
	seal(t, old)
	p := c.compare(t, hold(old), c.newAgent(t, "1", "h", 1))
	require.Equal(t, map[string]int{"osVersion": 1}, scope(p, "agent").Changed)
}

func TestMoreUpdatesThanOneChunk(t *testing.T) {
	c := comparing{fleet: newFleet(), guard: lenient()}
	m, read := memory{}, []*graph.Element(nil)
	for i := range 1201 {
		e := c.newAgent(t, fmt.Sprint(i), "old", 1)
		m[e.Key] = e
		read = append(read, c.newAgent(t, fmt.Sprint(i), "new", 1))
	}
	p := c.compare(t, m, read...)
	require.Equal(t, differ.Counts{Update: 1201}, counts(p, "agent"))
	m.apply(t, p)
	require.Zero(t, c.compare(t, m, read...).Writes())
}

func TestSameKeyTwice(t *testing.T) {
	c := comparing{fleet: newFleet(), guard: lenient()}
	a, b := c.newAgent(t, "1", "a", 1), c.newAgent(t, "1", "b", 1)
	one := c.compare(t, memory{}, a, a, b)
	other := c.compare(t, memory{}, b, a, a)
	require.Equal(t, 1, counts(one, "agent").Create)
	require.Equal(t, 1, scope(one, "agent").Conflicts)
	require.Equal(t, first(t, one).Digest, first(t, other).Digest, "the winner does not depend on the order")
	require.Zero(t, scope(c.compare(t, memory{}, a, a), "agent").Conflicts, "equal content is no conflict")
}

func first(t *testing.T, p *differ.Plan) *graph.Element {
	for batch, err := range scope(p, "agent").Writes(t.Context(), graph.Create, 10) {
		require.NoError(t, err)
		return batch[0]
	}
	t.Fatal("no creates")
	return nil
}

func TestIncompleteScopeIsNeverDeletedFrom(t *testing.T) {
	c := comparing{fleet: newFleet(), guard: lenient(), incomplete: []string{"agent", "site_has_agent"}}
	m := hold(c.newSite(t, "1"), c.newAgent(t, "1", "a", 1), c.newAgent(t, "2", "a", 1), c.newHas(t, "1", "1"),
		c.newHas(t, "1", "2"))
	p := c.compare(t, m, c.newSite(t, "1"), c.newAgent(t, "1", "b", 1), c.newAgent(t, "3", "c", 1),
		c.newHas(t, "1", "1"))
	require.Equal(t, differ.Counts{Create: 1, Update: 1, Withheld: 1}, counts(p, "agent"))
	require.Equal(t, differ.Counts{Unchanged: 1, Withheld: 1}, counts(p, "site_has_agent"))
	require.Contains(t, scope(p, "agent").Withheld[0].Reason, "page 2 failed")
	require.Empty(t, scope(p, "agent").Withheld[0].Approval)
}

func TestEntityStaysWhileARelationshipOfAnIncompleteScopeHangsOnIt(t *testing.T) {
	c := comparing{fleet: newFleet(), guard: lenient(), incomplete: []string{"agent", "site_has_agent"}}
	m := hold(c.newSite(t, "1"), c.newSite(t, "2"), c.newAgent(t, "1", "a", 1), c.newHas(t, "1", "1"))
	p := c.compare(t, m, c.newSite(t, "2"))
	require.Equal(t, differ.Counts{Unchanged: 1, Withheld: 1}, counts(p, "site"))
	m.apply(t, p)
	require.Len(t, m, 4)
}

func TestEntityThatIsStillNamedStays(t *testing.T) {
	c := comparing{fleet: newFleet(), guard: lenient()}
	m := hold(c.newSite(t, "1"), c.newSite(t, "2"), c.newAgent(t, "1", "a", 1), c.newHas(t, "1", "1"))
	p := c.compare(t, m, c.newSite(t, "2"), c.newAgent(t, "1", "a", 1), c.newHas(t, "1", "1"))
	require.Equal(t, differ.Counts{Unchanged: 1, Withheld: 1}, counts(p, "site"))
	require.Equal(t, differ.Counts{Unchanged: 1}, counts(p, "site_has_agent"))
}

func TestRelationshipWithoutEndIsLeftOut(t *testing.T) {
	c := comparing{fleet: newFleet(), guard: lenient()}
	p := c.compare(t, memory{}, c.newSite(t, "1"), c.newAgent(t, "1", "a", 1), c.newHas(t, "1", "1"),
		c.newHas(t, "7", "1"))
	require.Equal(t, differ.Counts{Create: 1}, counts(p, "site_has_agent"))
	require.Equal(t, 1, scope(p, "site_has_agent").Dangling)
	require.Equal(t, []graph.Key{"i:site:7"}, scope(p, "site_has_agent").DanglingTo)
}

func TestGuard(t *testing.T) {
	f := newFleet()
	for name, test := range map[string]struct {
		guard         string
		held, read    int
		deleted, kept int
	}{
		"a tenth may go":                       {"10%", 20, 18, 2, 0},
		"more than a tenth may not":            {"10%", 20, 17, 0, 3},
		"small scopes are not held to a share": {"10%", 9, 1, 8, 0},
		"but never to zero":                    {"10%", 2, 0, 0, 2},
		"a count":                              {"3", 20, 17, 3, 0},
		"more than a count":                    {"3", 9, 5, 0, 4},
		"zero withholds every delete":          {"0", 5, 4, 0, 1},
		"a hundred per cent still not to zero": {"100%", 20, 0, 0, 20},
		"a hundred per cent down to one":       {"100%", 20, 1, 19, 0},
	} {
		t.Run(name, func(t *testing.T) {
			guard, err := differ.ParseMaxDeletes(test.guard)
			require.NoError(t, err)
			c := comparing{fleet: f, guard: guard}
			m, read := memory{}, []*graph.Element(nil)
			for i := range test.held {
				e := f.newAgent(t, fmt.Sprint(i), "h", 1)
				m[e.Key] = e
				if i < test.read {
					read = append(read, e)
				}
			}
			p := c.compare(t, m, read...)
			require.Equal(t, differ.Counts{Unchanged: test.read, Delete: test.deleted, Withheld: test.kept},
				counts(p, "agent"))
			if test.kept == 0 {
				return
			}
			w := scope(p, "agent").Withheld[0]
			require.Equal(t, test.kept, w.Deletes)
			require.NotEmpty(t, w.Examples)

			c.guard.Approve = []string{"0000000000000000", w.Approval}
			p = c.compare(t, m, read...)
			require.Equal(t, test.kept, counts(p, "agent").Delete, "approved")

			other := f.newAgent(t, "other", "h", 1)
			m[other.Key] = other
			p = c.compare(t, m, read...)
			require.Zero(t, counts(p, "agent").Delete, "an approval is for one set of keys")
		})
	}
}

func TestApprovalOfEntitiesTakesTheirRelationshipsAlong(t *testing.T) {
	c := comparing{fleet: newFleet(), guard: differ.Guard{MaxPercent: 10, MaxCount: -1}}
	m := hold(c.newSite(t, "1"))
	for i := range 20 {
		a, h := c.newAgent(t, fmt.Sprint(i), "h", 1), c.newHas(t, "1", fmt.Sprint(i))
		m[a.Key], m[h.Key] = a, h
	}
	p := c.compare(t, m, c.newSite(t, "1"))
	require.Equal(t, differ.Counts{Withheld: 20}, counts(p, "agent"))
	require.Equal(t, differ.Counts{Withheld: 20}, counts(p, "site_has_agent"), "what hangs on them stays too")
	c.guard.Approve = []string{scope(p, "agent").Withheld[0].Approval}
	p = c.compare(t, m, c.newSite(t, "1"))
	require.Equal(t, differ.Counts{Delete: 20}, counts(p, "agent"))
	require.Equal(t, differ.Counts{Delete: 20}, counts(p, "site_has_agent"))
	m.apply(t, p)
	require.Len(t, m, 1)
}

func TestParseMaxDeletesRefusesWhatIsNoLimit(t *testing.T) {
	for _, s := range []string{"", "%", "-1", "101%", "ten", "1.5%", "5 %x"} {
		_, err := differ.ParseMaxDeletes(s)
		require.Error(t, err, s)
	}
}

// failing is a reader whose stream breaks off.
type failing struct{ memory }

func (f failing) Headers(ctx context.Context, t *graph.Type, instance string) iter.Seq2[graph.Header, error] {
	return func(yield func(graph.Header, error) bool) {
		for h, err := range f.memory.Headers(ctx, t, instance) {
			if !yield(h, err) {
				return
			}
			break
		}
		yield(graph.Header{}, errBroken)
	}
}

var errBroken = errors.New("connection reset")

func TestBrokenReadOfTheGraphIsNoPlan(t *testing.T) {
	f := newFleet()
	spool, err := differ.NewSpool(t.TempDir())
	require.NoError(t, err)
	defer spool.Close()
	a := f.newAgent(t, "1", "h", 1)
	_, err = spool.Add(a)
	require.NoError(t, err)
	_, err = differ.Compare(t.Context(), differ.Comparison{
		Reader: failing{hold(a)}, Spool: spool,
		Scopes: []differ.Desired{{Type: f.agent, Instance: "i", Complete: true}}, Guard: lenient(),
	})
	require.ErrorIs(t, err, errBroken)
}

// lenient lets every delete of these tests through but one to zero.
func lenient() differ.Guard { return differ.Guard{MaxCount: 1000} }

func TestCandidatesAreAskedForOnceMore(t *testing.T) {
	c := comparing{fleet: newFleet(), guard: lenient()}
	m := hold(c.newSite(t, "1"), c.newAgent(t, "1", "a", 1), c.newAgent(t, "2", "a", 1), c.newAgent(t, "3", "a", 1),
		c.newHas(t, "1", "2"), c.newHas(t, "1", "3"))
	read := []*graph.Element{c.newSite(t, "1"), c.newAgent(t, "1", "a", 1)}
	var asked []graph.Key
	c.confirm = func(_ context.Context, about differ.Candidates) (map[graph.Key]differ.Stay, error) {
		require.Equal(t, "i/agent", about.Instance+"/"+about.Type.Name)
		asked = append(asked, about.Keys...)
		return map[graph.Key]differ.Stay{"i:agent:2": {Reason: "it is alive"}}, nil
	}
	p := c.compare(t, m, read...)
	require.Equal(t, []graph.Key{"i:agent:2", "i:agent:3"}, asked)
	require.Equal(t, differ.Counts{Unchanged: 1, Delete: 1, Withheld: 1}, counts(p, "agent"))
	require.Equal(t, "it is alive", scope(p, "agent").Withheld[0].Reason)
	require.Equal(t, differ.Counts{Delete: 1, Withheld: 1}, counts(p, "site_has_agent"),
		"one hangs on what stays, one goes with its agent")

	c.confirm = func(context.Context, differ.Candidates) (map[graph.Key]differ.Stay, error) {
		return nil, errBroken
	}
	p = c.compare(t, m, read...)
	require.Equal(t, differ.Counts{Unchanged: 1, Withheld: 2}, counts(p, "agent"))
	require.Contains(t, scope(p, "agent").Withheld[0].Reason, "connection reset")
}
