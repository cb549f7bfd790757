package main

import (
	"context"
	"fmt"
	"time"
)

// Share of the machines that change, and the most that writing them may take of what the first load took.
const (
	changedShare = 0.02
	changeLimit  = 1.0 / 20
)

// change upgrades some machines and runs on every store, several times.
func change(ctx context.Context, s *session) ([]row, error) {
	f, err := s.mainFleet()
	if err != nil {
		return nil, err
	}
	rows := make([]row, len(s.stores))
	for i, store := range s.stores {
		if _, err := f.loaded(ctx, store); err != nil {
			return nil, err
		}
		rows[i] = row{Case: "change", Store: store, What: "apply phase / first load's", Unit: "s", Limit: changeLimit,
			Floor: figures(s.found("first", store, f.machines), phase("apply"))}
	}
	machines := max(1, int(float64(f.machines)*changedShare))
	for range s.repeat {
		if err := f.advance(ctx, 15*time.Minute, map[string]int{"edit": machines}); err != nil {
			return nil, err
		}
		for i, store := range s.stores {
			one, written, err := f.changed(ctx, store)
			if err != nil {
				return nil, err
			}
			rows[i].Ours = append(rows[i].Ours, one.Report.Phases["apply"])
			rows[i].Note = fmt.Sprintf("%d machines, %d rows written, as many as the report names", machines, written)
		}
	}
	return rows, nil
}

// changed runs over a graph that is behind the fleet. The elements that the store has as changed since then must be
// those that the report names: no more, no less.
func (f *fleet) changed(ctx context.Context, store string) (one sample, written int, err error) {
	g := f.graphs[store]
	if one, err = f.run(ctx, "change", g); err != nil {
		return one, 0, err
	}
	if written, err = f.session.changedSince(ctx, g, one.Report.Run.StartedAt); err != nil {
		return one, 0, err
	}
	totals := one.Report.Totals
	if totals.Refreshed+totals.Deleted > 0 || totals.Created+totals.Updated != written || totals.Updated == 0 {
		err = fmt.Errorf("the report names %+v, the graph has %d changed elements", totals, written)
	}
	return one, written, err
}
