package e2e

import (
	"context"
	"database/sql"
	"testing"

	driver "github.com/neo4j/neo4j-go-driver/v5/neo4j"
	"github.com/stretchr/testify/require"

	"assetgraph/graph"
	"assetgraph/graph/neo4j"
	"assetgraph/internal/executor"
	"assetgraph/internal/simulator"
)

// A neighbour works on a graph past the program.
type neighbour interface {
	// remark gives every entity of the type, and every relationship, a property of the neighbour's.
	remark(t *testing.T, typ string)
	// remarked counts the elements that carry it, and on Neo4j the label that came with it.
	remarked(t *testing.T, typ string) (entities, relationships int)
}

// TestWhatOthersWroteSurvivesRuns runs over a graph to which somebody else added.
func TestWhatOthersWroteSurvivesRuns(t *testing.T) {
	t.Parallel()
	onBothStores(t, func(t *testing.T, g *ground) {
		e := newEstate(t, simulator.Options{}, t.Cleanup)
		e.options.PageSize = 200
		store := g.loaded(t, e)
		e.surviveRuns(t, store, g.neighbour(t))
	})
}

// neighbour returns somebody else who works on the same graph.
func (g *ground) neighbour(t *testing.T) neighbour {
	t.Helper()
	if g.server != nil {
		return newServerNeighbour(t, *g.server)
	}
	db, err := sql.Open("sqlite", g.path)
	require.NoError(t, err)
	t.Cleanup(func() { require.NoError(t, db.Close()) })
	return fileNeighbour{db}
}

// surviveRuns changes the fleet under a loaded graph to which a neighbour has added.
func (e *estate) surviveRuns(t *testing.T, store graph.Store, n neighbour) {
	t.Helper()
	const typ = "ninjarmm_device"
	n.remark(t, typ)
	entities, relationships := n.remarked(t, typ)
	require.Positive(t, entities)
	require.Positive(t, relationships)

	report := e.run(t, t.Context(), store)
	require.Equal(t, executor.Counts{Unchanged: report.Totals.Unchanged}, report.Totals, "additions are no difference")
	before := read(t, t.Context(), store)
	e.Advance(change())
	report = e.run(t, t.Context(), store)
	require.Equal(t, executor.StatusComplete, report.Run.Status)
	require.Positive(t, report.Totals.Updated)
	require.Positive(t, report.Totals.Refreshed)
	after := read(t, t.Context(), store)
	requireEqual(t, e.truth(t, t.Context()), after, "beside what others added")
	left, _ := n.remarked(t, typ)
	gone := 0
	for _, key := range before.without(after) {
		if key.Scope().Type == typ {
			gone++
		}
	}
	require.Equal(t, entities-gone, left, "what stayed kept what others gave it")
}

type fileNeighbour struct{ *sql.DB }

const scopedDevices = "scope IN (SELECT id FROM graph_scope WHERE type = ?)"

func (n fileNeighbour) remark(t *testing.T, typ string) {
	t.Helper()
	_, err := n.ExecContext(t.Context(), "UPDATE graph_entity SET properties = json_set(properties, '$.remark', 'theirs') WHERE "+scopedDevices, typ)
	require.NoError(t, err)
	_, err = n.ExecContext(t.Context(), "UPDATE graph_relationship SET properties = json_set(properties, '$.remark', 'theirs')")
	require.NoError(t, err)
}

func (n fileNeighbour) remarked(t *testing.T, typ string) (entities, relationships int) {
	t.Helper()
	const where = " WHERE json_extract(properties, '$.remark') = 'theirs'"
	require.NoError(t, n.QueryRowContext(t.Context(), "SELECT count(*) FROM graph_entity"+where+" AND "+scopedDevices, typ).Scan(&entities))
	require.NoError(t, n.QueryRowContext(t.Context(), "SELECT count(*) FROM graph_relationship"+where).Scan(&relationships))
	return entities, relationships
}

type serverNeighbour struct{ driver.DriverWithContext }

func newServerNeighbour(t *testing.T, c neo4j.Config) serverNeighbour {
	t.Helper()
	d, err := driver.NewDriverWithContext(c.URI, driver.BasicAuth(c.Username, c.Password, ""))
	require.NoError(t, err)
	t.Cleanup(func() { require.NoError(t, d.Close(context.WithoutCancel(t.Context()))) })
	return serverNeighbour{d}
}

// rows runs a text and returns what it answers.
func (n serverNeighbour) rows(t *testing.T, text string) [][]any {
	t.Helper()
	result, err := driver.ExecuteQuery(t.Context(), n.DriverWithContext, text, nil, driver.EagerResultTransformer)
	require.NoError(t, err, text)
	out := make([][]any, len(result.Records))
	for i, r := range result.Records {
		out[i] = r.Values
	}
	return out
}

// do runs a text that returns one number.
func (n serverNeighbour) do(t *testing.T, text string) int {
	t.Helper()
	rows := n.rows(t, text)
	require.Len(t, rows, 1, text)
	number, ok := rows[0][0].(int64)
	require.True(t, ok, text)
	return int(number)
}

func (n serverNeighbour) remark(t *testing.T, typ string) {
	t.Helper()
	require.Positive(t, n.do(t, "MATCH (n:"+typ+") SET n.remark = 'theirs', n:Critical RETURN count(n)"))
	require.Positive(t, n.do(t, "MATCH (:Entity)-[r]->(:Entity) SET r.remark = 'theirs' RETURN count(r)"))
}

