package correlate

import (
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"assetgraph/converters"
	"assetgraph/graph"
	"assetgraph/internal/simulator"
)

// postureOf writes what a device says of how it does, in the order of the rules; "-" where it says nothing.
func postureOf(d *graph.Element) string {
	var words []string
	for _, rule := range posture() {
		switch v := d.Get(rule.property.Name); v.Kind() {
		case graph.Bool:
			words = append(words, map[bool]string{true: "yes", false: "no"}[v.Bool()])
		case graph.Time:
			words = append(words, time.UnixMilli(v.UnixMilli()).UTC().Format("2006-01-02"))
		case graph.Int:
			words = append(words, strconv.FormatInt(v.Int(), 10))
		default:
			words = append(words, "-")
		}
	}
	return strings.Join(words, " ")
}

// padded adds what is not told to the first words of what postureOf writes.
func padded(words string) string {
	return words + strings.Repeat(" -", len(posture())-len(strings.Fields(words)))
}

func TestPostureIsTheBestThatRecordsSay(t *testing.T) {
	const a, d, c = "a1 serial=ABC1234", "d1 serial=ABC1234", "c1 serial=ABC1234"
	for _, tt := range []struct {
		name    string
		records []string
		want    string // encrypted, firewallEnabled, pendingReboot, warrantyEndsOn, malwareProtected, lastBackupOn, lastPatchedOn, osPatchesMissing, openThreats
	}{
		{"a reason for a restart, of which the list knows nothing", []string{d + " needsReboot=no pendingReboot=yes"}, "- - yes -"},
		{"a restart without a reason", []string{d + " needsReboot=yes pendingReboot=no"}, "- - yes -"},
		{"what the system says of its disk before what the agent says", []string{a + " encrypted=yes", d + " encrypted=no"}, "no - - -"},
		{"one antivirus that is on", []string{
			d + " name=pc born=1 seen=2 malwareProtected=no", "d2 serial=ABC1234 name=pc make=Dell_Inc. born=3 malwareProtected=yes"}, "- - - - yes"},
		{"none that is on", []string{d + " malwareProtected=no"}, "- - - - no"},
		{"the latest backup, the most that is missing", []string{
			d + " name=pc born=1 seen=2 lastBackupOn=3 lastPatchedOn=5 osPatchesMissing=0",
			"d2 serial=ABC1234 name=pc make=Dell_Inc. born=3 lastBackupOn=4 lastPatchedOn=2 osPatchesMissing=7",
		}, "- - - - - 2026-01-04 2026-01-05 7"},
		{"nothing missing is a number", []string{d + " osPatchesMissing=0"}, "- - - - - - - 0"},
		{"threats of all agents", []string{
			a + " name=pc born=1 seen=2 activeThreats=2", "a2 serial=ABC1234 name=pc make=Dell_Inc. born=3 activeThreats=3", d,
		}, "- - - - - - - - 5"},
		{"of those that tell", []string{
			a + " name=pc born=1 seen=2", "a2 serial=ABC1234 name=pc make=Dell_Inc. born=3 activeThreats=0"}, "- - - - - - - - 0"},
		{"not of one that is gone", []string{
			a + " dead name=pc born=1 seen=2 activeThreats=4", "a2 serial=ABC1234 name=pc born=3 activeThreats=1"}, "- - - - - - - - 1"},
		{"of one that is gone alone nobody knows", []string{a + " dead activeThreats=4", d}, "- - - -"},
		{"nobody knows", []string{a, d, c}, "- - - -"},
		{"no is no, and not nothing", []string{a + " encrypted=no firewallEnabled=no pendingReboot=no"}, "no no no -"},
		{"each tells its own", []string{a + " encrypted=yes firewallEnabled=no", d + " warrantyEndsOn=7"}, "yes no - 2026-01-07"},
		{"any that waits for a restart", []string{a + " pendingReboot=no", d + " needsReboot=no", c + " hasPendingReboot=yes"}, "- - yes -"},
		{"the first of them", []string{a + " pendingReboot=no", d + " needsReboot=yes", c + " hasPendingReboot=no"}, "- - yes -"},
		{"the last of them", []string{a + " pendingReboot=yes", d + " needsReboot=no"}, "- - yes -"},
		{"none of those that tell", []string{a, d + " needsReboot=no", c}, "- - no -"},
		{"an agent that is gone knows nothing", []string{a + " dead encrypted=yes firewallEnabled=yes pendingReboot=yes", d}, "- - - -"},
		{"not even alone", []string{a + " dead encrypted=yes"}, "- - - -"},
		{"a new installation counts", []string{
			a + " dead uuid=" + uuid1 + " name=pc born=1 seen=2 encrypted=yes", "a2 serial=ABC1234 name=pc born=3 encrypted=no"}, "no - - -"},
		{"of two that live the newer", []string{
			a + " name=pc born=1 seen=2 encrypted=yes", "a2 serial=ABC1234 name=pc make=Dell_Inc. born=3 encrypted=no"}, "no - - -"},
	} {
		t.Run(tt.name, func(t *testing.T) {
			b := newBuilder()
			b.customers(t)
			for _, r := range tt.records {
				b.put(t, r)
			}
			r := b.run(t, nil, nil)
			for _, text := range tt.records {
				name, _, _ := strings.Cut(text, " ")
				require.Equal(t, padded(tt.want), postureOf(r.get(t, r.of[keyOf(name)])), r.clusters())
			}
		})
	}
}

