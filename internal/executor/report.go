package executor

import (
	"time"

	"assetgraph/internal/findings"
	"assetgraph/internal/plaintext"
)

// A Report is what a run or a plan did: the object that `--output json` prints, and what run records keep.
type Report struct {
	Run           RunInfo           `json:"run"`
	Totals        Counts            `json:"totals"`
	Entities      map[string]Counts `json:"entities"`
	Relationships map[string]Counts `json:"relationships"`
	Steps         []StepReport      `json:"steps"`
	Instances     []InstanceReport  `json:"instances"` // that the run worked on
	Withheld      []Withheld        `json:"withheld"`
	Refused       []Refused         `json:"refused,omitempty"` // instances that point at another account: the run has failed. Left out when there are none
	Phases        Phases            `json:"phases"`
	Warnings      []string          `json:"warnings"`
	Coverage      *Coverage         `json:"coverage,omitempty"` // how it is after the run, or would be after the plan; nil where nothing is derived
	Findings      *findings.Summary `json:"findings,omitempty"` // about machines; nil for a plan, and where nothing is derived
	Runs          []RunSummary      `json:"runs,omitempty"`     // of which the report tells together; left out for one run
	Changes       []Change          `json:"changes,omitzero"`   // nil unless Options.Details asks for them; records do not keep them
}

// RunInfo identifies a run.
type RunInfo struct {
	ID         string    `json:"id"`
	StartedAt  time.Time `json:"startedAt"`
	FinishedAt time.Time `json:"finishedAt"`
	Status     string    `json:"status"` // one of the Status constants
	Graph      string    `json:"graph"`  // where the graph lies, without user name and password
	Plan       bool      `json:"plan"`
	Verified   bool      `json:"verified"` // all that the graph holds of what was read was read back too, and everything correlated anew
}

// A RunSummary is one of several runs of which a report tells together.
type RunSummary struct {
	ID         string    `json:"id"`
	Instance   string    `json:"instance"` // "" for one that correlated
	StartedAt  time.Time `json:"startedAt"`
	FinishedAt time.Time `json:"finishedAt"`
	Status     string    `json:"status"`
	Totals     Counts    `json:"totals"`
}

// How a run ended. When several apply the first of failed, incomplete, withheld stands.
const (
	StatusComplete   = "complete"
	StatusIncomplete = "incomplete"
	StatusWithheld   = "withheld"
	StatusFailed     = "failed"
	StatusSkipped    = "skipped" // steps only: not run, because the sign-in failed, or without an error because people leave it out

	StatusUnavailable = "unavailable" // steps only: the provider refuses the part to these credentials
)

// Counts is what happened, or would happen, to the elements of one type.
type Counts struct {
	Created   int `json:"created"`
	Updated   int `json:"updated"`
	Refreshed int `json:"refreshed"`
	Deleted   int `json:"deleted"`
	Unchanged int `json:"unchanged"`
	Withheld  int `json:"withheld"`
}

func (c Counts) plus(d Counts) Counts {
	return Counts{
		Created: c.Created + d.Created, Updated: c.Updated + d.Updated, Refreshed: c.Refreshed + d.Refreshed,
		Deleted: c.Deleted + d.Deleted, Unchanged: c.Unchanged + d.Unchanged, Withheld: c.Withheld + d.Withheld,
	}
}

// A StepReport says how one step of one instance ended.
type StepReport struct {
	Instance string  `json:"instance"`
	Step     string  `json:"step"`
	Status   string  `json:"status"` // complete, incomplete, failed (nothing was read), skipped, unavailable
	Records  int     `json:"records"`
	Pages    int     `json:"pages"`
	Expected int     `json:"expected"` // what the provider said; 0 where it does not say
	Error    string  `json:"error"`    // "" when complete
	Seconds  float64 `json:"seconds"`
}

// An InstanceReport says how the run went for one instance as a whole.
type InstanceReport struct {
	Instance         string     `json:"instance"`
	Vendor           string     `json:"vendor"`           // the product as its maker writes it
	Status           string     `json:"status"`           // complete, incomplete, withheld, failed
	Error            string     `json:"error"`            // the first, "" for none
	LastSuccessfulAt *time.Time `json:"lastSuccessfulAt"` // when a run ended that read all of it, this one included; null when none has, or where that could not be read
	Requests         Requests   `json:"requests"`
}

// Requests says what was asked of an instance, for tokens as well.
type Requests struct {
	Answers       map[int]int `json:"answers"`       // by HTTP status, 0 for requests without an answer
	Retries       int         `json:"retries"`       // requests that were sent again
	WaitedSeconds float64     `json:"waitedSeconds"` // pauses before those, of all requests together
	PacedSeconds  float64     `json:"pacedSeconds"`  // waits for their turn under the provider's limits, likewise
}

// Withheld says which deletes were kept back, and why.
type Withheld struct {
	Instance   string   `json:"instance"`
	Type       string   `json:"type"`
	Population int      `json:"population"`
	Deletes    int      `json:"deletes"`
	Reason     string   `json:"reason"`
	Approval   string   `json:"approval"`           // what --approve takes; "" when approval can't help
	Examples   []string `json:"examples,omitempty"` // keys
	Names      []string `json:"names,omitempty"`    // of the same, for people, with their customers

	Customers []CustomerCount `json:"customers,omitempty"` // whose they are, of entities, as far as that is known: those with the most of them
}

// Refused says that an instance points at another account than the one whose records the graph holds: nothing of it was
// written or deleted.
type Refused struct {
	Instance string `json:"instance"`
	Before   string `json:"before"` // the account whose records the graph holds
	Now      string `json:"now"`    // the account that was met
	Reason   string `json:"reason"` // names both and says what to do
}

// Phases are seconds on the wall clock, one after another. Collect ends when the last instance was read and includes
// converting, and comparing the others; Compare is what remains of that.
type Phases struct {
	Collect   float64 `json:"collect"`
	Compare   float64 `json:"compare"`
	Apply     float64 `json:"apply"`
	Correlate float64 `json:"correlate"`
	Findings  float64 `json:"findings"` // of looking at machines, once all is written
}

// bound gives every text of the report a limit: messages hold texts of providers, which may have any length.
func (r *Report) bound() {
	for i := range r.Steps {
		r.Steps[i].Error = plaintext.Clip(r.Steps[i].Error, plaintext.Message)
	}
	for i := range r.Withheld {
		r.Withheld[i].Reason = plaintext.Clip(r.Withheld[i].Reason, plaintext.Message)
	}
	for i := range r.Warnings {
		r.Warnings[i] = plaintext.Clip(r.Warnings[i], plaintext.Message)
	}
	for i := range r.Instances {
		r.Instances[i].Error = plaintext.Clip(r.Instances[i].Error, plaintext.Message)
	}
	r.Coverage.bound()
}
