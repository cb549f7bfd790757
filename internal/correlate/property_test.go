package correlate

import (
	"fmt"
	"math/rand/v2"
	"slices"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
	"pgregory.net/rapid"

	"assetgraph/graph"
)

// drawRecords makes up machine records that have few identifiers to share, so that everything collides with everything.
func drawRecords(t *rapid.T) []string {
	oneOf := func(label string, values ...string) string { return rapid.SampledFrom(values).Draw(t, label) }
	var records []string
	for n := range rapid.IntRange(1, 12).Draw(t, "records") {
		kind := oneOf("kind", "a", "a", "d", "d", "g", "c", "c", "w")
		words := []string{fmt.Sprint(kind, n+1)}
		if kind == "w" {
			records = append(records, strings.Join(append(words, oneOf("seen at", "mac="+mac1, "mac="+mac2, "mac="+mac1+" router="+mac1,
				"mac="+mac3+" at=2"), oneOf("called", "serial=AAA1111", "name=one")), " "))
			continue
		}
		words = append(words,
			oneOf("serial", "", "serial=AAA1111", "serial=BBB2222", "serial=CCC3333", "serial=None"),
			oneOf("name", "", "name=one", "name=two", "name=RECEPTION-FRONT", "name=RECEPTION-FRONTDESK"),
			oneOf("at", "", "at=2"), oneOf("born", "", "born=1", "born=5"), oneOf("seen", "", "seen=4", "seen=9"))
		if kind != "c" {
			words = append(words, oneOf("mac", "", "mac="+mac1, "mac="+mac2, "mac="+mac1+","+dock, "mac="+mac2+","+dock, "mac=02:00:00:00:00:07"))
		} else {
			words = append(words, oneOf("link", "", "link=sentinelone:"+uuid1, "link=sentinelone:"+uuid2, "link=ninjarmm:1", "link=ninjarmm:2"),
				oneOf("user", "", "primaryUserEmail=ann@one.example"))
		}
		if kind == "a" {
			words = append(words, oneOf("uuid", "", "uuid="+uuid1, "uuid="+uuid2), oneOf("dead", "", "dead"))
		}
		records = append(records, strings.Join(slices.DeleteFunc(words, func(w string) bool { return w == "" }), " "))
	}
	return records
}

func built(t *rapid.T, records []string) *builder {
	b := newBuilder()
	b.customers(t)
	for _, r := range records {
		b.put(t, r)
	}
	return b
}

// texts renders a result for comparison.
func (r *result) texts(t require.TestingT) []string {
	var out []string
	e := &graph.Element{}
	for _, s := range r.elements {
		require.NoError(t, e.Decode(s.typ, s.data))
		out = append(out, fmt.Sprint(e.Key, " ", e.Digest, " ", e.Volatile))
	}
	slices.Sort(out)
	return out
}

func TestOrderDoesNotMatter(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		b := built(t, drawRecords(t))
		first := b.run(t, nil, nil)
		second := b.run(t, nil, rand.New(rand.NewPCG(rapid.Uint64().Draw(t, "seed"), 1)))
		require.Equal(t, first.texts(t), second.texts(t))
		first.findings.Candidates, second.findings.Candidates = withoutIndexes(first.findings.Candidates), withoutIndexes(second.findings.Candidates)
		require.Equal(t, first.findings, second.findings)
	})
}

func withoutIndexes(list []Candidate) []Candidate {
	var out []Candidate
	for _, c := range list {
		out = append(out, Candidate{A: c.A, B: c.B, Method: c.Method, Reason: c.Reason})
	}
	return out
}

func TestRunningTwiceChangesNothing(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		b := built(t, drawRecords(t))
		first := b.run(t, nil, nil)
		second := b.run(t, first, nil)
		require.Equal(t, first.texts(t), second.texts(t))
		require.Zero(t, second.findings.Merged+second.findings.Split)
	})
}

