package neo4j

import (
	"math"
	"strings"
	"sync"
	"testing"
	"time"

	driver "github.com/neo4j/neo4j-go-driver/v5/neo4j"
	"github.com/stretchr/testify/require"

	"assetgraph/graph"
)

func fullValues() map[string]graph.Value {
	return map[string]graph.Value{
		"hostname": graph.TextOf("pc-1"), "activeThreats": graph.IntOf(3), "infected": graph.BoolOf(false),
		"registeredOn": graph.TimeOf(noon(1)), "macAddresses": graph.TextsOf("b", "a"), "lastSeenOn": graph.TimeOf(noon(2)),
	}
}

func TestNodesCarryTheLabelsOfTheirTypeAndClasses(t *testing.T) {
	b, f := newBench(t), newFleet(t)
	s := b.open(t, f.schema)
	apply(t, s, graph.Create, f.anAgent(t, "1", nil))
	apply(t, s, graph.Create, seal(t, graph.NewEntity(f.device, "assetgraph", "1"), nil))
	require.Equal(t, [][]any{
		{"assetgraph:device:1", []any{"Device", "Entity", "Host", "device"}},
		{"s1:sentinelone_agent:1", []any{"Entity", "HostAgent", "sentinelone_agent"}},
	}, b.run(t, "MATCH (n:Entity) UNWIND labels(n) AS l WITH n, l ORDER BY l RETURN n._key AS k, collect(l) ORDER BY k", nil))
}

func TestValuesAreNativeAndTimesAreComparable(t *testing.T) {
	b, f := newBench(t), newFleet(t)
	s := b.open(t, f.schema)
	agent := f.anAgent(t, "1", fullValues())
	device := seal(t, graph.NewEntity(f.device, "assetgraph", "1"), nil)
	apply(t, s, graph.Create, agent)
	apply(t, s, graph.Create, device)
	apply(t, s, graph.Create, seal(t, graph.NewRelationship(f.protects, "assetgraph", agent.Key, device.Key),
		map[string]graph.Value{"method": graph.TextOf("serial")}))

	require.Equal(t, [][]any{{"STRING NOT NULL", "INTEGER NOT NULL", "BOOLEAN NOT NULL", "ZONED DATETIME NOT NULL",
		"LIST<STRING NOT NULL> NOT NULL", "LIST<STRING NOT NULL> NOT NULL", "ZONED DATETIME NOT NULL", "ZONED DATETIME NOT NULL", true}},
		b.run(t, `MATCH (n:sentinelone_agent) RETURN valueType(n.hostname), valueType(n.activeThreats), valueType(n.infected), valueType(n.registeredOn),
			valueType(n.macAddresses), valueType(n._class), valueType(n._createdOn), valueType(n._updatedOn), n.registeredOn = datetime('2026-03-01T12:00:00Z')`, nil))
	require.Equal(t, [][]any{{"sentinelone_agent_protects_device", "PROTECTS", "assetgraph", "assetgraph", "serial", true}},
		b.run(t, `MATCH (:sentinelone_agent)-[r:PROTECTS]->(:device) RETURN r._type, r._class, r._instance, r._integration, r.method,
			r._createdOn = datetime('2026-03-01T12:00:00Z')`, nil))
}

func TestForeignRelationshipOfTheSameVerbIsNeitherTakenOverNorDeleted(t *testing.T) {
	b, f := newBench(t), newFleet(t)
	s := b.open(t, f.schema)
	group, agents, has := f.agents(t, 1)
	apply(t, s, graph.Create, group)
	apply(t, s, graph.Create, agents...)
	b.run(t, "MATCH (g:sentinelone_group), (a:sentinelone_agent) CREATE (g)-[:HAS {remark: 'theirs'}]->(a)", nil)

	apply(t, s, graph.Create, has...)
	apply(t, s, graph.Update, has...)
	require.EqualValues(t, 2, b.one(t, "MATCH ()-[r:HAS]->() RETURN count(r)", nil))
	require.Len(t, headers(t, s, f.has, "s1"), 1)
	apply(t, s, graph.Delete, has...)

	require.Equal(t, [][]any{{map[string]any{"remark": "theirs"}}}, b.run(t, "MATCH ()-[r:HAS]->() RETURN properties(r)", nil))
	applied, err := s.Apply(t.Context(), batchOf(graph.Delete, agents...))
	require.NoError(t, err)
	require.Equal(t, graph.Applied{Kept: []graph.Key{agents[0].Key}}, applied)
}

