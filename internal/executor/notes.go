package executor

import (
	"context"
	"encoding/json"
	"fmt"
	"maps"
	"slices"
	"strings"
	"time"

	"assetgraph/converters"
	"assetgraph/graph"
	"assetgraph/internal/correlate"
)

// notes are what a run wants to know of earlier ones that read an instance. They stand in the program's own entity of the
// instance, which is written under its lease: so runs of other instances at the same time can't overwrite them, and
// they last however many run records are forgotten.
type notes struct {
	account, reader string
	links           string               // digest of what is kept of what it says of other products, "" for nothing
	read            map[string]time.Time // when each step was last read whole
	unavailable     []string             // steps of which the last run was told that they are not available
	unverified      unverified
	started         time.Time // when the last run began that came to its end; zero = a program wrote it that had no notes
	ended           time.Time // when the last run ended
	machines        time.Time // when the last run ended that read all of its machines
	succeeded       time.Time // when a run ended that read all of it
}

// allNotes reads what the program's own entities say, by instance.
func allNotes(ctx context.Context, store graph.Reader) (map[string]notes, error) {
	all := make(map[string]notes)
	for e, err := range store.Elements(ctx, graph.Selection{Type: converters.IntegrationType()}) {
		if err != nil {
			return nil, fmt.Errorf("read how fresh instances are: %w", err)
		}
		all[e.Instance] = notesOf(e.Element)
	}
	return all, nil
}

func notesOf(e *graph.Element) notes {
	n := notes{
		account: e.Get("account").Text(), reader: e.Get("reader").Text(), links: e.Get("linksDigest").Text(),
		read: make(map[string]time.Time), started: timeIn(e, "lastStartedOn"), succeeded: timeIn(e, "lastSuccessfulOn"),
		ended: timeIn(e, "lastEndedOn"), machines: timeIn(e, "machinesReadOn"), unavailable: e.Get("unavailable").List(),
	}
	for _, text := range e.Get("stepsReadOn").List() {
		step, at, _ := strings.Cut(text, "=")
		if t, err := time.Parse(time.RFC3339Nano, at); err == nil {
			n.read[step] = t
		}
	}
	n.unverified = unverified{runs: int(e.Get("runsUnverified").Int()), at: timeIn(e, "verifiedOn")}
	return n
}

func timeIn(e *graph.Element, property string) time.Time {
	if v := e.Get(property); !v.IsAbsent() {
		return v.Time()
	}
	return time.Time{}
}

// write puts the notes into the entity.
func (n notes) write(e *graph.Element) {
	e.Set("account", graph.TextOf(n.account))
	e.Set("reader", graph.TextOf(n.reader))
	e.Set("linksDigest", graph.TextOf(n.links))
	var read []string
	for step, at := range n.read {
		read = append(read, step+"="+at.UTC().Format(time.RFC3339Nano))
	}
	e.Set("stepsReadOn", graph.TextsOf(read...))
	e.Set("unavailable", graph.TextsOf(n.unavailable...))
	e.Set("runsUnverified", graph.IntOf(int64(n.unverified.runs)))
	for property, at := range map[string]time.Time{
		"lastStartedOn": n.started, "lastEndedOn": n.ended, "machinesReadOn": n.machines, "verifiedOn": n.unverified.at,
	} {
		if !at.IsZero() {
			e.Set(property, graph.TimeOf(at))
		}
	}
}

// next is what the notes of each instance are after a run that ended with err and read all machines of some instances.
func (p past) next(
	run *recorded, links map[string]string, machines map[string]bool, instances []Instance, err error,
) map[string]notes {
	all := make(map[string]notes)
	for i := range instances {
		name := instances[i].Name
		n := p.notes[name]
		n.account, n.reader = p.accounts[name], p.readers[name]
		if account, ok := run.Accounts[name]; ok {
			n.account, n.reader = account, run.Readers[name]
		}
		if digest, ok := links[name]; ok {
			n.links = digest
		}
		if n.ended = run.Run.FinishedAt; err == nil {
			n.started = run.Run.StartedAt
		}
		if err == nil && machines[name] {
			n.machines = n.ended
		}
		n.read = make(map[string]time.Time)
		whole := false
		for key, at := range p.read {
			if step, ok := strings.CutPrefix(key, name+" "); ok {
				n.read[step] = at
			}
		}
		for _, s := range run.Steps {
			if s.Instance == name && s.Status == StatusComplete {
				n.read[s.Step], whole = run.Run.FinishedAt, true
			}
			if s.Instance == name {
				n.unavailable = slices.DeleteFunc(slices.Clone(n.unavailable), func(step string) bool { return step == s.Step })
				if s.Status == StatusUnavailable {
					n.unavailable = append(n.unavailable, s.Step)
				}
			}
		}
		n.unverified = p.unverified[name]
		switch {
		case whole && run.Run.Verified:
			n.unverified = unverified{at: run.Run.FinishedAt}
		case whole:
			n.unverified.runs++
		}
		all[name] = n
	}
	return all
}

