package main

import (
	"context"
	"slices"
	"strings"
	"time"

	"github.com/neo4j/neo4j-go-driver/v5/neo4j"
)

// header is what a comparison needs at the least.
type header struct{ key, digest string }

// readHeaders reads key and digest of every element: nodes in one stream in the order of the constraint's index,
// relationships, for which no index has an order, in one stream that is sorted here.
func readHeaders(ctx context.Context, in bolt) (work, error) {
	driver, err := in.driver()
	if err != nil {
		return work{}, err
	}
	defer func() { _ = driver.Close(ctx) }() // it was only read
	session := driver.NewSession(ctx,
		neo4j.SessionConfig{DatabaseName: "neo4j", AccessMode: neo4j.AccessModeRead, FetchSize: 20_000})
	defer func() { _ = session.Close(ctx) }()
	if err := driver.VerifyConnectivity(ctx); err != nil {
		return work{}, err
	}
	began := time.Now()
	nodes, err := stream(ctx, session,
		"MATCH (n:Entity) USING INDEX n:Entity(_key) WHERE n._key > '' RETURN n._key, n._digest ORDER BY n._key")
	if err != nil {
		return work{}, err
	}
	relationships, err := stream(ctx, session, "MATCH ()-[r]->() WHERE r._key IS NOT NULL RETURN r._key, r._digest")
	if err != nil {
		return work{}, err
	}
	slices.SortFunc(relationships, func(a, b header) int { return strings.Compare(a.key, b.key) })
	return work{Seconds: time.Since(began).Seconds(), Rows: len(nodes) + len(relationships)}, nil
}

func stream(ctx context.Context, session neo4j.SessionWithContext, text string) ([]header, error) {
	result, err := session.Run(ctx, text, nil)
	if err != nil {
		return nil, err
	}
	var all []header
	for result.Next(ctx) {
		values := result.Record().Values
		key, _ := values[0].(string)
		digest, _ := values[1].(string)
		all = append(all, header{key, digest})
	}
	return all, result.Err()
}
