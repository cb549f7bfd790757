package correlate

import (
	"errors"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"assetgraph/converters"
	"assetgraph/graph"
	"assetgraph/internal/simulator"
)

func TestCompanyNames(t *testing.T) {
	for _, same := range [][]string{
		{"Alder Dental", "ALDER DENTAL GMBH", "Alder-Dental", "Alder Dental, GmbH", "Alder  Dental ", "AlderDental", "Alder Dental (GmbH)", "Alder Dental GmbH."},
		{"Höfer Foods B.V.", "Ho\u0308fer Foods BV", "höfer foods"},
		{"Acme GmbH & Co. KG", "Acme", "ACME gmbh"},
		{"Smith & Sons Ltd", "Smith and Sons", "Smith + Sons Limited"},
		{"Blue Sky Pty Ltd", "Blue Sky", "Blue Sky S.A."},
		{"Straße 5", "STRASSE 5"},
	} {
		for _, name := range same {
			require.Equal(t, normalCompany(same[0]).base, normalCompany(name).base, name)
		}
	}
	require.NotEqual(t, normalCompany("Acme"), normalCompany("Acme Group"))
	require.NotEqual(t, normalCompany("Acme 1"), normalCompany("Acme 2"))
	require.Equal(t, "ag", normalCompany("AG").base, "a name that is a legal form stays")
	require.Empty(t, normalCompany(" -- ").base)
	for _, fit := range [][2]string{{"Acme Ltd", "ACME Limited"}, {"Acme", "Acme Inc."}, {"Blue Sky Pty Ltd", "Blue Sky Limited"}, {"Acme GmbH & Co. KG", "Acme KG"}} {
		require.True(t, normalCompany(fit[0]).fits(normalCompany(fit[1])), fit)
		require.True(t, normalCompany(fit[1]).fits(normalCompany(fit[0])), fit)
	}
	for _, differ := range [][2]string{{"Acme Inc", "ACME Ltd"}, {"Acme GmbH", "Acme AG"}, {"Acme", "Acne"}} {
		require.False(t, normalCompany(differ[0]).fits(normalCompany(differ[1])), differ)
	}
}

// customersOf writes the organizations as "o1 s1 t1 | s2".
func (r *result) customersOf() string {
	return r.groups("organization", map[string]string{"sentinelone_site": "s", "ninjarmm_organization": "o", "immybot_tenant": "t"})
}

