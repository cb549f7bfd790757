package correlate

import (
	"iter"

	"assetgraph/graph"
)

// A postureRule says how a property of device that tells how the machine does is chosen among what its records say.
// Records that are gone say nothing: nobody knows how such a machine does now. Where no record says anything the
// property is absent, which is not "no".
type postureRule struct {
	property graph.Property
	choose   func(*writer, graph.Field) graph.Value
}

// posture lists the rules. A record tells a property under its name, or as its role's Posture says.
//
// Each change of a property makes its device again. Of those that move by themselves that is a refresh of the device.
func posture() []postureRule {
	type choice = func(*writer, graph.Field) graph.Value
	rule := func(name string, kind graph.Kind, doc string, choose choice) postureRule {
		return postureRule{graph.Property{Name: name, Kind: kind, Doc: doc}, choose}
	}
	moving := func(name string, kind graph.Kind, doc string, choose choice) postureRule {
		r := rule(name, kind, doc, choose)
		r.property.Volatile = true
		return r
	}
	return []postureRule{
		rule("encrypted", graph.Bool, "its disks; absent when nobody knows", (*writer).believed),
		rule("firewallEnabled", graph.Bool, "of the system; absent when nobody knows", (*writer).believed),
		rule("pendingReboot", graph.Bool, "any product says so; absent when none says anything", (*writer).anyOf),
		rule("warrantyEndsOn", graph.Time, "absent when nobody knows", (*writer).believed),
		rule("malwareProtected", graph.Bool, "an antivirus product is on, or the EDR protects; absent when nobody knows",
			(*writer).protected),
		moving("lastBackupOn", graph.Time, "absent when there is none, or nobody knows", (*writer).most),
		moving("lastPatchedOn", graph.Time, "absent when nothing was installed lately, or nobody knows",
			(*writer).most),
		moving("osPatchesMissing", graph.Int, "absent when nobody knows", (*writer).most),
		moving("openThreats", graph.Int, "that the EDR has not mitigated, of all its live agents; absent when nobody knows",
			(*writer).sum),
	}
}

// setPosture gives the device at hand what its records say of how it does.
func (w *writer) setPosture() {
	for _, p := range w.c.model.device.posture {
		p.field.Set(w.e, p.choose(w, p.field))
	}
}

// told yields what the records say that are not gone, first the one that is believed first. A record may tell a
// property both under its name and under the one that its role names.
func (w *writer) told(f graph.Field) iter.Seq[graph.Value] {
	return func(yield func(graph.Value) bool) {
		for i := range w.sources {
			s := &w.sources[i]
			if s.record.has(dead) {
				continue
			}
			for _, of := range [...]graph.Field{s.role.same[f.Index()], s.role.other[f.Index()]} {
				if v := of.Get(s.Element); !v.IsAbsent() && !yield(v) {
					return
				}
			}
		}
	}
}

// believed returns what the first record says that says anything.
func (w *writer) believed(f graph.Field) graph.Value {
	for v := range w.told(f) {
		return v
	}
	return graph.Value{}
}

// anyOf returns yes if one of the records says so, no if one says no.
func (w *writer) anyOf(f graph.Field) (any graph.Value) {
	for v := range w.told(f) {
		if any = v; v.Bool() {
			return v
		}
	}
	return any
}

// protected is anyOf, and counts tools that protect the machine, or do not.
func (w *writer) protected(f graph.Field) graph.Value {
	told := w.anyOf(f)
	for tool, t := range w.c.model.tools {
		if t.Works != "protects" {
			continue
		}
		if of := w.workOf(tool); of.does {
			return graph.BoolOf(true)
		} else if of.ailments != 0 && told.IsAbsent() {
			told = graph.BoolOf(false)
		}
	}
	return told
}

// most returns the latest time or the greatest number.
func (w *writer) most(f graph.Field) (most graph.Value) {
	for v := range w.told(f) {
		if most.IsAbsent() || v.Kind() == graph.Int && v.Int() > most.Int() ||
			v.Kind() == graph.Time && v.UnixMilli() > most.UnixMilli() {
			most = v
		}
	}
	return most
}

// sum returns what the records count together.
func (w *writer) sum(f graph.Field) (sum graph.Value) {
	for v := range w.told(f) {
		if sum.IsAbsent() {
			sum = v
		} else {
			sum = graph.IntOf(sum.Int() + v.Int())
		}
	}
	return sum
}
