package graph

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"iter"
	"time"
)

// A Finding is something about one machine that people should look at, such as a tool that it lacks, from when it was
// first seen to when it was seen no more, and again. Times are kept to the millisecond.
type Finding struct {
	ID           string // by FindingID: the same whatever run came to it, and when it comes back
	Kind         string
	Device       Key    // of the machine, which the graph need not hold any more
	Name         string // of the machine, as it was when the finding was last seen; and so the next two
	Organization string // its customer, "" for none
	Reason       string
	State        FindingState
	Opened       int       // how often it came to be open, or accepted without that
	FirstSeenOn  time.Time // by a run
	OpenedOn     time.Time // when it was opened last
	LastSeenOn   time.Time // of one that is not closed: when its kind was last looked for
	ClosedOn     time.Time // zero unless it is closed
	Exception    Exception // zero unless it is accepted
}

// An Exception says why a finding is accepted, by whom and for how long.
type Exception struct {
	Reason, Owner string
	Until         time.Time // the end of its last day; zero for ever
}

// At returns the finding as it stands at a time: an exception may have ended since the last run, which opens it again.
func (f Finding) At(now time.Time) Finding {
	if f.State == FindingAccepted && f.Exception.ended(now) {
		f.State, f.Exception = FindingReopened, Exception{}
	}
	return f
}

func (x *Exception) ended(now time.Time) bool { return !x.Until.IsZero() && !now.Before(x.Until) }

// A FindingState is where a finding stands.
type FindingState string

// The states of a finding.
const (
	FindingOpen     FindingState = "open"
	FindingReopened FindingState = "reopened" // open again, after it was closed or accepted
	FindingAccepted FindingState = "accepted" // it is there, and people have said that it may be
	FindingClosed   FindingState = "closed"
)

// FindingStates returns all of them, in the order in which people read them.
func FindingStates() []FindingState {
	return []FindingState{FindingOpen, FindingReopened, FindingAccepted, FindingClosed}
}

// FindingID returns the id of the finding of a kind about a machine: 16 hexadecimal digits.
func FindingID(kind string, device Key) string {
	const length = 8
	sum := sha256.Sum256([]byte(kind + "\n" + string(device)))
	return hex.EncodeToString(sum[:length])
}

// A FindingSelection narrows what Findings reads.
type FindingSelection struct {
	States []FindingState // nil for all
	IDs    []string       // nil for all; those that there are not are left out
}

// A FindingBook keeps findings, beside the graph: they are no element and no count.
type FindingBook interface {
	// Findings yields the selected findings in ascending order of their ids.
	Findings(ctx context.Context, s FindingSelection) iter.Seq2[Finding, error]

	// FindingCounts returns how many findings there are in each state.
	FindingCounts(ctx context.Context) (map[FindingState]int, error)

	// FindingChecks returns when each kind was last looked for in all machines.
	FindingChecks(ctx context.Context) (map[string]time.Time, error)

	// SaveFindings writes findings in place of those of the same ids, and when kinds were looked for, in one
	// transaction. LastSeenOn is kept of closed ones alone. ErrLeaseLost means that nothing was written; the zero Lease
	// asks for no check.
	SaveFindings(ctx context.Context, l Lease, list []Finding, checks map[string]time.Time) error

	// ForgetFindings removes the findings that were closed before a time; for the zero time everything that the book
	// has.
	ForgetFindings(ctx context.Context, closedBefore time.Time) error
}
