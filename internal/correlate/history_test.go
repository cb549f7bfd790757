package correlate

import (
	"bytes"
	"encoding/json"
	"fmt"
	"maps"
	"math/rand/v2"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"assetgraph/converters"
	"assetgraph/graph"
)

// A history is a graph of derived elements that runs of the program bring up to date one after another, each by what
// the last one remembered, beside what a whole correlation would make of it each time.
type history struct {
	t       require.TestingT
	refresh time.Duration

	graph     map[graph.Key]stored // what is derived
	records   map[graph.Key]bool   // that the last run knew
	memory    []byte
	overrides string // digest of those of the last run

	written, all int // elements that runs yielded, and that whole correlations did
	refreshed    int // devices alone
}

// A season is what one run meets.
type season struct {
	fleet
	read      []graph.Scope // scopes whose links were read in full
	overrides *Overrides
	forgets   bool // the memory is lost before the run
	early     bool // the memory is recalled before records are added
	again     bool // it is the season of the run before
}

// correlator returns one that knows what the season's products say. last tells it what the last run left, early before
// all else.
func (s *season) correlator(t require.TestingT, refresh time.Duration, early bool, last func(*Correlator)) *Correlator {
	c := New(Options{Model: testModel(), Overrides: s.overrides, RefreshAfter: refresh})
	for _, scope := range s.read {
		c.LinksRead(scope)
	}
	if early {
		last(c)
	} else {
		defer last(c)
	}
	e := &graph.Element{}
	for i := range s.elements {
		require.NoError(t, s.fleet.read(Ref(i), e))
		c.Add(e, Ref(i))
	}
	said := NewStatements(c.model)
	for _, a := range s.connections {
		said.AddConnection(a)
	}
	for _, l := range s.links {
		said.AddLink(l)
	}
	c.AddStatements(said)
	return c
}

// addGraph tells a correlator what the graph holds, as the executor does.
func (h *history) addGraph(c *Correlator, digest string) {
	if h.overrides != "" && h.overrides != digest {
		c.JudgeAnew()
	}
	e := &graph.Element{}
	for _, key := range slices.Sorted(maps.Keys(h.graph)) {
		s := h.graph[key]
		switch c.model.PreviousNeed(s.typ) {
		case Whole:
			require.NoError(h.t, e.Decode(s.typ, s.data))
			c.AddPrevious(e)
		case Keys:
			c.AddPreviousKey(s.typ, key)
		case Nothing:
		}
	}
}

func resolve(t require.TestingT, c *Correlator, s *season) map[graph.Key]stored {
	out := map[graph.Key]stored{}
	for e, err := range c.Resolve(s.fleet.read) {
		require.NoError(t, err)
		require.Empty(t, out[e.Key].key, "yielded twice")
		out[e.Key] = stored{typ: e.Type, key: e.Key, data: e.AppendTo(nil)}
	}
	return out
}

// run brings the graph up to date and compares it with what a whole correlation makes of it.
func (h *history) run(s *season) {
	digest := RulesDigest(s.overrides)
	full := s.correlator(h.t, 0, false, func(c *Correlator) { h.addGraph(c, digest) })
	want := resolve(h.t, full, s)

	c := s.correlator(h.t, h.refresh, s.early, func(c *Correlator) { h.recall(c, s, digest) })
	got := resolve(h.t, c, s)
	h.written, h.all = h.written+len(got), h.all+len(want)
	if maps.EqualFunc(want, h.graph, func(a, b stored) bool { return slices.Equal(a.data, b.data) }) && c.remembers() {
		require.False(h.t, s.again && slices.ContainsFunc(slices.Collect(maps.Values(got)),
			func(s stored) bool { return c.Partial(s.typ) }), "nothing changed, and something is made again")
	}
	h.apply(c, got)
	h.compare(want)
	require.Equal(h.t, asJSON(h.t, full.Findings()), asJSON(h.t, c.Findings()))
	require.Equal(h.t, machinesOf(h.t, full, want), slices.Sorted(machineTexts(c)))

	if h.refresh == 0 {
		require.True(h.t, bytes.Equal(full.Memory(), c.Memory()), "another memory")
	}
	h.memory, h.overrides = c.Memory(), digest
	require.NotNil(h.t, h.memory)
	h.records = map[graph.Key]bool{}
	for _, e := range s.elements {
		h.records[e.key] = true
	}
}

// recall tells a correlator what the last run left, by its memory if that is not lost.
func (h *history) recall(c *Correlator, s *season, digest string) {
	if h.memory == nil || s.forgets {
		h.addGraph(c, digest)
		return
	}
	require.NoError(h.t, c.Recall(h.memory))
	now := map[graph.Key]bool{}
	for _, e := range s.elements {
		now[e.key] = true
	}
	for key := range h.records {
		if !now[key] {
			c.Removed(key)
		}
	}
}

