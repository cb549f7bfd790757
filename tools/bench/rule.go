package main

import (
	"fmt"
	"strings"
)

// planRule says what it costs that the plan is whole before the first write: at most all that comes before the first
// write, or all of the writing, whichever is less, since the two could only overlap.
func (r *results) planRule() string {
	var b strings.Builder
	for _, store := range []string{sqliteStore, neo4jStore} {
		var before, writing []float64
		for _, one := range r.Samples {
			if one.Name == "first" && one.Store == store && one.Machines == r.Machine.Machines {
				p := one.Report.Phases
				before, writing = append(before, p["collect"]+p["compare"]+p["correlate"]), append(writing, p["apply"])
			}
		}
		if len(before) > 0 {
			fmt.Fprintf(&b, "\nA first load into %s reads, compares and correlates for %s s before its first write and then writes for %s s (medians): that the plan is whole before the first write costs it at most %s s.\n",
				store, number(median(before)), number(median(writing)), number(min(median(before), median(writing))))
		}
	}
	return b.String()
}
