package correlate

import (
	"cmp"
	"fmt"
	"maps"
	"slices"
	"strings"
	"testing"

	"assetgraph/graph"
	"assetgraph/internal/simulator"
)

// An ablation leaves rules out.
type ablation struct {
	name string
	off  rules
}

func ablations() []ablation {
	return []ablation{
		{"nothing", 0},
		{"provider links", ruleLink},
		{"serial numbers", ruleSerial},
		{"MAC addresses", ruleMAC},
		{"host names", ruleHostname},
		{"list of junk serial numbers", ruleJunkSerials},
		{"list of weak MAC addresses", ruleWeakMACs},
		{"hardware (virtual or not, known makers)", ruleHardware},
		{"joins hold against every member", ruleMembers},
		{"lifetimes", ruleLifetimes},
		{"every member and lifetimes", ruleMembers | ruleLifetimes},
		{"nothing alone crosses customers", ruleCustomers},
		{"ambiguity (uniqueness within a product)", ruleAmbiguity},
		{"contradictions", ruleContradiction},
		{"ambiguity and contradictions", ruleAmbiguity | ruleContradiction},
		{"several records of one product (new installations)", ruleDuplicates},
		{"all but provider links", ruleSerial | ruleMAC | ruleHostname},
		{"all but serial numbers", ruleLink | ruleMAC | ruleHostname},
		{"all but MAC addresses", ruleLink | ruleSerial | ruleHostname},
		{"all but host names", ruleLink | ruleSerial | ruleMAC},
	}
}

// TestAblation prints what each rule contributes on tidy fleets: go test -run TestAblation -v ./internal/correlate
func TestAblation(t *testing.T) {
	if testing.Short() {
		t.Skip("measures, checks nothing that TestLabelledFleets does not")
	}
	type measured struct {
		fleet *fleet
		truth map[graph.Key]int
	}
	var fleets []measured
	for _, seed := range []uint64{1, 2, 3} {
		s, f := startFleet(t, 3000, seed)
		fleets = append(fleets, measured{f, machineTruth(s)})
	}
	lines := []string{"| left out | precision | recall | wrong pairs | missed pairs |", "|---|---|---|---|---|"}
	for _, a := range ablations() {
		var q quality
		for _, m := range fleets {
			r := m.fleet.run(t, nil, nil, func(c *Correlator) { c.off = a.off })
			one := measure(r.of, m.truth)
			q.right, q.wrong, q.missed = q.right+one.right, q.wrong+one.wrong, q.missed+one.missed
		}
		lines = append(lines, fmt.Sprintf("| %s | %.4f | %.4f | %d | %d |", a.name, q.precision(), q.recall(), q.wrong, q.missed))
		if a.off == 0 && q.wrong > 0 {
			t.Errorf("%d wrong pairs with all rules", q.wrong)
		}
	}
	for _, line := range lines {
		t.Log(line)
	}
}

// TestHabitAblation prints what each rule is worth on fleets with the habits of real ones, and to which habits: the
// pairs that are wrong or missed without it beyond those that are with all rules.
func TestHabitAblation(t *testing.T) {
	if testing.Short() {
		t.Skip("measures, checks nothing that TestHabits does not")
	}
	type measured struct {
		s *simulator.Simulator
		f *fleet
	}
	var fleets []measured
	for _, seed := range seedsToTry(t) {
		s, f := startHabits(t, seed, habitsToTry(), 150)
		fleets = append(fleets, measured{s, f})
	}
	lines := []string{"| left out | wrong pairs | missed pairs | coverage wrong | worse for (wrong, missed) | better for |", "|---|---|---|---|---|---|"}
	base := scores{}
	for _, a := range ablations() {
		sum := scores{}
		for _, m := range fleets {
			for habit, one := range judgeFleet(t, m.s, m.f, a.off).machines {
				sum.add(habit, one)
			}
		}
		if a.off == 0 {
			base = sum
		}
		total := sum.total()
		worse, better := sum.against(base)
		lines = append(lines, fmt.Sprintf("| %s | %d | %d | %d | %s | %s |", a.name, total.wrong, total.missed, total.gaps, worse, better))
		if a.off&(ruleSerial|ruleMAC|ruleHostname) == ruleSerial|ruleMAC|ruleHostname && total.right >= base.total().right {
			t.Errorf("without %s as many pairs are right as with them", a.name)
		}
	}
	for _, line := range lines {
		t.Log(line)
	}
}

// against names the habits that have more faults than in the base, and those that have fewer, those with the largest
// difference first.
func (s scores) against(base scores) (worse, better string) {
	type change struct {
		habit         string
		wrong, missed int
	}
	var changes []change
	for habit := range maps.Keys(s) {
		if c := (change{cmp.Or(habit, "(ordinary)"), s[habit].wrong - base[habit].wrong, s[habit].missed - base[habit].missed}); c.wrong != 0 || c.missed != 0 {
			changes = append(changes, c)
		}
	}
	slices.SortFunc(changes, func(a, b change) int {
		return cmp.Or(cmp.Compare(abs(b.wrong+b.missed), abs(a.wrong+a.missed)), cmp.Compare(a.habit, b.habit))
	})
	const most = 6
	var up, down []string
	for _, c := range changes {
		text := fmt.Sprintf("%s (%+d, %+d)", c.habit, c.wrong, c.missed)
		if c.wrong > 0 || c.wrong == 0 && c.missed > 0 {
			up = append(up, text)
		} else {
			down = append(down, text)
		}
	}
	return strings.Join(up[:min(len(up), most)], ", "), strings.Join(down[:min(len(down), most)], ", ")
}

func abs(n int) int { return max(n, -n) }