// apply writes what a run yielded, as the caller of Former does.
func (h *history) apply(c *Correlator, got map[graph.Key]stored) {
	former := map[graph.Key]bool{}
	for t, key := range c.Former() {
		require.True(h.t, c.Partial(t))
		left, ok := h.graph[key]
		require.True(h.t, ok, "%s: the last run did not leave it", key)
		require.Equal(h.t, t.Name, left.typ.Name)
		require.False(h.t, former[key], "%s twice", key)
		former[key] = true
		delete(h.graph, key)
	}
	maps.DeleteFunc(h.graph, func(_ graph.Key, s stored) bool { return !c.Partial(s.typ) })
	for key, s := range got {
		require.Empty(h.t, h.graph[key].key, "it is replaced, and not former")
		if former[key] && s.typ.Name == "device" {
			h.refreshed++
		}
		h.graph[key] = s
	}
}

// compare checks that the graph is what a whole correlation makes of it, but for when devices were last seen.
func (h *history) compare(want map[graph.Key]stored) {
	for key := range h.graph {
		require.NotEmpty(h.t, want[key].key, "%s stays and should not", key)
	}
	e, f := &graph.Element{}, &graph.Element{}
	for key, w := range want {
		g, ok := h.graph[key]
		require.True(h.t, ok, "%s is missing", key)
		if slices.Equal(w.data, g.data) {
			continue
		}
		require.NoError(h.t, e.Decode(w.typ, w.data))
		require.NoError(h.t, f.Decode(g.typ, g.data))
		require.Equal(h.t, render(e), render(f), "%s", key)
		a, b := e.Get("lastSeenOn"), f.Get("lastSeenOn")
		require.LessOrEqual(h.t, a.Time().Sub(b.Time()).Abs(), h.refresh, "%s", key)
		require.Equal(h.t, a.IsAbsent(), b.IsAbsent())
	}
}

// render writes an element without when it was last seen.
func render(e *graph.Element) string {
	out := fmt.Sprint(e.Type.Name, e.Key, e.From, e.To, e.Digest)
	for p, v := range e.Values() {
		if p.Name != "lastSeenOn" {
			out += fmt.Sprintf(" %s=%s", p.Name, v)
		}
	}
	return out
}

func asJSON(t require.TestingT, v any) string {
	data, err := json.MarshalIndent(v, "", " ")
	require.NoError(t, err)
	return string(data)
}

// machinesOf renders what coverage counts of devices.
func machinesOf(t require.TestingT, c *Correlator, elements map[graph.Key]stored) []string {
	var list []string
	e := &graph.Element{}
	for _, s := range elements {
		if s.typ.Name != "device" {
			continue
		}
		require.NoError(t, e.Decode(s.typ, s.data))
		text := e.Get("organization").Text()
		for _, tool := range c.model.Tools() {
			text += fmt.Sprint(" ", e.Get(tool.Property()).Bool())
			if tool.Tells() {
				works := e.Get(tool.WorksProperty())
				text += fmt.Sprint(" ", works.Bool(), !works.IsAbsent() && !works.Bool())
			}
		}
		for _, p := range c.model.Products() {
			text += fmt.Sprint(" ", slices.Contains(e.Get("sources").List(), p))
		}
		list = append(list, text)
	}
	slices.Sort(list)
	return list
}

func machineTexts(c *Correlator) func(func(string) bool) {
	return func(yield func(string) bool) {
		for m := range c.Machines() {
			text := m.Organization
			for i := range c.model.Tools() {
				text += fmt.Sprint(" ", m.Has(i))
				if does, fails := m.Works(i); c.model.Tools()[i].Tells() {
					text += fmt.Sprint(" ", does, fails)
				}
			}
			for i := range c.model.Products() {
				text += fmt.Sprint(" ", m.SeenBy(i))
			}
			if !yield(text) {
				return
			}
		}
	}
}

// A world is made-up records that change from run to run. They tell of some twenty machines and a few humans, often
// wrongly, so that records of one machine come together and others collide.
type world struct {
	r       *rand.Rand
	records map[string]string // words by instance suffix and name
	gone    map[string]string
	off     bool
	rules   int
}

func newWorld(seed uint64) *world {
	w := &world{r: rand.New(rand.NewPCG(seed, 18)), records: map[string]string{}, gone: map[string]string{}}
	for range 80 {
		w.put()
	}
	return w
}

func (w *world) oneOf(list ...string) string { return list[w.r.IntN(len(list))] }

