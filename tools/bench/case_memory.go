package main

import (
	"context"
	"fmt"
	"slices"
)

// memoryLimit is how many MiB a run of so many machines may take.
func memoryLimit(machines int) float64 {
	if machines <= 100_000 {
		return 250
	}
	return 1024
}

// memory shows the highest peak of resident memory among all runs so far: of first loads and unchanged runs at least
// one each, and of runs after changes and hours if there were any.
func memory(ctx context.Context, s *session) ([]row, error) {
	f, err := s.mainFleet()
	if err != nil {
		return nil, err
	}
	var rows []row
	for _, store := range s.stores {
		if len(s.found("first", store, f.machines)) == 0 {
			if _, err := f.first(ctx, store); err != nil {
				return rows, err
			}
		}
		if len(s.found("unchanged", store, f.machines)) == 0 {
			if _, err := f.unchanged(ctx, "unchanged", store); err != nil {
				return rows, err
			}
		}
		for _, name := range []string{"first", "unchanged", "change", "hour"} {
			peaks := figures(s.found(name, store, f.machines), func(x sample) float64 { return x.PeakMiB })
			if len(peaks) == 0 {
				continue
			}
			rows = append(rows,
				row{Case: "memory", Store: store, What: name + " run, peak", Unit: "MiB",
					Limit: memoryLimit(f.machines),
					Ours:  []float64{slices.Max(peaks)}, Note: fmt.Sprintf("highest of %d", len(peaks))})
		}
	}
	return rows, nil
}
