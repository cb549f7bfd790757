// Package findings keeps what is wrong with machines from run to run: since when a machine lacks a tool, whether that
// came and went before, and whether people have said that it may be. What is wrong with a machine now is for
// internal/report to say; here it gets a life (docs/findings.md). These findings are about machines: those of
// internal/notify are about runs, and those of internal/correlate about a correlation.
//
// A finding is opened and closed by what is known alone: a kind of findings is looked for when all that it rests on was
// read whole, and stays as it is otherwise.
package findings

import (
	"cmp"
	"context"
	"slices"
	"time"

	"assetgraph/graph"
	"assetgraph/internal/correlate"
	"assetgraph/internal/plaintext"
	"assetgraph/internal/report"
)

// A Reading says how far all that there is to know of a tool is known.
type Reading uint8

// How far a tool is known.
const (
	Unread Reading = iota // not all of its products was read whole and lately
	Whole                 // all of it was
	Nobody                // nobody reads a product of it
)

// Options say of what findings are kept, and how.
type Options struct {
	Store      graph.Store
	Schema     *graph.Schema
	Model      *correlate.Model
	Lease      graph.Lease // of what is derived
	Exceptions []correlate.Exception
	Exclude    []string           // machines that reports leave out have no findings
	Readings   map[string]Reading // by name of the tool
	Of         string             // stands for all that the graph holds of machines; "" when that can't be told
	At         time.Time          // of the run: when findings are opened and closed, and by what exceptions end
	AsOf       time.Time          // what time it is for what products say
	Version    string             // of the program
	Verify     bool               // look, whatever is noted
}

// A Summary is what a run did to findings, and how many there are then.
type Summary struct {
	Opened   int `json:"opened"`   // that never were before
	Reopened int `json:"reopened"` // that had been closed, or whose exception has ended
	Closed   int `json:"closed"`
	Open     int `json:"open"`     // now, with those that were reopened
	Accepted int `json:"accepted"` // now
}

// After returns the summary of two runs together, of which the other was before; nil stands for a run that says nothing.
func (s *Summary) After(other *Summary) *Summary {
	if s == nil || other == nil {
		return cmp.Or(s, other)
	}
	out := *s
	out.Opened += other.Opened
	out.Reopened += other.Reopened
	out.Closed += other.Closed
	return &out
}

// Keep brings the findings up to date with the graph. It may be repeated after any failure, and comes to the same.
func Keep(ctx context.Context, o Options) (Summary, error) {
	o.At, o.AsOf = o.At.UTC().Truncate(time.Millisecond), o.AsOf.UTC()
	kinds := Kinds(o.Model.Tools())
	by := o.judged(kinds)
	before, err := o.recall(ctx)
	if err != nil {
		return Summary{}, err
	}
	if before.stands(&o, by) {
		return before.Summary.again(), o.Store.SaveFindings(ctx, o.Lease, nil, o.checks(kinds, before.Kinds))
	}
	k := &keeper{o: &o, kinds: kinds, rules: inForce(o.Exceptions, o.At)}
	if err := k.survey(ctx); err != nil {
		return Summary{}, err
	}
	if err := k.compare(ctx); err != nil {
		return k.summary, err
	}
	if err := k.flush(ctx, o.checks(kinds, k.known)); err != nil {
		return k.summary, err
	}
	if err := o.Store.ForgetFindings(ctx, o.At.Add(-KeptClosed)); err != nil {
		return k.summary, err
	}
	n := note{
		Of: o.Of, By: by, Readings: o.Readings, Kinds: k.known, At: o.At, Turns: k.turns, Summary: k.summary,
	}
	return k.summary, n.save(ctx, &o)
}

// KeptClosed is how long a finding is kept that was closed and did not come back.
const KeptClosed = 2 * 365 * 24 * time.Hour

// again is the summary of a run that did nothing.
func (s Summary) again() Summary { return Summary{Open: s.Open, Accepted: s.Accepted} }

// checks says which kinds this run has looked for: of the named ones those that it knows all about.
func (o *Options) checks(kinds []Kind, named []string) map[string]time.Time {
	checks := map[string]time.Time{}
	for i := range kinds {
		if slices.Contains(named, kinds[i].Name) && o.mayKnow(&kinds[i]) {
			checks[kinds[i].Name] = o.At
		}
	}
	return checks
}

// mayKnow reports whether no tool that a kind rests on is unread.
func (o *Options) mayKnow(kind *Kind) bool {
	for _, t := range o.Model.Tools() {
		if (kind.tools == nil || slices.Contains(kind.tools, t.Name)) && o.Readings[t.Name] == Unread {
			return false
		}
	}
	return true
}

// batchSize is how many findings are written at once.
const batchSize = 4000

// A keeper compares what is wrong with machines now with the findings that there are.
type keeper struct {
	o       *Options
	kinds   []Kind
	rules   rulebook
	fleet   *report.Survey
	known   []string // kinds that are looked for
	gaps    []gap    // of these kinds, in ascending order of ids
	turns   time.Time
	changed []graph.Finding
	summary Summary
}

// A gap is something that is so of a machine.
type gap struct {
	id      string
	kind    uint16 // index in kinds
	machine uint32 // index in the fleet
}

