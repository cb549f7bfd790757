package correlate

import (
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"flag"
	"fmt"
	"math/rand/v2"
	"os"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"assetgraph/converters"
	"assetgraph/graph"
)

var update = flag.Bool("update", false, "write testdata/rules.json anew, after Rules was raised or more fleets were made")

// A pinned is what the rules of a revision make of fixed fleets, as digests.
type pinned struct {
	Rules         int
	Input, Output string
}

// TestRulesAreRaisedWhenTheyChange pins what is derived from some hundred made-up fleets in which everything collides
// with everything: alone, on top of an earlier result, and with overrides. When it fails because the rules were
// changed, raise Rules and run it with -update.
func TestRulesAreRaisedWhenTheyChange(t *testing.T) {
	const file = "testdata/rules.json"
	input, output := sha256.New(), sha256.New()
	fmt.Fprintf(input, "%x\n", testModel().known)
	r := rand.New(rand.NewPCG(20, 26))
	for n := range 400 {
		records := collidingRecords(r)
		first := pinnedFleet(t, records).run(t, nil, nil)
		var kept []string
		for _, record := range records {
			if r.Uint64()%5 > 0 {
				kept = append(kept, record)
			}
		}
		if n%2 == 0 {
			kept = append(kept, collidingRecords(r)...)
		}
		c := New(Options{Model: testModel(), Overrides: pinnedOverrides(n)})
		if n%3 == 0 {
			c.LinksRead(graph.Scope{Instance: "immybot", Type: "immybot_computer"})
		}
		second := pinnedFleet(t, kept).runWith(t, c, first, nil)
		for _, words := range [][]string{records, kept} {
			fmt.Fprintln(input, n, strings.Join(words, "\n"))
		}
		for _, result := range []*result{first, second} {
			fmt.Fprintln(output, strings.Join(result.texts(t), "\n"))
			findings, err := json.Marshal(result.findings)
			require.NoError(t, err)
			fmt.Fprintln(output, string(findings))
		}
	}
	got := pinned{Rules: Rules, Input: hex.EncodeToString(input.Sum(nil)), Output: hex.EncodeToString(output.Sum(nil))}
	var want pinned
	data, err := os.ReadFile(file)
	require.NoError(t, err)
	require.NoError(t, json.Unmarshal(data, &want))
	if got.Input == want.Input && got.Output != want.Output {
		require.NotEqual(t, want.Rules, Rules, "the same fleets give another result: raise Rules")
	}
	if *update {
		data, err := json.MarshalIndent(got, "", "\t")
		require.NoError(t, err)
		require.NoError(t, os.WriteFile(file, append(data, '\n'), 0o644))
		return
	}
	require.Equal(t, want, got, "run with -update once Rules says what it should")
}

// collidingRecords makes up records as drawRecords does, by a generator that stays the same.
func collidingRecords(r *rand.Rand) []string {
	oneOf := func(values ...string) string { return values[r.Uint64()%uint64(len(values))] }
	var records []string
	for _, kind := range [...]string{"s", "o", "t", "p", "u"} {
		for range r.Uint64() % 3 {
			records = append(records, strings.Join(strings.Fields(strings.Join(surroundings(kind, r.Uint64()%4+4, oneOf), " ")), " "))
		}
	}
	for range 1 + r.Uint64()%14 {
		kind := oneOf("a", "a", "d", "d", "g", "c", "c")
		words := []string{fmt.Sprint(kind, 1+r.Uint64()%9),
			oneOf("", "serial=AAA1111", "serial=aaa-1111", "serial=BBB2222", "serial=CCC3333", "serial=None"),
			oneOf("", "name=one", "name=two.corp.example", "name=RECEPTION-FRONT", "name=RECEPTION-FRONTDESK", "name=localhost"),
			oneOf("", "at=2", "at=5"), oneOf("", "born=1", "born=5"), oneOf("", "seen=4", "seen=9"), oneOf("", "model=X", "make=Dell"),
			oneOf("", "osName=Windows_11", "osVersion=24H2", "osName=Windows_10_Pro osVersion=19045"), oneOf("", "osDetails=Pro")}
		switch kind {
		case "c":
			words = append(words, oneOf("", "link=sentinelone:"+uuid1, "link=sentinelone:"+uuid2, "link=ninjarmm:1", "link=ninjarmm:2"),
				oneOf("", "primaryUserEmail=ann@one.example", "primaryUserEmail=bob@two.example"))
		case "a":
			words = append(words, oneOf("", "uuid="+uuid1, "uuid="+uuid2), oneOf("", "dead"),
				oneOf("", "machineType=laptop", "machineType=kubernetes_node", "machineType=ecs_task"),
				oneOf("", "operationalState=na", "operationalState=fully·disabled", "mitigationMode=detect"))
		default:
			words = append(words, oneOf("", "biosSerial=BBB2222", "approvalStatus=PENDING"))
		}
		if kind != "c" {
			words = append(words, oneOf("", "mac="+mac1, "mac="+mac2, "mac="+mac1+","+dock, "mac="+mac2+","+dock, "mac=02:00:00:00:00:07"))
		}
		records = append(records, strings.Join(strings.Fields(strings.Join(words, " ")), " "))
	}
	return records
}

