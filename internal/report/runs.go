package report

import (
	"context"
	"encoding/json"
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/dustin/go-humanize"

	"assetgraph/graph"
)

// A pastRun is what is read of a run's record: a part of the document that `--output json` prints.
type pastRun struct {
	started time.Time

	Steps    []pastStep     `json:"steps"`
	Withheld []pastWithheld `json:"withheld"`
}

type pastStep struct {
	Instance, Step, Status string
	Records, Expected      int
}

type pastWithheld struct {
	Instance, Type string
	Deletes        int
}

// lastRuns is what the last runs say of each instance.
type lastRuns struct {
	newest graph.Run // the zero Run for a graph that knows of none
	of     map[string]*pastRun
}

// readRuns looks through the last runs for the last one that read each instance. What the program derived by itself is
// of the last run that came to an end.
func readRuns(ctx context.Context, s Source) (lastRuns, error) {
	const most = 50
	out := lastRuns{of: map[string]*pastRun{}}
	runs, err := s.Store.Runs(ctx, most)
	if err != nil {
		return out, fmt.Errorf("read past runs: %w", err)
	}
	derived := false
	for i, r := range runs {
		if i == 0 {
			out.newest = r
		}
		p := &pastRun{started: r.StartedAt}
		if r.FinishedAt.IsZero() || json.Unmarshal(r.Report, p) != nil {
			continue
		}
		read := map[string]bool{}
		for _, step := range p.Steps {
			read[step.Instance] = true
		}
		for _, w := range p.Withheld {
			read[w.Instance] = read[w.Instance] || !derived
		}
		derived = true
		for instance := range read {
			if read[instance] && out.of[instance] == nil {
				out.of[instance] = p
			}
		}
	}
	return out, nil
}

// notes says what of the last runs distorts a report.
func (l lastRuns) notes() (list []string) {
	if !l.newest.StartedAt.IsZero() && l.newest.FinishedAt.IsZero() {
		list = append(list, fmt.Sprintf("the run of %s is under way or was killed: the graph is between two states until a run comes to its end",
			l.newest.StartedAt.UTC().Format(minute)))
	}
	for _, instance := range sorted(l.of) {
		if note := l.of[instance].withheld(instance); note != "" {
			list = append(list, note)
		}
	}
	return list
}

const minute = "2006-01-02 15:04 UTC"

// withheld says what the run did not delete of an instance, "" for nothing.
func (p *pastRun) withheld(instance string) string {
	counts := map[string]int{}
	for _, w := range p.Withheld {
		if w.Instance == instance {
			counts[w.Type] += w.Deletes
		}
	}
	if len(counts) == 0 {
		return ""
	}
	var parts []string
	for _, t := range sorted(counts) {
		parts = append(parts, humanize.Comma(int64(counts[t]))+" "+t)
	}
	return fmt.Sprintf("%s: deletes are withheld since the run of %s: %s. Machines that are gone may still be counted here, as lacking what was "+
		"deleted of them elsewhere; a plan says which they are and how to let them go", instance,
		p.started.UTC().Format(minute), strings.Join(parts, ", "))
}

// withholds reports whether the last run that read the instance kept deletes of it back.
func (l lastRuns) withholds(instance string) bool {
	p := l.of[instance]
	return p != nil && p.withheld(instance) != ""
}

// unread names the steps of an instance that were not read to the end, with how far they came.
func (l lastRuns) unread(instance string) string {
	p := l.of[instance]
	if p == nil {
		return ""
	}
	var parts []string
	for _, s := range p.Steps {
		if s.Instance != instance || s.Status == "complete" {
			continue
		}
		part := s.Step
		if s.Expected > 0 {
			part += fmt.Sprintf(" (%s of %s)", humanize.Comma(int64(s.Records)), humanize.Comma(int64(s.Expected)))
		}
		parts = append(parts, part)
	}
	return strings.Join(parts, ", ")
}

func sorted[V any](m map[string]V) []string {
	list := make([]string, 0, len(m))
	for k := range m {
		list = append(list, k)
	}
	slices.Sort(list)
	return list
}