func TestCustomers(t *testing.T) {
	for _, c := range []struct {
		name    string
		records []string
		want    string
	}{
		{"by name", []string{"s1 name=Acme_GmbH", "o1 name=ACME", "t1 name=Acme."}, "o1 s1 t1"},
		{"a name that is not unique", []string{"s1 name=Acme_GmbH", "s2 name=Acme_Ltd", "o1 name=Acme"}, "o1 | s1 | s2"},
		{"mapping goes before names", []string{"s1 name=Acme", "t1 name=Zeta link=sentinelone:1 link=ninjarmm:1", "o1 name=Other", "t2 name=Acme"}, "o1 s1 t1 | t2"},
		{"several sites of one tenant", []string{"s1 name=A1", "s2 name=B2", "t1 name=Zeta link=sentinelone:1 link=sentinelone:2"}, "s1 s2 t1"},
		{"a client of two tenants goes to the one of its name", []string{"s1 name=Acme", "t1 name=Acme link=sentinelone:1", "t2 name=Zeta link=sentinelone:1"}, "s1 t1 | t2"},
		{"a client of two tenants of other names", []string{"s1 name=Acme", "t1 name=Beta link=sentinelone:1", "t2 name=Zeta link=sentinelone:1"}, "s1 | t1 | t2"},
		{"names never join two tenants", []string{"s1 name=Acme", "t1 name=Beta link=sentinelone:1", "o1 name=Acme", "t2 name=Gamma link=ninjarmm:1"}, "o1 t2 | s1 t1"},
		{"a branch of a site of the same account", []string{"s1 name=Acme_Ltd accountId=7", "s2 name=Acme_Ltd_-_Branch accountId=7", "o1 name=Acme"}, "o1 s1 s2"},
		{"a branch of another account", []string{"s1 name=Acme_Ltd accountId=7", "s2 name=Acme_Ltd_-_Branch accountId=8"}, "s1 | s2"},
		{"a group is another company", []string{"s1 name=Acme", "o1 name=Acme_Group"}, "o1 | s1"},
		{"sites of one name are known by their accounts", []string{
			"k7 name=Acme_Ltd", "k8 name=Zeta", "s1 name=Default_site accountId=7", "s2 name=Default_site accountId=8", "o1 name=Acme", "o2 name=ZETA",
		}, "o1 s1 | o2 s2"},
		{"so are all sites of an account", []string{
			"k7 name=Acme_Ltd", "k8 name=Zeta", "s1 name=Servers accountId=7", "s2 name=Servers accountId=8", "s3 name=Berlin accountId=7", "o1 name=Acme", "o2 name=ZETA", "t1 name=acme",
		}, "o1 s1 s3 t1 | o2 s2"},
		{"a site that the product has named, of the only account", []string{"k7 name=Acme", "s1 name=Default_site accountId=7", "o1 name=Acme"}, "o1 s1"},
		{"below the account of a provider of services each site is a customer", []string{
			"k7 name=Hands_On_IT", "s1 name=Acme accountId=7", "s2 name=New_One accountId=7", "s3 name=Default_site accountId=7", "o1 name=Acme", "o2 name=Hands_On_IT",
		}, "o1 s1 | o2 s3 | s2"},
		{"an account that nobody else knows", []string{"k7 name=Acme", "s1 name=Default_site accountId=7", "s2 name=Default_site accountId=7"}, "s1 s2"},
		{"no product's own name makes two customers one", []string{"s1 name=Default_site", "o1 name=Default_Site"}, "o1 | s1"},
		{"an expired site beside the live one", []string{"s1 name=Alpha_Ltd state=expired", "s2 name=Alpha_Ltd state=active", "o1 name=Alpha", "t1 name=Alpha_Ltd"}, "o1 s1 s2 t1"},
		{"a deleted site of another form", []string{"s1 name=Alpha_Inc state=deleted", "s2 name=Alpha_Ltd", "o1 name=Alpha_Ltd"}, "o1 s2 | s1"},
		{"a tenant that is switched off", []string{"t1 name=Alpha off", "t2 name=Alpha", "o1 name=Alpha"}, "o1 t1 t2"},
		{"what is dead alone", []string{"s1 name=Alpha state=expired", "o1 name=Alpha"}, "o1 s1"},
		{"two legal forms are two companies", []string{"s1 name=ACME_Ltd", "o1 name=Acme_Inc"}, "o1 | s1"},
		{"whole names go before trimmed ones", []string{"s1 name=ACME_Ltd", "o1 name=Acme_Inc", "t1 name=Acme_Limited", "t2 name=acme_inc."}, "o1 t2 | s1 t1"},
		{"a missing legal form does not say which", []string{"s1 name=ACME_Ltd", "o1 name=Acme_Inc", "t1 name=Acme"}, "o1 | s1 | t1"},
		{"one spelled out", []string{"s1 name=ACME_Limited", "o1 name=Acme_Ltd."}, "o1 s1"},
	} {
		t.Run(c.name, func(t *testing.T) {
			b := newBuilder()
			for _, r := range c.records {
				b.put(t, r)
			}
			require.Equal(t, c.want, b.run(t, nil, nil).customersOf())
		})
	}
}

func TestOrganizationEntities(t *testing.T) {
	b := newBuilder()
	for _, r := range []string{"s1 name=acme_ltd", "o1 name=ACME,_Ltd", "t1 name=Acme link=ninjarmm:1 link=sentinelone:1", "d1 at=1 name=pc-1", "d2 at=1 name=pc-2"} {
		b.put(t, r)
	}
	r := b.run(t, nil, nil)
	o := r.get(t, "assetgraph:organization:acme")
	require.Equal(t, "ACME, Ltd", o.Get("name").Text(), "as the RMM spells it")
	require.EqualValues(t, 2, o.Get("deviceCount").Int())
	require.Equal(t, []string{"immybot", "ninjarmm", "sentinelone"}, o.Get("sources").List())
	require.Equal(t, [3]string{"client-mapping", "ninjarmm 1; sentinelone 1", "exact"}, r.why[keyOf("t1")])
	require.Equal(t, [3]string{"client-mapping", "sentinelone 1", "exact"}, r.why[keyOf("s1")])
}

