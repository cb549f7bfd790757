package main

import "context"

const (
	growthFrom  = 10_000 // machines that growth is counted from; a tenth of the fleet when that is less
	growthLimit = 1.25

	// unchangedGrowthLimit is what an unchanged run of the largest fleet may take of a bare fetch.
	unchangedGrowthLimit = 2
)

// growth compares the time per machine that a first load writes for with that of a small fleet, and holds the unchanged
// run of the whole fleet against what fetching it takes, which grows with the fleet by itself.
func growth(ctx context.Context, s *session) ([]row, error) {
	large, err := s.mainFleet()
	if err != nil {
		return nil, err
	}
	small, err := s.fleet(fleetSize{machines: min(growthFrom, s.machines/10)})
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
	}
	perMachine := func(f *fleet) []float64 {
		return figures(s.found("first", store, f.machines),
			func(x sample) float64 { return x.Report.Phases["apply"] / float64(f.machines) * 1e6 })
	}
	for len(s.found("unchanged", store, large.machines)) < s.repeat {
		if _, err := large.fetchAll(ctx); err != nil {
			return nil, err
		}
		if _, err := large.unchanged(ctx, "unchanged", store); err != nil {
			return nil, err
		}
	}
	return []row{
		{Case: "growth", Store: store, What: "first run, apply", Unit: "µs/machine", Limit: growthLimit,
			Ours: perMachine(large), Floor: perMachine(small)},
		{Case: "growth", Store: store, What: "unchanged run / fetch", Unit: "s", Limit: unchangedGrowthLimit,
			Ours:  figures(s.found("unchanged", store, large.machines), seconds),
			Floor: figures(s.found(floorFetch, "", large.machines), seconds)},
	}, nil
}
