package neo4j

import (
	"context"
	"fmt"
	"strings"

	driver "github.com/neo4j/neo4j-go-driver/v5/neo4j"

	"assetgraph/graph"
)

// Labels of the nodes that the package keeps for itself, beside Entity.
const (
	metaLabel    = "AssetgraphMeta"    // one node: id, version
	runLabel     = "AssetgraphRun"     // one for each run of the journal
	leaseLabel   = "AssetgraphLease"   // one for each instance
	writerLabel  = "AssetgraphWriter"  // one for each instance and writer: see lease.go
	scopeLabel   = "AssetgraphScope"   // one for each scope that is sealed
	memoryLabel  = "AssetgraphMemory"  // one for each mebibyte of a memory
	changeLabel  = "AssetgraphChange"  // one for each transaction that changed something
	findingLabel = "AssetgraphFinding" // one for each finding
	figureLabel  = "AssetgraphFigure"  // one for each day, tool and customer
	entityLabel  = "Entity"

	findingCheckLabel = "AssetgraphFindingCheck" // one for each kind of findings
)

// constraints returns the uniqueness constraints that the statements rely on, as label and property. Reads by scope use
// the one on Entity, since the entities of a scope are one range of keys; reads by _type use its label.
func constraints() [][2]string {
	return [][2]string{
		{entityLabel, "_key"}, {metaLabel, "id"}, {runLabel, "id"}, {leaseLabel, "instance"}, {writerLabel, "id"},
		{findingLabel, "id"}, {figureLabel, "id"},
	}
}

// layOut creates what is missing and writes nothing when nothing is.
func (s *Store) layOut(ctx context.Context) error {
	version, err := s.format(ctx)
	if err != nil {
		return err
	}
	if err := s.createConstraints(ctx); err != nil {
		return err
	}
	if version < graph.FormatVersion { // what an earlier format holds is right in this one too
		_, err = s.write(ctx, func(tx driver.ManagedTransaction) (any, error) {
			return rows(ctx, tx, "MERGE (m:"+metaLabel+" {id: 'assetgraph'}) SET m.version = $version",
				map[string]any{"version": graph.FormatVersion})
		})
	}
	if err != nil || version == 0 {
		return err
	}
	return s.relabel(ctx)
}

// format returns the version that wrote the graph, 0 when the program never wrote to the database.
func (s *Store) format(ctx context.Context) (int64, error) {
	found, err := s.read(ctx, "MATCH (m:"+metaLabel+") RETURN max(m.version) AS version", nil)
	if err != nil {
		return 0, err
	}
	version, _ := found[0].Values[0].(int64)
	if version > graph.FormatVersion {
		return 0, fmt.Errorf("%w: it has format %d, this program knows %d", graph.ErrNewerFormat, version,
			graph.FormatVersion)
	}
	return version, nil
}

// createConstraints looks before it creates: a schema command takes locks for which running writers would wait.
func (s *Store) createConstraints(ctx context.Context) error {
	found, err := s.read(ctx, `SHOW CONSTRAINTS YIELD type, entityType, labelsOrTypes, properties
		WHERE entityType = 'NODE' AND type IN ['UNIQUENESS', 'NODE_PROPERTY_UNIQUENESS', 'NODE_KEY'] AND size(properties) = 1
		RETURN labelsOrTypes[0], properties[0]`, nil)
	if err != nil {
		return err
	}
	there := make(map[[2]string]bool)
	for _, r := range found {
		label, _ := r.Values[0].(string)
		property, _ := r.Values[1].(string)
		there[[2]string{label, property}] = true
	}
	var missing [][2]string
	for _, c := range constraints() {
		if !there[c] {
			missing = append(missing, c)
		}
	}
	if len(missing) == 0 {
		return nil
	}
	// One transaction for all takes a third to two thirds of the time that one for each does.
	var failed [2]string
	_, err = s.write(ctx, func(tx driver.ManagedTransaction) (any, error) {
		for _, failed = range missing {
			text := fmt.Sprintf("CREATE CONSTRAINT IF NOT EXISTS FOR (n:%s) REQUIRE n.%s IS UNIQUE", failed[0], failed[1])
			if _, err := rows(ctx, tx, text, nil); err != nil {
				return nil, err
			}
		}
		return nil, nil
	})
	if err != nil {
		return fmt.Errorf("create the uniqueness constraint on (:%s {%s}): %w%s", failed[0], failed[1], err,
			s.twice(ctx, failed))
	}
	return nil
}

// twice says which values of a constraint's property are there several times, "" when none is known to be.
func (s *Store) twice(ctx context.Context, c [2]string) string {
	found, err := s.read(ctx, fmt.Sprintf("MATCH (n:%s) WITH toString(n.%s) AS value, count(*) AS nodes WHERE nodes > 1 RETURN value ORDER BY value LIMIT 3",
		c[0], c[1]), nil)
	if err != nil || len(found) == 0 {
		return ""
	}
	values := make([]string, len(found))
	for i, r := range found {
		values[i], _ = r.Values[0].(string)
	}
	return fmt.Sprintf("; somebody copied nodes of ours while the constraint was gone: delete one of each, such as %s",
		strings.Join(values, ", "))
}

// strayText finds entities that somebody took the label Entity off: they have that of a type, and the properties of
// ours.
func strayText(schema *graph.Schema) string {
	var names []string
	for _, t := range schema.Types() {
		if !t.IsRelationship() {
			names = append(names, quote(t.Name))
		}
	}
	return "MATCH (x:" + strings.Join(names, "|") + ") WHERE NOT x:" + entityLabel +
		" AND x._key IS NOT NULL AND x._integration IS NOT NULL"
}

// relabel gives the label Entity back to entities that somebody took it off, unless another has their key by now.
// Without their digest the next run writes them anew, and counts them.
func (s *Store) relabel(ctx context.Context) error {
	text := strayText(s.schema)
	found, err := s.read(ctx, text+" RETURN x._key LIMIT 1", nil)
	if err != nil || len(found) == 0 {
		return err
	}
	_, err = s.write(ctx, func(tx driver.ManagedTransaction) (any, error) {
		if _, err := rows(ctx, tx, "MATCH (n:"+scopeLabel+") DELETE n", nil); err != nil {
			return nil, err // whatever else was done to them, everything is looked at
		}
		return rows(ctx, tx, text+" AND NOT EXISTS { MATCH (other:"+entityLabel+
			" {_key: x._key}) } WITH x ORDER BY x._key "+
			"WITH x._key AS key, collect(x)[0] AS x SET x:"+entityLabel+" SET x._digest = null", nil)
	})
	if err != nil {
		return fmt.Errorf("give nodes of ours the label %s back: %w", entityLabel, err)
	}
	return nil
}

func (s *Store) schemaCommand(ctx context.Context, text string) error {
	_, err := s.write(ctx, func(tx driver.ManagedTransaction) (any, error) { return rows(ctx, tx, text, nil) })
	return err
}
