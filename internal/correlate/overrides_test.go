package correlate

import (
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
)

func TestReadOverrides(t *testing.T) {
	o, err := ReadOverrides(strings.NewReader(`
# decisions of the service desk
same:
  - [sentinelone:sentinelone_agent:1, ninjarmm_device/7] # board was changed
different:
  - [immybot_computer/1, immybot_computer/2]
junkSerials: [123456, "LAB 0001"]
junkMacs: ["00-50-B6-00-00-01"]
exclude: ["LAB-*"]
`), testModel())
	require.NoError(t, err)
	require.Equal(t, &Overrides{
		Same:      [][]string{{"ninjarmm_device/7", "sentinelone:sentinelone_agent:1"}},
		Different: [][]string{{"immybot_computer/1", "immybot_computer/2"}}, JunkSerials: []string{"123456", "LAB 0001"},
		JunkMACs: []string{"00-50-B6-00-00-01"}, Exclude: []string{"LAB-*"},
	}, o)
	for _, empty := range []string{"", "# nothing yet\n", "same:\njunkMacs: []\n"} {
		o, err := ReadOverrides(strings.NewReader(empty), testModel())
		require.NoError(t, err, empty)
		require.Empty(t, o.Same)
	}
}

func TestReadExceptions(t *testing.T) {
	o, err := ReadOverrides(strings.NewReader(`
exceptions:
  - kinds: [missing-edr, stale-*]
    machines: ["LAB-*", 5CG123]
    tags: ["use:spare"]
    customers: [contoso*]
    reason: a lab, switched off most of the time
    owner: it@example.com
    until: 2027-03-31
  - {customers: [Acme], reason: insures itself, until: forever}
`), testModel())
	require.NoError(t, err)
	require.Equal(t, []Exception{
		{
			Kinds: []string{"missing-edr", "stale-*"}, Machines: []string{"LAB-*", "5CG123"}, Tags: []string{"use:spare"},
			Customers: []string{"contoso*"}, Reason: "a lab, switched off most of the time", Owner: "it@example.com",
			Until: time.Date(2027, 4, 1, 0, 0, 0, 0, time.UTC), Line: 3,
		},
		{Customers: []string{"Acme"}, Reason: "insures itself", Line: 10},
	}, o.Exceptions)
	require.Equal(t, RulesDigest(nil), RulesDigest(o), "they say nothing of who is the same")
}

func TestOverridesThatCantBeUsed(t *testing.T) {
	for _, c := range []struct {
		text string
		line int
		want string
	}{
		{"same:\n  - [ninjarmm_device/7]\n", 2, "at least two"},
		{"same:\n  - [ninjarmm_device/7, ninjarmm_device/7]\n", 2, "at least two"},
		{"same:\n  - ninjarmm_device/7\n", 2, "expected a list of records"},
		{"same: [a]\n", 1, "expected a list of records"},
		{"different:\n  - [ninjarmm_device/7,\n     DC01]\n", 3, `"DC01" is neither a key`},
		{"same:\n  - [ninjarmm_devices/7, ninjarmm_device/8]\n", 2, `names a "ninjarmm_devices"`},
		{"# x\njunkMac: []\n", 2, `"junkMac" is none of`},
		{"junkMacs:\n  - 00:11\n", 2, "is no MAC address"},
		{"junkSerials:\n  - \"--\"\n", 2, "has no letter or digit"},
		{"exclude:\n  - \"[a\"\n", 2, "syntax error in pattern"},
		{"exclude: x\n", 1, "expected a list"},
		{"exclude: [{a: b}]\n", 1, "expected a text"},
		{"same: []\nsame: []\n", 2, "is there twice"},
		{"- a\n", 1, "expected same, different"},
		{"exceptions: x\n", 1, "expected a list of exceptions"},
		{"exceptions:\n  - LT-1\n", 2, "expected an exception, such as"},
		{"exceptions:\n  - {machines: [a], until: forever}\n", 2, "needs a reason"},
		{"exceptions:\n  - {machines: [a], reason: b}\n", 2, "needs until"},
		{"exceptions:\n  - {reason: b, until: forever}\n", 2, "needs kinds, machines, tags or customers"},
		{"exceptions:\n  - machines: [a]\n    reason: b\n    until: soon\n", 4, `"soon" is no day such as`},
		{"exceptions:\n  - machines: [a]\n    reason: b\n    until: 2027-02-30\n", 4, "is no day such as"},
		{"exceptions:\n  - machines: [a]\n    because: b\n", 3, `"because" is none of kinds`},
		{"exceptions:\n  - machines: [a]\n    machines: [b]\n", 3, "is there twice"},
		{"exceptions:\n  - machines: []\n", 2, "the list is empty"},
		{"exceptions:\n  - machines:\n    - a\n    - \"[b\"\n", 4, "syntax error in pattern"},
		{"exceptions:\n  - machines: [a]\n    reason:\n", 3, "expected a text"},
	} {
		_, err := ReadOverrides(strings.NewReader(c.text), testModel())
		var bad *OverrideError
		require.ErrorAs(t, err, &bad, c.text)
		require.Equal(t, c.line, bad.Line, c.text)
		require.ErrorContains(t, err, c.want)
	}
	_, err := ReadOverrides(strings.NewReader("same: [\n"), testModel())
	require.ErrorContains(t, err, "line")
}

