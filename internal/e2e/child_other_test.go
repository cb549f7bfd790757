//go:build !unix

package e2e

// Processes are stopped and killed by signals, which other systems do not have.
const childVariable = "ASSETGRAPH_PROOF_CHILD"

func child(string) int { return 1 }
