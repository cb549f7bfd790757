package main

import (
	"context"
	"errors"
	"fmt"

	driver "github.com/neo4j/neo4j-go-driver/v5/neo4j"
)

// Most that a run of ours may take of one of Cartography's.
const (
	peerFirstLimit     = 1.3
	peerUnchangedLimit = 1.0 / 4
	peerHourLimit      = 1.0 / 2.5
)

// peer holds runs that read SentinelOne alone against Cartography's sync of it, each a whole process, on the same
// server and the same fleet, each beginning in turn: first loads, of which both go into a server that was started just
// before the first of them; then runs over what is unchanged; then runs after hours that follow one another. On a
// machine that can't install Cartography nothing is measured, which is no failure.
func peer(ctx context.Context, s *session) ([]row, error) {
	if !s.has(neo4jStore) {
		return skippedPeer("Cartography writes to Neo4j alone"), nil
	}
	theirs, err := s.cartography(ctx)
	if errors.Is(err, errNoCartography) {
		return skippedPeer(err.Error()), nil
	}
	if err != nil {
		return nil, err
	}
	f, err := s.agentsFleet()
	if err != nil {
		return nil, err
	}
	p := &pair{fleet: f, theirs: theirs}
	first, err := p.firstLoads(ctx)
	if err != nil {
		return nil, err
	}
	unchanged, err := p.unchangedRuns(ctx)
	if err != nil {
		return []row{first}, err
	}
	hour, err := p.hourlyRuns(ctx)
	return []row{first, unchanged, hour}, err
}

func skippedPeer(why string) []row {
	return []row{{Case: "peer", Store: neo4jStore, Note: "skipped: " + why}}
}

// A pair is ours and theirs on one server.
type pair struct {
	*fleet
	theirs *cartography
	graph  *target
	turn   int
}

// both measures one run of ours and one of theirs.
func (p *pair) both(ctx context.Context, r *row, ours func() (sample, error)) error {
	steps := []func() error{
		func() error {
			one, err := ours()
			r.Ours = append(r.Ours, one.Seconds)
			return err
		},
		func() error {
			one, err := p.theirs.sync(ctx, "cartography-"+r.What, p.fleet, p.graph)
			r.Floor = append(r.Floor, one.Seconds)
			return err
		},
	}
	p.turn++
	for i := range steps {
		if err := steps[(i+p.turn)%len(steps)](); err != nil {
			return err
		}
	}
	return nil
}

func (p *pair) row(what string, limit float64) row {
	return row{Case: "peer", Store: neo4jStore, What: what, Unit: "s", Limit: limit}
}

func (p *pair) firstLoads(ctx context.Context) (row, error) {
	r := p.row("first", peerFirstLimit)
	for range p.session.repeat + p.session.repeat%2 { // a new server is slower to who begins, so each does as often
		var err error
		if p.graph, err = p.session.freshServer(ctx); err != nil {
			return r, err
		}
		err = p.both(ctx, &r, func() (sample, error) { return p.run(ctx, "peer-first", p.graph, onlySentinelOne()...) })
		if err != nil {
			return r, err
		}
	}
	written, err := p.written(ctx)
	r.Note = written
	return r, err
}

// unchanged measures ours into SQLite as well, for the case agents.
func (p *pair) unchangedRuns(ctx context.Context) (row, error) {
	r := p.row("unchanged", peerUnchangedLimit)
	embedded, count, err := p.agentsAlone(ctx)
	if err != nil {
		return r, err
	}
	r.Note = fmt.Sprintf("%d agents", count)
	for range p.session.repeat {
		err := p.both(ctx, &r,
			func() (sample, error) { return p.quiet(ctx, "peer-unchanged", p.graph, onlySentinelOne()...) })
		if err != nil {
			return r, err
		}
		if _, err := p.quiet(ctx, "agents", embedded, onlySentinelOne()...); err != nil {
			return r, err
		}
	}
	return r, nil
}

func (p *pair) hourlyRuns(ctx context.Context) (row, error) {
	r := p.row("hour", peerHourLimit)
	for range hoursOfEach * p.session.repeat {
		if err := p.passHour(ctx); err != nil {
			return r, err
		}
		err := p.both(ctx, &r, func() (sample, error) { return p.run(ctx, "peer-hour", p.graph, onlySentinelOne()...) })
		if err != nil {
			return r, err
		}
	}
	return r, nil
}

// written says what both have in the server, where each has to have every agent: Cartography asks for none that is
// decommissioned.
func (p *pair) written(ctx context.Context) (string, error) {
	d, err := p.session.bolt().driver()
	if err != nil {
		return "", err
	}
	defer func() { _ = d.Close(ctx) }() // it was only read
	numbers := func(text string) ([]any, error) {
		answer, err := driver.ExecuteQuery(ctx, d, text, nil, driver.EagerResultTransformer)
		if err != nil {
			return nil, err
		}
		return answer.Records[0].Values, nil
	}
	agents, err := numbers("MATCH (o:sentinelone_agent) WITH sum(CASE WHEN o.isDecommissioned THEN 0 ELSE 1 END) AS ours " +
		"MATCH (t:S1Agent) RETURN ours, count(t)")
	if err != nil {
		return "", err
	}
	if agents[0] != agents[1] {
		return "", fmt.Errorf("ours has %d agents that are not decommissioned, Cartography %d", agents...)
	}
	text := ""
	for _, who := range []struct{ name, node, relationship string }{
		{"ours", "n:Entity", "r._key IS NOT NULL"}, {"theirs", "NOT n:Entity", "r._key IS NULL"},
	} {
		nodes, err := numbers("MATCH (n) WHERE " + who.node + " RETURN count(n), sum(size(keys(n)))")
		if err != nil {
			return "", err
		}
		relationships, err := numbers("MATCH ()-[r]->() WHERE " + who.relationship + " RETURN count(r), sum(size(keys(r)))")
		if err != nil {
			return "", err
		}
		if text != "" {
			text += "; "
		}
		text += who.name + fmt.Sprintf(" %d nodes with %d properties, %d relationships with %d",
			append(nodes, relationships...)...)
	}
	return text, nil
}
