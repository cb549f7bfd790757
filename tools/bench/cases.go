package main

import "context"

// A benchCase measures one promise. Its rows are those that it could measure up to the error.
type benchCase struct {
	name  string
	about string
	run   func(context.Context, *session) ([]row, error)
}

// cases returns all cases in the order in which they run: later ones use the graphs that earlier ones loaded, those
// that change the fleet come after those that need it as it was, and what is read from the samples of others comes
// last.
func cases() []benchCase {
	return []benchCase{
		{"startup", "execute --help, and how large the program is", startup},
		{"first-sqlite", "first load into SQLite / a loop of prepared INSERTs of the same rows", firstSQLite},
		{"first-neo4j", "first load into Neo4j / a loop of UNWIND batches of the same rows", firstNeo4j},
		{"unchanged", "whole run that finds nothing changed / a bare fetch of the same pages", unchanged},
		{"agents", "45,000 unchanged SentinelOne agents / Cartography's known figure", agents},
		{"latency", "the same with 150 ms for each answer / the longest chain of pages", latency},
		{"change", "2 % of the machines changed: what is written, and how long that takes", change},
		{"growth", "time per machine of each phase / the same with fewer machines", growth},
		{"memory", "peak of resident memory", memory},
	}
}
