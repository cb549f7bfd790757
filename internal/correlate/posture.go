package correlate

import (
	"assetgraph/graph"
)

// A postureRule says how a property of device that tells how the machine does is chosen among what its records say.
// Records that are gone say nothing: nobody knows how such a machine does now. Where no record says anything the
// property is absent, which is not "no".
type postureRule struct {
	property graph.Property
	choose   func(*writer, graph.Field) graph.Value
}

// posture lists the rules. A record tells a property under its name, or as its role's Posture says. None of the
// properties may move by itself: each change of one makes its device again.
func posture() []postureRule {
	rule := func(name string, kind graph.Kind, doc string, choose func(*writer, graph.Field) graph.Value) postureRule {
		return postureRule{graph.Property{Name: name, Kind: kind, Doc: doc}, choose}
	}
	return []postureRule{
		rule("encrypted", graph.Bool, "its disks; absent when nobody knows", (*writer).believed),
		rule("firewallEnabled", graph.Bool, "of the system; absent when nobody knows", (*writer).believed),
		rule("pendingReboot", graph.Bool, "any product says so; absent when none says anything", (*writer).anyOf),
		rule("warrantyEndsOn", graph.Time, "absent when nobody knows", (*writer).believed),
	}
}

// setPosture gives the device at hand what its records say of how it does.
func (w *writer) setPosture() {
	for _, p := range w.c.model.device.posture {
		p.field.Set(w.e, p.choose(w, p.field))
	}
}

// believed returns what the first record says that is not gone and says anything.
func (w *writer) believed(f graph.Field) graph.Value {
	for i := range w.sources {
		if s := &w.sources[i]; !s.record.has(dead) {
			if v := s.own(f); !v.IsAbsent() {
				return v
			}
		}
	}
	return graph.Value{}
}

// anyOf returns yes if one of the records that are not gone says so, no if one says no.
func (w *writer) anyOf(f graph.Field) (told graph.Value) {
	for i := range w.sources {
		if s := &w.sources[i]; !s.record.has(dead) {
			if v := s.own(f); !v.IsAbsent() && !told.Bool() {
				told = v
			}
		}
	}
	return told
}
