package correlate

import (
	"slices"
	"time"

	"assetgraph/graph"
	"assetgraph/internal/lifecycle"
)

// setSystem takes all that is said of the operating system from one record, so that it fits together.
func (w *writer) setSystem() {
	d := &w.c.model.device
	n := slices.IndexFunc(w.sources, func(s source) bool { return !s.own(d.osName).IsAbsent() })
	if n < 0 {
		d.osType.Set(w.e, w.first(d.osType))
		return
	}
	for _, f := range d.system {
		f.Set(w.e, w.sources[n].own(f))
	}
	support := w.supportOf(n)
	setDay(w.e, d.osSupportEndsOn, support.EndsOn)
	setDay(w.e, d.osExtendedUpdatesEndOn, support.ExtendedUntil)
}

// supportOf returns what is known of the support of the system that the record at n names. Where it tells no release,
// the first live record of the same system does that tells one.
func (w *writer) supportOf(n int) lifecycle.Support {
	support := w.support(&w.sources[n])
	for i := range w.sources {
		if support.Exact || support.System == "" {
			break
		}
		if s := &w.sources[i]; !s.record.has(dead) {
			if other := w.support(s); other.Exact && other.System == support.System {
				return other
			}
		}
	}
	return support
}

// support returns what is known of the support of the system that a record names.
func (w *writer) support(s *source) lifecycle.Support {
	d := &w.c.model.device
	system := lifecycle.System{
		Name: s.own(d.osName).Text(), Version: s.own(d.osVersion).Text(), Build: s.role.Machine.Build.Get(s.Element).Text(),
	}
	known, ok := w.supported[system]
	if !ok {
		known = w.c.model.systems.Of(system)
		w.supported[system] = known
	}
	return known
}

func setDay(e *graph.Element, f graph.Field, day time.Time) {
	if !day.IsZero() {
		f.Set(e, graph.TimeOf(day))
	}
}
