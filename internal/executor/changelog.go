package executor

import (
	"context"

	"assetgraph/differ"
	"assetgraph/graph"
)

// mostLogged is how many elements of a scope the change log tells one by one when a run does the same to all of them;
// of more it tells the number (docs/adr/0023-change-log.md).
const mostLogged = 10_000

// A chronicle settles what the change log is told of a run.
type chronicle struct {
	run    string // "" when the log is off
	census census
}

func newChronicle(o *Options, before past) chronicle {
	c := chronicle{census: before.census}
	if o.Changes > 0 {
		c.run = o.ID
	}
	return c
}

// of returns what the log is told of an operation on a scope: of the first load of an instance how many elements that
// were, and so of what happens to very many at once.
func (c chronicle) of(sp *differ.ScopePlan, op graph.Op) graph.Log {
	return graph.Log{
		Run: c.run, Load: op == graph.Create && sp.Population == 0 && !c.census.holds(sp.Instance),
		Sum: sp.Counts.Of(op) > mostLogged,
	}
}

// forgetChanges removes what is older than the change log keeps; all of it when the log is off.
func forgetChanges(ctx context.Context, o *Options) error {
	before := o.Now().Add(-o.Changes)
	if o.Changes <= 0 {
		before = o.Now().AddDate(1, 0, 0) // also what a clock that was ahead has dated
	}
	return o.Store.ForgetChanges(ctx, "", before)
}
