package findings

import (
	"testing"
	"time"

	"github.com/stretchr/testify/require"
	"pgregory.net/rapid"

	"assetgraph/graph"
)

// TestALife: over any history a finding is opened once each time that it comes to be there or loses its exception, and
// closed once each time that it goes.
func TestALife(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		at := time.Date(2026, 11, 1, 12, 0, 0, 0, time.UTC)
		var f graph.Finding
		came, closed, was, accepted := 0, 0, false, false
		for range rapid.IntRange(1, 20).Draw(t, "looks") {
			at = at.Add(time.Duration(rapid.IntRange(1, 1000).Draw(t, "minutes")) * time.Minute)
			there, lets := rapid.Bool().Draw(t, "there"), rapid.Bool().Draw(t, "accepted")
			l := look{at: at, there: there}
			if lets {
				l.exception = &graph.Exception{Reason: "spare", Until: at.Add(time.Hour)}
			}
			before := f
			f = l.next(f)
			begins := there && (!was || accepted && !lets)
			ends := !there && was
			if begins {
				came++
			}
			if ends {
				closed++
			}
			require.Equal(t, came, f.Opened)
			if came == 0 {
				require.Equal(t, graph.Finding{}, f, "it never was")
				continue
			}
			require.Equal(t, there, f.State != graph.FindingClosed)
			require.Equal(t, there && lets, f.State == graph.FindingAccepted)
			require.Equal(t, there && lets, f.Exception != graph.Exception{})
			require.Equal(t, !there, !f.ClosedOn.IsZero())
			switch {
			case begins:
				require.Equal(t, at, f.OpenedOn)
				require.True(t, lets || came == 1 || f.State == graph.FindingReopened)
			case ends:
				require.Equal(t, at, f.ClosedOn)
				require.Equal(t, before.LastSeenOn, f.LastSeenOn)
			default:
				require.Equal(t, before.OpenedOn, f.OpenedOn)
				require.Equal(t, before.ClosedOn, f.ClosedOn)
			}
			if !begins && !ends && lets == accepted {
				f.Exception = before.Exception // of another hour
				require.Equal(t, before, f)
			}
			was, accepted = there, there && lets
		}
	})
}

// TestLifeStepByStep tells the states by their names, as people read them.
func TestLifeStepByStep(t *testing.T) {
	at := func(n int) time.Time { return time.Date(2026, 11, n, 0, 0, 0, 0, time.UTC) }
	lets := &graph.Exception{Reason: "spare", Owner: "it"}
	f := graph.Finding{ID: "1"}
	for _, step := range []struct {
		look   look
		state  graph.FindingState
		opened int
	}{
		{look{at(1), false, nil}, "", 0},
		{look{at(2), true, nil}, graph.FindingOpen, 1},
		{look{at(3), true, nil}, graph.FindingOpen, 1},
		{look{at(4), true, lets}, graph.FindingAccepted, 1},
		{look{at(5), true, nil}, graph.FindingReopened, 2},
		{look{at(6), false, nil}, graph.FindingClosed, 2},
		{look{at(7), false, lets}, graph.FindingClosed, 2},
		{look{at(8), true, lets}, graph.FindingAccepted, 3},
		{look{at(9), false, nil}, graph.FindingClosed, 3},
		{look{at(10), true, nil}, graph.FindingReopened, 4},
	} {
		f = step.look.next(f)
		require.Equal(t, step.state, f.State, step.look.at)
		require.Equal(t, step.opened, f.Opened, step.look.at)
	}
	require.Equal(t, graph.Finding{
		ID: "1", State: graph.FindingReopened, Opened: 4, FirstSeenOn: at(2), OpenedOn: at(10), LastSeenOn: at(10),
	}, f)
}
