package main

import (
	"context"
	"fmt"
	"io"
	"iter"
	"net"
	"time"

	"github.com/spf13/cobra"

	"assetgraph/internal/report"
	"assetgraph/internal/view"
)

// viewFlags hold the flags of `view` as they were given.
type viewFlags struct {
	addr         string
	allowRemote  bool
	allowQueries bool
	cover        coverageFlags
}

const viewHelp = `Serves pages that show the graph in a browser: how fresh it is, which customers and machines lack which
tool, what is wrong with machines and since when, each machine with all evidence, what changed, the ready
questions with their rows, and what a search finds. The first line on standard output is the address to open.
It holds a token that works once, in one browser; whoever else asks is refused. An interrupt ends it.

It is for one person on this machine: it listens on a loopback address unless --allow-remote, asks nobody
outside, and opens the graph for reading alone. Nothing in it can change anything. With --allow-remote whoever
may reach the address and sees the token can read the graph, and what goes over the network is not encrypted:
a tunnel such as ssh -L is the safe way to look from elsewhere.

A page shows 1,000 rows of an answer at most and takes 30 seconds at most. Only with --allow-queries is there
a page on which people ask the graph in SQL, or in Cypher on Neo4j; it can't write either.

Figures are those of report coverage with the same --stale, --count-pending, --fitting, --exclude and --overrides.

Exit codes: 0 ended, 1 failed, 2 usage or settings.`

func (a *app) viewCommand() *cobra.Command {
	f := viewFlags{cover: coverageFlags{by: "organization"}}
	c := &cobra.Command{
		Use:   "view",
		Short: "The graph in a browser on this machine: coverage, machines, changes, questions; read-only",
		Long:  viewHelp,
		Example: `  execute view
  execute view --demo --addr 127.0.0.1:8080
  execute view --graph neo4j://localhost:7687 --allow-queries`,
		Args:        cobra.NoArgs,
		Annotations: outputs("text"),
		RunE: a.command(func(ctx context.Context, _ []string) error {
			options, err := a.coverOptions(&f.cover)
			if err != nil {
				return err
			}
			if err := checkAddress(f.addr, f.allowRemote); err != nil {
				return err
			}
			return a.withSource(ctx,
				func(ctx context.Context, s report.Source) error { return a.view(ctx, s, options, &f) })
		}),
	}
	flags := c.Flags()
	flags.SortFlags = false
	flags.StringVar(&f.addr, "addr", "127.0.0.1:0", "`HOST:PORT` to listen on; port 0 for any that is free")
	flags.BoolVar(&f.allowRemote, "allow-remote", false, "--addr may be one that other machines reach")
	flags.BoolVar(&f.allowQueries, "allow-queries", false, "a page for questions of one's own, which can't write")
	flags.StringArrayVar(&f.cover.excludes, "exclude", nil,
		"`glob` of host names, display names, types, tags or locations to leave out; repeatable")
	flags.StringVar(&f.cover.stale, "stale", "30d",
		"`time` after which a tool that was not seen is stale, such as 12h, 30d, 8w; 0 for never")
	flags.BoolVar(&f.cover.countPending, "count-pending", false, "a device that waits for approval counts as managed")
	flags.BoolVar(&f.cover.fitting, "fitting", false, "a tool lacks only where it can run: "+where(a.tools()))
	a.addOverridesFlag(c)
	return c
}

// checkAddress refuses an address that other machines reach, unless they may.
func checkAddress(addr string, remote bool) error {
	host, _, err := net.SplitHostPort(addr)
	if err != nil {
		return usagef("", "--addr %s: it has the form HOST:PORT, such as 127.0.0.1:8080", addr)
	}
	ip := net.ParseIP(host)
	if remote || host == "localhost" || ip != nil && ip.IsLoopback() {
		return nil
	}
	return usagef("--allow-remote lets others reach it, without encryption", "--addr %s is not of this machine alone",
		addr)
}

// What a page of the view shows and takes at most.
const (
	viewRows = 1000
	viewTime = 30 * time.Second

	viewPatience = 50 * time.Millisecond
)

// view serves the graph until ctx ends.
func (a *app) view(ctx context.Context, s report.Source, cover report.CoverOptions, f *viewFlags) error {
	endpoint, err := a.endpoint(ctx)
	if err != nil {
		return err
	}
	now := a.now
	if a.flags.demo {
		at, err := demoNow(ctx, s)
		if err != nil {
			return err
		}
		now = func() time.Time { return at }
	}
	v, err := view.New(view.Options{
		Source: s, Graph: endpoint.String(), Cover: cover, Now: now, Logger: a.logger, AllowQueries: f.allowQueries,
		Rows: viewRows, Time: viewTime, Patience: viewPatience, Write: writeRows,
	})
	if err != nil {
		return err
	}
	var listening net.ListenConfig
	l, err := listening.Listen(ctx, "tcp", f.addr)
	if err != nil {
		return &hintedError{err: fmt.Errorf("--addr %s: %w", f.addr, err), hint: "--addr 127.0.0.1:0 takes a free port"}
	}
	return v.Serve(ctx, l, func(address string) {
		fmt.Fprintln(a.stdout, address)
		fmt.Fprintln(a.stderr, "open this address in a browser, where it works once; an interrupt (Ctrl-C) ends the view")
	})
}

// writeRows writes rows in the form of the commands that print rows.
func writeRows(w io.Writer, form string, columns []string, rows iter.Seq[[]any]) error {
	var sink rowSink = newCSVRows(w, columns, false)
	if form == "json" {
		sink = newJSONRows(w, columns)
	}
	for row := range rows {
		if err := sink.row(row); err != nil {
			return err
		}
	}
	return sink.close()
}