// A change of posture makes its device again, and no other; what is remembered is what a whole correlation makes.
func TestPostureMakesItsDeviceAlone(t *testing.T) {
	always := append(numbered(2, 40, "a%[1]d serial=OTHER%[1]d encrypted=yes"), numbered(2, 40, "d%[1]d serial=OTHER%[1]d needsReboot=no")...)
	h := historyOf(t)
	for _, step := range []string{"encrypted=yes", "encrypted=no", "pendingReboot=yes", "firewallEnabled=no", "osName=x"} {
		s := seasonOf(t, append([]string{"a1 serial=ABC1234 " + step, "d1 serial=ABC1234"}, always...))
		h.run(s)
	}

	memory, _ := remembered(t, nil, append([]string{"a1 serial=ABC1234 encrypted=yes"}, always...)...)
	s := seasonOf(t, append([]string{"a1 serial=ABC1234 encrypted=no"}, always...))
	c := s.correlator(t, 0, false, func(c *Correlator) { require.NoError(t, c.Recall(memory)) })
	devices := 0
	for key := range resolve(t, c, s) {
		devices += count1(key.Scope().Type == "device" && !strings.Contains(string(key), "|"))
	}
	require.Equal(t, 1, devices)
}

// What moves by itself makes its device again as well, and no other: a device never says anything else than its records.
func TestPostureThatMovesByItselfMakesItsDeviceAlone(t *testing.T) {
	always := append(numbered(2, 40, "d%[1]d serial=OTHER%[1]d seen=1 osPatchesMissing=3"),
		numbered(2, 40, "a%[1]d serial=OTHER%[1]d seen=1 activeThreats=1")...)
	device, agent := "d1 serial=ABC1234 seen=1 osPatchesMissing=3", "a1 serial=ABC1234 seen=1 activeThreats=1"
	memory, _ := remembered(t, nil, append([]string{device, agent}, always...)...)
	for _, c := range []struct{ device, agent, want string }{
		{device, agent, ""},
		{"d1 serial=ABC1234 seen=1 osPatchesMissing=4 lastBackupOn=2", agent, "- - - - - 2026-01-02 - 4 1"},
		{"d1 serial=ABC1234 seen=2 osPatchesMissing=4 lastBackupOn=2", agent, "- - - - - 2026-01-02 - 4 1"},
		{device, "a1 serial=ABC1234 seen=1 activeThreats=3", "- - - - - - - 3 3"},
		{device, "a1 serial=ABC1234 seen=1 activeThreats=0", "- - - - - - - 3 0"},
		{device, "a1 serial=ABC1234 seen=1", "- - - - - - - 3 -"},
	} {
		s := seasonOf(t, append([]string{c.device, c.agent}, always...))
		correlator := s.correlator(t, 0, false, func(c *Correlator) { require.NoError(t, c.Recall(memory)) })
		var written []string
		for key, e := range resolve(t, correlator, s) {
			if key.Scope().Type == "device" && !strings.Contains(string(key), "|") {
				made := &graph.Element{}
				require.NoError(t, made.Decode(e.typ, e.data))
				written = append(written, postureOf(made))
			}
		}
		require.Equal(t, c.want, strings.Join(written, "; "), c)
	}
}

func TestOwnersAreFoundByWhatTheProductCallsThem(t *testing.T) {
	b := newBuilder()
	b.customers(t)
	for _, r := range []string{
		"n1 uid=u-1 email=ann@one.example", "n2 uid=u-2 email=bob@one.example", "n3 uid=u-3", "p9 email=bob@one.example",
		"d1 name=one assignedOwnerUid=u-1", "d2 name=two assignedOwnerUid=u-2", "c2 name=two primaryUserEmail=bob@one.example",
		"d3 name=three assignedOwnerUid=u-3", "d4 name=four assignedOwnerUid=gone", "d5 name=five",
	} {
		b.put(t, r)
	}
	b.in = "-2" // another instance has others by the same uid
	b.put(t, "n1 uid=u-1 email=zoe@two.example")
	b.put(t, "d1 name=elsewhere assignedOwnerUid=u-1")
	r := b.run(t, nil, nil)
	uses := map[string]bool{}
	for key := range r.other {
		if from, to, is := strings.Cut(string(key), "|USES|"); is {
			uses[from+" "+r.get(t, graph.Key(to)).Get("name").Text()] = true
		}
	}
	require.Equal(t, map[string]bool{
		"assetgraph:person:ann@one.example one": true, "assetgraph:person:bob@one.example two": true,
		"assetgraph:person:zoe@two.example elsewhere": true,
	}, uses)

	h := historyOf(t)
	for _, steps := range [][]string{
		{"n1 uid=u-1 email=ann@one.example"}, {"n1 uid=u-2 email=ann@one.example", "n2 uid=u-1 email=bob@one.example"},
		{"n2 uid=u-1 email=bob@one.example"}, nil,
	} {
		h.run(seasonOf(t, append(steps, "d1 name=pc assignedOwnerUid=u-1")))
	}
}

