package main

import (
	"testing"

	"github.com/stretchr/testify/require"

	"assetgraph/internal/simulator"
)

// TestPaceIsKept reads more sites than requests for their policies may begin at once.
func TestPaceIsKept(t *testing.T) {
	workIn(t)
	_, env := fleet(t, simulator.Options{Machines: 30, Customers: 6})
	env["SENTINELONE_COLLECT"] = "policies"
	paced := func(args ...string) float64 {
		t.Helper()
		seconds := 0.0
		for _, in := range runJSON(t, exitDone, env, append([]string{"run"}, args...)...).Instances {
			seconds += in.Requests.PacedSeconds
		}
		return seconds
	}
	const least = 0.4 // second that the vendor's own limit takes at least; half of it takes twice as long
	env["ASSETGRAPH_PACE"] = "off"
	require.Greater(t, paced("--pace", "0.5"), 2.0*least, "the flag goes before the variable")
	env["ASSETGRAPH_PACE"] = "1"
	require.Greater(t, paced(), 1.0*least)

	for _, wrong := range []string{"0", "-1", "1.5", "NaN", "fast"} {
		execute(t, env, "run", "--pace="+wrong).requireFailed(t, exitUsage, "--pace", wrong, "0.5")
		env["ASSETGRAPH_PACE"] = wrong
		execute(t, env, "check").requireFailed(t, exitUsage, "ASSETGRAPH_PACE", wrong)
	}
}

func TestPaceOfTheDemo(t *testing.T) {
	for _, one := range []struct {
		demo           bool
		flag, variable string
		want           float64
	}{
		{want: 1}, {demo: true, want: -1}, {demo: true, flag: "1", want: 1}, {demo: true, variable: "0.5", want: 0.5},
		{variable: "off", want: -1}, {variable: " OFF ", want: -1}, {variable: "off", flag: "0.25", want: 0.25},
	} {
		a := newApp([]string{"execute"}, []string{"ASSETGRAPH_PACE=" + one.variable}, nil, nil, nil)
		a.flags.demo, a.flags.pace = one.demo, one.flag
		got, err := a.pace()
		require.NoError(t, err)
		require.InDelta(t, one.want, got, 0, "%+v", one)
	}
}
