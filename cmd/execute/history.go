package main

import (
	"context"
	"encoding/json"
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/spf13/cobra"

	"assetgraph/graph"
	"assetgraph/internal/executor"
)

func (a *app) historyCommand() *cobra.Command {
	return &cobra.Command{
		Use:   "history [RUN]",
		Short: "Past runs of this graph, newest first, with counts and errors; one of them whole",
		Long: "Prints the runs that this graph remembers, newest first. --instance narrows to runs that read the instance.\n\n" +
			"With RUN, an id or as much of its beginning as no other has, or " + latest + ": that run whole, with what was read, what " +
			"changed by type, what was withheld or refused, and its warnings. What it changed one by one: changes.",
		Example:     "  execute history\n  execute history --output json\n  execute history latest\n  execute history 20261101T0600",
		Args:        cobra.MaximumNArgs(1),
		Annotations: outputs("text", "json"),
		RunE: a.command(func(ctx context.Context, args []string) error {
			if len(args) == 0 {
				return a.withGraph(ctx, readOnly, a.history)
			}
			return a.withGraph(ctx, readOnly, func(ctx context.Context, store graph.Store, schema *graph.Schema) error {
				return a.historyOf(ctx, store, schema, args[0])
			})
		}),
	}
}

// pastRun is one run as `history --output json` prints it.
type pastRun struct {
	ID         string          `json:"id"`
	StartedAt  time.Time       `json:"startedAt"`
	FinishedAt *time.Time      `json:"finishedAt"` // null for a run that died or is under way
	Status     string          `json:"status"`     // "unfinished" for such a run
	Version    string          `json:"version"`
	Totals     executor.Counts `json:"totals"`
	Errors     []string        `json:"errors"`

	instances []string
}

const unfinished = "unfinished"

func (a *app) history(ctx context.Context, store graph.Store, _ *graph.Schema) error {
	runs, err := store.Runs(ctx, 0)
	if err != nil {
		return fmt.Errorf("read past runs: %w", err)
	}
	list := make([]pastRun, 0, len(runs))
	for _, r := range runs {
		p := pastRunOf(r)
		if len(a.flags.instances) == 0 ||
			slices.ContainsFunc(p.instances, func(s string) bool { return slices.Contains(a.flags.instances, s) }) {
			list = append(list, p)
		}
	}
	if a.flags.output == "json" {
		return a.printJSON(list)
	}
	_, err = fmt.Fprint(a.stdout, a.historyText(list))
	return err
}

// pastRunOf reads the run's report. One that can't be read shows as an error of that run.
func pastRunOf(r graph.Run) pastRun {
	p := pastRun{ID: r.ID, StartedAt: r.StartedAt, Status: r.Status, Version: r.Version, Errors: []string{}}
	if r.FinishedAt.IsZero() {
		p.Status = unfinished
		return p
	}
	p.FinishedAt = &r.FinishedAt
	var report executor.Report
	if err := json.Unmarshal(r.Report, &report); err != nil {
		p.Errors = append(p.Errors, "the report of this run can't be read")
		return p
	}
	p.Totals = report.Totals
	for _, s := range report.Steps {
		if s.Error != "" && !s.Excused() {
			p.Errors = append(p.Errors, fmt.Sprintf("%s %s: %s", s.Instance, s.Step, s.Error))
		}
		if !slices.Contains(p.instances, s.Instance) {
			p.instances = append(p.instances, s.Instance)
		}
	}
	return p
}

func (a *app) historyText(list []pastRun) string {
	if len(list) == 0 {
		return "No runs yet.\n"
	}
	columns := slices.Concat(columnsOf("started (UTC)", "status"),
		figures("created", "updated", "refreshed", "deleted", "withheld", "took"))
	columns[0].least, columns[1].least, columns[len(columns)-1].optional = 16, 10, true
	rows := make([][]string, 0, len(list))
	var b strings.Builder
	for _, p := range list {
		started, took := p.StartedAt.UTC().Format("2006-01-02 15:04"), "-"
		if p.FinishedAt != nil {
			took = seconds(p.FinishedAt.Sub(p.StartedAt).Seconds())
		}
		c := p.Totals
		rows = append(rows, []string{
			started, p.Status, count(c.Created), count(c.Updated), count(c.Refreshed), count(c.Deleted),
			count(c.Withheld), took,
		})
		if p.Status == unfinished {
			fmt.Fprintf(&b, "  %s  has no end: it died, or is under way\n", started)
		}
		for _, e := range p.Errors {
			fmt.Fprintf(&b, "  %s  %s\n", started, wrap(e, a.width()-20))
		}
	}
	out := a.fitted(columns, rows)
	if b.Len() > 0 {
		out += "\nErrors\n" + b.String()
	}
	return out + fmt.Sprintf("\nOne of them whole\n  %s\n", a.again("history", list[0].ID))
}
