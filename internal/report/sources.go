package report

import (
	"context"
	"fmt"
	"time"

	"assetgraph/graph"
)

// oldAfter is how old the last complete reading of a product may be before reports say so: runs by the clock are daily
// or more often, and one may fail.
const oldAfter = 48 * time.Hour

// sources is how complete and fresh the graph is.
type sources struct {
	never    []bool // tools of whose products the graph holds nothing; parallel to Model.Tools
	notes    []string
	readings []Reading // of the instances that read a product, by name
}

// readSources looks at what the graph holds of each product and at how the last runs of each instance went.
func readSources(ctx context.Context, s Source, now time.Time) (out sources, err error) {
	types := s.recordTypes()
	for i, tool := range s.Model.Tools() {
		never := true
		for _, r := range types {
			if never && r.tool == i {
				held, err := s.holds(ctx, r.t.Integration)
				if err != nil {
					return out, err
				}
				never = !held
			}
		}
		out.never = append(out.never, never)
		if never {
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
		if e.Instance != derivedBy {
			out.readings = append(out.readings,
				Reading{e.Instance, e.Get("status").Text(), e.Get("lastSuccessfulOn").Time()})
		}
		if note := freshness(e.Element, runs.unread(e.Instance), now); note != "" {
			out.notes = append(out.notes, note)
		}
	}
	out.notes = append(out.notes, runs.notes()...)
	return out, nil
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