func TestOrganizationsOfOneNameHaveOtherKeys(t *testing.T) {
	b := newBuilder()
	for _, r := range []string{"s1 name=Acme_GmbH", "s2 name=Acme_Ltd", "o1 name=Acme"} {
		b.put(t, r)
	}
	r := b.run(t, nil, nil)
	require.Equal(t, "assetgraph:organization:sentinelone_site-1", string(r.of[keyOf("s1")]))
	require.Equal(t, "assetgraph:organization:sentinelone_site-2", string(r.of[keyOf("s2")]))
	require.Equal(t, "assetgraph:organization:ninjarmm_organization-1", string(r.of[keyOf("o1")]))
}

// Links and mappings that were not read this time are those of the last run.
func TestLinksOfTheLastRun(t *testing.T) {
	build := func(records ...string) *builder {
		b := newBuilder()
		for _, r := range append([]string{"s1 name=Acme", "t9 name=Zeta"}, records...) {
			b.put(t, r)
		}
		return b
	}
	linked := build("a1 uuid="+uuid1+" name=one", "d1 name=two", "c1 name=three link=sentinelone:"+uuid1+" link=ninjarmm:1")
	linked.links = append(linked.links, converters.Link{From: keyOf("t9"), Product: "sentinelone", ExternalID: "1"})
	first := linked.run(t, nil, nil)
	require.Equal(t, "a1 c1 d1", first.clusters())
	require.Equal(t, "s1 t9", first.customersOf())
	require.Equal(t, [3]string{"provider-link", "ninjarmm 1; sentinelone " + uuid1, "exact"}, first.why[keyOf("c1")])

	unread := build("a1 uuid="+uuid1+" name=one", "d1 name=two", "c1 name=three")
	second := unread.run(t, first, nil)
	require.Equal(t, first.texts(t), second.texts(t))

	gone := New(Options{Model: testModel()})
	gone.LinksRead(graph.Scope{Instance: "immybot", Type: "immybot_computer"})
	third := unread.runWith(t, gone, first, nil)
	require.Equal(t, "a1 | c1 | d1", third.clusters(), "no link any more")
	require.Equal(t, "s1 t9", third.customersOf())

	moved := build("a1 uuid="+uuid1+" name=one", "d1 name=two", "c1 name=three", "c2 name=four link=sentinelone:"+uuid1)
	require.Equal(t, "a1 c2 | c1 d1", moved.run(t, first, nil).clusters(), "what is read goes before what was known")
	require.Equal(t, "a1 | c1 | d1", unread.run(t, nil, nil).clusters())
}

func TestKeysMergeAndSplit(t *testing.T) {
	build := func(records ...string) *builder {
		b := newBuilder()
		b.customers(t)
		for _, r := range records {
			b.put(t, r)
		}
		return b
	}
	apart := build("a1 serial=ABC1234 mac="+mac1+" born=2", "d1 mac="+mac2+" born=1").run(t, nil, nil)
	require.Equal(t, "a1 | d1", apart.clusters())
	one := build("a1 serial=ABC1234 mac="+mac1+" born=2", "d1 serial=ABC1234 born=1")
	merged := one.run(t, apart, nil)
	require.Equal(t, "a1 d1", merged.clusters())
	require.Equal(t, apart.of[keyOf("d1")], merged.of[keyOf("a1")], "merged into the older")
	require.Equal(t, 1, merged.findings.Merged)
	require.Len(t, merged.findings.Keys[0].Keys, 2)

	three := build("a1 serial=ABC1234", "d1 serial=ABC1234", "c1 serial=ABC1234").run(t, nil, nil)
	split := build("a1 serial=ABC1234", "d1 serial=XYZ9876", "c1 serial=ABC1234").run(t, three, nil)
	require.Equal(t, "a1 c1 | d1", split.clusters())
	require.Equal(t, three.of[keyOf("a1")], split.of[keyOf("a1")], "the larger part keeps it")
	require.Equal(t, 1, split.findings.Split)
	require.NotEqual(t, split.of[keyOf("a1")], split.of[keyOf("d1")])

	stolen := build("a1 serial=NEW5678", "a2 serial=ABC1234").run(t, build("a1 serial=ABC1234").run(t, nil, nil), nil)
	require.Equal(t, "assetgraph:device:serial-ABC1234", string(stolen.of[keyOf("a1")]), "the machine goes on under its key")
	require.Equal(t, "assetgraph:device:sentinelone_agent-2", string(stolen.of[keyOf("a2")]), "which another one can't take")
}