// surroundings makes up a customer or a human.
func surroundings(kind string, number uint64, oneOf func(...string) string) []string {
	words := []string{fmt.Sprint(kind, number)}
	switch kind {
	case "p", "u":
		return append(words, oneOf("", "email=ann@one.example", "email=bob@two.example,ann@one.example", "email=carl@two.example"),
			oneOf("", "firstName=Ann", "lastName=Lee"))
	case "t":
		words = append(words, oneOf("", "link=sentinelone:4", "link=sentinelone:5", "link=ninjarmm:5"), oneOf("", "link=ninjarmm:4"))
	case "s":
		words = append(words, "accountId=7", oneOf("", "state=expired"), oneOf("", "born=1", "born=5"))
	}
	return append(words, oneOf("name=Acme_GmbH", "name=ACME", "name=Acme_GmbH_-_Branch", "name=Beta", "name=Customer_1"))
}

// pinnedFleet holds each record once: the first of those that have its key.
func pinnedFleet(t *testing.T, records []string) *builder {
	b := newBuilder()
	b.customers(t)
	seen := map[graph.Key]bool{}
	for _, r := range records {
		if key := keyOf(field(r, "")); !seen[key] {
			seen[key] = true
			b.put(t, r)
		}
	}
	return b
}

func pinnedOverrides(n int) *Overrides {
	if n%4 > 0 {
		return nil
	}
	return &Overrides{
		Same:        [][]string{{"ninjarmm_device/1", "sentinelone_agent/2"}},
		Different:   [][]string{{"immybot_computer/3", "ninjarmm_device/4"}, {"sentinelone_agent/5", "sentinelone_agent/6"}},
		JunkSerials: []string{"CCC-3333"}, JunkMACs: []string{dock},
	}
}

func TestLinksDigestHoldsAllThatLinksAndOverridesSay(t *testing.T) {
	a := converters.Link{From: "immybot:immybot_computer:1", Product: "ninjarmm", ExternalID: "7"}
	b := converters.Link{From: "immybot:immybot_computer:2", Product: "sentinelone", ExternalID: uuid1}
	computers, tenants := graph.Scope{Instance: "immybot", Type: "immybot_computer"}, graph.Scope{Instance: "immybot", Type: "immybot_tenant"}
	digest := func(o *Overrides, read []graph.Scope, links ...converters.Link) [16]byte {
		c := New(Options{Model: testModel(), Overrides: o})
		for _, s := range read {
			c.LinksRead(s)
		}
		for _, l := range links {
			c.said.AddLink(l)
		}
		return c.LinksDigest()
	}
	require.Equal(t, digest(nil, []graph.Scope{computers, tenants}, a, b), digest(&Overrides{}, []graph.Scope{tenants, computers, tenants}, b, a))
	require.Equal(t, digest(nil, nil, a, b), digest(&Overrides{Exclude: []string{"LAB-*"}}, nil, b, a), "which correlation does not look at")

	with := func(change func(l *converters.Link)) converters.Link {
		l := a
		change(&l)
		return l
	}
	seen := map[[16]byte]string{}
	for name, d := range map[string][16]byte{
		"nothing":              digest(nil, nil),
		"a":                    digest(nil, nil, a),
		"a twice":              digest(nil, nil, a, a),
		"b":                    digest(nil, nil, b),
		"b twice":              digest(nil, nil, b, b),
		"a and b":              digest(nil, nil, a, b),
		"a three times":        digest(nil, nil, a, a, a),
		"of another computer":  digest(nil, nil, with(func(l *converters.Link) { l.From = "immybot:immybot_computer:3" })),
		"of another product":   digest(nil, nil, with(func(l *converters.Link) { l.Product = "sentinelone" })),
		"to another device":    digest(nil, nil, with(func(l *converters.Link) { l.ExternalID = "8" })),
		"crossed":              digest(nil, nil, converters.Link{From: a.From, Product: b.Product, ExternalID: b.ExternalID}, converters.Link{From: b.From, Product: a.Product, ExternalID: a.ExternalID}),
		"computers read":       digest(nil, []graph.Scope{computers}),
		"tenants read":         digest(nil, []graph.Scope{tenants}),
		"both read":            digest(nil, []graph.Scope{computers, tenants}),
		"computers elsewhere":  digest(nil, []graph.Scope{{Instance: "immybot-2", Type: "immybot_computer"}}),
		"same":                 digest(&Overrides{Same: [][]string{{"x/1", "x/2"}}}, nil),
		"same, others":         digest(&Overrides{Same: [][]string{{"x/1", "x/3"}}}, nil),
		"two lists of same":    digest(&Overrides{Same: [][]string{{"x/1", "x/2"}, {"x/3", "x/4"}}}, nil),
		"one list of same":     digest(&Overrides{Same: [][]string{{"x/1", "x/2", "x/3", "x/4"}}}, nil),
		"different":            digest(&Overrides{Different: [][]string{{"x/1", "x/2"}}}, nil),
		"a junk serial number": digest(&Overrides{JunkSerials: []string{"LAB"}}, nil),
		"a junk address":       digest(&Overrides{JunkMACs: []string{"LAB"}}, nil),
	} {
		require.NotEqual(t, [16]byte{}, d, name)
		require.NotContains(t, seen, d, "%s and %s", name, seen[d])
		seen[d] = name
	}
}