// survey finds out what is wrong with which machine.
func (k *keeper) survey(ctx context.Context) error {
	left, err := excludes(k.o.Exclude)
	if err != nil {
		return err
	}
	marks, err := k.rules.marks()
	if err != nil {
		return err
	}
	k.fleet, err = report.Look(ctx, report.Source{Store: k.o.Store, Schema: k.o.Schema, Model: k.o.Model},
		report.SurveyOptions{Excludes: left, Marks: marks, Stale: StaleAfter, Now: k.o.AsOf})
	if err != nil {
		return err
	}
	for i := range k.kinds {
		if k.knows(&k.kinds[i]) {
			k.known = append(k.known, k.kinds[i].Name)
		}
	}
	for m := range k.fleet.Len() {
		x, ok := k.fleet.At(m)
		if !ok {
			continue
		}
		k.turn(x.Turns)
		for i := range k.kinds {
			kind := &k.kinds[i]
			if kind.turns != nil {
				k.turn(kind.turns(&x))
			}
			if k.looksFor(kind.Name) && kind.of(&x, k.o.AsOf) != "" {
				k.gaps = append(k.gaps, gap{graph.FindingID(kind.Name, x.Device), uint16(i), uint32(m)})
			}
		}
	}
	slices.SortFunc(k.gaps, func(a, b gap) int { return cmp.Compare(a.id, b.id) })
	return nil
}

// knows reports whether it can be said of each machine whether it has findings of a kind. What nobody reads any more, and
// of which the graph still holds records, is not known.
func (k *keeper) knows(kind *Kind) bool {
	for i, t := range k.o.Model.Tools() {
		if slices.Contains(kind.tools, t.Name) && k.o.Readings[t.Name] == Nobody && !k.fleet.Never(i) {
			return false
		}
	}
	return k.o.mayKnow(kind)
}

func (k *keeper) looksFor(kind string) bool { return slices.Contains(k.known, kind) }

// turn notes a time at which there is more to see.
func (k *keeper) turn(at time.Time) {
	if at.After(k.o.AsOf) && (k.turns.IsZero() || at.Before(k.turns)) {
		k.turns = at
	}
}

// compare goes through the findings that there are beside what is wrong now, both in the order of ids.
func (k *keeper) compare(ctx context.Context) error {
	gaps := k.gaps
	for f, err := range k.o.Store.Findings(ctx, graph.FindingSelection{}) {
		if err != nil {
			return err
		}
		for len(gaps) > 0 && gaps[0].id < f.ID {
			if err := k.begin(ctx, gaps[0]); err != nil {
				return err
			}
			gaps = gaps[1:]
		}
		var now *gap
		if len(gaps) > 0 && gaps[0].id == f.ID {
			now, gaps = &gaps[0], gaps[1:]
		}
		if err := k.goOn(ctx, f, now); err != nil {
			return err
		}
	}
	for _, g := range gaps {
		if err := k.begin(ctx, g); err != nil {
			return err
		}
	}
	return nil
}

// begin takes something that never was before.
func (k *keeper) begin(ctx context.Context, g gap) error {
	x, _ := k.fleet.At(int(g.machine))
	f := graph.Finding{ID: g.id, Kind: k.kinds[g.kind].Name, Device: x.Device}
	return k.take(ctx, graph.Finding{}, k.look(true, k.described(f, &x, g), &x))
}

// goOn takes a finding that is known, with what is so now; nil for nothing. What can't be looked for is as it was, but
// for what people say of it.
func (k *keeper) goOn(ctx context.Context, f graph.Finding, now *gap) error {
	if now != nil {
		x, _ := k.fleet.At(int(now.machine))
		return k.take(ctx, f, k.look(true, k.described(f, &x, *now), &x))
	}
	if k.looksFor(f.Kind) || f.State == graph.FindingClosed {
		return k.take(ctx, f, k.look(false, f, nil))
	}
	x, there := k.fleet.Find(f.Device)
	if !there && f.At(k.o.At).State == graph.FindingAccepted {
		return k.take(ctx, f, f) // what accepts it may look at what the graph does not know any more
	}
	return k.take(ctx, f, k.look(true, f, &x))
}

// described returns the finding as it is of the machine now.
func (k *keeper) described(f graph.Finding, x *report.Examined, g gap) graph.Finding {
	f.Name, f.Organization = plaintext.Clip(x.Name, plaintext.Part), plaintext.Clip(x.Organization, plaintext.Part)
	f.Reason = plaintext.Clip(k.kinds[g.kind].of(x, k.o.AsOf), plaintext.Message)
	return f
}

// look returns what becomes of a finding that is there, or is not.
func (k *keeper) look(there bool, f graph.Finding, x *report.Examined) graph.Finding {
	l := look{at: k.o.At, there: there}
	if there {
		l.exception = k.rules.of(&f, x)
	}
	return l.next(f)
}

// take counts what became of a finding, and has it written when it is another than before.
func (k *keeper) take(ctx context.Context, was, is graph.Finding) error {
	switch is.State {
	case graph.FindingAccepted:
		k.summary.Accepted++
	case graph.FindingOpen, graph.FindingReopened:
		k.summary.Open++
	case graph.FindingClosed:
	}
	if is == was {
		return nil
	}
	switch {
	case is.State == was.State:
	case is.State == graph.FindingOpen:
		k.summary.Opened++
	case is.State == graph.FindingReopened:
		k.summary.Reopened++
	case is.State == graph.FindingClosed:
		k.summary.Closed++
	}
	if k.changed = append(k.changed, is); len(k.changed) < batchSize {
		return nil
	}
	return k.flush(ctx, nil)
}

// flush writes what has changed. Checks come with the last of it: until then no kind counts as looked for.
func (k *keeper) flush(ctx context.Context, checks map[string]time.Time) error {
	err := k.o.Store.SaveFindings(ctx, k.o.Lease, k.changed, checks)
	k.changed = k.changed[:0]
	return err
}