func TestPeopleOverrule(t *testing.T) {
	for _, c := range []struct {
		name      string
		overrides Overrides
		records   []string
		want      string
		unmatched []string
	}{
		{"the same whatever contradicts", Overrides{Same: [][]string{{"sentinelone_agent/1", "ninjarmm:ninjarmm_device:1"}}},
			[]string{"a1 serial=ABC1234 name=one mac=" + mac1, "d1 serial=XYZ9876 name=two mac=" + mac2, "c1 serial=XYZ9876"}, "a1 c1 d1", nil},
		{"two agents are the same", Overrides{Same: [][]string{{"sentinelone_agent/1", "sentinelone_agent/2"}}}, []string{"a1 serial=ABC1234", "a2 serial=XYZ9876"}, "a1 a2", nil},
		{"not the same whatever agrees", Overrides{Different: [][]string{{"sentinelone_agent/1", "ninjarmm_device/1"}}},
			[]string{"a1 serial=ABC1234 name=one", "d1 serial=ABC1234 name=one"}, "a1 | d1", nil},
		{"not the same by way of a third", Overrides{Different: [][]string{{"sentinelone_agent/1", "ninjarmm_device/1"}}},
			[]string{"a1 serial=ABC1234", "d1 mac=" + mac1 + " name=one", "g2 mac=" + mac1 + " name=one", "c1 serial=ABC1234 name=one"}, "a1 c1 | d1 d2", nil},
		{"lists that share a record are one", Overrides{Same: [][]string{{"sentinelone_agent/1", "ninjarmm_device/1"}, {"immybot_computer/1", "ninjarmm_device/1"}}},
			[]string{"a1", "d1", "c1"}, "a1 c1 d1", nil},
		{"a serial number that is junk", Overrides{JunkSerials: []string{"abc-1234"}}, []string{"a1 serial=ABC1234", "d1 serial=ABC1234"}, "a1 | d1", nil},
		{"an address that is junk", Overrides{JunkMACs: []string{strings.ToUpper(mac1)}}, []string{"a1 mac=" + mac1, "d1 mac=" + mac1}, "a1 | d1", nil},
		{"entries that name nothing", Overrides{
			Same: [][]string{{"sentinelone_agent/1", "ninjarmm_device/9"}}, JunkSerials: []string{"NOT-THERE"}, JunkMACs: []string{mac3}, Exclude: []string{"x*"},
		}, []string{"a1 serial=ABC1234"}, "a1", []string{mac3, "NOTTHERE", "ninjarmm_device/9"}},
	} {
		t.Run(c.name, func(t *testing.T) {
			b := newBuilder()
			b.customers(t)
			for _, r := range c.records {
				b.put(t, r)
			}
			correlator := New(Options{Model: testModel(), Overrides: &c.overrides})
			r := b.runWith(t, correlator, nil, nil)
			require.Equal(t, c.want, r.clusters())
			require.Equal(t, c.unmatched, correlator.Unmatched())
			require.Equal(t, c.unmatched, r.findings.Unmatched)
			if c.name == "the same whatever contradicts" {
				require.Equal(t, [3]string{"override", "ninjarmm:ninjarmm_device:1", "exact"}, r.why[keyOf("a1")])
			}
		})
	}
}

func TestPeopleOverruleCustomers(t *testing.T) {
	b := newBuilder()
	for _, r := range []string{"s1 name=Acme", "o1 name=Zeta", "t1 name=Acme"} {
		b.put(t, r)
	}
	o := Overrides{Same: [][]string{{"sentinelone_site/1", "ninjarmm_organization/1"}}, Different: [][]string{{"sentinelone_site/1", "immybot_tenant/1"}}}
	require.Equal(t, "o1 s1 | t1", b.runWith(t, New(Options{Model: testModel(), Overrides: &o}), nil, nil).customersOf())
}
