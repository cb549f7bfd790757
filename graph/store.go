package graph

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"iter"
	"time"
)

// FormatVersion is the version of how stores lay the graph out. A store refuses, with ErrNewerFormat, a graph
// that a higher version wrote.
//
// Version 2 came with seals: an older program would write without taking them off.
const FormatVersion = 2

// Errors that a store returns, to be tested with errors.Is.
var (
	ErrNewerFormat = errors.New("the graph was written by a newer version of assetgraph")
	ErrNotOurs     = errors.New("not a graph of assetgraph")
	ErrNoGraph     = errors.New("there is no graph yet")
	ErrReadOnly    = errors.New("the graph was opened for reading only")
	ErrDamaged     = errors.New("the graph's file is damaged")
	ErrLeaseLong   = fmt.Errorf("a lease lasts at most %s", MaxLease)
	ErrLeaseLost   = errors.New("the run lock was lost to another run")
)

// A Header is what the differ needs to know of a stored element.
type Header struct {
	Key      Key
	Digest   Digest // zero when the store holds none that ParseDigest reads
	Volatile Digest
	Clock    Clock
}

// A Selection narrows what Elements reads.
type Selection struct {
	Type     *Type
	Instance string // "" for those of every instance
	Keys     []Key  // nil for all; else those of them that exist

	// Properties names those that are read, for a reader of many elements that wants little of each: digests and times are
	// zero then, and the name of a property that the type does not declare means nothing. nil for everything.
	Properties []string
}

// A ScopeCount is the number of elements that the graph holds of one scope.
type ScopeCount struct {
	Scope
	Count int
	Seal  *Seal // nil when something was written since the scope was sealed, or nothing ever was
}

// Sealed returns the seal of a scope that has one, and as many elements as it says.
func (c ScopeCount) Sealed() (Seal, bool) {
	if c.Seal == nil || c.Seal.Count != c.Count {
		return Seal{}, false
	}
	return *c.Seal, true
}

// A Reader reads the elements that the program owns. Streams yield zero or more values and then at most one
// error, are used once, and stop with the context's error. Methods may be called side by side.
type Reader interface {
	// Counts returns every scope that holds something, sorted by instance and type, types that the
	// schema does not know included, with their seals.
	Counts(ctx context.Context) ([]ScopeCount, error)

	// Headers yields the headers of one scope in ascending byte order of their keys.
	Headers(ctx context.Context, t *Type, instance string) iter.Seq2[Header, error]

	// Elements yields the selected elements, digests set, in ascending byte order of their keys, together with when
	// each was first written and last changed. The element is valid until the next one is yielded. Properties that the
	// schema does not declare are not read.
	Elements(ctx context.Context, s Selection) iter.Seq2[Stored, error]

	// Links yields the selected relationships, in any order, one that is there several times once. The link is valid until
	// the next one is yielded.
	Links(ctx context.Context, s LinkSelection) iter.Seq2[Link, error]

	// Search yields, in any order, the key of each entity that the search is for. There may be others among them.
	Search(ctx context.Context, s Search) iter.Seq2[Key, error]
}

// Stored is an element as the graph holds it, with its _createdOn and _updatedOn.
type Stored struct {
	*Element
	CreatedOn, UpdatedOn time.Time
}

// An Op is what is done with an element.
type Op uint8

// The operations, in the order in which a plan counts them.
const (
	Create  Op = iota // write it whole; _createdOn and _updatedOn become Batch.At
	Update            // write it whole, remove what vanished; _updatedOn becomes Batch.At
	Refresh           // write its volatile properties and their digest, nothing else
	Delete            // remove it
)

// String returns the operation as plans and logs write it.
func (o Op) String() string { return [...]string{"create", "update", "refresh", "delete"}[o] }

