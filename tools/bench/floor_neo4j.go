package main

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"hash/maphash"
	"runtime/debug"
	"slices"
	"strings"
	"sync"
	"time"

	"github.com/neo4j/neo4j-go-driver/v5/neo4j"

	"assetgraph/converters"
	"assetgraph/graph"
	"assetgraph/graph/sqlite"
	"assetgraph/internal/providers"
)

// bolt says how a server is reached.
type bolt struct {
	Endpoint string `json:"endpoint"`
	Username string `json:"username"`
	Password string `json:"password"`
}

func (b bolt) driver() (neo4j.DriverWithContext, error) {
	return neo4j.NewDriverWithContext(b.Endpoint, neo4j.BasicAuth(b.Username, b.Password, ""))
}

// neo4jInput names an empty server, and an embedded graph whose elements are written to it.
type neo4jInput struct {
	bolt
	From  string `json:"from"`
	Merge bool   `json:"merge"` // MERGE instead of CREATE
}

const (
	neo4jBatch = 1000 // rows of one transaction
	neo4jLanes = 2    // transactions side by side
	trunkBelow = 5000 // a relationship type with fewer rows joins few to few: one writer, before the others
)

// A load is all rows of one type, by lane, with the statement that writes them.
type load struct {
	text  string
	lanes [neo4jLanes][]any
	count int
}

// loadNeo4j sends all rows in batches of UNWIND. Rows are in memory before the clock starts.
func loadNeo4j(ctx context.Context, in neo4jInput) (work, error) {
	nodes, relationships, err := readLoads(ctx, in)
	if err != nil {
		return work{}, err
	}
	driver, err := in.driver()
	if err != nil {
		return work{}, err
	}
	defer func() { _ = driver.Close(ctx) }() // all is written
	for _, text := range []string{
		"CREATE CONSTRAINT IF NOT EXISTS FOR (n:Entity) REQUIRE n._key IS UNIQUE", "CALL db.awaitIndexes(60)",
	} {
		if _, err := neo4j.ExecuteQuery(ctx, driver, text, nil, neo4j.EagerResultTransformer); err != nil {
			return work{}, err
		}
	}
	debug.SetGCPercent(400) // so that collecting the rows, which all stay, costs the loop little
	done := work{Variant: "create"}
	if in.Merge {
		done.Variant = "merge"
	}
	began := time.Now()
	for _, l := range slices.Concat(nodes, relationships) {
		if err := l.send(ctx, driver); err != nil {
			return done, err
		}
		done.Rows += l.count
	}
	done.Seconds = time.Since(began).Seconds()
	return done, nil
}

// send writes the lanes side by side.
func (l *load) send(ctx context.Context, driver neo4j.DriverWithContext) error {
	var wait sync.WaitGroup
	var errs [neo4jLanes]error
	for lane, rows := range l.lanes {
		wait.Go(func() { errs[lane] = sendLane(ctx, driver, l.text, rows) })
	}
	wait.Wait()
	return errors.Join(errs[:]...)
}

func sendLane(ctx context.Context, driver neo4j.DriverWithContext, text string, rows []any) error {
	session := driver.NewSession(ctx, neo4j.SessionConfig{DatabaseName: "neo4j"})
	defer func() { _ = session.Close(ctx) }() // all is committed
	for part := range slices.Chunk(rows, neo4jBatch) {
		_, err := session.ExecuteWrite(ctx, func(tx neo4j.ManagedTransaction) (any, error) {
			result, err := tx.Run(ctx, text, map[string]any{"rows": part})
			if err != nil {
				return nil, err
			}
			return result.Consume(ctx)
		})
		if err != nil {
			return err
		}
	}
	return nil
}

