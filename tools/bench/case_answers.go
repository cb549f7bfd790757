package main

import (
	"context"
	"fmt"
)

// Most seconds that answers may take.
const (
	coverageMachines = 100_000 // for more, in proportion
	coverageSQLite   = 1.5
	coverageNeo4j    = 3
	explainMachines  = 20_000 // of a fleet of so many, or of the main one if that is smaller
	explainSeconds   = 0.3
)

// answers measures commands that read a graph, each a whole process: the coverage of all machines, and why one machine
// is what it is.
func answers(ctx context.Context, s *session) ([]row, error) {
	large, err := s.mainFleet()
	if err != nil {
		return nil, err
	}
	small := large
	if s.machines > explainMachines {
		if small, err = s.fleet(fleetSize{machines: explainMachines}); err != nil {
			return nil, err
		}
	}
	var rows []row
	for _, store := range s.stores {
		coverage := row{Case: "answers", Store: store, What: "report coverage", Unit: "s", Limit: coverageSQLite,
			Note: fmt.Sprintf("%d machines", large.machines)}
		if store == neo4jStore {
			coverage.Limit = coverageNeo4j
		}
		coverage.Limit *= max(1, float64(large.machines)/coverageMachines)
		if coverage.Ours, err = large.asked(ctx, "coverage", store, "report", "coverage", "--output", "json"); err != nil {
			return rows, err
		}
		rows = append(rows, coverage)
	}
	for _, store := range s.stores {
		explain := row{Case: "answers", Store: store, What: "explain", Unit: "s", Limit: explainSeconds,
			Note: fmt.Sprintf("one of %d machines", small.machines)}
		name, err := small.oneName(ctx, store)
		if err != nil {
			return rows, err
		}
		if explain.Ours, err = small.asked(ctx, "explain", store, "explain", name); err != nil {
			return rows, err
		}
		rows = append(rows, explain)
	}
	return rows, nil
}

// asked runs a command over the fleet's graph as often as figures are taken.
func (f *fleet) asked(ctx context.Context, name, store string, args ...string) ([]float64, error) {
	g, err := f.loaded(ctx, store)
	if err != nil {
		return nil, err
	}
	var took []float64
	for range f.session.repeat {
		one, err := f.ask(ctx, name, g, args...)
		if err != nil {
			return nil, err
		}
		took = append(took, one.Seconds)
	}
	return took, nil
}

// oneName returns the name of a device in the fleet's graph.
func (f *fleet) oneName(ctx context.Context, store string) (string, error) {
	g, err := f.loaded(ctx, store)
	if err != nil {
		return "", err
	}
	open, err := f.session.open(ctx, g)
	if err != nil {
		return "", err
	}
	defer func() { _ = open.Close() }() // it was only read
	text := "SELECT hostname FROM device WHERE hostname IS NOT NULL ORDER BY _key LIMIT 1"
	if store == neo4jStore {
		text = "MATCH (d:device) WHERE d.hostname IS NOT NULL RETURN d.hostname ORDER BY d._key LIMIT 1"
	}
	name, err := single(ctx, open, text)
	return fmt.Sprint(name), err
}
