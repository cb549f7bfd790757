package executor

import (
	"cmp"
	"context"
	"encoding/json"
	"fmt"
	"maps"
	"slices"
	"time"

	"assetgraph/graph"
)

// A recorded run is what the graph keeps of it: the report, and where what the graph holds of each instance was read.
type recorded struct {
	*Report
	Accounts  map[string]string `json:"accounts"`
	Readers   map[string]string `json:"readers"`   // and by whom: see reader
	Approvals []string          `json:"approvals"` // approval ids that let deletes go
	Derived   *derivedResult    `json:"derived,omitempty"`
	Rules     string            `json:"rules,omitempty"` // digest of the rules and overrides by which what is derived was made

	// Read says when each step that this run did not read whole was last read whole, by instance and step.
	Read map[string]time.Time `json:"read,omitempty"`
}

// A run reads back everything, whatever the seals say, when so many have not, or when the last that did is so long ago:
// what others changed in the graph is noticed within a day by those who run it every hour, and within a week by those
// who run it less. It costs the hourly ones a twenty-fourth of what reading back costs.
const (
	verifyRuns = 24
	verifyTime = 7 * 24 * time.Hour
)

// The past is what a run takes from the graph and from the records of runs before it. It does not change while the run
// lasts.
type past struct {
	census census

	accounts        map[string]string // what each instance pointed at when what the graph holds of it was read
	readers         map[string]string // who did that: see reader
	derived         *derivedResult    // the last that is known, nil for none
	rules           string            // by which the graph's machines were made, "" where that is not known
	derivedCoverage *Coverage         // after the run that derived is of, nil where that is not known
	coverage        *Coverage         // after the last run that says it, likewise

	notes             map[string]notes      // of all instances, by name
	unverified        map[string]unverified // likewise, of those of this run
	derivedUnverified unverified
	derivedOn         time.Time // when the last run began of which all that is derived was kept
	derivationText    []byte    // as the graph keeps it, nil for nothing

	succeeded map[string]time.Time // when a run ended that read all of an instance, by its name

	read map[string]time.Time // when each step was last read whole, by instance and step

	verify bool // everything is to be read back, whatever the seals say
}

// unverified is how long an instance has been read without being read back.
type unverified struct {
	runs int       // since the last one that read it back
	at   time.Time // when that was, zero when it is not known
}

// note takes over what an earlier run did with an instance. Runs are noted newest first.
func (u *unverified) note(instance string, run *Report) {
	read := slices.ContainsFunc(run.Steps,
		func(s StepReport) bool { return s.Instance == instance && s.Status == StatusComplete })
	switch {
	case !u.at.IsZero() || !read:
	case run.Run.Verified:
		u.at = run.Run.FinishedAt
	default:
		u.runs++
	}
}

// isDue reports whether it is time to read the instance back.
func (u *unverified) isDue(now time.Time) bool {
	return u.runs+1 >= verifyRuns || now.Sub(u.at) >= verifyTime
}

// sealed returns what the graph is known to hold of a scope, so that it need not be read back.
func (p past) sealed(scope graph.Scope) (graph.Seal, bool) {
	if p.verify {
		return graph.Seal{}, false
	}
	return p.census.known(scope)
}

// recall reads the past. With an error it is what was read up to that.
func recall(ctx context.Context, o *Options) (p past, err error) {
	p.accounts, p.readers, p.read = make(map[string]string), make(map[string]string), make(map[string]time.Time)
	p.unverified = make(map[string]unverified)
	p.census = newCensus(ctx, o.Store)
	whole, err := p.recallNotes(ctx, o)
	if err == nil && !whole {
		err = p.recallRuns(ctx, o)
	}
	p.preferNotes()
	p.verify = o.Verify || slices.ContainsFunc(o.Instances,
		func(in Instance) bool { u := p.unverified[in.Name]; return u.isDue(o.Now()) })
	if len(o.Instances) == 0 { // what is derived alone
		p.verify = o.Verify || p.derivedUnverified.isDue(o.Now())
	}
	return p, err
}

// recallRuns takes from run records what no notes say: there are none of what an older program wrote.
func (p *past) recallRuns(ctx context.Context, o *Options) error {
	runs, err := o.Store.Runs(ctx, 0)
	if err != nil {
		return fmt.Errorf("read run records: %w", err)
	}
	noted := p.derivationText != nil
	for _, old := range runs { // newest first
		var doc recorded
		if json.Unmarshal(old.Report, &doc) != nil {
			continue // a run that died has none
		}
		if doc.Report == nil {
			doc.Report = &Report{}
		}
		p.note(doc)
		for i := range o.Instances {
			name := o.Instances[i].Name
			u := p.unverified[name]
			u.note(name, doc.Report)
			p.unverified[name] = u
		}
		if !noted {
			p.noteDerived(doc)
		}
		addMissing(p.accounts, doc.Accounts)
		addMissing(p.readers, doc.Readers)
	}
	return nil
}

// noteDerived takes over what an earlier run derived. Runs are noted newest first.
func (p *past) noteDerived(doc recorded) {
	if p.derived == nil && doc.Derived != nil {
		p.derived, p.derivedCoverage = doc.Derived, doc.Coverage
	}
	p.rules = cmp.Or(p.rules, doc.Rules)
	if p.coverage == nil {
		p.coverage = doc.Coverage
	}
}

func addMissing(to, from map[string]string) {
	for name, value := range from {
		if to[name] == "" {
			to[name] = value
		}
	}
}

// hasRead reports whether a step was ever read whole.
func (p past) hasRead(s StepReport) bool {
	_, ok := p.read[s.key()]
	return ok
}

// knowsUnavailable reports whether the run before this one was told the same.
func (p past) knowsUnavailable(s StepReport) bool {
	return slices.Contains(p.notes[s.Instance].unavailable, s.Step)
}

// key names the step among those of all instances.
func (s StepReport) key() string { return s.Instance + " " + s.Step }

// note takes over when the steps of an earlier run were read whole. Runs are noted newest first.
func (p past) note(doc recorded) {
	newest := func(key string, at time.Time) {
		if at.After(p.read[key]) {
			p.read[key] = at
		}
	}
	for key, at := range doc.Read {
		newest(key, at)
	}
	if doc.Report == nil {
		return
	}
	for _, s := range doc.Steps {
		if s.Status == StatusComplete {
			newest(s.key(), doc.Run.FinishedAt)
		}
	}
}

// after is what the record of a run keeps of when steps were read whole: those of which its own report does not say it.
// Run records do not last for ever.
func (p past) after(r *Report) map[string]time.Time {
	keep := make(map[string]time.Time)
	maps.Copy(keep, p.read)
	for _, s := range r.Steps {
		if s.Status == StatusComplete {
			delete(keep, s.key())
		}
	}
	return keep
}
