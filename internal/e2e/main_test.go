package e2e

import (
	"context"
	"flag"
	"os"
	"testing"

	"assetgraph/internal/neo4jserver/neo4jtest"
)

// ctx keeps signatures short.
type ctx = context.Context

// histories is how many random histories are played unless -rapid.checks says otherwise.
const histories = "12"

// sideBySide is how many tests run at a time: one that waits for its turn on the server shall not keep another from the
// processor.
const sideBySide = "4"

func TestMain(m *testing.M) {
	if order := os.Getenv(childVariable); order != "" {
		os.Exit(child(order))
	}
	if err := flag.Set("rapid.checks", histories); err != nil { // the command line, parsed later, wins
		panic(err)
	}
	if err := flag.Set("test.parallel", sideBySide); err != nil {
		panic(err)
	}
	os.Exit(neo4jtest.Main(m))
}