func TestValuesOfAnotherKindThatSomebodySetAreAbsent(t *testing.T) {
	b, f := newBench(t), newFleet(t)
	s := b.open(t, f.schema)
	agent := f.anAgent(t, "1", fullValues())
	apply(t, s, graph.Create, agent)
	b.run(t, `MATCH (n:sentinelone_agent) SET n.hostname = 5, n.activeThreats = 'three', n.infected = 'no', n.registeredOn = date('2026-03-01'),
		n.macAddresses = [1, 2], n._digest = 'nonsense', n._createdOn = 'yesterday'`, nil)
	for st, err := range s.Elements(t.Context(), graph.Selection{Type: f.agent}) {
		require.NoError(t, err)
		var names []string
		for p := range st.Values() {
			names = append(names, p.Name)
		}
		require.Equal(t, []string{"name", "displayName", "id", "lastSeenOn"}, names)
		require.Zero(t, st.Digest)
		require.Equal(t, agent.Volatile, st.Volatile)
		require.Zero(t, st.CreatedOn)
	}
	want := agent.Header()
	want.Digest = graph.Digest{}
	require.Equal(t, []graph.Header{want}, headers(t, s, f.agent, "s1"))
}

func TestCountersAreTheServersAndKnowNoBookkeeping(t *testing.T) {
	b, f := newBench(t), newFleet(t)
	s := b.open(t, f.schema)
	lease, err := s.Acquire(t.Context(), "s1", "run-1", time.Hour)
	require.NoError(t, err)
	require.NoError(t, s.SaveRun(t.Context(), graph.Run{ID: "run-1", StartedAt: noon(1)}))
	require.Zero(t, s.Counters())

	group, agents, has := f.agents(t, 3)
	apply(t, s, graph.Create, group)
	batch := batchOf(graph.Create, agents...)
	batch.Lease = lease
	_, err = s.Apply(t.Context(), batch)
	require.NoError(t, err)
	apply(t, s, graph.Create, has...)
	c := s.Counters()
	require.Equal(t, 4, c.NodesCreated)
	require.Equal(t, 3, c.RelationshipsCreated)
	require.Equal(t, 4*3, c.LabelsAdded)
	require.Positive(t, c.PropertiesSet)

	headers(t, s, f.agent, "s1")
	_, err = s.Apply(t.Context(), graph.Batch{Op: graph.Create, Type: f.agent, Instance: "s1", At: noon(2), Lease: lease})
	require.NoError(t, err)
	require.NoError(t, s.Release(t.Context(), lease))
	require.Equal(t, c, s.Counters(), "nothing to do is nothing written")

	apply(t, s, graph.Delete, has[:2]...)
	apply(t, s, graph.Delete, agents[:2]...)
	require.Equal(t, 2, s.Counters().RelationshipsDeleted)
	require.Equal(t, 2, s.Counters().NodesDeleted)
}

func TestTwoWritersOfTheSameMakeNoDuplicates(t *testing.T) {
	b, f := newBench(t), newFleet(t)
	group, agents, has := f.agents(t, 400)
	stores := []*Store{b.open(t, f.schema), b.open(t, f.schema)}
	both := func(elements ...*graph.Element) {
		t.Helper()
		var wg sync.WaitGroup
		for _, s := range stores {
			wg.Go(func() {
				applied, err := s.Apply(t.Context(), batchOf(graph.Create, elements...))
				if err != nil || applied.Written != len(elements) {
					t.Errorf("%+v, %v", applied, err)
				}
			})
		}
		wg.Wait()
	}
	both(group)
	both(agents...)
	both(has...)
	require.EqualValues(t, 401, b.one(t, "MATCH (n:Entity) RETURN count(n)", nil))
	require.EqualValues(t, 400, b.one(t, "MATCH ()-[r:HAS]->() RETURN count(r)", nil))
}

func TestEntityThatGainsARelationshipWhileItIsDeletedIsKept(t *testing.T) {
	b, f := newBench(t), newFleet(t)
	s := b.open(t, f.schema)
	_, agents, _ := f.agents(t, 2)
	apply(t, s, graph.Create, agents...)
	session := b.driver.NewSession(t.Context(), driver.SessionConfig{DatabaseName: "neo4j"})
	tx, err := session.BeginTransaction(t.Context())
	require.NoError(t, err)
	result, err := tx.Run(t.Context(), "MATCH (n:Entity {_key: $key}) CREATE (:Ticket)-[:ABOUT]->(n)", map[string]any{"key": string(agents[0].Key)})
	require.NoError(t, err)
	_, err = result.Consume(t.Context())
	require.NoError(t, err)

	type answer struct {
		graph.Applied
		error
	}
	deleted := make(chan answer, 1)
	go func() {
		applied, err := s.Apply(t.Context(), batchOf(graph.Delete, agents...))
		deleted <- answer{applied, err}
	}()
	b.waitForBlocked(t)
	require.NoError(t, tx.Commit(t.Context()))

	got := <-deleted
	require.NoError(t, got.error)
	require.Equal(t, graph.Applied{Written: 1, Kept: []graph.Key{agents[0].Key}}, got.Applied)
	require.NoError(t, session.Close(t.Context()))
}

