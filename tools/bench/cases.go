package main

import (
	"context"
	"slices"
)

// A benchCase measures one promise. Its rows are those that it could measure up to the error.
type benchCase struct {
	name     string
	about    string
	run      func(context.Context, *session) ([]row, error)
	optional bool // measured only when it is asked for by name
}

// cases returns all cases in the order in which they run: later ones use the graphs that earlier ones loaded, those
// that change the fleet come after those that need it as it was, and what is read from the samples of others comes
// last.
func cases() []benchCase {
	return []benchCase{
		{name: "startup", about: "execute --help, and how large the program is", run: startup},
		{name: "first-sqlite", about: "first load into SQLite / a loop of prepared INSERTs of the same rows",
			run: firstSQLite},
		{name: "first-neo4j", about: "first load into Neo4j / a loop of UNWIND batches of the same rows", run: firstNeo4j},
		{name: "unchanged", about: "run that finds nothing changed / a bare fetch of the same pages", run: unchanged},
		{name: "posture", about: "the same / one that reads machines, customers and people alone", run: posture},
		{name: "latency", about: "the same with 150 ms for each answer / the longest chain of pages", run: latency},
		{name: "change", about: "2 % of the machines changed: what is written, and how long that takes", run: change},
		{name: "changelog", about: "what the change log adds to writing: a first load, 2 % and half of the machines changed",
			run: changeLog, optional: true},
		{name: "hour", about: "70 % of the machines seen again, 0.5 % changed / an unchanged run", run: hour},
		{name: "growth", about: "time per machine / the same with fewer machines", run: growth},
		{name: "component", about: "laptops that all hang together by docks that they share: correlating them",
			run: component},
		{name: "answers", about: "report coverage and explain", run: answers},
		{name: "peer", about: "SentinelOne's agents into Neo4j / Cartography's sync of them (needs Python)", run: peer,
			optional: true},
		{name: "agents", about: "unchanged SentinelOne agents into SQLite / Cartography if peer ran, else a bare fetch",
			run: agents},
		{name: "memory", about: "peak of resident memory", run: memory},
	}
}

// wants reports whether a case is measured.
func (o *options) wants(c benchCase) bool {
	return slices.Contains(o.cases, c.name) || len(o.cases) == 0 && !c.optional
}
