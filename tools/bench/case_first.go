package main

import (
	"context"
	"errors"
	"fmt"
	"path/filepath"
)

// Most that a first load may take of what the bare loop takes, and of fetch and bare loop together.
const (
	applyLimit = 1.15
	wholeLimit = 1.3
)

// firstSQLite loads the fleet into new files, ours and the bare loop in turn.
func firstSQLite(ctx context.Context, s *session) ([]row, error) {
	if !s.has(sqliteStore) {
		return nil, nil
	}
	f, err := s.mainFleet()
	if err != nil {
		return nil, err
	}
	apply := row{Case: "first-sqlite", Store: sqliteStore, What: "apply phase", Unit: "s", Limit: applyLimit}
	for range s.repeat {
		ours, err := f.first(ctx, sqliteStore)
		if err != nil {
			return nil, err
		}
		floor, err := f.floor(ctx, floorSQLite, floorSQLite, sqliteStore,
			sqliteInput{From: f.graphs[sqliteStore].file, To: filepath.Join(s.folder, "bare.db")})
		if err != nil {
			return nil, err
		}
		apply.Ours = append(apply.Ours, ours.Report.Phases["apply"])
		apply.Floor = append(apply.Floor, floor.Seconds)
		apply.Note = fmt.Sprintf("%d rows", floor.Floor.Rows)
	}
	return []row{apply}, nil
}

// firstNeo4j loads the fleet into servers without data, the bare loop and ours in turn, each into a server that was
// started just before. The last of ours stays for the cases that follow.
func firstNeo4j(ctx context.Context, s *session) ([]row, error) {
	if !s.has(neo4jStore) {
		return nil, nil
	}
	f, err := s.mainFleet()
	if err != nil {
		return nil, err
	}
	source, err := f.loaded(ctx, sqliteStore)
	if err != nil {
		return nil, err
	}
	apply := row{Case: "first-neo4j", Store: neo4jStore, What: "apply phase", Unit: "s", Limit: applyLimit}
	whole := row{Case: "first-neo4j", Store: neo4jStore, What: "whole run", Unit: "s", Limit: wholeLimit}
	merge := false
	for i := range s.repeat {
		bare, err := f.bareNeo4j(ctx, source.file, merge)
		if err == nil && i == 0 && !s.brief {
			var other sample
			if other, err = f.bareNeo4j(ctx, source.file, true); err == nil && other.Seconds < bare.Seconds {
				bare, merge = other, true
			}
		}
		if err != nil {
			return nil, err
		}
		fetched, fetchErr := f.fetchAll(ctx)
		ours, err := f.first(ctx, neo4jStore)
		if err := errors.Join(fetchErr, err); err != nil {
			return nil, err
		}
		if got := ours.Report.Totals.Created; got != bare.Floor.Rows {
			return nil, fmt.Errorf("ours wrote %d elements, the bare loop %d", got, bare.Floor.Rows)
		}
		apply.Ours, apply.Floor = append(apply.Ours, ours.Report.Phases["apply"]), append(apply.Floor, bare.Seconds)
		whole.Ours, whole.Floor = append(whole.Ours, ours.Seconds), append(whole.Floor, fetched.Seconds+bare.Seconds)
		apply.Note = fmt.Sprintf("%d elements; the bare loop uses %s", bare.Floor.Rows, bare.Floor.Variant)
		whole.Note = "floor: bare fetch and bare loop"
	}
	return []row{apply, whole}, nil
}

// bareNeo4j writes the elements of an embedded graph to a new server by the bare loop.
func (f *fleet) bareNeo4j(ctx context.Context, file string, merge bool) (sample, error) {
	if _, err := f.session.freshServer(ctx); err != nil {
		return sample{}, err
	}
	return f.floor(ctx, floorNeo4j, floorNeo4j, neo4jStore, neo4jInput{bolt: f.session.bolt(), From: file, Merge: merge})
}