func (n serverNeighbour) remarked(t *testing.T, typ string) (entities, relationships int) {
	t.Helper()
	return n.do(t, "MATCH (n:"+typ+":Critical {remark: 'theirs'}) RETURN count(n)"), n.do(t, "MATCH ()-[r {remark: 'theirs'}]->() RETURN count(r)")
}

// retiredOnNeo4j removes machines on which somebody else's relationships hang, and brings them back.
func retiredOnNeo4j(t *testing.T) {
	config := server(t)
	full := newEstate(t, simulator.Options{}, t.Cleanup)
	full.options.PageSize = 200
	store, n := openServer(t, config), newServerNeighbour(t, config)
	full.run(t, t.Context(), store)
	before := read(t, t.Context(), store)
	tickets := n.do(t, "MATCH (c:immybot_computer) MERGE (:Ticket {of: c._key})-[:ABOUT]->(c) RETURN count(c)")
	requireTickets := func(why string) {
		t.Helper()
		require.Equal(t, tickets, n.do(t, "MATCH (:Ticket)-[r:ABOUT]->(:immybot_computer) RETURN count(r)"), why)
	}
	retired := func() int {
		t.Helper()
		return n.do(t, "MATCH (n:Entity) WHERE n._deletedOn IS NOT NULL RETURN count(n)")
	}

	fewer := newEstate(t, simulator.Options{}, t.Cleanup)
	fewer.options.PageSize = 200
	require.Len(t, fewer.Advance(simulator.Change{Remove: 4}).Removed, 4)
	truth := fewer.truth(t, t.Context())
	var gone []graph.Key
	for _, key := range before.without(truth) {
		if key.Scope().Type == "immybot_computer" {
			gone = append(gone, key)
		}
	}
	require.NotEmpty(t, gone)
	plan := fewer.runOptions(t, store)
	plan.Plan = true
	foreseen, err := executor.Run(t.Context(), plan)
	require.NoError(t, err)
	for _, why := range []string{"the first run without them", "the second"} {
		report := fewer.run(t, t.Context(), store)
		require.Equal(t, executor.StatusWithheld, report.Run.Status, why)
		require.Equal(t, foreseen.Totals.Deleted, report.Totals.Deleted, "a plan is what happens")
		requireEqual(t, truth, read(t, t.Context(), store).only(truth), why)
		requireTickets(why)
		require.Equal(t, len(gone), retired(), why)
		foreseen.Totals.Deleted = 0
	}

	report := full.run(t, t.Context(), store)
	require.Equal(t, executor.StatusComplete, report.Run.Status, "they are back")
	require.Equal(t, 0, retired())
	requireEqual(t, full.truth(t, t.Context()), read(t, t.Context(), store), "they are back")
	requireTickets("they are back")

	fewer.run(t, t.Context(), store)
	require.Equal(t, len(gone), retired(), "gone once more")
	n.do(t, "MATCH (t:Ticket) DETACH DELETE t RETURN count(t)")
	report = fewer.run(t, t.Context(), store)
	require.Equal(t, executor.StatusComplete, report.Run.Status, "nothing holds them any more")
	requireEqual(t, truth, read(t, t.Context(), store), "nothing holds them any more")
	report = fewer.run(t, t.Context(), store)
	require.Equal(t, executor.Counts{Unchanged: report.Totals.Unchanged}, report.Totals)
}

// clearedOnNeo4j clears one product, then everything, where relationships of others hang on some entities.
func clearedOnNeo4j(t *testing.T) {
	config := server(t)
	e := newEstate(t, simulator.Options{}, t.Cleanup)
	e.options.PageSize = 200
	store, n := openServer(t, config), newServerNeighbour(t, config)
	e.run(t, t.Context(), store)
	tickets := n.do(t, "MATCH (c:immybot_computer|device) WITH c ORDER BY c._key LIMIT 9 MERGE (:Ticket {of: c._key})-[:ABOUT]->(c) RETURN count(c)")
	all := func() int {
		t.Helper()
		return n.do(t, "CALL () { MATCH (x:Entity) RETURN count(x) AS n UNION ALL MATCH (:Entity)-[x]->(:Entity) RETURN count(x) AS n } RETURN sum(n)")
	}
	for _, instances := range [][]string{{"ninjarmm", "sentinelone"}, nil} {
		before, found := all(), 0
		clearance, err := executor.FindClearance(t.Context(), store, schema(t), instances...)
		require.NoError(t, err)
		for _, s := range clearance.Scopes {
			found += s.Count
		}
		deleted, kept, err := clearance.Carry(t.Context())
		require.NoError(t, err)
		require.ElementsMatch(t, clearance.Kept, kept)
		for _, d := range deleted {
			found -= d.Count
			before -= d.Count
		}
		require.Zero(t, found, "as many as were found are deleted")
		require.Equal(t, before, all(), "and no others")
	}
	require.Equal(t, tickets, all(), "what tickets are about")
	require.Equal(t, tickets, n.do(t, "MATCH (:Ticket)-[r:ABOUT]->(:Entity) RETURN count(r)"))
}

// only returns what h holds of the keys of other.
func (h holding) only(other holding) holding {
	out := holding{}
	for key, header := range h {
		if _, ok := other[key]; ok {
			out[key] = header
		}
	}
	return out
}
