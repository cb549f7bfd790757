package findings

import (
	"fmt"
	"slices"
	"strings"
	"time"

	"assetgraph/converters"
	"assetgraph/graph"
	"assetgraph/internal/correlate"
	"assetgraph/internal/report"
)

// Check returns the first mistake among what people have decided that shows only beside the tools there are: an exception
// of kinds that there are not, a *correlate.OverrideError, or machines to leave out that can't be read.
func Check(o *correlate.Overrides, tools []*converters.Tool) error {
	names := Names(Kinds(tools))
	for _, x := range o.Exceptions {
		for _, asked := range x.Kinds {
			if !slices.ContainsFunc(names, func(name string) bool { return report.Fits(asked, name) }) {
				return &correlate.OverrideError{Line: x.Line,
					Err: &report.UnknownError{Kind: "kind of findings", Name: asked, Near: names}}
			}
		}
	}
	_, err := excludes(o.Exclude)
	return err
}

func excludes(patterns []string) (list []report.Exclude, _ error) {
	for _, p := range patterns {
		x, err := report.ParseExclude(p)
		if err != nil {
			return nil, fmt.Errorf("exclude: %w", err)
		}
		list = append(list, x)
	}
	return list, nil
}

// A rulebook is the exceptions that are in force.
type rulebook []correlate.Exception

// inForce returns the exceptions that have not ended, those that end last first: a finding is accepted for as long as
// any of them lets it be.
func inForce(list []correlate.Exception, at time.Time) rulebook {
	end := func(x correlate.Exception) time.Time {
		if x.Until.IsZero() {
			return at.AddDate(1000, 0, 0)
		}
		return x.Until
	}
	left := slices.DeleteFunc(slices.Clone(list), func(x correlate.Exception) bool { return !at.Before(end(x)) })
	slices.SortStableFunc(left, func(a, b correlate.Exception) int { return end(b).Compare(end(a)) })
	return left
}

// marks are the tags of each exception, as a survey takes them.
func (b rulebook) marks() ([][]report.Exclude, error) {
	lists := make([][]report.Exclude, len(b))
	for i := range b {
		for _, tag := range b[i].Tags {
			x, err := report.ParseExclude("tag:" + strings.TrimPrefix(tag, "tag:"))
			if err != nil {
				return nil, fmt.Errorf("exceptions: %w", err)
			}
			lists[i] = append(lists[i], x)
		}
	}
	return lists, nil
}

// of returns the exception that lets a finding about a machine be, nil for none. The machine may be gone: then it has no
// serial number and no tags.
func (b rulebook) of(f *graph.Finding, m *report.Examined) *graph.Exception {
	for i := range b {
		x := &b[i]
		fits := anyFits(x.Kinds, f.Kind) && anyFits(x.Machines, f.Name, m.Serial, string(f.Device)) &&
			anyFits(x.Customers, f.Organization) && (x.Tags == nil || m.Marked(i))
		if fits {
			return &graph.Exception{Reason: x.Reason, Owner: x.Owner, Until: x.Until}
		}
	}
	return nil
}

// anyFits reports whether one of the globs fits one of the texts; no globs fit everything.
func anyFits(globs []string, texts ...string) bool {
	return globs == nil || slices.ContainsFunc(globs, func(g string) bool {
		return slices.ContainsFunc(texts, func(text string) bool { return report.Fits(g, text) })
	})
}
