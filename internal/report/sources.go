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
	never []bool // tools of whose products the graph holds nothing; parallel to Model.Tools
	notes []string
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
		if note := freshness(e.Element, runs.unread(e.Instance), now); note != "" {
			out.notes = append(out.notes, note)
		}
	}
	out.notes = append(out.notes, runs.notes()...)
	return out, nil
}

// Freshness says what makes an answer at a time less than complete or fresh.
func Freshness(ctx context.Context, s Source, now time.Time) ([]string, error) {
	out, err := readSources(ctx, s, now)
	return out.notes, err
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
