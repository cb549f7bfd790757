package neo4j

import (
	"context"
	"errors"
	"fmt"

	driver "github.com/neo4j/neo4j-go-driver/v5/neo4j"

	"assetgraph/graph"
)

// Labels of the nodes that the package keeps for itself, beside Entity.
const (
	metaLabel   = "AssetgraphMeta"   // one node: id, version
	runLabel    = "AssetgraphRun"    // one for each run of the journal
	leaseLabel  = "AssetgraphLease"  // one for each instance
	writerLabel = "AssetgraphWriter" // one for each instance and writer: see lease.go
	entityLabel = "Entity"
)

// constraints returns the uniqueness constraints that the statements rely on, as label and property. Reads by scope use the
// one on Entity, since the entities of a scope are one range of keys; reads by _type use its label.
func constraints() [][2]string {
	return [][2]string{
		{entityLabel, "_key"}, {metaLabel, "id"}, {runLabel, "id"}, {leaseLabel, "instance"}, {writerLabel, "id"},
	}
}

// layOut creates what is missing and writes nothing when nothing is.
func (s *Store) layOut(ctx context.Context) error {
	err := s.checkFormat(ctx)
	if err != nil && !errors.Is(err, graph.ErrNoGraph) {
		return err
	}
	fresh := err != nil
	if err := s.createConstraints(ctx); err != nil {
		return err
	}
	if !fresh {
		return nil
	}
	_, err = s.write(ctx, func(tx driver.ManagedTransaction) (any, error) {
		return rows(ctx, tx, "MERGE (m:"+metaLabel+" {id: 'assetgraph'}) ON CREATE SET m.version = $version",
			map[string]any{"version": graph.FormatVersion})
	})
	return err
}

// checkFormat returns graph.ErrNoGraph when the program never wrote to the database.
func (s *Store) checkFormat(ctx context.Context) error {
	found, err := s.read(ctx, "MATCH (m:"+metaLabel+") RETURN max(m.version) AS version", nil)
	if err != nil {
		return err
	}
	switch version, known := found[0].Values[0].(int64); {
	case !known:
		return graph.ErrNoGraph
	case version > graph.FormatVersion:
		return fmt.Errorf("%w: it has format %d, this program knows %d", graph.ErrNewerFormat, version, graph.FormatVersion)
	}
	return nil
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
	for _, c := range constraints() {
		if there[c] {
			continue
		}
		text := fmt.Sprintf("CREATE CONSTRAINT IF NOT EXISTS FOR (n:%s) REQUIRE n.%s IS UNIQUE", c[0], c[1])
		if err := s.schemaCommand(ctx, text); err != nil {
			return fmt.Errorf("create the uniqueness constraint on (:%s {%s}): %w", c[0], c[1], err)
		}
	}
	return nil
}

func (s *Store) schemaCommand(ctx context.Context, text string) error {
	_, err := s.write(ctx, func(tx driver.ManagedTransaction) (any, error) { return rows(ctx, tx, text, nil) })
	return err
}
