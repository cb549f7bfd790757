package main

import (
	"testing"

	"github.com/stretchr/testify/require"

	"assetgraph/internal/simulator"
)

// What a first load that was cut off left without indexes is answered, with a word of why it takes long, and mended by
// the next run.
func TestFirstLoadThatWasCutOffIsSaidAndMended(t *testing.T) {
	workIn(t)
	_, env := fleet(t, simulator.Options{Machines: 60, Customers: 5})
	require.Equal(t, exitDone, execute(t, env, "run").code)
	question := []string{"query", "select count(*) from ninjarmm_organization_has_device", "--output", "csv"}
	whole := execute(t, env, question...)
	require.Equal(t, exitDone, whole.code, whole.stderr)
	require.NotContains(t, whole.stderr, "first load")
	inFile(t, "DROP INDEX graph_relationship_to")
	r := execute(t, env, question...)
	require.Equal(t, exitDone, r.code, r.stderr)
	require.Equal(t, whole.stdout, r.stdout)
	require.Contains(t, r.stderr, "the first load of this graph is under way or was cut off")
	require.Equal(t, exitDone, execute(t, env, "run").code)
	require.Equal(t, whole, execute(t, env, question...))
}