// A Batch is a number of like operations on elements of one type and instance.
type Batch struct {
	Op       Op
	Type     *Type
	Instance string
	Elements []*Element // sealed; for Delete only Key, From and To matter. No key twice
	At       time.Time
	Lease    Lease // checked inside every transaction of the batch; the zero Lease asks for no check

	// Fresh is set on a Create, handed over for the first time, of a scope that held nothing since before the lease was
	// taken. A store need not look for what exists then, except where it sends a part of the batch again.
	Fresh bool

	// Log says what the change log is told. It is written in the same transactions: an entry is there if and only if what
	// it says was done, once, however often the batch is handed over.
	Log Log

	// Run, unless it is nil, is a run record that is saved as SaveRun does, in the same transaction: both are in the graph,
	// or none. Such a batch has one element.
	Run *Run
}

// Applied says what a batch did.
type Applied struct {
	Written int   // elements written or deleted, or found as the batch wanted them
	Missing []Key // relationships not written because an end is not in the graph
	Kept    []Key // entities not deleted because relationships still hang on them
}

// A Writer changes the graph.
type Writer interface {
	// Apply carries out the batch, in one transaction or several, and may be repeated after any failure: a
	// create of what exists is an update that keeps _createdOn, a delete of what is gone is done. Properties, labels
	// and relationships that the program did not write survive. ErrLeaseLost means that nothing of the
	// transaction in hand was written.
	//
	// Whatever is written takes the seal off its scope, not after the first change.
	Apply(ctx context.Context, b Batch) (Applied, error)
	// SealScopes notes what scopes of the lease's instance hold, now that all was written. The note and the scopes are no
	// part of one transaction: a scope whose writer died before it has no seal and is read. ErrLeaseLost means that
	// nothing was noted; the zero Lease asks for no check.
	SealScopes(ctx context.Context, l Lease, seals []ScopeSeal) error
}

// An Indexer is a store that leaves to the end of a first load the indexes that would cost each of its elements much. It
// is an optional ability of a Store. Without them everything is answered alike, only slower.
type Indexer interface {
	// BuildIndexes builds the indexes that the graph lacks, whoever began to load it. A run calls it when it has
	// created all that it had to; one that dies before leaves it to the next. It is cheap when none lacks.
	BuildIndexes(ctx context.Context) error

	// LacksIndexes reports whether a first load is under way, or was cut off, whose relationships are slow to be found
	// by their ends.
	LacksIndexes(ctx context.Context) (bool, error)
}

// A SoftDeleter is a store whose graph others draw relationships in as well: an entity of ours on which one of theirs
// hangs is not deleted from under it. It is an optional ability of a Store.
type SoftDeleter interface {
	// PinnedByOthers returns those of the given entities on which a relationship hangs that the program did not write.
	PinnedByOthers(ctx context.Context, t *Type, keys []Key) ([]Key, error)

	// SoftDelete sets _deletedOn to b.At on the entities of the batch that have none yet, whatever b.Op says. A later
	// Create or Update of the entity takes it away; Headers gives a retired entity digests that no sealed element has.
	// It returns how many were marked.
	SoftDelete(ctx context.Context, b Batch) (int, error)
}

// A Run is the record of one run that the graph keeps, at most the last MaxRuns.
type Run struct {
	ID         string
	StartedAt  time.Time
	FinishedAt time.Time // zero for a run that is under way or died
	Status     string    // complete, incomplete, withheld, failed; "" while FinishedAt is zero
	Version    string    // of the program
	Report     []byte    // the JSON document that `--output json` prints; nil while FinishedAt is zero
}

// MaxRuns is how many run records a graph keeps.
const MaxRuns = 1000

// A Journal keeps the program's own bookkeeping, which is no part of the data: no element, no count.
type Journal interface {
	// SaveRun inserts the run record or replaces the one of the same ID, and forgets all but the last MaxRuns.
	SaveRun(ctx context.Context, r Run) error

	// Runs returns the newest records first, at most limit of them, all when limit is 0.
	Runs(ctx context.Context, limit int) ([]Run, error)
	// SaveMemory keeps what the program wants to know of its own work in the next run, in place of what it kept under
	// that name; nothing, when there is none. It is up to some hundred megabytes.
	SaveMemory(ctx context.Context, name string, data []byte) error
	// Memory returns what was kept under the name, nil for nothing.
	Memory(ctx context.Context, name string) ([]byte, error)
}