// anyOf returns one of the names.
func (w *world) anyOf(m map[string]string) string {
	names := slices.Sorted(maps.Keys(m))
	return names[w.r.IntN(len(names))]
}

// put makes up a record.
func (w *world) put() {
	kind := w.oneOf("a", "a", "a", "a", "d", "d", "d", "d", "g", "c", "c", "c", "c", "p", "p", "i", "n", "u", "s", "o", "t", "k", "w", "w")
	name := w.oneOf("", "", "", "-2") + "/" + kind
	switch kind {
	case "s", "o", "t":
		name += w.oneOf("4", "5", "6")
	case "k":
		name += w.oneOf("7", "8")
	default:
		name += fmt.Sprint(1 + w.r.IntN(24))
	}
	w.records[name] = ""
	for range 6 {
		w.edit(name)
	}
}

// edit changes a word of a record.
func (w *world) edit(name string) {
	n := w.r.IntN(24)
	email := w.oneOf("ann@one.example", "bob@two.example", "eve@one.example", "eve@one.example,ann@one.example", "", "", "info@one.example")
	word := ""
	switch kind := name[strings.IndexByte(name, '/')+1]; kind {
	case 'a', 'd', 'g', 'c':
		words := []string{
			fmt.Sprintf("serial=SER%05d", n), fmt.Sprintf("serial=SER%05d", n), "serial=None", "serial=SHARED9", "serial=", fmt.Sprintf("name=host-%d", n),
			fmt.Sprintf("name=RECEPTION-FRONT%d", n%3), "name=", "at=1", "at=2", "at=5", "at=6", "born=1", "born=5", "model=X", "model=VMware", "make=Dell",
			"osName=Windows_11", "osName=Linux", "osDetails=Pro", "osVersion=24H2", "model=", "seen=8",
		}
		mac := []string{fmt.Sprintf("mac=3c:52:82:00:01:%02x", n), fmt.Sprintf("mac=3c:52:82:00:01:%02x,3c:52:82:00:02:%02x", n, n),
			"mac=" + mac1 + "," + dock, "mac=02:00:00:00:00:07", "mac="}
		switch kind {
		case 'a':
			words = append(append(words, mac...), fmt.Sprintf("uuid=%032d", n), "uuid=", "dead", "dead=", "machineType=laptop", "machineType=ecs_task", "machineType=",
				"operationalState=na", "operationalState=na", "operationalState=fully·disabled", "mitigationMode=detect", "mitigationMode=")
		case 'c':
			words = append(words, "primaryUserEmail="+strings.Split(email, ",")[0], "primaryUserEmail="+strings.Split(email, ",")[0],
				fmt.Sprintf("link=sentinelone:%032d", n), fmt.Sprintf("link=ninjarmm:%d", n), fmt.Sprintf("link=ninjarmm:%d:7", n),
				fmt.Sprintf("link=ninjarmm:%d:8", n), "link=")
		default:
			words = append(append(words, mac...), fmt.Sprintf("biosSerial=SER%05d", n), "approvalStatus=PENDING", "approvalStatus=APPROVED",
				"nodeClass=CLOUD_MONITOR_TARGET", "nodeClass=WINDOWS_SERVER", "nodeClass=WINDOWS_SERVER")
		}
		word = w.oneOf(words...)
	case 'w':
		word = w.oneOf(fmt.Sprintf("mac=3c:52:82:00:01:%02x", n), fmt.Sprintf("mac=3c:52:82:00:01:%02x", n), fmt.Sprintf("mac=3c:52:82:00:02:%02x", n),
			fmt.Sprintf("router=3c:52:82:00:01:%02x", n), "router=", "at=1", "at=2", "at=5", "seen=8")
	case 's', 'o', 't':
		words := []string{"name=Acme_GmbH", "name=ACME", "name=Acme_GmbH_-_Branch", "name=Beta", "name=Gamma", "name=Customer_1", "name=Customer_2"}
		if kind == 't' {
			words = append(words, "link=ninjarmm:4", "link=ninjarmm:5:7", "link=sentinelone:4", "link=")
		}
		if kind == 's' {
			words = append(words, "state=expired", "state=active", "accountId=7", "accountId=8")
		}
		word = w.oneOf(words...)
	case 'k':
		word = w.oneOf("name=MSP", "name=Beta", "state=expired", "state=active")
	case 'p', 'i':
		word = w.oneOf("email="+email, "email="+email, "firstName=Eve", "firstName=Ann", "lastName=Fox", "azurePrincipalId=A1", "azurePrincipalId=B2",
			"azurePrincipalId=")
		if kind == 'i' {
			word = w.oneOf(word, fmt.Sprintf("personId=%d", n))
		}
	default:
		word = w.oneOf("email="+email, "email="+email, "firstName=Eve", "lastName=Fox")
	}
	w.set(name, word)
}

