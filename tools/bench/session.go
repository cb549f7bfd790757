package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"time"

	"assetgraph/graph"
	"assetgraph/internal/neo4jserver"
	"assetgraph/internal/providers"
)

// Names of the stores, as --graph takes them.
const (
	sqliteStore = "sqlite"
	neo4jStore  = "neo4j"
)

// A session is all that the cases of one bench share.
type session struct {
	*options
	log      io.Writer
	root     string // of the working copy
	folder   string // temporary
	schema   *graph.Schema
	execute  string // the program
	simulate string
	runHelp  string // of execute run: which flags it has
	fleets   map[fleetSize]*fleet
	server   *neo4jserver.Server
	samples  []sample
	began    time.Time
}

// A sample is one process that was measured: a run of ours, or a floor.
type sample struct {
	Name     string  `json:"name"` // first, unchanged, change, …; floor-fetch, …
	Store    string  `json:"store,omitempty"`
	Machines int     `json:"machines"`
	Seconds  float64 `json:"seconds"`           // of ours: the whole process; of a floor: what it says itself
	CPU      float64 `json:"cpu"`               // seconds, user and system
	PeakMiB  float64 `json:"peakMiB,omitempty"` // resident
	Report   *report `json:"report,omitempty"`  // of ours
	Floor    *work   `json:"floor,omitempty"`   // of a floor
}

// measure runs the cases that were asked for. What was found is returned although a case failed.
func measure(ctx context.Context, o *options, log io.Writer) (_ *results, err error) {
	s, err := newSession(ctx, o, log)
	if err != nil {
		return nil, err
	}
	defer func() { err = errors.Join(err, s.close()) }()
	r := &results{Machine: describe(ctx, o, s.root)}
	if err := s.build(ctx); err != nil {
		return nil, err
	}
	for _, c := range cases() {
		if !o.wants(c) {
			continue
		}
		s.say("case %s", c.name)
		rows, caseErr := c.run(ctx, s)
		if caseErr != nil {
			caseErr = fmt.Errorf("case %s: %w", c.name, caseErr)
			rows = append(rows, row{Case: c.name, Note: caseErr.Error()})
		}
		for _, row := range rows {
			s.say("%s", row.markdown())
		}
		err = errors.Join(err, caseErr)
		r.Rows, r.Samples = append(r.Rows, rows...), s.samples
		if r.Sizes == nil { // before the fleet changes
			r.Sizes = s.sizes()
		}
		if ctx.Err() != nil {
			return r, errors.Join(err, context.Cause(ctx))
		}
	}
	return r, err
}

func newSession(ctx context.Context, o *options, log io.Writer) (*session, error) {
	s := &session{options: o, log: log, fleets: map[fleetSize]*fleet{}, began: time.Now()}
	var err error
	if s.root, err = workingCopy(ctx); err != nil {
		return nil, err
	}
	if s.schema, err = providers.All().Schema(); err != nil {
		return nil, err
	}
	s.folder, err = os.MkdirTemp("", "assetgraph-bench-")
	return s, err
}

// build makes the two programs of this working copy, unless they were made before.
func (s *session) build(ctx context.Context) error {
	folder := s.programs
	if folder == "" {
		s.say("building execute and simulate")
		folder = s.folder
		if err := buildPrograms(ctx, s.root, folder); err != nil {
			return err
		}
	}
	s.execute, s.simulate = filepath.Join(folder, "execute"), filepath.Join(folder, "simulate")
	help, err := exec.CommandContext(ctx, s.execute, "run", "--help").Output()
	s.runHelp = string(help)
	return err
}

func buildPrograms(ctx context.Context, root, folder string) error {
	cmd := exec.CommandContext(ctx, "go", "build", "-trimpath", "-o", folder, "./cmd/execute", "./tools/simulate")
	cmd.Dir = root
	if out, err := cmd.CombinedOutput(); err != nil {
		return fmt.Errorf("build the programs: %w\n%s", err, out)
	}
	return nil
}

// workingCopy is the folder of the working copy.
func workingCopy(ctx context.Context) (string, error) {
	root, err := exec.CommandContext(ctx, "go", "list", "-m", "-f", "{{.Dir}}").Output()
	if err != nil {
		return "", fmt.Errorf("find the working copy: %w", err)
	}
	return strings.TrimSpace(string(root)), nil
}

// close stops what runs and removes all files.
func (s *session) close() error {
	var errs []error
	for _, f := range s.fleets {
		errs = append(errs, f.stop())
	}
	return errors.Join(append(errs, s.stopServer(), os.RemoveAll(s.folder))...)
}

// say tells people how far the bench is.
func (s *session) say(format string, args ...any) {
	fmt.Fprintf(s.log, "%5.0fs  %s\n", time.Since(s.began).Seconds(), fmt.Sprintf(format, args...))
}

func (s *session) record(one sample) {
	s.samples = append(s.samples, one)
	s.say("%-14s %-7s %8d machines %8.2f s %8.2f s CPU %6.0f MiB", one.Name, one.Store, one.Machines, one.Seconds,
		one.CPU, one.PeakMiB)
}

// found returns the samples of a name that were taken so far.
func (s *session) found(name, store string, machines int) []sample {
	var out []sample
	for _, one := range s.samples {
		if one.Name == name && one.Store == store && one.Machines == machines {
			out = append(out, one)
		}
	}
	return out
}

// has reports whether a store is measured.
func (s *session) has(store string) bool { return slices.Contains(s.stores, store) }

// figures takes one figure of each sample.
func figures(samples []sample, figure func(sample) float64) []float64 {
	var out []float64
	for _, one := range samples {
		out = append(out, figure(one))
	}
	return out
}

// seconds is the wall clock of a sample.
func seconds(one sample) float64 { return one.Seconds }

// phase returns the seconds of one phase of a run.
func phase(name string) func(sample) float64 {
	return func(one sample) float64 { return one.Report.Phases[name] }
}