// A Lease is the right to write what one instance owns.
type Lease struct {
	Instance string
	Holder   string
	Epoch    int64 // grows with every acquisition, so that a former holder can be told apart
}

// MaxLease is the longest time for which a lease can be taken or renewed.
const MaxLease = time.Hour

// InForce tells from the time that a lease has left whether it holds. One that has more left than a lease can have was
// dated by a clock that was wrong then or is wrong now, and is not believed; a minute more is what clocks are set by.
func InForce(left time.Duration) bool { return left > 0 && left <= MaxLease+time.Minute }

// A HeldError says that another run holds the lease.
type HeldError struct {
	Instance string
	Holder   string
	Age      time.Duration // since it was acquired
	Expires  time.Duration // until it runs out unless renewed
}

// Error names instance, holder and age.
func (e *HeldError) Error() string {
	return fmt.Sprintf("instance %s is locked by run %s since %s (expires in %s unless renewed)",
		e.Instance, e.Holder, e.Age.Round(time.Second), e.Expires.Round(time.Second))
}

// Held is a lease that is in force.
type Held struct {
	Instance, Holder string
	Since, Until     time.Time
}

// A Leaser hands out leases. All times are taken from the store's clock.
type Leaser interface {
	// Acquire takes the lease of an instance for ttl, MaxLease at most. It returns a *HeldError while another holder
	// has it and it is InForce.
	Acquire(ctx context.Context, instance, holder string, ttl time.Duration) (Lease, error)

	// Renew makes the lease last ttl from now. ErrLeaseLost when it ran out and another holder took it.
	Renew(ctx context.Context, l Lease, ttl time.Duration) error

	// Release gives the lease back; one that was lost is not an error.
	Release(ctx context.Context, l Lease) error

	// Held returns the leases that are in force, sorted by instance.
	Held(ctx context.Context) ([]Held, error)

	// Break takes the lease of an instance from that holder, in force or not, and reports whether it had it. The holder
	// has lost it: it can't renew it and writes nothing more.
	Break(ctx context.Context, instance, holder string) (bool, error)
}

// Rows is the answer of a query.
type Rows struct {
	Columns []string
	Kinds   []Kind                  // of the declared property that each column shows, Absent for none; nil when values tell their kind
	Rows    iter.Seq2[[]any, error] // one value a column: nil, bool, int64, float64, string, time.Time, []any or map[string]any
}

// Typed turns the values of a row into those that the kinds of its columns call for: booleans that the store keeps as 0
// and 1, and lists that it keeps as JSON. Times stay as they are. The row is changed.
func (r *Rows) Typed(row []any) []any {
	for i, kind := range r.Kinds {
		switch v := row[i].(type) {
		case int64:
			if kind == Bool && (v == 0 || v == 1) {
				row[i] = v == 1
			}
		case string:
			var list []any
			if kind == Texts && json.Unmarshal([]byte(v), &list) == nil {
				row[i] = list
			}
		}
	}
	return row
}

// A Querier answers questions in the store's own language, SQL or Cypher. A text that would write is refused.
type Querier interface {
	Query(ctx context.Context, text string) (*Rows, error)
}

// A Store is a graph database. Opening one is each implementation's own: it names the schema and whether the
// graph may be written. A store that was opened for reading writes nothing at all and answers ErrReadOnly to
// Apply, SealScopes, SaveRun, SaveMemory, ForgetChanges, SaveFindings, ForgetFindings, SaveFigures, ForgetFigures, Acquire,
// Renew, Release and Break.
type Store interface {
	Reader
	Writer
	Journal
	ChangeLog
	FindingBook
	FigureBook
	Leaser
	Querier
	io.Closer
}
