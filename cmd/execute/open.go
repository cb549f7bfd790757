package main

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"runtime"
	"slices"
	"strings"

	"assetgraph/graph"
	"assetgraph/graph/neo4j"
	"assetgraph/graph/sqlite"
	"assetgraph/internal/report"
	"assetgraph/internal/settings"
)

// access says what a command wants of the graph.
type access uint8

const (
	write    access = iota // make it when there is none
	foresee                // read it; an empty one in memory when there is none
	readOnly               // read it; there must be one
	rewrite                // change what there is; there must be one
	examine                // read it and look for damage everywhere; there must be one
)

// check returns how thoroughly damage of a file is looked for. What only reads for people meets it when it reads.
func (w access) check() sqlite.Check {
	switch w {
	case examine:
		return sqlite.Whole
	case readOnly:
		return sqlite.Unchecked
	case write, foresee, rewrite:
	}
	return sqlite.Pages
}

func (w access) reads() bool { return w == foresee || w == readOnly || w == examine }

// open opens the graph at p. Its errors say what to do.
func (a *app) open(ctx context.Context, p settings.Endpoint, schema *graph.Schema, want access) (graph.Store, error) {
	var store graph.Store
	var err error
	if p.URI != "" {
		store, err = neo4j.Open(ctx,
			neo4j.Config{URI: p.URI, Username: p.Username, Password: p.Password, Database: p.Database,
				ReadOnly: want.reads(), Searched: report.Searched(schema, a.providers.Model())}, schema)
	} else {
		store, err = a.openFile(ctx, p, schema, want)
	}
	if want == foresee && errors.Is(err, graph.ErrNoGraph) {
		store, err = sqlite.Open(ctx, sqlite.Memory, schema, sqlite.Options{})
	}
	switch {
	case err == nil:
		if want == readOnly {
			a.warnOfIndexes(ctx, store)
		}
		return store, nil
	case errors.Is(err, graph.ErrNoGraph):
		return nil, a.noGraph(p)
	case errors.Is(err, graph.ErrDamaged):
		return nil, fmt.Errorf("%s: %w", p, err)
	case errors.Is(err, graph.ErrNotOurs):
		return nil, &hintedError{
			err: fmt.Errorf("%s: %w", p, err), hint: "name another place with --graph or " + settings.GraphEndpoint,
		}
	case errors.Is(err, graph.ErrNewerFormat):
		return nil, &hintedError{
			err: fmt.Errorf("%s: %w", p, err), hint: "use that version, or name another graph with --graph; docs/upgrade.md says how to go back",
		}
	case p.URI != "":
		return nil, &hintedError{err: fmt.Errorf("graph %s can't be opened: %w", p, err),
			hint: "is the server up, and are " + settings.GraphUsername + " and " + settings.GraphPassword +
				" right? Nothing was collected"}
	}
	return nil, &hintedError{err: fmt.Errorf("graph %s can't be opened: %w", p, err), hint: "nothing was collected"}
}

func (a *app) openFile(
	ctx context.Context, p settings.Endpoint, schema *graph.Schema, want access,
) (graph.Store, error) {
	info, err := os.Stat(p.File)
	switch {
	case errors.Is(err, fs.ErrNotExist) && want != write:
		return nil, graph.ErrNoGraph
	case err == nil:
		a.warnOfMode(p.File, info.Mode())
	}
	return sqlite.Open(ctx, p.File, schema, sqlite.Options{ReadOnly: want.reads(), Check: want.check()})
}

// warnOfIndexes says why answers about a graph take long. Whether it can tell or not, they are right.
func (a *app) warnOfIndexes(ctx context.Context, store graph.Store) {
	indexer, ok := store.(graph.Indexer)
	if !ok {
		return
	}
	if lacks, err := indexer.LacksIndexes(ctx); err == nil && lacks {
		a.logger.Warn("the first load of this graph is under way or was cut off: what follows relationships takes long " +
			"until a run has ended")
	}
}

// warnOfMode says when everybody on the machine may read or change the graph. A file of ours is made for its owner
// alone; this one was there before, or somebody wanted it so.
func (a *app) warnOfMode(file string, mode fs.FileMode) {
	if runtime.GOOS == "windows" || !mode.IsRegular() { // there the bits say nothing
		return
	}
	may := ""
	switch {
	case mode.Perm()&0o002 != 0:
		may = "change"
	case mode.Perm()&0o004 != 0:
		may = "read"
	default:
		return
	}
	a.logger.Warn(fmt.Sprintf("every user of this machine may %s %s (mode %04o); chmod 600 %s keeps it to its owner",
		may, file, mode.Perm(), shellQuote(file)))
}

func (a *app) noGraph(p settings.Endpoint) error {
	if command := a.withDemo(p); command != "" {
		return &hintedError{
			err: fmt.Errorf("%s: %w, but there is %s, the graph of --demo", p, graph.ErrNoGraph,
				strings.TrimPrefix(settings.DemoGraph, "sqlite:")), hint: "to ask that one: " + command,
		}
	}
	return &hintedError{err: fmt.Errorf("%s: %w", p, graph.ErrNoGraph), hint: "make one first: " + a.again("")}
}

// closing closes the store and adds its error to err unless there is one.
func closing(store graph.Store, err error) error {
	if closeErr := store.Close(); err == nil && closeErr != nil {
		return fmt.Errorf("close the graph: %w", closeErr)
	}
	return err
}

// withDemo returns the command line with --demo where nobody named a graph and that of the demo is the only one here,
// else "".
func (a *app) withDemo(p settings.Endpoint) string {
	byDefault, err := settings.ParseEndpoint(settings.DefaultGraph, a.env)
	demo, demoErr := settings.ParseEndpoint(settings.DemoGraph, a.env)
	if err != nil || demoErr != nil || p.URI != "" || p.File != byDefault.File || a.flags.graph != "" || a.flags.demo {
		return ""
	}
	if _, err := os.Stat(demo.File); err != nil {
		return ""
	}
	args := []string{a.program}
	for _, s := range a.args {
		args = append(args, shellQuote(s))
	}
	if i := slices.Index(args, "--"); i > 0 {
		return strings.Join(slices.Insert(args, i, "--demo"), " ")
	}
	return strings.Join(append(args, "--demo"), " ")
}