func TestPersons(t *testing.T) {
	s, f := startFleet(t, 300, 5)
	r := f.run(t, nil, nil)
	byEmail, uses := map[string]bool{}, 0
	for _, st := range f.elements {
		switch st.typ.Name {
		case "immybot_person", "immybot_user", "ninjarmm_user", "sentinelone_user":
			e := &graph.Element{}
			require.NoError(t, e.Decode(st.typ, st.data))
			emails := e.Get("email").List()
			if len(emails) == 0 {
				require.Empty(t, r.of[st.key])
				continue
			}
			byEmail[emails[0]] = true
			require.Equal(t, "assetgraph:person:"+emails[0], string(r.of[st.key]))
			require.Equal(t, [3]string{"email", emails[0], "exact"}, r.why[st.key])
		}
	}
	require.Equal(t, len(byEmail), r.findings.Persons)
	for m := range s.Truth() {
		if m.Computer != 0 && m.Email != "" && !m.Traits.Has(simulator.Onboarding) {
			uses++
			require.True(t, r.other["assetgraph:person:"+graph.Key(m.Email)+"|USES|"+r.of[keysOf(&m)[0]]], m.Hostname)
		}
	}
	require.Greater(t, uses, 100)
	p := r.get(t, r.of[graph.EntityKey("immybot", "immybot_user", firstID(t, f, "immybot_user"))])
	require.NotEmpty(t, p.Get("firstName").Text())
	require.Contains(t, p.Get("sources").List(), "immybot")
}

func firstID(t *testing.T, f *fleet, typ string) string {
	for _, s := range f.elements {
		if s.typ.Name == typ {
			return strings.TrimPrefix(string(s.key), s.key.Scope().Prefix())
		}
	}
	t.Fatal(typ)
	return ""
}

var errDisk = errors.New("the disk is gone")

func TestReadErrorEndsTheStream(t *testing.T) {
	b := newBuilder()
	b.put(t, "a1 serial=ABC1234")
	b.put(t, "a2 serial=ABC1235")
	c := New(Options{Model: testModel()})
	e := &graph.Element{}
	for i := range b.elements {
		require.NoError(t, b.read(Ref(i), e))
		c.Add(e, Ref(i))
	}
	n := 0
	for e, err := range c.Resolve(func(Ref, *graph.Element) error { return errDisk }) {
		require.Nil(t, e)
		require.ErrorIs(t, err, errDisk)
		n++
	}
	require.Equal(t, 1, n)
}

func TestCandidatesAreNamed(t *testing.T) {
	b := newBuilder()
	b.customers(t)
	b.put(t, "a1 name=pc-7 serial=ABC1234")
	b.put(t, "d1 name=pc-7 serial=XYZ9876")
	f := b.run(t, nil, nil).findings
	require.Equal(t, map[string]int{"the serial numbers differ": 1}, f.Unlinked)
	require.Equal(t, keyOf("d1"), f.Candidates[0].A)
	require.Equal(t, keyOf("a1"), f.Candidates[0].B)
	require.Equal(t, "hostname", f.Candidates[0].Method)
	require.Equal(t, 2, f.Records)
	require.Equal(t, 2, f.Devices)
}
