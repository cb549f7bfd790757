package correlate

import (
	"cmp"
	"fmt"
	"maps"
	"os"
	"slices"
	"strconv"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"assetgraph/graph"
	"assetgraph/internal/simulator"
)

// A label is what is true of one machine, customer or human, by the keys of its records.
type label struct {
	habit  string // "" for an ordinary one
	number int
	keys   []graph.Key
}

// machineLabels, customerLabels and personLabels give the truth of a fleet.
func machineLabels(s *simulator.Simulator) (labels []label, machines []simulator.Label) {
	for m := range s.Labels() {
		l := label{habit: m.Habit, number: m.Machine}
		l.add("sentinelone", "sentinelone_agent", m.Agents...)
		l.add("ninjarmm", "ninjarmm_device", m.Devices...)
		l.add("immybot", "immybot_computer", m.Computers...)
		if len(l.keys) > 0 {
			labels, machines = append(labels, l), append(machines, m)
		}
	}
	return labels, machines
}

func customerLabels(s *simulator.Simulator) (labels []label) {
	for _, c := range s.CustomerLabels() {
		l := label{habit: c.Habit, number: c.Customer}
		l.add("sentinelone", "sentinelone_site", c.Sites...)
		l.add("ninjarmm", "ninjarmm_organization", c.Organizations...)
		l.add("immybot", "immybot_tenant", c.Tenants...)
		labels = append(labels, l)
	}
	return labels
}

func personLabels(s *simulator.Simulator) (labels []label) {
	for _, p := range s.PersonLabels() {
		l := label{habit: p.Habit, number: p.Human}
		l.add("immybot", "immybot_person", p.Persons...)
		l.add("immybot", "immybot_user", p.Users...)
		labels = append(labels, l)
	}
	return labels
}

func (l *label) add(instance, typ string, ids ...string) {
	for _, id := range ids {
		l.keys = append(l.keys, graph.EntityKey(instance, typ, id))
	}
}

// An outcome says how right the derived entities of one habit are: pairs of records, and machines whose device shows
// something else than is true.
type outcome struct{ labels, right, wrong, missed, gaps, values int }

func (s outcome) plus(o outcome) outcome {
	return outcome{s.labels + o.labels, s.right + o.right, s.wrong + o.wrong, s.missed + o.missed, s.gaps + o.gaps, s.values + o.values}
}

// scores are by habit; "" stands for what is ordinary.
type scores map[string]outcome

func (s scores) add(habit string, one outcome) { s[habit] = s[habit].plus(one) }

func (s scores) total() (sum outcome) {
	for _, one := range s {
		sum = sum.plus(one)
	}
	return sum
}

// pairs compares the derived entities with the truth. A wrong pair of two habits counts for both; a record that nothing
// was derived from is a machine of its own.
func (s scores) pairs(of map[graph.Key]graph.Key, labels []label) {
	type member struct {
		label int
		habit string
	}
	derived := map[graph.Key][]member{}
	for n, l := range labels {
		inside := map[graph.Key]int{}
		for _, key := range l.keys {
			d := cmp.Or(of[key], "alone:"+key)
			inside[d]++
			derived[d] = append(derived[d], member{n, l.habit})
		}
		right, all := 0, len(l.keys)*(len(l.keys)-1)/2
		for _, k := range inside {
			right += k * (k - 1) / 2
		}
		s.add(l.habit, outcome{labels: 1, right: right, missed: all - right})
	}
	for _, members := range derived {
		for n, a := range members {
			for _, b := range members[:n] {
				if a.label == b.label {
					continue
				}
				s.add(a.habit, outcome{wrong: 1})
				if a.habit != b.habit {
					s.add(b.habit, outcome{wrong: 1})
				}
			}
		}
	}
}

// coverage counts the machines of which some record's device shows another coverage, or another value, than is true.
func (s scores) coverage(t testing.TB, r *result, labels []label, machines []simulator.Label) {
	for n, m := range machines {
		want := [3]bool{m.EDR, m.RMM, m.Deployment}
		if slices.ContainsFunc(labels[n].keys, func(key graph.Key) bool {
			if r.of[key] == "" {
				return true
			}
			d := r.get(t, r.of[key])
			return [3]bool{d.Get("hasEdr").Bool(), d.Get("hasRmm").Bool(), d.Get("hasDeployment").Bool()} != want
		}) {
			s.add(m.Habit, outcome{gaps: 1})
		}
		for property, value := range m.Values {
			if r.get(t, r.of[labels[n].keys[0]]).Get(property).Text() != value {
				s.add(m.Habit, outcome{values: 1})
			}
		}
	}
}

