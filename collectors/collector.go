package collectors

import (
	"context"
	"fmt"
	"iter"

	"assetgraph/internal/plaintext"
)

// A Collector reads one configured instance of a provider, for one run. The executor calls SignIn once, then each step
// once. A step may begin as soon as all steps that its After names have ended; all others may run at the same time. So
// a step may use what another has left in the collector only if its After names that one.
type Collector interface {
	// SignIn proves that the credentials work, before anything is read. Its error names what to do.
	SignIn(ctx context.Context) (Session, error)

	// Steps returns the steps, always the same ones, in the order in which people expect them; each After and Needs
	// names earlier ones.
	Steps() []Step
}

// A Session is what the provider says of the credentials.
type Session struct {
	Account  string   // the provider's own identity of the account or tenant, "" where it gives none
	Reader   string   // tells these credentials from others, and tells nothing of a secret; "" where nothing can
	User     string   // who we are there, for people; "" where not known
	Filter   Filter   // to what the collector narrows what it reads of all that these credentials see
	Warnings []string // such as a token that is about to expire
}

// A Step reads one list of a provider.
type Step struct {
	Name  string   // "agents": unique within the provider, shown to people
	Route string   // "GET /web/api/v2.1/agents", for documentation and messages
	Kinds []string // the kinds of record that it yields
	Needs []string // earlier steps without which its records are not complete; nothing about when it begins

	// After names the earlier steps that must have ended, however they ended, before Records is called: it uses what
	// they left in the collector. A step without After may begin at once, even when it Needs others. Records of one
	// step is consumed by one goroutine; that of different steps may be consumed at the same time.
	After []string

	// Skipped says that people leave the list out: none of the functions below is called (but see Part). Nothing of its records in the
	// graph is deleted or said to be fresh, and the run is none the less complete.
	Skipped bool

	// Part is the Part that the step reads, "" for what every instance tells. Count of a part that is Skipped may be
	// called: people want to know what it would be. Choose is the setting by which it would be read then; "" = none.
	Part   string
	Choose string

	// Records yields the records of the list, in any order. It ends without an error only if the walk ended by the
	// provider's own end mark and nothing is known to be missing; an error ends it, and what was yielded before stands.
	// A record that could not be decoded is yielded with Err set and does not end the walk.
	Records func(ctx context.Context, m *Meter) iter.Seq2[Record, error]

	// Count returns how many records the step would yield, as cheaply as the provider allows, or -1 where it
	// can't be told without reading them all. It proves that the credentials may read the list.
	Count func(ctx context.Context) (int, error)

	// Alive returns those of the given ids (at most a few hundred, of records of the step's first kind) that the
	// provider still has, asked for by id. It is the last look before they are deleted from the graph. known are ids of
	// records that the graph holds and that the list has shown in this run: what is not found counts only when each of
	// them is, in the same way, else ErrUnproven is returned. nil where the provider can't be asked by id; ErrCannotAsk
	// where that turns out.
	Alive func(ctx context.Context, ids, known []string) ([]string, error)

	// LeftOut reports, of an id that Alive has returned, whether it is in a part of the list that people leave out. nil
	// where nothing of the list is.
	LeftOut func(id string) bool
}

// A Record is one object of a provider, decoded into the provider package's wire type, secrets left out.
type Record struct {
	Kind  string // such as "agent"; each provider package declares its kinds as constants
	ID    string // the provider's id as text; "" only when Err is set and none was found
	Value any    // pointer to the wire type; nil when Err is set
	Err   error  // a *RecordError when this one record could not be read

	// Unread names the fields that came in another shape than theirs. They are absent from Value, as if the provider
	// had sent null, and so are properties and relationships that come from them: what the graph had is removed with
	// the next run, and comes back when the field does. That goes for serial numbers, MAC addresses and ids of other
	// records too. The other way, to leave such a record out, would make its list incomplete for as long as the
	// provider sends the field like that, so that nothing new is seen and nothing is ever deleted. Absence is the
	// weaker statement of the two: it contradicts no other record, and what says that a record is gone (deletedAt,
	// isDecommissioned) does not say so without its field. Only the record's own id can't be done without.
	Unread []FieldError

	// Lacks names the parts that belong to the record and could not be read: what the graph holds of the properties that
	// come from them stays. A part that people did not choose is none of them.
	Lacks []string
}

// A FieldError says why one field of a record was not read.
type FieldError struct {
	Field string // in the provider's words, such as "networkInterfaces[].inet"
	Err   error  // what came in place of what; never holds the value, which may be a secret
}

// A RecordError says why one record was left out.
type RecordError struct {
	Kind  string
	ID    string // "" when the record has none
	Field string // "" when it is the record as a whole
	Err   error
}

// Error names kind, id and field. It never holds the value, which may be a secret.
func (e *RecordError) Error() string {
	id, field := plaintext.Clip(e.ID, plaintext.Part), ""
	if id == "" {
		id = "without id"
	}
	if e.Field != "" {
		field = ": field " + e.Field
	}
	return fmt.Sprintf("%s %s%s: %v", e.Kind, id, field, e.Err)
}

// Unwrap returns the cause.
func (e *RecordError) Unwrap() error { return e.Err }

// An IncompleteError says that a walk ended without having shown everything.
type IncompleteError struct {
	Reason   string
	Expected int // records that the provider says it has; 0 when that is not the reason
	Got      int // distinct records that came
}

// Error gives the reason and, where they are the reason, the figures.
func (e *IncompleteError) Error() string {
	if e.Expected > 0 {
		return fmt.Sprintf("%s: expected %d records, got %d", e.Reason, e.Expected, e.Got)
	}
	return e.Reason
}
