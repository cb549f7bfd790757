package findings

import (
	"time"

	"assetgraph/graph"
)

// A look is what a run says of one finding.
type look struct {
	at        time.Time
	there     bool
	exception *graph.Exception // that lets it be, nil for none
}

// next returns what becomes of a finding; the zero Finding is one that never was. It is opened once when it comes to be
// there, closed once when it is no longer, and reopened when it comes back or when its exception has ended.
func (l look) next(f graph.Finding) graph.Finding {
	was := f.State
	if !l.there {
		if was != "" && was != graph.FindingClosed {
			f.State, f.ClosedOn, f.Exception = graph.FindingClosed, l.at, graph.Exception{}
		}
		return f
	}
	begins := was == "" || was == graph.FindingClosed
	switch {
	case l.exception != nil:
		f.State, f.Exception = graph.FindingAccepted, *l.exception
	case was == "":
		f.State = graph.FindingOpen
	case begins || was == graph.FindingAccepted:
		f.State, f.Exception, begins = graph.FindingReopened, graph.Exception{}, true
	}
	if was == "" {
		f.FirstSeenOn = l.at
	}
	if begins {
		f.Opened++
		f.OpenedOn, f.LastSeenOn, f.ClosedOn = l.at, l.at, time.Time{}
	}
	return f
}
