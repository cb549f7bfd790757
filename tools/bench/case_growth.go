package main

import "context"

const (
	growthFrom  = 10_000 // machines that growth is counted from; a tenth of the fleet when that is less
	growthLimit = 1.25
)

// growth compares the time per machine of each phase with that of a small fleet.
func growth(ctx context.Context, s *session) ([]row, error) {
	large, err := s.mainFleet()
	if err != nil {
		return nil, err
	}
	small, err := s.fleet(min(growthFrom, s.machines/10))
	if err != nil {
		return nil, err
	}
	store := s.stores[0]
	for _, f := range []*fleet{small, large} {
		for len(s.found("first", store, f.machines)) < s.repeat {
			if _, err := f.first(ctx, store); err != nil {
				return nil, err
			}
		}
		for len(s.found("unchanged", store, f.machines)) < s.repeat {
			if _, err := f.unchanged(ctx, "unchanged", store); err != nil {
				return nil, err
			}
		}
	}
	var rows []row
	for _, one := range []struct{ run, phase string }{
		{"first", "collect"}, {"first", "compare"}, {"first", "correlate"}, {"first", "apply"},
		{"unchanged", "collect"}, {"unchanged", "compare"}, {"unchanged", "correlate"},
	} {
		perMachine := func(f *fleet) []float64 {
			return figures(s.found(one.run, store, f.machines),
				func(x sample) float64 { return x.Report.Phases[one.phase] / float64(f.machines) * 1e6 })
		}
		rows = append(rows,
			row{Case: "growth", Store: store, What: one.run + " run, " + one.phase, Unit: "µs/machine",
				Limit: growthLimit,
				Ours:  perMachine(large), Floor: perMachine(small)})
	}
	return rows, nil
}