// change lets one thing happen.
func (w *world) change() {
	name := w.anyOf(w.records)
	switch w.r.IntN(20) {
	case 0, 1:
		w.put()
	case 2, 3:
		w.gone[name] = w.records[name]
		delete(w.records, name)
	case 4:
		if len(w.gone) > 0 {
			back := w.anyOf(w.gone)
			w.records[back] = w.gone[back]
			delete(w.gone, back)
		}
	case 5:
		w.off = !w.off
	case 6:
		if w.r.IntN(5) == 0 {
			w.rules = w.r.IntN(3)
		}
	default:
		w.edit(name)
	}
}

// see lets a machine check in.
func (w *world) see(name string) {
	if strings.IndexByte("adgc", name[strings.IndexByte(name, '/')+1]) >= 0 {
		w.set(name, fmt.Sprint("minute=", w.r.IntN(300)))
		w.set(name, w.oneOf("lastLoggedInUser=ann", "lastLoggedInUser=bob"))
	}
}

// set replaces a word of a record; one without a value goes.
func (w *world) set(name, word string) {
	property, value, valued := strings.Cut(word, "=")
	words := slices.DeleteFunc(strings.Fields(w.records[name]),
		func(s string) bool { return s == property || strings.HasPrefix(s, property+"=") })
	if value != "" || !valued {
		words = append(words, word)
	}
	w.records[name] = strings.Join(words, " ")
}

// season returns what a run meets of the world as it is. Some scopes are missing, and the links of some not read.
func (w *world) season(t require.TestingT) *season {
	b := newBuilder()
	b.customers(t)
	without := ""
	if w.r.IntN(10) == 0 {
		without = w.oneOf("a", "d", "c", "p")
	}
	seen := map[graph.Key]bool{}
	for _, name := range slices.Sorted(maps.Keys(w.records)) {
		in, short, _ := strings.Cut(name, "/")
		if key := graph.Key(in) + keyOf(short); short[:1] == without || seen[key] { // of d1 and g1 one
			continue
		} else {
			seen[key] = true
		}
		b.in = in
		b.put(t, strings.TrimSpace(short+" "+w.records[name]))
	}
	s := &season{fleet: b.fleet, overrides: pinnedOverrides(1)}
	switch w.rules {
	case 1:
		s.overrides = pinnedOverrides(0)
	case 2:
		s.overrides = &Overrides{Same: [][]string{{"ninjarmm_device/2", "sentinelone_agent/3"}}, JunkSerials: []string{"AAA1111"}}
	}
	if w.off {
		s.connections = append(s.connections, converters.Connection{Instance: "immybot", ID: "7", Off: true})
	}
	for _, scope := range []graph.Scope{
		{Instance: "immybot", Type: "immybot_computer"}, {Instance: "immybot", Type: "immybot_tenant"},
		{Instance: "immybot-2", Type: "immybot_computer"}, {Instance: "immybot-2", Type: "immybot_tenant"},
	} {
		switch w.r.IntN(12) {
		case 0: // not read
			s.links = slices.DeleteFunc(s.links, func(l converters.Link) bool { return l.From.Scope() == scope })
		case 1: // read in part
		default:
			s.read = append(s.read, scope)
		}
	}
	s.forgets, s.early = w.r.IntN(20) == 0, w.r.IntN(2) == 0
	return s
}

// TestWhatIsRememberedIsWhatAWholeCorrelationMakes is the proof that no run has to make again what did not change.
func TestWhatIsRememberedIsWhatAWholeCorrelationMakes(t *testing.T) {
	seeds, steps := 6, 35
	if testing.Short() {
		seeds = 2
	}
	for seed := range seeds {
		for _, refresh := range []time.Duration{0, time.Hour} {
			t.Run(fmt.Sprintf("seed %d, %s", seed, refresh), func(t *testing.T) {
				w, h := newWorld(uint64(seed)), &history{t: t, refresh: refresh, graph: map[graph.Key]stored{}}
				for range steps {
					for range w.r.IntN(5) {
						w.change()
					}
					for range w.r.IntN(20) {
						w.see(w.anyOf(w.records))
					}
					s := w.season(t)
					h.run(s)
					s.again = true
					h.run(s)
				}
				t.Logf("%d of %d elements written, %d devices alone", h.written, h.all, h.refreshed)
				require.Less(t, h.written, h.all/2)
				require.Positive(t, h.refreshed)
			})
		}
	}
}