// readLoads reads all elements of the embedded graph: those of few-to-few relationship types come before the others.
func readLoads(ctx context.Context, in neo4jInput) (nodes, relationships []*load, err error) {
	schema, err := providers.All().Schema()
	if err != nil {
		return nil, nil, err
	}
	store, err := sqlite.Open(ctx, in.From, schema, sqlite.Options{ReadOnly: true})
	if err != nil {
		return nil, nil, err
	}
	defer func() { _ = store.Close() }() // it was only read
	for _, t := range schema.Types() {
		if t.Name == converters.IntegrationType().Name {
			continue // bookkeeping, which no apply phase writes
		}
		l, err := readLoad(ctx, store, t, in.Merge)
		switch {
		case err != nil:
			return nil, nil, err
		case t.IsRelationship():
			relationships = append(relationships, l)
		default:
			nodes = append(nodes, l)
		}
	}
	slices.SortFunc(relationships, func(a, b *load) int { return cmp.Compare(a.count, b.count) })
	return nodes, relationships, nil
}

func readLoad(ctx context.Context, store graph.Reader, t *graph.Type, merge bool) (*load, error) {
	l := &load{text: statement(t, merge)}
	seed := maphash.MakeSeed()
	for stored, err := range store.Elements(ctx, graph.Selection{Type: t}) {
		if err != nil {
			return nil, err
		}
		lane := l.count % neo4jLanes
		if t.IsRelationship() { // two transactions that write to the same node would wait for each other
			lane = int(maphash.String(seed, string(stored.From)) % neo4jLanes)
		}
		l.lanes[lane] = append(l.lanes[lane], rowOf(stored))
		l.count++
	}
	if t.IsRelationship() && l.count < trunkBelow {
		l.lanes = [neo4jLanes][]any{slices.Concat(l.lanes[:]...)}
	}
	return l, nil
}

// statement returns the text whose rows are those of rowOf.
func statement(t *graph.Type, merge bool) string {
	properties := []string{"_key: row[0]", "_type: '" + t.Name + "'", "_integration: '" + t.Integration + "'",
		"_instance: row[1]", "_digest: row[2]",
		"_volatileDigest: row[3]", "_createdOn: row[4]", "_updatedOn: row[5]"}
	for i, p := range t.Properties {
		properties = append(properties, fmt.Sprintf("`%s`: row[%d]", p.Name, firstProperty+i))
	}
	if !t.IsRelationship() {
		properties = append(properties, "_class: ['"+strings.Join(t.Classes, "', '")+"']")
		all, labels := "{"+strings.Join(properties, ", ")+"}", ":`"+t.Name+"`:`"+strings.Join(t.Classes, "`:`")+"`"
		if merge {
			return "UNWIND $rows AS row MERGE (x:Entity {_key: row[0]}) SET x += " + all + " SET x" + labels
		}
		return "UNWIND $rows AS row CREATE (x:Entity" + labels + " " + all + ")"
	}
	properties = append(properties, "_class: '"+t.Verb+"'")
	ends := "UNWIND $rows AS row MATCH (a:Entity {_key: row[6]}) USING INDEX SEEK a:Entity(_key) MATCH (b:Entity {_key: row[7]}) USING INDEX SEEK b:Entity(_key) "
	all := "{" + strings.Join(properties, ", ") + "}"
	if merge {
		return ends + "MERGE (a)-[x:`" + t.Verb + "` {_key: row[0]}]->(b) SET x += " + all
	}
	return ends + "CREATE (a)-[:`" + t.Verb + "` " + all + "]->(b)"
}

// firstProperty is the place of the first declared property in a row.
const firstProperty = 8

// rowOf returns an element as a list, null for what it does not have: property names are not sent again for each row.
func rowOf(e graph.Stored) []any {
	utc := time.FixedZone("Z", 0)
	row := []any{
		string(e.Key), e.Instance, e.Digest.String(), e.Volatile.String(), e.CreatedOn.In(utc), e.UpdatedOn.In(utc),
		string(e.From), string(e.To),
	}
	for i := range e.Type.Properties {
		row = append(row, parameter(e.Value(i), utc))
	}
	return row
}

func parameter(v graph.Value, utc *time.Location) any {
	switch v.Kind() {
	case graph.Text:
		return v.Text()
	case graph.Int:
		return v.Int()
	case graph.Bool:
		return v.Bool()
	case graph.Time:
		return v.Time().In(utc)
	case graph.Texts:
		return v.List()
	case graph.Absent:
	}
	return nil
}
