package executor

import (
	"fmt"
	"maps"
	"slices"
	"strings"
	"time"

	"assetgraph/differ"
	"assetgraph/graph"
)

// byChoice ends the reason for which nothing of a step that people leave out is deleted.
const byChoice = " is left out by a setting"

// leftOut reports whether a step was not read because people leave it out. That makes no run incomplete.
func leftOut(s StepReport) bool { return s.Status == StatusSkipped && s.Error == "" }

// leftOut says how old what the graph holds of a step is that people leave out.
func (p *past) leftOut(s StepReport) string {
	text := fmt.Sprintf("%s/%s: left out by a setting; what the graph holds of it stays ", s.Instance, s.Step)
	if at, ok := p.read[s.key()]; ok {
		return text + "as it was read on " + at.UTC().Format(time.DateOnly)
	}
	return text + "as it is, and was not read whole in any run on record"
}

// key names the step among those of all instances.
func (s StepReport) key() string { return s.Instance + " " + s.Step }

// note takes over when the steps of an earlier run were read whole. Runs are noted newest first.
func (p *past) note(doc recorded) {
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

// after is what the record of a run keeps of when steps were read whole: those of which its own report does not say it. Run
// records do not last for ever.
func (p *past) after(r *Report) map[string]time.Time {
	keep := make(map[string]time.Time)
	maps.Copy(keep, p.read)
	for _, s := range r.Steps {
		if s.Status == StatusComplete {
			delete(keep, s.key())
		}
	}
	return keep
}

// withheld returns the deletes of a scope that were withheld, without those of what people leave out: that these stay is what was
// asked for, and leftOut counts them.
func (r *run) withheld(sp *differ.ScopePlan) (list []differ.Withheld, leftOut int) {
	for _, w := range sp.Withheld {
		n := 0
		switch {
		case strings.HasSuffix(w.Reason, byChoice):
			n = w.Deletes
		case strings.HasSuffix(w.Reason, stillThere):
			keys := slices.DeleteFunc(sp.Kept(w.Reason), func(key graph.Key) bool { return !r.isLeftOut(sp, key) })
			w.Examples = slices.DeleteFunc(slices.Clone(w.Examples), func(key graph.Key) bool { return slices.Contains(keys, key) })
			n = len(keys)
		}
		leftOut += n
		if w.Deletes -= n; w.Deletes > 0 {
			list = append(list, w)
		}
	}
	return list, leftOut
}

// isLeftOut reports whether the provider has said of the entity, or of an end of the relationship, that it is in a part of its
// list that people leave out.
func (r *run) isLeftOut(sp *differ.ScopePlan, key graph.Key) bool {
	if sp.Type.IsRelationship() {
		from, to := key.Ends()
		return r.entityLeftOut(from) || r.entityLeftOut(to)
	}
	return r.entityLeftOut(key)
}

func (r *run) entityLeftOut(key graph.Key) bool {
	scope := key.Scope()
	for i := range r.Instances {
		in := &r.Instances[i]
		if in.Name != scope.Instance {
			continue
		}
		for _, t := range in.Converter.Types {
			if t.Name != scope.Type {
				continue
			}
			if s := r.stepOf(in.Name, t); s != nil && s.LeftOut != nil {
				return s.LeftOut(strings.TrimPrefix(string(key), scope.Prefix()))
			}
		}
	}
	return false
}
