package main

import (
	"context"
	"fmt"
)

// unchangedLimit is the most that a run over unchanged data may take of a bare fetch of the same pages; on Neo4j of
// that and of reading keys and digests back.
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
		some, err := f.unchangedOn(ctx, store)
		if err != nil {
			return rows, err
		}
		rows = append(rows, some...)
	}
	return rows, nil
}

// unchangedOn measures against a fetch as fast as pages come, and against one at the vendor's pace, which every client
// has to keep.
func (f *fleet) unchangedOn(ctx context.Context, store string) ([]row, error) {
	fast := row{Case: "unchanged", Store: store, What: "whole run / fetch", Unit: "s", Limit: unchangedLimit}
	paced := row{
		Case: "unchanged", Store: store, What: "whole run / fetch at the vendor's pace", Unit: "s",
		Limit: unchangedLimit,
	}
	if _, err := f.loaded(ctx, store); err != nil {
		return nil, err
	}
	for range f.session.repeat {
		fetched, err := f.fetchFloor(ctx, false)
		if err != nil {
			return nil, err
		}
		slow, err := f.fetchFloor(ctx, true)
		if err != nil {
			return nil, err
		}
		headers := 0.0
		if store == neo4jStore {
			read, err := f.floor(ctx, floorHeaders, neo4jStore, f.session.bolt())
			if err != nil {
				return nil, err
			}
			headers = read.Seconds
			paced.Note = fmt.Sprintf("floors with %.2f s for headers", headers)
		}
		ours, err := f.unchanged(ctx, "unchanged", store)
		if err != nil {
			return nil, err
		}
		fast.Ours, fast.Floor = append(fast.Ours, ours.Seconds), append(fast.Floor, fetched.Seconds+headers)
		paced.Ours, paced.Floor = append(paced.Ours, ours.Seconds), append(paced.Floor, slow.Seconds+headers)
		fast.Note = fmt.Sprintf("%d requests, %.0f MB; 0 writes", fetched.Floor.Requests,
			float64(fetched.Floor.Bytes)/1e6)
	}
	return []row{fast, paced}, nil
}

// What is known of Cartography's SentinelOne sync of unchanged agents on a machine of the same kind: the project's
// design notes have the figure, the bench does not measure it. A run of ours is to be five times as fast.
const (
	knownAgents  = 45_000
	knownSeconds = 7.5
	agentsLimit  = 0.2
)

// agents measures runs over unchanged SentinelOne agents alone, as many as the known figure is for, or as the main
// fleet has.
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
		Note: fmt.Sprintf("%d agents; floor: Cartography's known %.1f s for %d, in proportion, not measured here",
			all.count, knownSeconds, knownAgents),
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
