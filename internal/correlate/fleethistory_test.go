package correlate

import (
	"fmt"
	"math/rand/v2"
	"slices"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"assetgraph/converters"
	"assetgraph/graph"
)

// A livingFleet is one with all habits, whose records come and go and take over what others show.
type livingFleet struct {
	t      testing.TB
	r      *rand.Rand
	fleet  fleet
	byType map[string][]int // indexes in fleet.elements
	hidden map[graph.Key]bool
	hour   int
}

// live lets one hour pass.
func (l *livingFleet) live() {
	l.hour++
	for range len(l.fleet.elements) / 50 {
		i := l.r.IntN(len(l.fleet.elements))
		key := l.fleet.elements[i].key
		switch l.r.IntN(4) {
		case 0:
			l.hidden[key] = true
		case 1:
			clear(l.hidden)
		default:
			l.takeOver(i)
		}
	}
	for range len(l.fleet.elements) / 4 {
		l.see(l.r.IntN(len(l.fleet.elements)))
	}
}

// takeOver gives a record a property of another one of its type.
func (l *livingFleet) takeOver(i int) {
	e, other := &graph.Element{}, &graph.Element{}
	require.NoError(l.t, l.fleet.read(Ref(i), e))
	list := l.byType[e.Type.Name]
	require.NoError(l.t, l.fleet.read(Ref(list[l.r.IntN(len(list))]), other))
	if p := e.Type.Properties[l.r.IntN(len(e.Type.Properties))].Name; p != "id" {
		e.Set(p, other.Get(p))
	}
	l.keep(i, e)
}

// see lets a machine check in, and others do what nobody looks at.
func (l *livingFleet) see(i int) {
	e := &graph.Element{}
	require.NoError(l.t, l.fleet.read(Ref(i), e))
	if e.Type.Property("lastSeenOn") == nil {
		return
	}
	minutes := time.Duration(60*l.hour + l.r.IntN(60))
	e.Set("lastSeenOn", graph.TimeOf(time.Date(2026, 11, 1, 12, 0, 0, 0, time.UTC).Add(minutes*time.Minute)))
	e.Set("active", graph.BoolOf(l.r.IntN(2) == 0))
	l.keep(i, e)
}

func (l *livingFleet) keep(i int, e *graph.Element) {
	require.NoError(l.t, e.Seal())
	l.fleet.elements[i].data = e.AppendTo(nil)
}

// season returns what a run meets.
func (l *livingFleet) season() *season {
	s := &season{fleet: l.fleet}
	s.elements = slices.DeleteFunc(slices.Clone(l.fleet.elements), func(e stored) bool { return l.hidden[e.key] })
	s.links = slices.Clone(l.fleet.links)
	for _, typ := range []string{"immybot_computer", "immybot_tenant"} {
		scope := graph.Scope{Instance: "immybot", Type: typ}
		if l.r.IntN(8) > 0 {
			s.read = append(s.read, scope)
			continue
		}
		s.links = slices.DeleteFunc(s.links, func(link converters.Link) bool { return link.From.Scope() == scope })
	}
	return s
}

// TestFleetsByMemory brings whole fleets up to date by memory.
func TestFleetsByMemory(t *testing.T) {
	steps := 30
	if testing.Short() {
		steps = 5
	}
	for seed := range uint64(2) {
		t.Run(fmt.Sprintf("seed %d", seed), func(t *testing.T) {
			_, f := startHabits(t, seed, habitsToTry(), 40)
			l := &livingFleet{t: t, r: rand.New(rand.NewPCG(seed, 18)), fleet: *f, byType: map[string][]int{}, hidden: map[graph.Key]bool{}}
			for i, e := range f.elements {
				l.byType[e.typ.Name] = append(l.byType[e.typ.Name], i)
			}
			h := historyOf(t)
			h.refresh = time.Duration(seed) * time.Hour
			for range steps {
				h.run(l.season())
				l.live()
			}
			t.Logf("%d of %d elements written, %d devices alone", h.written, h.all, h.refreshed)
			require.Less(t, h.written, h.all/2)
		})
	}
}
