// Command graph starts and stops a Neo4j for development, in a container where an engine answers, else as a process
// made of the server's files on Maven Central.
package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"os/signal"
	"syscall"

	"github.com/spf13/cobra"
)

// Exit codes.
const (
	exitFailed     = 1
	exitUsage      = 2
	exitNotRunning = 3 // of status
)

var (
	errNotRunning = errors.New("no graph is running")
	errUsage      = errors.New("usage")
)

func main() {
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	code := run(ctx, os.Args[1:], os.Stdout, os.Stderr)
	stop()
	os.Exit(code)
}

func run(ctx context.Context, args []string, out, log io.Writer) int {
	err := execute(ctx, args, out, log)
	switch {
	case err == nil:
		return 0
	case errors.Is(err, errNotRunning):
		fmt.Fprintln(log, err)
		return exitNotRunning
	case errors.Is(err, errUsage):
		fmt.Fprintln(log, err, "(see --help)")
		return exitUsage
	}
	fmt.Fprintln(log, "graph:", err)
	return exitFailed
}

func execute(ctx context.Context, args []string, out, log io.Writer) error {
	c := command(log)
	c.SetArgs(args)
	c.SetOut(out)
	c.SetErr(log)
	return c.ExecuteContext(ctx)
}

func command(log io.Writer) *cobra.Command {
	root := &cobra.Command{
		Use:   "graph",
		Short: "Start and stop a Neo4j for development",
		Long: `graph starts and stops a Neo4j for development on this machine.

Where a container engine answers (docker info), the server is the one of docker-compose.yml. Elsewhere it is a process
of its own, made of the server's files on Maven Central (Java 17 or newer and Maven are needed; 123 MB, fetched once), with its
data in .assetgraph/neo4j.

start and status print the three settings with which assetgraph finds the graph:

    go run ./tools/graph start >> .env
    go run ./cmd/execute

The data stay when the server is stopped. To begin anew, stop it and delete .assetgraph/neo4j, or, with an engine,
run "docker compose down --volumes".

Exit codes: 0 done; 1 failed; 2 usage; 3 status: no graph is running ("go run" itself shows them as "exit status 3" and
returns 1).`,
		SilenceUsage:  true,
		SilenceErrors: true,
		Args:          usage(cobra.NoArgs),
		RunE:          func(c *cobra.Command, _ []string) error { return c.Help() },
	}
	root.SetFlagErrorFunc(func(_ *cobra.Command, err error) error { return fmt.Errorf("%w: %w", errUsage, err) })
	root.CompletionOptions.DisableDefaultCmd = true
	root.AddCommand(
		action("start", "Start the graph, unless it runs, and print how to reach it", log, start),
		action("stop", "Stop the graph and keep its data", log, stop),
		action("status", "Print how to reach the graph", log, status),
	)
	return root
}

func usage(check cobra.PositionalArgs) cobra.PositionalArgs {
	return func(c *cobra.Command, args []string) error {
		if err := check(c, args); err != nil {
			return fmt.Errorf("%w: %w", errUsage, err)
		}
		return nil
	}
}

// action makes a command of a function that finds the graph of this working copy itself and may return how it is
// reached.
func action(name, short string, log io.Writer, do func(context.Context, *workspace) (*access, error)) *cobra.Command {
	return &cobra.Command{
		Use: name, Short: short, Args: usage(cobra.NoArgs),
		RunE: func(c *cobra.Command, _ []string) error {
			w, err := findWorkspace(log)
			if err != nil {
				return err
			}
			a, err := do(c.Context(), w)
			if err != nil || a == nil {
				return err
			}
			_, err = fmt.Fprintf(c.OutOrStdout(), "GRAPH_DB_ENDPOINT=%s\nGRAPH_DB_USERNAME=%s\nGRAPH_DB_PASSWORD=%s\n",
				a.endpoint, a.username, a.password)
			return err
		},
	}
}
