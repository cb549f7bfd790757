package report

import (
	"context"
	"slices"
	"time"

	"assetgraph/converters"
	"assetgraph/graph"
)

// A conduct is what the graph knows of how a machine does.
type conduct struct {
	osName, osVersion string
	supportEnds       time.Time // of its system, by its maker; the zero time where nobody knows
	told              []graph.Value
}

// tells lists the properties of device, or of its records, of which a conduct has the values: told is parallel to it.
func tells() []string {
	return []string{
		"encrypted", "malwareProtected", "firewallEnabled", "pendingReboot", "lastBackupOn", "backedUp", "osPatchesMissing",
	}
}

// loadConducts reads how machines do: what device says, and where it has no such property what its records say that are
// neither gone nor only seen from elsewhere.
func loadConducts(ctx context.Context, s Source) (map[string]conduct, error) {
	out := map[string]conduct{}
	device, err := s.typeOf("device")
	if err != nil {
		return nil, err
	}
	names := append(tells(), "osName", "osVersion", "osSupportEndsOn")
	err = s.eachEntity(ctx, device.Name, names, func(e *graph.Element) {
		c := conduct{
			osName: e.Get("osName").Text(), osVersion: e.Get("osVersion").Text(),
			supportEnds: e.Get("osSupportEndsOn").Time(), told: make([]graph.Value, len(tells())),
		}
		for n, name := range tells() {
			c.told[n] = e.Get(name)
		}
		out[string(e.Key)] = c
	})
	if err != nil {
		return nil, err
	}
	for _, r := range s.recordTypes() {
		var own []string // what the records alone tell
		for _, name := range tells() {
			if device.Property(name) == nil && r.t.Property(name) != nil {
				own = append(own, name)
			}
		}
		if len(own) == 0 {
			continue
		}
		links := graph.LinkSelection{Types: []*graph.Type{r.link}, Properties: append(r.properties(nil), own...)}
		err := s.eachLink(ctx, links, func(l graph.Link) {
			if state := r.State(l.Origin); state != converters.Live && state != converters.Waiting {
				return
			}
			c, known := out[string(l.To)]
			if !known {
				return
			}
			for _, name := range own {
				n := slices.Index(tells(), name)
				c.told[n] = better(c.told[n], l.Origin.Get(name))
			}
		})
		if err != nil {
			return nil, err
		}
	}
	return out, nil
}

// better returns which of two values of a property says more for the machine: one that is known, the later time, yes,
// the smaller number. So the order in which records come does not matter.
func better(a, b graph.Value) graph.Value {
	switch {
	case b.IsAbsent():
		return a
	case a.IsAbsent():
		return b
	}
	switch b.Kind() {
	case graph.Time:
		if b.Time().After(a.Time()) {
			return b
		}
	case graph.Bool:
		if b.Bool() {
			return b
		}
	case graph.Int:
		if b.Int() < a.Int() {
			return b
		}
	default:
	}
	return a
}