func TestLinksDigestStaysAfterResolve(t *testing.T) {
	b := newBuilder()
	b.put(t, "a1 uuid="+uuid1)
	b.put(t, "c1 link=sentinelone:"+uuid1)
	c := New(Options{Model: testModel(), Overrides: &Overrides{Same: [][]string{{"immybot_computer/1", "sentinelone_agent/1"}, {"sentinelone_agent/1", "ninjarmm_device/7"}}}})
	for _, l := range b.links {
		c.said.AddLink(l)
	}
	b.links = nil
	before := c.LinksDigest()
	b.runWith(t, c, nil, nil)
	require.Equal(t, before, c.LinksDigest())
}

// What was derived from links of the run before, which this one could not read, comes out again from the same records
// and that result.
func TestResultGivenBackComesOutAgain(t *testing.T) {
	r := rand.New(rand.NewPCG(7, 7))
	for range 300 {
		records := collidingRecords(r)
		linked := pinnedFleet(t, records)
		first := linked.run(t, nil, nil)
		linked.links = nil
		second := linked.run(t, first, nil)
		third := linked.run(t, second, nil)
		require.Equal(t, second.texts(t), third.texts(t), "%q", records)
		require.Equal(t, second.findings.Lasting(), third.findings)
	}
}

func TestFindingsAreTheSameAfterJSON(t *testing.T) {
	b := newBuilder()
	b.customers(t)
	for _, r := range []string{
		"a1 name=pc-7 serial=ABC1234 at=2", "d1 name=pc-7 serial=XYZ9876 at=2", "a2 serial=NEW1234 name=n2 at=1", "d2 serial=NEW1234 name=n2 at=2", "d3 nodeClass=NMS_SWITCH",
		"s8 name=Same_Ltd", "s9 name=Same_GmbH", "o9 name=Same",
	} {
		b.put(t, r)
	}
	apart := newBuilder()
	apart.put(t, "a2 serial=OLD1234")
	apart.put(t, "d2 serial=NEW1234")
	f := b.runWith(t, New(Options{Model: testModel(), Overrides: &Overrides{JunkSerials: []string{"NOT-THERE"}}}), apart.run(t, nil, nil), nil).findings
	require.Positive(t, f.Merged)
	require.NotEmpty(t, f.Candidates)
	require.NotEmpty(t, f.Disagreeing)
	require.NotEmpty(t, f.Customers)
	require.NotEmpty(t, f.Unmatched)
	data, err := json.Marshal(f)
	require.NoError(t, err)
	var back Findings
	require.NoError(t, json.Unmarshal(data, &back))
	require.Equal(t, f, back)
	standing := f.Lasting()
	require.Zero(t, standing.Merged+standing.Split+len(standing.Keys)+standing.Moved+len(standing.Moves))
	require.Equal(t, f.Unlinked, standing.Unlinked)
	require.Equal(t, f.Unmatched, standing.Unmatched)
}
