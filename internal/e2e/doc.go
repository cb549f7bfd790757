// Package e2e holds the tests of the promises that docs/safety.md makes, from the providers' HTTP answers to what lies
// in the graph: the real collectors, converters, executor and stores against the simulated products, with faults put
// between them.
//
// It has no code of its own to import. Environment variables and flags make the tests longer:
//
//	go test ./internal/e2e -rapid.checks=1000   random histories
//	ASSETGRAPH_PROOF_KILLS=200 go test ./internal/e2e -run Killed
package e2e
