package main

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"os/exec"
	"path/filepath"
	"time"

	"assetgraph/internal/executor"
)

// A report is what the bench reads of the JSON that a run prints.
type report struct {
	Run struct {
		StartedAt time.Time `json:"startedAt"`
		Status    string    `json:"status"`
	} `json:"run"`
	Totals        executor.Counts            `json:"totals"`
	Entities      map[string]executor.Counts `json:"entities"`
	Relationships map[string]executor.Counts `json:"relationships"`
	Steps         []executor.StepReport      `json:"steps"`
	Phases        map[string]float64         `json:"phases"`
}

// writes is how many elements the run wrote or deleted.
func (r *report) writes() int {
	return r.Totals.Created + r.Totals.Updated + r.Totals.Refreshed + r.Totals.Deleted
}

// A target is a graph that runs write to.
type target struct {
	store string
	url   string            // as --graph takes it
	file  string            // of an embedded one
	env   map[string]string // credentials of the other
}

// newTarget returns an empty graph of the store. A Neo4j that was there before is gone then.
func (f *fleet) newTarget(ctx context.Context, store string) (*target, error) {
	if store == neo4jStore {
		return f.session.freshServer(ctx)
	}
	file := filepath.Join(f.session.folder, fmt.Sprintf("graph-%d-%d.db", f.machines, time.Now().UnixNano()))
	return &target{store: store, url: "sqlite:" + file, file: file}, nil
}

// first loads the fleet into a new graph, which later runs of the same store use.
func (f *fleet) first(ctx context.Context, store string) (sample, error) {
	if old := f.graphs[store]; old != nil {
		f.session.discard(old)
	}
	g, err := f.newTarget(ctx, store)
	if err != nil {
		return sample{}, err
	}
	one, err := f.run(ctx, "first", g)
	if err == nil && one.Report.writes() != one.Report.Totals.Created {
		err = fmt.Errorf("first load: %+v instead of creates alone", one.Report.Totals)
	}
	f.graphs[store] = g
	if err == nil && store == neo4jStore {
		err = f.session.settle(ctx)
	}
	return one, err
}

// loaded returns a graph that holds the fleet.
func (f *fleet) loaded(ctx context.Context, store string) (*target, error) {
	if g := f.graphs[store]; g != nil {
		return g, nil
	}
	_, err := f.first(ctx, store)
	return f.graphs[store], err
}

// unchanged runs over a graph that holds the fleet, and requires that it writes nothing. The name is that of the
// sample.
func (f *fleet) unchanged(ctx context.Context, name, store string, args ...string) (sample, error) {
	g, err := f.loaded(ctx, store)
	if err != nil {
		return sample{}, err
	}
	return f.quiet(ctx, name, g, args...)
}

func (f *fleet) quiet(ctx context.Context, name string, g *target, args ...string) (sample, error) {
	one, err := f.run(ctx, name, g, args...)
	if err == nil && one.Report.writes() != 0 {
		err = fmt.Errorf("unchanged run wrote: %+v", one.Report.Totals)
	}
	return one, err
}

// run is one whole run of execute, from the start of its process to its end. Anything but a complete run is an error.
func (f *fleet) run(ctx context.Context, name string, g *target, args ...string) (sample, error) {
	one, out, err := f.execute(ctx, name, g, append([]string{"run", "--output", "json"}, args...)...)
	if err != nil {
		return one, err
	}
	if err := json.Unmarshal(out, &one.Report); err != nil {
		return one, fmt.Errorf("%s: its report: %w", name, err)
	}
	f.session.record(one)
	return one, nil
}

// ask is one command of execute that answers from a graph.
func (f *fleet) ask(ctx context.Context, name string, g *target, args ...string) (sample, error) {
	one, out, err := f.execute(ctx, name, g, args...)
	if err == nil && len(out) == 0 {
		err = fmt.Errorf("%s: no answer", name)
	}
	if err == nil {
		f.session.record(one)
	}
	return one, err
}

func (f *fleet) execute(ctx context.Context, name string, g *target, args ...string) (sample, []byte, error) {
	return f.timed(ctx, name, g, f.session.execute, append(args, "--log-level", "error", "--graph", g.url)...)
}

// timed runs a program from its start to its end, with the settings of the fleet and the credentials of the graph in
// its environment, and returns what it printed.
func (f *fleet) timed(
	ctx context.Context, name string, g *target, program string, args ...string,
) (sample, []byte, error) {
	cmd := exec.CommandContext(ctx, program, args...)
	cmd.Env, cmd.Dir = f.environment(g.env), f.session.folder
	var out, errs bytes.Buffer
	cmd.Stdout, cmd.Stderr = &out, &errs
	began := time.Now()
	err := cmd.Run()
	one := sample{Name: name, Store: g.store, Machines: f.machines, Seconds: time.Since(began).Seconds()}
	if err != nil {
		return one, nil, fmt.Errorf("%s: %w\n%s", name, err, errs.String())
	}
	one.CPU, one.PeakMiB = usage(cmd)
	return one, out.Bytes(), nil
}
