package main

import (
	"os"
	"testing"

	"assetgraph/internal/neo4jserver/neo4jtest"
)

// childVariable makes a process of the test binary be the program, with what its value asks for.
const childVariable = "ASSETGRAPH_EXECUTE_CHILD"

func TestMain(m *testing.M) {
	if order, isChild := os.LookupEnv(childVariable); isChild {
		child(order)
	}
	selectShort()
	os.Exit(neo4jtest.Main(m))
}
