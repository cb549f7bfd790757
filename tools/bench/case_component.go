package main

import (
	"context"
	"fmt"
	"math"
)

const (
	mostDocked        = 20_000 // laptops; in proportion for fleets below componentFleet
	componentFleet    = 10_000
	componentSeconds  = 3
	componentMachines = 20 // beside them, so that all customers have some
)

// component measures the correlate phase of first loads of laptops that all hang together by docks that they share, in
// four sizes: the largest against a limit of its own, each against what n log n makes of the smallest.
func component(ctx context.Context, s *session) ([]row, error) {
	var sizes []int
	for _, share := range []int{10, 4, 2, 1} {
		sizes = append(sizes, max(16, mostDocked/share*min(s.machines, componentFleet)/componentFleet))
	}
	took := make([][]float64, len(sizes))
	for range s.repeat {
		for i, n := range sizes {
			f, err := s.fleet(fleetSize{machines: componentMachines, docked: n})
			if err != nil {
				return nil, err
			}
			one, err := f.correlated(ctx)
			if err != nil {
				return nil, err
			}
			took[i] = append(took[i], one.Report.Phases["correlate"])
		}
	}
	last := len(sizes) - 1
	rows := []row{{Case: "component", Store: sqliteStore, What: fmt.Sprintf("%d laptops, correlate", sizes[last]),
		Unit: "s", Limit: componentSeconds, Ours: took[last]}}
	for i, n := range sizes[1:] {
		rows = append(rows, row{Case: "component", Store: sqliteStore, What: fmt.Sprintf("%d laptops / n log n", n),
			Unit: "s", Limit: 1, Ours: took[i+1], Floor: scaled(took[0], nLogN(n)/nLogN(sizes[0])),
			Note: fmt.Sprintf("floor: %d laptops, in proportion", sizes[0])})
	}
	return rows, nil
}

// correlated loads the fleet into a graph of its own, in which each laptop has to be a device.
func (f *fleet) correlated(ctx context.Context) (sample, error) {
	g, err := f.newTarget(ctx, sqliteStore)
	if err != nil {
		return sample{}, err
	}
	defer f.session.discard(g)
	one, err := f.run(ctx, "component", g)
	if err != nil {
		return one, err
	}
	if n := one.Report.Entities["device"].Created; n < f.docked || n > f.docked+f.machines {
		err = fmt.Errorf("%d laptops and %d other machines became %d devices", f.docked, f.machines, n)
	}
	return one, err
}

func nLogN(n int) float64 { return float64(n) * math.Log2(float64(n)) }