// A verdict is what one fleet gave.
type verdict struct{ machines, customers, persons scores }

// judgeFleet correlates a fleet and compares the result with the truth.
func judgeFleet(t testing.TB, s *simulator.Simulator, f *fleet, off rules) verdict {
	r := f.run(t, nil, nil, func(c *Correlator) { c.off = off })
	v := verdict{scores{}, scores{}, scores{}}
	labels, machines := machineLabels(s)
	v.machines.pairs(r.of, labels)
	v.machines.coverage(t, r, labels, machines)
	v.customers.pairs(r.of, customerLabels(s))
	v.persons.pairs(r.of, personLabels(s))
	if os.Getenv("FAULTS") != "" && off == 0 {
		explainFaults(t, f, r, labels)
	}
	return v
}

// explainFaults logs the records of machines that are wrong, of the habits that FAULTS names.
func explainFaults(t testing.TB, f *fleet, r *result, labels []label) {
	wanted := strings.Split(os.Getenv("FAULTS"), ",")
	of, owners := map[graph.Key]int{}, map[graph.Key]map[int]bool{}
	for n, l := range labels {
		for _, key := range l.keys {
			of[key] = n
			if owners[r.of[key]] == nil {
				owners[r.of[key]] = map[int]bool{}
			}
			owners[r.of[key]][n] = true
		}
	}
	shown := map[graph.Key]bool{}
	for _, l := range labels {
		devices := map[graph.Key]bool{}
		several := false
		for _, key := range l.keys {
			devices[r.of[key]] = true
			several = several || len(owners[r.of[key]]) > 1
		}
		if !slices.Contains(wanted, l.habit) || len(devices) == 1 && !several {
			continue
		}
		t.Logf("%s:", l.habit)
		for _, st := range f.elements {
			n, ok := of[st.key]
			if !ok || !devices[r.of[st.key]] || shown[st.key] {
				continue
			}
			shown[st.key] = true
			e := &graph.Element{}
			require.NoError(t, e.Decode(st.typ, st.data))
			macs := e.Get("macAddresses").List()
			t.Logf("   %d %s -> %s %v: %q serial=%q bios=%q %v at %s born %s seen %s dead=%v %s", labels[n].number, st.key, r.of[st.key], r.why[st.key],
				e.Get("name").Text(), e.Get("serial").Text(), e.Get("biosSerial").Text(), macs[:min(len(macs), 4)],
				cmp.Or(e.Get("siteId").Text(), e.Get("organizationId").Text(), e.Get("tenantId").Text()),
				e.Get("createdOn").Time().Format("2006-01-02"), e.Get("lastSeenOn").Time().Format("2006-01-02"), e.Get("isDecommissioned").Bool(), e.Get("make").Text())
		}
	}
}

// startHabits reads a fleet of ordinary machines with habits on top.
func startHabits(t testing.TB, seed uint64, habits []string, foreign int) (*simulator.Simulator, *fleet) {
	s, err := simulator.Start(simulator.Options{
		Machines: 300 + int(seed%3)*50, Customers: 16 + int(seed%5), Seed: seed, Unlimited: true, Habits: habits, Foreign: foreign,
	})
	require.NoError(t, err)
	t.Cleanup(func() { require.NoError(t, s.Close()) })
	return s, readFleet(t, s)
}

// seedsToTry are two, or as many as FLEET_SEEDS says, from FLEET_FIRST_SEED on.
func seedsToTry(t testing.TB) []uint64 {
	number := func(name string, otherwise uint64) uint64 {
		text := os.Getenv(name)
		if text == "" {
			return otherwise
		}
		n, err := strconv.ParseUint(text, 10, 64)
		require.NoError(t, err, name)
		return n
	}
	var seeds []uint64
	first := number("FLEET_FIRST_SEED", 0)
	for n := range number("FLEET_SEEDS", 2) {
		seeds = append(seeds, first+n)
	}
	return seeds
}

// habitsToTry are all, or those that FLEET_HABITS names.
func habitsToTry() []string {
	if names := os.Getenv("FLEET_HABITS"); names != "" {
		return strings.Split(names, ",")
	}
	return simulator.AllHabits()
}

