package main

import (
	"context"
	"encoding/json"
	"fmt"
	"strings"

	"assetgraph/graph"
	"assetgraph/internal/executor"
	"assetgraph/internal/report"
)

// latest names the newest run.
const latest = "latest"

// wholeRun is one run as `history RUN --output json` prints it.
type wholeRun struct {
	pastRun

	// Report is what `run --output json` printed, without single changes and the coverage of each customer; null for a run
	// that died or is under way.
	Report *executor.Report `json:"report"`
}

// historyOf prints one run whole.
func (a *app) historyOf(ctx context.Context, store graph.Store, schema *graph.Schema, name string) error {
	runs, err := store.Runs(ctx, 0)
	if err != nil {
		return fmt.Errorf("read past runs: %w", err)
	}
	r, err := a.chosenRun(runs, name)
	if err != nil {
		return err
	}
	whole := wholeRun{pastRun: pastRunOf(*r)}
	var done executor.Report
	if whole.FinishedAt != nil && json.Unmarshal(r.Report, &done) == nil {
		whole.Report = complete(&done)
	}
	if a.flags.output == "json" {
		return a.printJSON(whole)
	}
	text := fmt.Sprintf("Run %s: %s\n  started %s, by %s\n", r.ID, whole.Status, day(r.StartedAt), singleLine(r.Version))
	switch {
	case whole.Report != nil:
		text = summary{app: a, report: whole.Report, schema: schema}.past()
	case whole.FinishedAt == nil:
		text += "  It has no end: it died, or is under way.\n"
	default:
		text += "  " + strings.Join(whole.Errors, "\n  ") + "\n"
	}
	_, err = fmt.Fprint(a.stdout, text)
	return err
}

// chosenRun returns the newest run, that of an id, or the one whose id begins so.
func (a *app) chosenRun(runs []graph.Run, name string) (*graph.Run, error) {
	var found []*graph.Run
	ids := make([]string, 0, len(runs))
	for i := range runs { // newest first
		r := &runs[i]
		if r.ID == name || name == latest {
			return r, nil
		}
		if strings.HasPrefix(r.ID, name) {
			found = append(found, r)
		}
		ids = append(ids, r.ID)
	}
	hint := a.again("history", "--output", "json") + " has all ids"
	switch {
	case len(runs) == 0:
		return nil, usagef("", "there are no runs yet")
	case len(found) == 0:
		return nil, usagef(hint, "%w", &report.UnknownError{Kind: "run", Name: name, Near: ids[:min(3, len(ids))]})
	case len(found) > 1:
		return nil, usagef(hint, "%s is the beginning of %d runs, such as %s and %s", name, len(found), found[0].ID,
			found[1].ID)
	}
	return found[0], nil
}
