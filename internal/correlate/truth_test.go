package correlate

import (
	"fmt"
	"strconv"
	"testing"

	"github.com/stretchr/testify/require"

	"assetgraph/graph"
	"assetgraph/internal/simulator"
)

// TestLabelledFleets is the proof on fleets whose truth is known.
func TestLabelledFleets(t *testing.T) {
	for _, machines := range []int{500, 3000} {
		for seed := range uint64(4) {
			t.Run(fmt.Sprintf("%d machines, seed %d", machines, seed), func(t *testing.T) {
				s, f := startFleet(t, machines, seed)
				r := f.run(t, nil, nil)
				truth := machineTruth(s)
				for record := range truth {
					require.NotEmpty(t, r.of[record], "%s has no device", record)
				}
				q := measure(r.of, truth)
				report(t, s, r)
				wrong, total := gaps(t, s, r)
				t.Logf("precision %.4f, recall %.4f (%d pairs right, %d wrong, %d missed); %d of %d machines without gap figures as planted",
					q.precision(), q.recall(), q.right, q.wrong, q.missed, total-wrong, total)
				require.Zero(t, q.wrong, "precision")
				require.GreaterOrEqual(t, q.recall(), 0.99)
				require.Zero(t, wrong)
				organizations(t, s, r)
			})
		}
	}
}

// report logs what went wrong.
func report(t *testing.T, s *simulator.Simulator, r *result) {
	owner := map[graph.Key]int{}
	for m := range s.Truth() {
		if !isMachine(&m) {
			continue
		}
		seen := map[graph.Key]bool{}
		for _, key := range keysOf(&m) {
			d := r.of[key]
			seen[d] = true
			if o, ok := owner[d]; ok && o != m.Number {
				t.Logf("wrong: %s %s holds machine %d and %d (%s, traits %b) %v", key, d, o, m.Number, m.Hostname, m.Traits, r.why[key])
			}
			owner[d] = m.Number
		}
		if len(seen) > 1 {
			t.Logf("missed: machine %d %s kind %d traits %s in %v", m.Number, m.Hostname, m.Kind, strconv.FormatUint(uint64(m.Traits), 2), seen)
			for _, key := range keysOf(&m) {
				t.Logf("   %s %v", key, r.why[key])
			}
		}
	}
}

// nothingInCommon reports whether the products show the machine without any identifier in common: no serial number in
// ImmyBot, no link, and another customer in NinjaRMM.
func nothingInCommon(m *simulator.Machine) bool {
	return m.Computer != 0 && m.Device != 0 && m.Agent == "" && !m.LinkedDevice &&
		m.Traits.Has(simulator.Sparse|simulator.JunkSerial) && m.Traits.Has(simulator.Moved)
}

// gaps compares what each machine lacks with what was planted.
func gaps(t *testing.T, s *simulator.Simulator, r *result) (wrong, total int) {
	for m := range s.Truth() {
		if !isMachine(&m) || len(keysOf(&m)) == 0 {
			continue
		}
		if nothingInCommon(&m) {
			continue
		}
		total++
		want := [3]bool{
			m.Agent != "" && !m.Traits.Has(simulator.Decommissioned|simulator.Uninstalled),
			m.Device != 0 && !m.Traits.Has(simulator.PendingRMM),
			m.Computer != 0,
		}
		ok := false
		for _, key := range keysOf(&m) {
			d := r.get(t, r.of[key])
			got := [3]bool{d.Get("hasEdr").Bool(), d.Get("hasRmm").Bool(), d.Get("hasDeployment").Bool()}
			ok = got == want
			if !ok {
				t.Logf("gap: machine %d %s: planted %v, got %v", m.Number, m.Hostname, want, got)
				break
			}
		}
		if !ok {
			wrong++
		}
	}
	return wrong, total
}

// organizations checks the clusters of customers.
func organizations(t *testing.T, s *simulator.Simulator, r *result) {
	truth := map[graph.Key]int{}
	for c := range s.Customers() {
		for _, id := range c.Sites {
			truth[graph.EntityKey("sentinelone", "sentinelone_site", id)] = c.Index
		}
		truth[graph.EntityKey("ninjarmm", "ninjarmm_organization", strconv.Itoa(c.Organization))] = c.Index
		if c.Tenant != 0 {
			truth[graph.EntityKey("immybot", "immybot_tenant", strconv.Itoa(c.Tenant))] = c.Index
		}
	}
	q := measure(r.of, truth)
	t.Logf("organizations: precision %.4f, recall %.4f", q.precision(), q.recall())
	require.Zero(t, q.wrong)
	require.GreaterOrEqual(t, q.recall(), 0.99)
}

// changeOf is what happens to a fleet in one step.
func changeOf(step int) simulator.Change {
	return []simulator.Change{{Rename: 40, Edit: 20}, {Remove: 25, CheckIn: 100}, {Add: 30, Move: 20, Rename: 10}}[step]
}