func TestUnrelatedMachineChangesNothing(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		records := drawRecords(t)
		first := built(t, records).run(t, nil, nil)
		second := built(t, append([]string{
			"a99 serial=ZZZ9999 mac=" + mac3 + " name=other at=3", "d99 serial=ZZZ9999 name=other at=3", "c99 name=other at=3",
		}, records...)).run(t, nil, nil)
		for record, derived := range first.of {
			if derived.Scope().Type != "device" {
				continue
			}
			require.Equal(t, derived, second.of[record])
			require.Equal(t, first.why[record], second.why[record])
			require.Equal(t, first.entities[derived].data, second.entities[derived].data)
		}
	})
}

// A device all of whose remaining records are still one machine, which has no others, keeps its key, whatever else
// happens. What was only seen on a network is no record of it in this: it may turn out to be another machine's.
func TestKeysContinue(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		records := drawRecords(t)
		before := built(t, records).run(t, nil, nil)
		var kept []string
		for _, r := range records {
			switch rapid.IntRange(0, 3).Draw(t, "fate") {
			case 0:
				continue
			case 1:
				r += " name=renamed-" + r[:2]
			}
			kept = append(kept, r)
		}
		after := built(t, append(kept, "a99 serial=AAA1111", "d99 mac="+mac1)).run(t, before, nil)
		now, past := map[graph.Key][]graph.Key{}, map[graph.Key][]graph.Key{}
		for record, derived := range after.of {
			if old, ok := before.of[record]; ok && !slices.ContainsFunc(records, func(r string) bool {
				return strings.HasPrefix(r, "w") && keyOf(field(r, "")) == record
			}) {
				now[derived] = append(now[derived], old)
				past[old] = append(past[old], derived)
			}
		}
		for derived, olds := range now {
			slices.Sort(olds)
			if slices.Sort(past[olds[0]]); len(slices.Compact(olds)) == 1 && len(slices.Compact(past[olds[0]])) == 1 {
				require.Equal(t, olds[0], derived)
			}
		}
	})
}

// No machine holds two live records of one product that differ in a serial number or an address that counts.
func TestMachinesDoNotContradictThemselves(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		records := drawRecords(t)
		r := built(t, records).run(t, nil, nil)
		for _, x := range records {
			for _, y := range records {
				if x[0] != y[0] || r.of[keyOf(field(x, ""))] != r.of[keyOf(field(y, ""))] || strings.Contains(x+y, "dead") || strings.Contains(x+y, "seen=4") {
					continue
				}
				if a, b := field(x, "serial="), field(y, "serial="); a != "" && b != "" && a != "None" && b != "None" {
					require.Equal(t, a, b, "%s\n%s", x, y)
				}
			}
		}
	})
}

// field returns the word of a record that begins with the prefix, without it.
func field(record, prefix string) string {
	for i, w := range strings.Split(record, " ") {
		if rest, ok := strings.CutPrefix(w, prefix); ok && (prefix != "" || i == 0) {
			return rest
		}
	}
	return ""
}

// On a whole fleet: shuffled, again, and after changes.
func TestFleetOverTime(t *testing.T) {
	s, f := startFleet(t, 500, 7)
	first := f.run(t, nil, nil)
	shuffled := f.run(t, first, rand.New(rand.NewPCG(1, 2)))
	require.Equal(t, first.texts(t), shuffled.texts(t))

	before := first
	for step := range 3 {
		s.Advance(changeOf(step))
		g := readFleet(t, s)
		after := g.run(t, before, nil)
		report(t, s, after)
		require.Zero(t, measure(after.of, machineTruth(s)).wrong)
		kept := 0
		for m := range s.Truth() {
			for _, key := range keysOf(&m) {
				if old, ok := before.of[key]; ok {
					require.Equal(t, old, after.of[key], "machine %d (%s) after step %d", m.Number, m.Hostname, step)
					kept++
				}
			}
		}
		require.Greater(t, kept, 900)
		before = after
	}
}