// waitForBlocked waits until a transaction on the server waits for a lock.
func (b *bench) waitForBlocked(t *testing.T) {
	t.Helper()
	require.Eventually(t, func() bool {
		return len(b.run(t, "SHOW TRANSACTIONS YIELD status WHERE status STARTS WITH 'Blocked'", nil)) > 0
	}, time.Minute, 10*time.Millisecond)
}

func formers() []former { return []former{notAsked, formerValues, formerCounts} }

func TestStatementsHoldNamesOfTheSchemaAndNoValue(t *testing.T) {
	f := newFleet(t)
	for _, typ := range f.schema.Types() {
		texts := []string{refreshStatement(typ), createStatement(typ), byIDStatement(typ, nil)}
		for _, f := range formers() {
			texts = append(texts, writeStatement(typ, f), deleteStatement(typ, f), retireStatement(typ, f))
		}
		for _, text := range texts {
			require.NotContains(t, strings.ReplaceAll(text, "':'", ""), "'")
			require.NotContains(t, text, `"`)
		}
	}
	text := writeStatement(f.agent, notAsked)
	require.Contains(t, text, "SET x:`sentinelone_agent`:`HostAgent`")
	require.Contains(t, text, "`hostname`: row[7]")
	require.Equal(t, "`a``b`", quote("a`b"))
}

func TestHostileNamesInASchemaStayNames(t *testing.T) {
	b := newBench(t)
	name := "x` {a: 1}) DETACH DELETE n //"
	typ := graph.NewEntityType(name, "i", "", []string{"C`l"}, graph.Property{Name: "p`: 1}) //", Kind: graph.Text, Volatile: true})
	rel := graph.NewRelationshipType("i", name, "V`]->() DELETE x //", name)
	schema, err := graph.NewSchema(typ, rel)
	require.NoError(t, err)
	s := b.open(t, schema)
	e := seal(t, graph.NewEntity(typ, "i", "1"), map[string]graph.Value{"p`: 1}) //": graph.TextOf("v")})
	r := seal(t, graph.NewRelationship(rel, "i", e.Key, e.Key), nil)
	apply(t, s, graph.Create, e)
	apply(t, s, graph.Create, r)
	apply(t, s, graph.Refresh, e)
	logged := graph.Batch{Op: graph.Update, Type: typ, Instance: "i", At: noon(2), Log: graph.Log{Run: "run"}}
	logged.Elements = []*graph.Element{seal(t, graph.NewEntity(typ, "i", "1"), map[string]graph.Value{"p`: 1}) //": graph.TextOf("v"), "name": graph.TextOf("n")})}
	_, err = s.Apply(t.Context(), logged)
	require.NoError(t, err)
	e = logged.Elements[0]
	for st, err := range s.Elements(t.Context(), graph.Selection{Type: typ, Instance: "i"}) {
		require.NoError(t, err)
		require.Empty(t, e.Changed(st.Element))
	}
	require.Len(t, headers(t, s, rel, "i"), 1)
	apply(t, s, graph.Delete, r)
	apply(t, s, graph.Delete, e)
	require.EqualValues(t, 0, b.one(t, "MATCH (n:Entity) RETURN count(n)", nil))
}

// plan returns the server's own drawing of the plan: in the driver's tree of operators all children of one are the
// same.
func (b *bench) plan(t *testing.T, text string, params map[string]any) string {
	t.Helper()
	result, err := driver.ExecuteQuery(t.Context(), b.driver, "EXPLAIN "+text, params, driver.EagerResultTransformer)
	require.NoError(t, err)
	drawing, _ := result.Summary.Plan().Arguments()["string-representation"].(string)
	require.Contains(t, drawing, "+ProduceResults")
	return drawing
}