// TestLabelledPosture: what devices say is exactly what the simulated machines' records tell together.
func TestLabelledPosture(t *testing.T) {
	for seed := range uint64(3) {
		s, f := startFleet(t, 600, seed)
		r := f.run(t, nil, nil)
		users := map[graph.Key]string{}
		for key := range r.other {
			if from, to, is := strings.Cut(string(key), "|USES|"); is {
				users[graph.Key(to)] = strings.TrimPrefix(from, "assetgraph:person:")
			}
		}
		checked, unknown := 0, map[string]int{}
		for m := range s.Truth() {
			if !isMachine(&m) || len(keysOf(&m)) == 0 || nothingInCommon(&m) {
				continue
			}
			checked++
			p := s.Posture(m.Number)
			want := labelled(p)
			device := r.of[keysOf(&m)[0]]
			require.Equal(t, want, postureOf(r.get(t, device)), "machine %d of seed %d: %s, %v", m.Number, seed, device, m)
			require.Equal(t, dayOf(p.SupportEndsOn), dayOf(timeOf(r.get(t, device), "osSupportEndsOn")),
				"machine %d of seed %d: %s, %v", m.Number, seed, device, m)
			require.Equal(t, strings.Join(p.Ailments, " "), strings.Join(r.get(t, device).Get("edrAilments").List(), " "), "machine %d of seed %d", m.Number, seed)
			require.Equal(t, written(p.Protects), worksOf(r.get(t, device)), "machine %d of seed %d", m.Number, seed)
			unknown["edrProtects"] += count1(p.Protects == simulator.Unknown)
			require.Equal(t, p.Owner, users[device], "machine %d of seed %d: %s, %v", m.Number, seed, device, m)
			for n, word := range strings.Fields(want) {
				unknown[posture()[n].property.Name] += count1(word == "-")
			}
			unknown["owner"] += count1(p.Owner == "")
			unknown["osSupportEndsOn"] += count1(p.SupportEndsOn.IsZero())
		}
		t.Logf("seed %d: %d machines, unknown %v", seed, checked, unknown)
		require.Greater(t, checked, 500)
		require.Len(t, unknown, 12)
		for name, n := range unknown {
			require.Positive(t, n, name)
			require.Less(t, n, checked, name)
		}
	}
}

func timeOf(e *graph.Element, property string) time.Time {
	if v := e.Get(property); !v.IsAbsent() {
		return time.UnixMilli(v.UnixMilli()).UTC()
	}
	return time.Time{}
}

func dayOf(t time.Time) string {
	if t.IsZero() {
		return "-"
	}
	return t.Format(time.DateOnly)
}

func written(a simulator.Answer) string { return [...]string{"-", "no", "yes"}[a] }

func labelled(p simulator.Posture) string {
	day := func(at time.Time) string {
		if at.IsZero() {
			return "-"
		}
		return at.Format("2006-01-02")
	}
	number := func(n int) string {
		if n < 0 {
			return "-"
		}
		return strconv.Itoa(n)
	}
	return strings.Join([]string{
		written(p.Encrypted), written(p.FirewallEnabled), written(p.PendingReboot), day(p.WarrantyEndsOn), written(p.MalwareProtected),
		day(p.LastBackupOn), day(p.LastPatchedOn), number(p.OSPatchesMissing), number(p.OpenThreats),
	}, " ")
}

// A role can't tell what no rule asks for, nor what moves by itself.
func TestPostureOfRolesIsChecked(t *testing.T) {
	for name, volatile := range map[string]bool{"colour": false, "encrypted": true} {
		d := graph.DeclareEntity("acme_box", "acme", "made up", "Host")
		f := d.Add(graph.Property{Name: "told", Kind: graph.Bool, Volatile: volatile})
		box := d.Type()
		require.Panics(t, func() {
			NewModel(&converters.Converter{Integration: "acme", Types: []*graph.Type{box}, Roles: []converters.Role{{
				Type: box, Machine: &converters.Machine{
					Tool: &converters.Tool{Name: "acme"}, Verb: "IS", Posture: map[string]graph.Field{name: f},
					State: func(*graph.Element) converters.State { return converters.Live },
				},
			}}})
		}, name)
	}
}
