package correlate

import (
	"math/rand/v2"
	"slices"
	"strconv"
	"testing"

	"github.com/stretchr/testify/require"

	"assetgraph/collectors"
	immybotapi "assetgraph/collectors/immybot"
	ninjaapi "assetgraph/collectors/ninjarmm"
	sentineloneapi "assetgraph/collectors/sentinelone"
	"assetgraph/converters"
	"assetgraph/converters/immybot"
	"assetgraph/converters/ninjarmm"
	"assetgraph/converters/sentinelone"
	"assetgraph/graph"
	"assetgraph/internal/simulator"
)

// A fleet is what the three products say of made-up machines, converted.
type fleet struct {
	types    map[string]*graph.Type
	elements []stored
	links    []converters.Link

	connections []converters.Connection
}

// stored is an element as a store would keep it.
type stored struct {
	typ  *graph.Type
	key  graph.Key
	data []byte
}

func (f *fleet) add(t require.TestingT, e *graph.Element) {
	require.NoError(t, e.Seal())
	f.elements = append(f.elements, stored{typ: e.Type, key: e.Key, data: e.AppendTo(nil)})
}

func (f *fleet) read(ref Ref, e *graph.Element) error {
	return e.Decode(f.elements[ref].typ, f.elements[ref].data)
}

// readFleet reads a simulated fleet through the real collectors and converters.
func readFleet(t testing.TB, s *simulator.Simulator) *fleet {
	env := s.Env()
	o := collectors.Options{RetryTime: -1, Pace: -1}
	s1, err := sentineloneapi.New(sentineloneapi.Config{Instance: "sentinelone", URL: env["SENTINELONE_URL"], APIToken: env["SENTINELONE_API_TOKEN"], Options: o})
	require.NoError(t, err)
	ninja, err := ninjaapi.New(ninjaapi.Config{
		Instance: "ninjarmm", URL: env["NINJARMM_URL"], ClientID: env["NINJARMM_CLIENT_ID"], ClientSecret: env["NINJARMM_CLIENT_SECRET"], Options: o,
	})
	require.NoError(t, err)
	immy, err := immybotapi.New(immybotapi.Config{
		Instance: "immybot", URL: env["IMMYBOT_URL"], TenantID: env["IMMYBOT_TENANT_ID"], ClientID: env["IMMYBOT_CLIENT_ID"],
		ClientSecret: env["IMMYBOT_CLIENT_SECRET"], AuthorityURL: env["IMMYBOT_AUTHORITY_URL"], Options: o,
	})
	require.NoError(t, err)
	f := &fleet{types: map[string]*graph.Type{}}
	f.collect(t, s1, sentinelone.New(), "sentinelone")
	f.collect(t, ninja, ninjarmm.New(), "ninjarmm")
	f.collect(t, immy, immybot.New(), "immybot")
	return f
}

func (f *fleet) collect(t testing.TB, c collectors.Collector, converter *converters.Converter, instance string) {
	_, err := c.SignIn(t.Context())
	require.NoError(t, err)
	fragment := converters.NewFragment(instance)
	for _, step := range c.Steps() {
		if step.Skipped {
			continue
		}
		for r, err := range step.Records(t.Context(), &collectors.Meter{}) {
			require.NoError(t, err, step.Name)
			require.NoError(t, r.Err)
			fragment.Reset()
			require.NoError(t, converter.Kind(r.Kind).Convert(r, fragment))
			f.links = append(f.links, fragment.Links()...)
			f.connections = append(f.connections, fragment.Connections()...)
			for _, e := range fragment.Elements() {
				if !e.Type.IsRelationship() {
					f.add(t, e)
				}
			}
		}
	}
}

func startFleet(t testing.TB, machines int, seed uint64) (*simulator.Simulator, *fleet) {
	s, err := simulator.Start(simulator.Options{Machines: machines, Seed: seed, Unlimited: true})
	require.NoError(t, err)
	t.Cleanup(func() { require.NoError(t, s.Close()) })
	return s, readFleet(t, s)
}

// A result is what correlation gave.
type result struct {
	entities map[graph.Key]stored
	of       map[graph.Key]graph.Key // derived key of each record
	why      map[graph.Key][3]string // method, value, confidence of each record
	other    map[graph.Key]bool      // keys of HAS and USES
	elements []stored
	findings Findings
}

func (r *result) get(t require.TestingT, key graph.Key) *graph.Element {
	s, ok := r.entities[key]
	require.True(t, ok, "%s", key)
	e := &graph.Element{}
	require.NoError(t, e.Decode(s.typ, s.data))
	return e
}

// run correlates a fleet in the order that shuffle says, given the result of the last run.
func (f *fleet) run(t require.TestingT, before *result, shuffle *rand.Rand, options ...func(*Correlator)) *result {
	c := New(Options{Model: testModel()})
	for _, o := range options {
		o(c)
	}
	return f.runWith(t, c, before, shuffle)
}