// derivationName is where the graph keeps what the last correlation came to.
const derivationName = "derivation"

// A derivationNote is what a run wants to know of the last correlation.
type derivationNote struct {
	Derived         *derivedResult `json:"derived"`
	Rules           string         `json:"rules"`
	DerivedCoverage *Coverage      `json:"derivedCoverage"`
	Coverage        *Coverage      `json:"coverage"`
	Unverified      int            `json:"unverified"` // runs since the last one that read it back
	Verified        time.Time      `json:"verified"`   // when that was
	At              time.Time      `json:"at"`         // begin of the last run that came to the end of it, findings kept
}

// noteDerivation keeps what a run came to that correlated: with the time of the last one until all that follows from it is
// done, and then with its own.
func (r *reporter) noteDerivation(ctx context.Context, store graph.Journal, at time.Time) error {
	if r.record.Rules == "" {
		return nil // nothing was derived
	}
	before := r.before
	n := derivationNote{
		Derived: before.derived, Rules: r.record.Rules, DerivedCoverage: before.derivedCoverage,
		Coverage: before.coverage, Unverified: before.derivedUnverified.runs, Verified: before.derivedUnverified.at,
		At: at,
	}
	if r.Coverage != nil {
		coverage := *r.Coverage
		coverage.ByCustomer = nil
		n.Coverage = &coverage
	}
	if r.record.Derived != nil {
		n.Derived, n.DerivedCoverage = r.record.Derived, n.Coverage
	}
	if n.Unverified++; before.verify {
		n.Unverified, n.Verified = 0, r.o.Now().UTC().Truncate(time.Millisecond)
	}
	text, err := json.Marshal(n)
	if err != nil {
		return err
	}
	ctx, cancel := patient(ctx)
	defer cancel()
	return store.SaveMemory(ctx, derivationName, text)
}

// recallNotes takes what the notes say over what run records do. It reports whether they say all that a run of these
// instances wants to know: a graph that an older program wrote has none.
func (p *past) recallNotes(ctx context.Context, o *Options) (whole bool, err error) {
	if p.notes, err = allNotes(ctx, o.Store); err != nil {
		return false, err
	}
	p.succeeded = make(map[string]time.Time)
	for name, n := range p.notes {
		if !n.succeeded.IsZero() {
			p.succeeded[name] = n.succeeded
		}
	}
	if p.derivationText, err = o.Store.Memory(ctx, derivationName); err != nil {
		return false, err
	}
	var d derivationNote
	if p.derivationText == nil || json.Unmarshal(p.derivationText, &d) != nil {
		return false, nil
	}
	p.derived, p.rules, p.derivedCoverage, p.coverage = d.Derived, d.Rules, d.DerivedCoverage, d.Coverage
	p.derivedUnverified, p.derivedOn = unverified{d.Unverified, d.Verified}, d.At
	return !slices.ContainsFunc(o.Instances, func(in Instance) bool { return p.notes[in.Name].started.IsZero() }), nil
}

// preferNotes replaces what run records say of instances by what their notes say.
func (p *past) preferNotes() {
	for name, n := range p.notes {
		if n.started.IsZero() {
			continue
		}
		p.accounts[name], p.readers[name], p.unverified[name] = n.account, n.reader, n.unverified
		maps.DeleteFunc(p.read, func(key string, _ time.Time) bool { return strings.HasPrefix(key, name+" ") })
		for step, at := range n.read {
			p.read[name+" "+step] = at
		}
	}
}

// CorrelationLease is the instance whose lease a run holds that writes what follows from records.
const CorrelationLease = correlate.Integration

// Progress is how far a graph is up to date.
type Progress struct {
	Started    map[string]time.Time // when the last run of each instance began that came to its end
	Written    time.Time            // when the last of these ended
	Correlated time.Time            // when the last run began that correlated
}

// ReadProgress reads how far a graph is up to date.
func ReadProgress(ctx context.Context, store graph.Store) (Progress, error) {
	p := Progress{Started: make(map[string]time.Time)}
	all, err := allNotes(ctx, store)
	if err != nil {
		return p, err
	}
	for name, n := range all {
		p.Started[name] = n.started
		if n.ended.After(p.Written) {
			p.Written = n.ended
		}
	}
	text, err := store.Memory(ctx, derivationName)
	var d derivationNote
	if err == nil && text != nil && json.Unmarshal(text, &d) == nil {
		p.Correlated = d.At
	}
	return p, err
}
