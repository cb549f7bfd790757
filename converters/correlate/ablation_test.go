package correlate

import (
	"fmt"
	"testing"

	"assetgraph/graph"
)

// TestAblation prints what each rule contributes: go test -run TestAblation -v ./converters/correlate
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
	for _, a := range []struct {
		name string
		off  rules
	}{
		{"nothing", 0},
		{"provider links", ruleLink},
		{"serial numbers", ruleSerial},
		{"MAC addresses", ruleMAC},
		{"host names", ruleHostname},
		{"list of junk serial numbers", ruleJunkSerials},
		{"list of weak MAC addresses", ruleWeakMACs},
		{"ambiguity (uniqueness within a product)", ruleAmbiguity},
		{"contradictions", ruleContradiction},
		{"ambiguity and contradictions", ruleAmbiguity | ruleContradiction},
		{"several records of one product (new installations)", ruleDuplicates},
		{"all but provider links", ruleSerial | ruleMAC | ruleHostname},
		{"all but serial numbers", ruleLink | ruleMAC | ruleHostname},
		{"all but MAC addresses", ruleLink | ruleSerial | ruleHostname},
		{"all but host names", ruleLink | ruleSerial | ruleMAC},
	} {
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
