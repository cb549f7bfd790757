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
	Before     string             // the same before the run
	Known      bool               // Changed are all machines of which more has changed than when they were seen
	Changed    []graph.Key
	SeenKnown  bool // Seen are all records of machines of which anything was written since the run before, or more
	Seen       []graph.Key
	At         time.Time // of the run: when findings are opened and closed, and by what exceptions end
	AsOf       time.Time // what time it is for what products say
	Version    string    // of the program
	Verify     bool      // look, whatever is noted

	// Whole is handed each look at all machines, before it counts as done: another one follows where that failed. There
	// is one for each day, UTC by AsOf, on which Keep is called. nil for nobody.
	Whole func(context.Context, *report.Survey) error
}

func (o *Options) source() report.Source {
	return report.Source{Store: o.Store, Schema: o.Schema, Model: o.Model}
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
	k := &keeper{o: &o, kinds: kinds, rules: inForce(o.Exceptions, o.At), fading: map[graph.Key]bool{}}
	if err := k.look(ctx, &before, by); err != nil {
		return Summary{}, err
	}
	if err := k.compare(ctx); err != nil {
		return k.summary, err
	}
	if err := k.flush(ctx, o.checks(kinds, k.known)); err != nil {
		return k.summary, err
	}
	if k.only == nil {
		if err := k.daily(ctx); err != nil {
			return k.summary, err
		}
	}
	return k.summary, k.note(&before, by).save(ctx, &o)
}

// daily does what is due once a day, after a look at all machines.
func (k *keeper) daily(ctx context.Context) error {
	if err := k.o.Store.ForgetFindings(ctx, k.o.At.Add(-KeptClosed)); err != nil || k.o.Whole == nil {
		return err
	}
	return k.o.Whole(ctx, k.fleet)
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
	only    map[graph.Key]bool // machines that are looked at; nil for all
	known   []string           // kinds that are looked for
	gaps    []gap              // of these kinds, in ascending order of ids
	turns   []turn
	fading  map[graph.Key]bool // machines with findings that may end by their being seen
	changed []graph.Finding
	summary Summary
}

// A gap is something that is so of a machine.
type gap struct {
	id      string
	kind    uint16 // index in kinds
	machine uint32 // index in the fleet
}

// compare goes through the findings that there are beside what is wrong now, both in the order of ids.
func (k *keeper) compare(ctx context.Context) error {
	selection, err := k.selection(ctx)
	if err != nil {
		return err
	}
	gaps := k.gaps
	for f, err := range k.o.Store.Findings(ctx, selection) {
		if err != nil {
			return err
		}
		for len(gaps) > 0 && gaps[0].id < f.ID {
			if err := k.begin(ctx, gaps[0]); err != nil {
				return err
			}
			gaps = gaps[1:]
		}
		if k.only != nil && !k.only[f.Device] {
			continue
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

// selection returns which findings to read. Of a look at few machines the summary begins with all that there are.
func (k *keeper) selection(ctx context.Context) (all graph.FindingSelection, err error) {
	if k.only == nil {
		return all, nil
	}
	counts, err := k.o.Store.FindingCounts(ctx)
	if err != nil {
		return all, err
	}
	total := 0
	for state, n := range counts {
		k.tally(state, n)
		total += n
	}
	if ids := len(k.only) * len(k.kinds); ids > total/2 {
		return all, nil // looking them up takes longer than reading all
	}
	ids := []string{}
	for device := range k.only {
		for i := range k.kinds {
			ids = append(ids, graph.FindingID(k.kinds[i].Name, device))
		}
	}
	return graph.FindingSelection{IDs: ids}, nil
}

// begin takes something that never was before.
func (k *keeper) begin(ctx context.Context, g gap) error {
	x, _ := k.fleet.At(int(g.machine))
	f := graph.Finding{ID: g.id, Kind: k.kinds[g.kind].Name, Device: x.Device}
	return k.take(ctx, graph.Finding{}, k.become(true, k.described(f, &x, g), &x))
}

// goOn takes a finding that is known, with what is so now; nil for nothing. What can't be looked for is as it was, but
// for what people say of it.
func (k *keeper) goOn(ctx context.Context, f graph.Finding, now *gap) error {
	if now != nil {
		x, _ := k.fleet.At(int(now.machine))
		return k.take(ctx, f, k.become(true, k.described(f, &x, *now), &x))
	}
	if k.looksFor(f.Kind) || f.State == graph.FindingClosed {
		return k.take(ctx, f, k.become(false, f, nil))
	}
	x, there := k.fleet.Find(f.Device)
	if !there && f.At(k.o.At).State == graph.FindingAccepted {
		return k.take(ctx, f, f) // what accepts it may look at what the graph does not know any more
	}
	return k.take(ctx, f, k.become(true, f, &x))
}

// described returns the finding as it is of the machine now.
func (k *keeper) described(f graph.Finding, x *report.Examined, g gap) graph.Finding {
	f.Name, f.Organization = plaintext.Clip(x.Name, plaintext.Part), plaintext.Clip(x.Organization, plaintext.Part)
	f.Reason = plaintext.Clip(k.kinds[g.kind].of(x, k.o.AsOf), plaintext.Message)
	return f
}

// become returns what becomes of a finding that is there, or is not.
func (k *keeper) become(there bool, f graph.Finding, x *report.Examined) graph.Finding {
	l := look{at: k.o.At, there: there}
	if there {
		l.exception = k.rules.of(&f, x)
	}
	return l.next(f)
}

// take counts what became of a finding, and has it written when it is another than before.
func (k *keeper) take(ctx context.Context, was, is graph.Finding) error {
	k.tally(is.State, 1)
	if k.only != nil {
		k.tally(was.State, -1) // which selection has counted
	}
	if is.State != graph.FindingClosed && k.fades(is.Kind) {
		k.fading[is.Device] = true
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

// tally counts findings of a state.
func (k *keeper) tally(state graph.FindingState, n int) {
	switch state {
	case graph.FindingAccepted:
		k.summary.Accepted += n
	case graph.FindingOpen, graph.FindingReopened:
		k.summary.Open += n
	case graph.FindingClosed:
	}
}

// fades reports whether findings of a kind may end by a machine's being seen.
func (k *keeper) fades(kind string) bool {
	return slices.ContainsFunc(k.kinds, func(one Kind) bool { return one.Name == kind && one.fades })
}

// flush writes what has changed. Checks come with the last of it: until then no kind counts as looked for.
func (k *keeper) flush(ctx context.Context, checks map[string]time.Time) error {
	err := k.o.Store.SaveFindings(ctx, k.o.Lease, k.changed, checks)
	k.changed = k.changed[:0]
	return err
}
