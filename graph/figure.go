package graph

import (
	"context"
	"iter"
	"time"
)

// A Figure is how many machines of one customer had one tool on one day, and why that is another number than on the day
// that was looked at before.
type Figure struct {
	Day          time.Time // its beginning, UTC
	Tool         string
	Customer     Key    // "" for machines of none
	Organization string // the customer's name, as it was that day
	Machines     int    // that should have the tool: on which it can run, or that have it all the same
	Covered      int    // of them have it
	Stale        int    // of those that have it: it was not seen for long
	Failing      int    // of those that have it: it is known not to do its work
	Unknown      int    // of those that have it: nobody knows whether it does
	Whole        bool   // all of the tool's products was read; else the figure is what the graph held
	Since        time.Time
	Flows        map[Flow]int // from the day Since on, those that are not 0; nothing is known of them where Since is zero
}

// A Flow is a way in which machines come to be counted, or cease to be, and in which tools come and go.
type Flow string

// The flows. With and Without tell whether the machine has the tool: where it ceases to be counted whether it had it.
const (
	NewWith         Flow = "newWith" // was not in the graph
	NewWithout      Flow = "newWithout"
	IncludedWith    Flow = "includedWith" // had been left out of reports
	IncludedWithout Flow = "includedWithout"
	MovedInWith     Flow = "movedInWith" // was another customer's
	MovedInWithout  Flow = "movedInWithout"
	FitWith         Flow = "fitWith" // the tool could not run there, as far as the graph knew
	FitWithout      Flow = "fitWithout"
	Gained          Flow = "gained" // lacked the tool and has it

	GoneWith        Flow = "goneWith" // is in the graph no more
	GoneWithout     Flow = "goneWithout"
	MergedWith      Flow = "mergedWith" // turned out to be another machine
	MergedWithout   Flow = "mergedWithout"
	ExcludedWith    Flow = "excludedWith" // is left out of reports
	ExcludedWithout Flow = "excludedWithout"
	MovedOutWith    Flow = "movedOutWith" // is another customer's
	MovedOutWithout Flow = "movedOutWithout"
	UnfitWith       Flow = "unfitWith" // the tool can't run there
	UnfitWithout    Flow = "unfitWithout"
	Lost            Flow = "lost" // had the tool and lacks it
)

// FigureFlows returns all flows in the order in which people read them.
func FigureFlows() []Flow {
	return []Flow{
		NewWith, NewWithout, IncludedWith, IncludedWithout, MovedInWith, MovedInWithout, FitWith, FitWithout, Gained,
		GoneWith, GoneWithout, MergedWith, MergedWithout, ExcludedWith, ExcludedWithout, MovedOutWith, MovedOutWithout,
		UnfitWith, UnfitWithout, Lost,
	}
}

// A FigureSelection narrows what Figures reads.
type FigureSelection struct {
	From, To time.Time // days, both of them included; the zero time for no bound
}

// A FigureBook keeps figures day by day, beside the graph: they are no element and no count.
type FigureBook interface {
	// Figures yields the selected figures in ascending order of day, tool and customer.
	Figures(ctx context.Context, s FigureSelection) iter.Seq2[Figure, error]

	// SaveFigures writes the figures of one day and of these tools, in place of all that the book has of them, in one
	// transaction. ErrLeaseLost means that nothing was written; the zero Lease asks for no check.
	SaveFigures(ctx context.Context, l Lease, day time.Time, tools []string, list []Figure) error

	// ForgetFigures removes the figures of days before a time; for the zero time everything that the book has.
	ForgetFigures(ctx context.Context, before time.Time) error
}