func (f *fleet) runWith(t require.TestingT, c *Correlator, before *result, shuffle *rand.Rand) *result {
	order := make([]int, len(f.elements))
	for i := range order {
		order[i] = i
	}
	links := slices.Clone(f.links)
	var past []stored
	if before != nil {
		past = slices.Clone(before.elements)
	}
	if shuffle != nil {
		shuffle.Shuffle(len(order), func(i, j int) { order[i], order[j] = order[j], order[i] })
		shuffle.Shuffle(len(links), func(i, j int) { links[i], links[j] = links[j], links[i] })
		shuffle.Shuffle(len(past), func(i, j int) { past[i], past[j] = past[j], past[i] })
	}
	e := &graph.Element{}
	for _, p := range past {
		require.NoError(t, e.Decode(p.typ, p.data))
		c.AddPrevious(e)
	}
	for _, i := range order {
		require.NoError(t, f.read(Ref(i), e))
		c.Add(e, Ref(i))
	}
	for _, a := range f.connections {
		c.said.AddConnection(a)
	}
	for _, l := range links {
		c.said.AddLink(l)
	}
	r := &result{entities: map[graph.Key]stored{}, of: map[graph.Key]graph.Key{}, why: map[graph.Key][3]string{}, other: map[graph.Key]bool{}}
	for e, err := range c.Resolve(f.read) {
		require.NoError(t, err)
		r.take(t, e)
	}
	r.findings = c.Findings()
	return r
}

func (r *result) take(t require.TestingT, e *graph.Element) {
	require.Equal(t, Integration, e.Instance)
	require.NotEqual(t, graph.Digest{}, e.Digest)
	s := stored{typ: e.Type, key: e.Key, data: e.AppendTo(nil)}
	r.elements = append(r.elements, s)
	switch {
	case !e.Type.IsRelationship():
		_, twice := r.entities[e.Key]
		require.False(t, twice, "%s written twice", e.Key)
		r.entities[e.Key] = s
	case e.Type.Verb == "IS" || e.Type.Verb == "PROTECTS":
		_, twice := r.of[e.From]
		require.False(t, twice, "%s in two entities", e.From)
		r.of[e.From] = e.To
		r.why[e.From] = [3]string{e.Get("method").Text(), e.Get("matchedValue").Text(), e.Get("confidence").Text()}
		for _, v := range r.why[e.From] {
			require.NotEmpty(t, v, "%s", e.Key)
		}
	default:
		require.False(t, r.other[e.Key], "%s written twice", e.Key)
		r.other[e.Key] = true
	}
}

// keysOf returns the records of a machine.
func keysOf(m *simulator.Machine) []graph.Key {
	var keys []graph.Key
	for _, id := range [...]string{m.Agent, m.FormerAgent} {
		if id != "" {
			keys = append(keys, graph.EntityKey("sentinelone", "sentinelone_agent", id))
		}
	}
	for _, id := range [...]int{m.Device, m.GuestDevice} {
		if id != 0 {
			keys = append(keys, graph.EntityKey("ninjarmm", "ninjarmm_device", strconv.Itoa(id)))
		}
	}
	if m.Computer != 0 {
		keys = append(keys, graph.EntityKey("immybot", "immybot_computer", strconv.Itoa(m.Computer)))
	}
	return keys
}

// isMachine reports whether the simulated thing is one that devices stand for.
func isMachine(m *simulator.Machine) bool {
	return m.Kind != simulator.NetworkDevice && m.Kind != simulator.CloudMonitor
}

// A quality compares a clustering with the truth, pair by pair of records.
type quality struct{ right, wrong, missed int }

func (q quality) precision() float64 { return float64(q.right) / float64(max(q.right+q.wrong, 1)) }
func (q quality) recall() float64    { return float64(q.right) / float64(max(q.right+q.missed, 1)) }

// measure compares what is derived with what is true of each record.
func measure(of map[graph.Key]graph.Key, truth map[graph.Key]int) quality {
	type cell struct {
		derived graph.Key
		true    int
	}
	cells, derived, real := map[cell]int{}, map[graph.Key]int{}, map[int]int{}
	for record, n := range truth {
		d := of[record]
		cells[cell{d, n}]++
		derived[d]++
		real[n]++
	}
	pairs := func(n int) int { return n * (n - 1) / 2 }
	var q quality
	all, should := 0, 0
	for _, n := range cells {
		q.right += pairs(n)
	}
	for _, n := range derived {
		all += pairs(n)
	}
	for _, n := range real {
		should += pairs(n)
	}
	q.wrong, q.missed = all-q.right, should-q.right
	return q
}

// machineTruth says which machine each record belongs to.
func machineTruth(s *simulator.Simulator) map[graph.Key]int {
	truth := map[graph.Key]int{}
	for m := range s.Truth() {
		if isMachine(&m) {
			for _, key := range keysOf(&m) {
				truth[key] = m.Number
			}
		}
	}
	return truth
}