// lines writes scores as a table, ordinary ones first.
func (s scores) lines(title string) []string {
	lines := []string{title, "| habit | planted | pairs right | wrong | missed | coverage wrong | values wrong |", "|---|---|---|---|---|---|---|"}
	for _, habit := range slices.Sorted(maps.Keys(s)) {
		one := s[habit]
		lines = append(lines, fmt.Sprintf("| %s | %d | %d | %d | %d | %d | %d |", cmp.Or(habit, "(ordinary)"), one.labels, one.right, one.wrong,
			one.missed, one.gaps, one.values))
	}
	return lines
}

// TestHabits measures correlation on fleets with the habits of real ones, habit by habit. It prints what each costs:
//
//	FLEET_SEEDS=10 go test -run TestHabits -v ./internal/correlate
//
// FLEET_HABITS=name,… plants only some, FAULTS=name,… explains what became of each of their records.
func TestHabits(t *testing.T) {
	sum := verdict{scores{}, scores{}, scores{}}
	worst := map[string]bound{}
	for _, seed := range seedsToTry(t) {
		s, f := startHabits(t, seed, habitsToTry(), 0)
		v := judgeFleet(t, s, f, 0)
		for _, part := range [...]struct{ sum, one scores }{{sum.machines, v.machines}, {sum.customers, v.customers}, {sum.persons, v.persons}} {
			for habit, one := range part.one {
				part.sum.add(habit, one)
			}
		}
		for habit, b := range v.bounds() {
			worst[habit] = worst[habit].most(b)
			assert.Zero(t, b, "seed %d, habit %q", seed, habit)
		}
		require.Empty(t, s.Mistakes())
	}
	total := sum.machines.total()
	q := quality{right: total.right, wrong: total.wrong, missed: total.missed}
	for _, lines := range [...][]string{sum.machines.lines("machines"), sum.customers.lines("customers"), sum.persons.lines("persons")} {
		for _, line := range lines {
			t.Log(line)
		}
	}
	t.Logf("machines: precision %.4f, recall %.4f (%d pairs right, %d wrong, %d missed), coverage wrong for %d of %d machines",
		q.precision(), q.recall(), q.right, q.wrong, q.missed, total.gaps, total.labels)
	if os.Getenv("FLEET_BOUNDS") != "" {
		for _, habit := range slices.Sorted(maps.Keys(worst)) {
			if b := worst[habit]; b != (bound{}) {
				t.Logf("%q: {%d, %d, %d, %d},", habit, b.wrong, b.missed, b.gaps, b.others)
			}
		}
	}
}

// A bound is how many faults a habit may have in one fleet: pairs of machine records, machines with another coverage or
// another value than is true, and pairs of customers and of humans.
type bound struct{ wrong, missed, gaps, others int }

func (b bound) most(o bound) bound {
	return bound{max(b.wrong, o.wrong), max(b.missed, o.missed), max(b.gaps, o.gaps), max(b.others, o.others)}
}

// bounds gives the faults of each habit.
func (v verdict) bounds() map[string]bound {
	faults := map[string]bound{}
	for habit, one := range v.machines {
		faults[habit] = bound{wrong: one.wrong, missed: one.missed, gaps: one.gaps + one.values}
	}
	for _, others := range [...]scores{v.customers, v.persons} {
		for habit, one := range others {
			b := faults[habit]
			b.others += one.wrong + one.missed
			faults[habit] = b
		}
	}
	return faults
}

// TestForeignFleets measures correlation on machines that have two or three habits each, drawn at random, so that rules
// that only fit the single ones show.
func TestForeignFleets(t *testing.T) {
	sum := scores{}
	for _, seed := range seedsToTry(t) {
		s, f := startHabits(t, 1000+seed, nil, 250)
		v := judgeFleet(t, s, f, 0)
		for habit, b := range v.bounds() {
			assert.Zero(t, b, "seed %d, habit %q", seed, habit)
		}
		for habit, one := range v.machines {
			sum.add(habit, one)
		}
	}
	for _, line := range sum.lines("machines with several habits") {
		t.Log(line)
	}
	one := sum[foreignHabit]
	q := quality{right: one.right, wrong: one.wrong, missed: one.missed}
	t.Logf("precision %.4f, recall %.4f, coverage wrong for %d of %d machines", q.precision(), q.recall(), one.gaps, one.labels)
}

const foreignHabit = "foreign"
