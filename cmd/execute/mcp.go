package main

import (
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/spf13/cobra"

	"assetgraph/internal/assistant"
	"assetgraph/internal/report"
)

const mcpHelp = `Serves the answers of the reports to an AI assistant as read-only tools, by the Model Context Protocol
over standard input and output: coverage, findings, explain, changes, questions, ask, query, schema,
freshness. The assistant's program starts it and ends it; logs go to standard error. Nothing can be
written through it.

Each answer says how complete and how fresh the graph is, marks texts of machines, customers and people as
data, and is a page of bounded size. A query may take a minute.

Clients start programs in a folder of their own: name the graph in full, or the file with settings.

Claude Code
  claude mcp add assetgraph -- /usr/local/bin/execute mcp --graph sqlite:/var/lib/assetgraph/assetgraph.db
Claude Desktop, Cursor, Windsurf and others: in their JSON file with "mcpServers"
  {"mcpServers": {"assetgraph": {"command": "/usr/local/bin/execute",
    "args": ["mcp", "--graph", "sqlite:/var/lib/assetgraph/assetgraph.db"]}}}
VS Code: in .vscode/mcp.json
  {"servers": {"assetgraph": {"type": "stdio", "command": "/usr/local/bin/execute",
    "args": ["mcp", "--graph", "sqlite:/var/lib/assetgraph/assetgraph.db"]}}}
Codex
  codex mcp add assetgraph -- /usr/local/bin/execute mcp --graph sqlite:/var/lib/assetgraph/assetgraph.db
A Neo4j: --graph neo4j://HOST:7687, and its password in the file that --env-file names.

An assistant sends what it reads to whoever runs its model: names of machines, customers and people are in it.

Exit codes: 0 the client has ended, or a signal has, 1 failed, 2 usage or settings.`

func (a *app) mcpCommand() *cobra.Command {
	c := &cobra.Command{
		Use:         "mcp",
		Short:       "Answer an AI assistant: read-only tools by the Model Context Protocol",
		Long:        mcpHelp,
		Example:     "  execute mcp\n  execute mcp --demo\n  execute mcp --env-file /etc/assetgraph.env",
		Args:        cobra.NoArgs,
		Annotations: outputs("json"),
		RunE: a.command(func(ctx context.Context, _ []string) error {
			excludes, err := a.excludes(nil)
			if err != nil {
				return err
			}
			if a.flags.demo {
				if err := a.loadDemo(ctx); err != nil {
					return err
				}
			}
			return a.withSource(ctx, func(ctx context.Context, s report.Source) error {
				return a.assist(ctx, s, excludes)
			})
		}),
	}
	a.addOverridesFlag(c)
	return c
}

// assist answers the assistant on the other side of standard input and output. That a signal or --timeout ends it is no
// failure: it has no end of its own.
func (a *app) assist(ctx context.Context, s report.Source, excludes []report.Exclude) error {
	now := a.now
	if a.flags.demo {
		at, err := demoNow(ctx, s)
		if err != nil {
			return err
		}
		now = func() time.Time { return at }
	}
	if a.isTerminal(a.stdin) {
		fmt.Fprintf(a.stderr, "note: this waits for an assistant's program, which starts it; %s mcp --help says how\n", a.program)
	}
	err := assistant.Serve(ctx, assistant.Options{
		Source: s, Version: thisBuild().Version, Now: now, Excludes: excludes, Logger: a.logger,
	}, a.stdin, a.stdout)
	if err == nil || ctx.Err() != nil && errors.Is(err, ctx.Err()) {
		return nil
	}
	return &hintedError{err: fmt.Errorf("talk to the assistant: %w", err),
		hint: "standard input has to be the Model Context Protocol, one message a line; " + a.program + " mcp --help says how"}
}