func TestStatementsFindTheirNodesByTheConstraintWhateverIsInTheGraph(t *testing.T) {
	b, f := newBench(t), newFleet(t)
	s := b.open(t, f.schema)
	check := func() {
		t.Helper()
		for _, typ := range f.schema.Types() {
			params := map[string]any{"rows": []any{make([]any, 30)}, "at": s.datetime(noon(1)), "type": "", "class": "", "integration": "", "instance": "", "names": []any{}, "labels": []any{}}
			addLease(params, graph.Lease{}, 0)
			texts := []string{refreshStatement(typ)}
			for _, f := range formers() {
				texts = append(texts, writeStatement(typ, f), deleteStatement(typ, f))
			}
			for _, text := range texts {
				texts = append(texts, leased(text))
			}
			texts = append(texts, keptStatement(), missingStatement(), selectStatement(typ, nil))
			if texts = append(texts, leased(createStatement(typ))); typ.IsRelationship() {
				texts = append(texts, createStatement(typ))
			}
			for _, text := range texts {
				plan := b.plan(t, text, params)
				require.NotContains(t, plan, "Scan", text)
				require.Contains(t, plan, "NodeUniqueIndexSeek", text)
				require.NotContains(t, plan, "Expand(All)", text)
			}
		}
		for _, typ := range []*graph.Type{f.has, f.protects} {
			q := relationshipQuery{typ: typ, columns: header(typ)}
			text, _ := q.text(typeSize{from: 1, to: 100, relationships: 100})
			plan := b.plan(t, text, map[string]any{"ranges": []any{}, "type": "", "instance": "", "step": 1, "verb": ""})
			require.Contains(t, plan, "NodeUniqueIndexSeekByRange")
			require.NotContains(t, plan, "CartesianProduct")
			require.NotContains(t, plan, "HashJoin")
			require.NotContains(t, plan, "RelationshipTypeScan")
			plan = b.plan(t, byIDStatement(typ, nil), map[string]any{"ids": []any{""}})
			require.Contains(t, plan, "RelationshipByElementIdSeek")
		}
		plan := b.plan(t, countText([]string{anyEntity, "(:`a`)", "(:`a`)-[:`HAS`]->()", "()-[:`HAS`]->()"}), nil)
		require.Equal(t, 4, strings.Count(plan, "CountFromCountStore"), plan)
		for _, text := range []string{entityHeaderStatement(f.agent), entityStatement(f.agent, nil), nextKeyText} {
			plan := b.plan(t, text, map[string]any{"after": "", "end": "", "limit": 5})
			require.NotContains(t, plan, "Sort", "the index gives the order")
			require.NotContains(t, plan, "Top")
		}
	}
	b.run(t, "CALL db.prepareForReplanning()", nil)
	check()
	group, agents, has := f.agents(t, 1000) // the server's statistics are still those of an empty graph
	apply(t, s, graph.Create, group)
	apply(t, s, graph.Create, agents...)
	apply(t, s, graph.Create, has...)
	b.run(t, "CALL db.clearQueryCaches()", nil)
	check()
}

func TestLanesKeepRelationshipsThatShareANodeTogether(t *testing.T) {
	f := newFleet(t)
	lanesOf := func(elements []*graph.Element) [][]*graph.Element {
		b := batchOf(graph.Create, elements...)
		return (&applier{store: &Store{}, batch: &b}).partitions()
	}
	_, agents, has := f.agents(t, 1000)
	require.Len(t, lanesOf(agents), 2)
	require.Len(t, lanesOf(agents[:100]), 1)

	var manyToFew []*graph.Element
	for i, a := range agents {
		d := graph.NewEntity(f.device, "assetgraph", string(rune('a'+i%20)))
		manyToFew = append(manyToFew, seal(t, graph.NewRelationship(f.protects, "assetgraph", a.Key, d.Key), nil))
	}
	lane := map[graph.Key]int{}
	n := 0
	for i, elements := range lanesOf(manyToFew) {
		n += len(elements)
		for _, e := range elements {
			if other, seen := lane[e.To]; seen {
				require.Equal(t, other, i, "%s is written to from both lanes", e.To)
			}
			lane[e.To] = i
		}
	}
	require.Equal(t, len(manyToFew), n)

	whole := 0
	for _, elements := range lanesOf(has) {
		require.Contains(t, []int{0, len(has)}, len(elements), "one group, one writer")
		whole += len(elements)
	}
	require.Equal(t, len(has), whole)
}

func TestDatetimeKeepsTheInstant(t *testing.T) {
	s := &Store{utc: time.FixedZone("Offset", 0)}
	local := time.Date(2026, 3, 1, 12, 0, 0, 5e6, time.FixedZone("CET", 3600))
	require.True(t, local.Equal(s.datetime(local).(time.Time)))
	require.Nil(t, s.datetime(time.Time{}))
	require.Equal(t, int64(math.MaxInt64), s.parameter(graph.IntOf(math.MaxInt64)))
	require.Nil(t, s.parameter(graph.Value{}))
}
