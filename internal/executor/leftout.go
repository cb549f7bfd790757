package executor

import (
	"fmt"
	"slices"
	"strings"
	"time"

	"assetgraph/differ"
	"assetgraph/graph"
)

// byChoice ends the reason for which nothing of a step that people leave out is deleted.
const byChoice = " is left out by a setting"

// LeftOut reports whether a step was not read because people leave it out. That makes no run incomplete.
func (s StepReport) LeftOut() bool { return s.Status == StatusSkipped && s.Error == "" }

// Excused reports whether a step was not read whole, and that makes no run incomplete: people leave it out, or the
// provider does not give it.
func (s StepReport) Excused() bool { return s.LeftOut() || s.Status == StatusUnavailable }

// notAvailable ends the reason for which nothing of a step is deleted that the provider does not give.
const notAvailable = " is not available to these credentials"

// leftOut says how old what the graph holds of a step is that people leave out.
func (p past) leftOut(s StepReport) string {
	return p.asRead(s, fmt.Sprintf("%s/%s: left out by a setting", s.Instance, s.Step))
}

// unavailable says what is refused and stays.
func (p past) unavailable(s StepReport) string {
	return p.asRead(s, fmt.Sprintf("%s/%s: %s", s.Instance, s.Step, s.Error))
}

func (p past) asRead(s StepReport, text string) string {
	text += "; what the graph holds of it stays "
	if at, ok := p.read[s.key()]; ok {
		return text + "as it was read on " + at.UTC().Format(time.DateOnly)
	}
	return text + "as it is, and was not read whole in any run on record"
}

// withheld returns the deletes of a scope that were withheld, without those of what people leave out: that these stay
// is what was asked for, and leftOut counts them.
func withheld(instances []Instance, sp *differ.ScopePlan) (list []differ.Withheld, leftOut int) {
	for _, w := range sp.Withheld {
		n := 0
		switch {
		case strings.HasSuffix(w.Reason, byChoice), strings.HasSuffix(w.Reason, notAvailable):
			n = w.Deletes
		case strings.HasSuffix(w.Reason, stillThere):
			keys := slices.DeleteFunc(sp.Kept(w.Reason),
				func(key graph.Key) bool { return !isLeftOut(instances, sp, key) })
			w.Examples = slices.DeleteFunc(slices.Clone(w.Examples),
				func(key graph.Key) bool { return slices.Contains(keys, key) })
			n = len(keys)
		}
		leftOut += n
		if w.Deletes -= n; w.Deletes > 0 {
			list = append(list, w)
		}
	}
	return list, leftOut
}

// isLeftOut reports whether the provider has said of the entity, or of an end of the relationship, that it is in a part
// of its list that people leave out.
func isLeftOut(instances []Instance, sp *differ.ScopePlan, key graph.Key) bool {
	if sp.Type.IsRelationship() {
		from, to := key.Ends()
		return entityLeftOut(instances, from) || entityLeftOut(instances, to)
	}
	return entityLeftOut(instances, key)
}

func entityLeftOut(instances []Instance, key graph.Key) bool {
	scope := key.Scope()
	for i := range instances {
		in := &instances[i]
		if in.Name != scope.Instance {
			continue
		}
		for _, t := range in.Converter.Types {
			if t.Name != scope.Type {
				continue
			}
			if s := stepOf(in, t); s != nil && s.LeftOut != nil {
				return s.LeftOut(strings.TrimPrefix(string(key), scope.Prefix()))
			}
		}
	}
	return false
}
