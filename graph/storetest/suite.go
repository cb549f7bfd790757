// Package storetest is the conformance suite of the graph.Store contract: every store passes it, and what it
// pins is what the rest of the program relies on.
//
// The tests run one after another, each on an empty graph of its own, so that a store whose server knows only one
// graph can empty it in New.
package storetest

import (
	"testing"
	"time"

	"assetgraph/graph"
)

// A Suite says how to reach the store under test.
type Suite struct {
	// New returns an empty graph for one test. What must be released is left to t.Cleanup; the suite closes
	// the stores that it opens before those clean-ups run.
	New func(t *testing.T) Graph

	// Queries are texts in the store's own language.
	Queries Queries
}

// A Graph is one graph of the store under test, and the way to what others put into it.
type Graph interface {
	// Open opens the graph, for reading only or for writing too, and fails the test when it can't. It is called
	// several times for one graph, also while stores of earlier calls are open, as two processes do.
	Open(t *testing.T, schema *graph.Schema, readOnly bool) graph.Store

	Foreigner
}

// A Foreigner is somebody else who works on the graph, past the store under test.
type Foreigner interface {
	// SetProperty gives the entity or relationship of that key a text property that no schema declares.
	SetProperty(t *testing.T, key graph.Key, name, value string)

	// Property returns what SetProperty wrote; "" when it is not there.
	Property(t *testing.T, key graph.Key, name string) string

	// SetLabel gives the entity a label. It does nothing and returns false in a store without labels.
	SetLabel(t *testing.T, key graph.Key, label string) bool

	// HasLabel reports whether the entity carries the label.
	HasLabel(t *testing.T, key graph.Key, label string) bool

	// DateLease makes the lease of an instance end that long from now.
	DateLease(t *testing.T, instance string, left time.Duration)

	// Double copies the entity or relationship of that key, key and all. It does nothing and returns false where the
	// store's own rules forbid that.
	Double(t *testing.T, key graph.Key) bool

	// Relate adds a node that is not the program's and a relationship from it to the entity of that key. It does
	// nothing and returns false in a store where others can't do that.
	Relate(t *testing.T, key graph.Key) bool

	// Related reports whether the node and the relationship of Relate are still there.
	Related(t *testing.T, key graph.Key) bool
}

// Queries are texts for Query in the language of the store under test.
type Queries struct {
	Values  string   // one row with the columns b, a, n, t: integer 2, text "one", nothing, true (a store without booleans: 1)
	NoRows  string   // the column x and no row
	Names   string   // the column name: the names of all fleetmgr_device, in ascending order
	Invalid string   // does not parse
	Endless string   // works on for hours before its first row
	Writes  []string // each would change the graph, or something beside it; the test's graph holds fleetmgr_device entities
}

// Run runs the whole suite, each trap as a subtest that is named after it.
func Run(t *testing.T, s Suite) {
	groups := []struct {
		name  string
		tests []test
	}{
		{"values", valueTests()},
		{"write", writeTests()},
		{"fresh", freshTests()},
		{"relationships", relationshipTests()},
		{"foreign", foreignTests()},
		{"doubled", doubledTests()},
		{"read", readTests()},
		{"find", findTests()},
		{"resilience", resilienceTests()},
		{"leases", leaseTests()},
		{"seals", sealTests()},
		{"journal", journalTests()},
		{"change log", changeLogTests()},
		{"findings", findingTests()},
		{"figures", figureTests()},
		{"query", queryTests()},
		{"open", openTests()},
	}
	for _, g := range groups {
		t.Run(g.name, func(t *testing.T) {
			for _, c := range g.tests {
				t.Run(c.name, func(t *testing.T) { c.run(newEnv(t, s)) })
			}
		})
	}
}

type test struct {
	name string
	run  func(e *env)
}
