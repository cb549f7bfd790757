package report

import (
	"context"
	"fmt"
	"slices"
	"strings"
	"time"

	"assetgraph/graph"
)

// oldAfter is how old the last complete reading of a product may be before reports say so: runs by the clock are daily
// or more often, and one may fail.
const oldAfter = 48 * time.Hour

// Freshness is how complete and how fresh the graph is that an answer is made of. The names of its members are a contract.
type Freshness struct {
	AsOf     time.Time        `json:"asOf"`     // when it was looked at, from which ages count
	Complete bool             `json:"complete"` // nothing is known that makes answers less than complete or fresh
	Sources  []InstanceSource `json:"sources"`  // by name
	Notes    []string         `json:"notes"`    // what does, in words
}

// An InstanceSource is what the graph knows of how one instance was read.
type InstanceSource struct {
	Instance           string     `json:"instance"`
	Product            string     `json:"product"`
	Status             string     `json:"status"`             // of the last run: complete, incomplete, withheld or failed
	LastReadCompletely *time.Time `json:"lastReadCompletely"` // nil for never
	Complete           bool       `json:"complete"`           // no note is about this instance
	Unavailable        []string   `json:"unavailable"`        // parts that the credentials may not read: what is held of them is old
}

// ReadOn is when the instance was last read completely; the zero time for never.
func (s InstanceSource) ReadOn() time.Time {
	if s.LastReadCompletely == nil {
		return time.Time{}
	}
	return *s.LastReadCompletely
}

// Fresh says how complete and fresh the graph is.
func Fresh(ctx context.Context, s Source, now time.Time) (*Freshness, error) {
	found, err := readSources(ctx, s, now)
	if err != nil {
		return nil, err
	}
	return &Freshness{
		AsOf: now.UTC(), Complete: len(found.notes) == 0, Sources: append([]InstanceSource{}, found.instances...),
		Notes: append([]string{}, found.notes...),
	}, nil
}

// sources is how complete and fresh the graph is.
type sources struct {
	never     []bool // tools of whose products the graph holds nothing; parallel to Model.Tools
	instances []InstanceSource
	notes     []string
}

// readSources looks at what the graph holds of each product and at how the last runs of each instance went.
func readSources(ctx context.Context, s Source, now time.Time) (out sources, err error) {
	if out.never, err = s.neverRead(ctx); err != nil {
		return out, err
	}
	for i, tool := range s.Model.Tools() {
		if out.never[i] {
			out.notes = append(out.notes,
				fmt.Sprintf("the graph holds nothing of %s: %s is left out", tool.Product, tool.Title))
		}
	}
	t, err := s.typeOf("assetgraph_integration")
	if err != nil {
		return out, err
	}
	runs, err := readRuns(ctx, s)
	if err != nil {
		return out, err
	}
	for e, err := range s.Store.Elements(ctx, graph.Selection{Type: t}) {
		if err != nil {
			return out, fmt.Errorf("read %s: %w", t.Name, err)
		}
		note := freshness(e.Element, runs.unread(e.Instance), now)
		if note != "" {
			out.notes = append(out.notes, note)
		}
		out.instances = append(out.instances, instanceSource(e.Element, note == "" && !runs.withholds(e.Instance)))
	}
	slices.SortFunc(out.instances, func(a, b InstanceSource) int { return strings.Compare(a.Instance, b.Instance) })
	out.notes = append(out.notes, runs.notes()...)
	return out, nil
}

func instanceSource(e *graph.Element, complete bool) InstanceSource {
	in := InstanceSource{
		Instance: e.Instance, Product: e.Get("vendor").Text(), Status: e.Get("status").Text(), Complete: complete,
		Unavailable: append([]string{}, e.Get("unavailable").List()...),
	}
	if last := e.Get("lastSuccessfulOn").Time(); !last.IsZero() {
		last = last.UTC()
		in.LastReadCompletely = &last
	}
	return in
}

// neverRead tells of each tool of the model whether the graph holds nothing of its products.
func (s Source) neverRead(ctx context.Context) (list []bool, _ error) {
	types := s.recordTypes()
	for i := range s.Model.Tools() {
		never := true
		for _, r := range types {
			if never && r.tool == i {
				held, err := s.holds(ctx, r.t.Integration)
				if err != nil {
					return nil, err
				}
				never = !held
			}
		}
		list = append(list, never)
	}
	return list, nil
}

// holds reports whether the graph has entities of a product. It looks for one of each type, which takes no time; to
// count them takes a look at all.
func (s Source) holds(ctx context.Context, integration string) (bool, error) {
	for _, t := range s.Schema.Types() {
		if t.Integration != integration || t.IsRelationship() {
			continue
		}
		for _, err := range s.Store.Elements(ctx, graph.Selection{Type: t, Properties: []string{}}) {
			if err != nil {
				return false, fmt.Errorf("read %s: %w", t.Name, err)
			}
			return true, nil
		}
	}
	return false, nil
}

// freshness says what is wrong with the last runs of an instance, "" for nothing; unread are the lists that the last
// one did not read to the end.
func freshness(e *graph.Element, unread string, now time.Time) string {
	last := e.Get("lastSuccessfulOn").Time()
	when := "it was never read completely"
	if !last.IsZero() {
		when = "last read completely " + last.Format(minute)
		if now.After(last) {
			when += " (" + roughly(now.Sub(last)) + " ago)"
		}
	}
	switch status := e.Get("status").Text(); {
	case status != "complete" && status != "withheld":
		if unread != "" {
			when += "; not read to the end: " + unread
		}
		return fmt.Sprintf("%s: the last run was %s; %s. What it did not see is as the graph had it", e.Instance,
			status, when)
	case now.Sub(last) > oldAfter:
		return fmt.Sprintf("%s: %s", e.Instance, when)
	}
	return ""
}

// roughly returns a time as people say it.
func roughly(d time.Duration) string {
	if days := int(d / (24 * time.Hour)); days > 1 {
		return fmt.Sprintf("%d days", days)
	}
	return fmt.Sprintf("%d hours", int(d/time.Hour))
}
