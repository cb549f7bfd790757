package main

import (
	"context"
	"fmt"
)

// unchangedLimit is the most that a run over unchanged data may take of a bare fetch of the same pages; on Neo4j of that and of
// reading keys and digests back.
const unchangedLimit = 2

func unchanged(ctx context.Context, s *session) ([]row, error) {
	f, err := s.mainFleet()
	if err != nil {
		return nil, err
	}
	if _, err := f.recording(ctx); err != nil {
		return nil, err
	}
	var rows []row
	for _, store := range s.stores {
		r, err := f.unchangedOn(ctx, store)
		if err != nil {
			return rows, err
		}
		rows = append(rows, r)
	}
	return rows, nil
}

func (f *fleet) unchangedOn(ctx context.Context, store string) (row, error) {
	r := row{Case: "unchanged", Store: store, What: "whole run", Unit: "s", Limit: unchangedLimit}
	if _, err := f.loaded(ctx, store); err != nil {
		return r, err
	}
	var fetches, reads []float64
	for range f.session.repeat {
		fetched, err := f.fetchFloor(ctx)
		if err != nil {
			return r, err
		}
		fetches = append(fetches, fetched.Seconds)
		if store == neo4jStore {
			read, err := f.floor(ctx, floorHeaders, neo4jStore, f.session.bolt())
			if err != nil {
				return r, err
			}
			reads = append(reads, read.Seconds)
		}
		ours, err := f.unchanged(ctx, "unchanged", store)
		if err != nil {
			return r, err
		}
		r.Ours = append(r.Ours, ours.Seconds)
		r.Note = fmt.Sprintf("%d requests, %.0f MB; 0 writes", fetched.Floor.Requests, float64(fetched.Floor.Bytes)/1e6)
	}
	r.Floor = fetches
	if store == neo4jStore {
		r.Floor = add(fetches, reads)
		r.Note += fmt.Sprintf("; floor: fetch %.2f s and headers %.2f s", median(fetches), median(reads))
	}
	return r, nil
}

// What is known of Cartography's SentinelOne sync of unchanged agents on a machine of the same kind: the project's design notes have
// the figure, the bench does not measure it. A run of ours is to be five times as fast.
const (
	knownAgents  = 45_000
	knownSeconds = 7.5
	agentsLimit  = 0.2
)

// agents measures runs over unchanged SentinelOne agents alone, as many as the known figure is for, or as the main fleet has.
func agents(ctx context.Context, s *session) ([]row, error) {
	f, err := s.mainFleet()
	if err != nil {
		return nil, err
	}
	all, err := f.agentsAlone(ctx)
	if err != nil {
		return nil, err
	}
	if all.count > knownAgents {
		if f, err = s.fleet(int(float64(f.machines) * knownAgents / float64(all.count))); err != nil {
			return nil, err
		}
		if all, err = f.agentsAlone(ctx); err != nil {
			return nil, err
		}
	}
	known := knownSeconds * float64(all.count) / knownAgents
	r := row{
		Case: "agents", Store: sqliteStore, What: "whole run", Unit: "s", Floor: []float64{known}, Limit: agentsLimit,
		Note: fmt.Sprintf("%d agents; floor: Cartography's known %.1f s for %d, in proportion, not measured here", all.count, knownSeconds, knownAgents),
	}
	for range s.repeat {
		one, err := f.quiet(ctx, "agents", all.target, "--instance", "sentinelone")
		if err != nil {
			return nil, err
		}
		r.Ours = append(r.Ours, one.Seconds)
	}
	return []row{r}, nil
}

// agentGraph is a graph of SentinelOne alone.
type agentGraph struct {
	*target
	count int
}

func (f *fleet) agentsAlone(ctx context.Context) (agentGraph, error) {
	g, err := f.newTarget(ctx, sqliteStore)
	if err != nil {
		return agentGraph{}, err
	}
	one, err := f.run(ctx, "agents-first", g, "--instance", "sentinelone")
	return agentGraph{g, one.Report.Entities["sentinelone_agent"].Created}, err
}
