package main

import (
	"context"
	"fmt"
)

// Of SentinelOne alone the fleet has about 45,000 agents, or fewer when the main fleet is smaller. It has few customers,
// and so ten accounts, as many as Cartography reads.
const (
	agentsFrom      = 52_300
	agentsCustomers = 45

	agentsLimit = 0.2 // of what Cartography takes
)

// agentsFleet returns a fleet of which runs read what Cartography reads as well, and no parts such as threats.
func (s *session) agentsFleet() (*fleet, error) {
	f, err := s.fleet(fleetSize{machines: min(s.machines, agentsFrom), customers: agentsCustomers})
	if err == nil {
		f.env["SENTINELONE_COLLECT"] = "none"
	}
	return f, err
}

// onlySentinelOne are the flags of a run that reads SentinelOne alone.
func onlySentinelOne() []string { return []string{"--instance", "sentinelone"} }

// agents measures runs over unchanged SentinelOne agents alone. What Cartography takes for them is known when the case
// peer has run, which then has measured ours beside it; else the floor is a bare fetch.
func agents(ctx context.Context, s *session) ([]row, error) {
	f, err := s.agentsFleet()
	if err != nil {
		return nil, err
	}
	r := row{Case: "agents", Store: sqliteStore, Unit: "s"}
	if theirs := s.found("cartography-unchanged", neo4jStore, f.machines); len(theirs) > 0 {
		r.What, r.Limit = "whole run / Cartography's", agentsLimit
		r.Ours, r.Floor = figures(s.found("agents", sqliteStore, f.machines), seconds), figures(theirs, seconds)
		return []row{r}, nil
	}
	all, err := f.recording(ctx)
	if err != nil {
		return nil, err
	}
	g, count, err := f.agentsAlone(ctx)
	if err != nil {
		return nil, err
	}
	r.What, r.Limit, r.Note = "whole run / fetch", unchangedLimit(sqliteStore), fmt.Sprintf("%d agents", count)
	for range s.repeat {
		floor, err := f.fetch(ctx, "floor-agents", recording{"sentinelone": all["sentinelone"]})
		if err != nil {
			return nil, err
		}
		ours, err := f.quiet(ctx, "agents", g, onlySentinelOne()...)
		if err != nil {
			return nil, err
		}
		r.Ours, r.Floor = append(r.Ours, ours.Seconds), append(r.Floor, floor.Seconds)
	}
	return []row{r}, nil
}

// agentsAlone loads SentinelOne alone into a new embedded graph.
func (f *fleet) agentsAlone(ctx context.Context) (g *target, count int, err error) {
	if g, err = f.newTarget(ctx, sqliteStore); err != nil {
		return nil, 0, err
	}
	one, err := f.run(ctx, "agents-first", g, onlySentinelOne()...)
	if err != nil {
		return nil, 0, err
	}
	return g, one.Report.Entities["sentinelone_agent"].Created, nil
}
