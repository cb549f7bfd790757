package main

import (
	"fmt"
	"time"

	"github.com/spf13/cobra"

	"assetgraph/internal/config"
	"assetgraph/internal/settings"
)

// rootHelp stands behind what names the products.
const rootHelp = ` completely, turns what they say into a graph of
entities and relationships, compares it with the graph that exists, and writes the difference:
into one SQLite file, or into Neo4j.

A list that was not read to its end is never taken for a shorter one: nothing of it is deleted.
Nothing to do means nothing written.

Without a command it does one run. Settings are environment variables, or stand in a file named
.env; docs/configuration.md lists them, .env.example is there to be copied. Any number of accounts
stand in a configuration file, which ` + "`execute init`" + ` writes.`

const rootExample = `  execute --demo                          a made-up fleet of 500 machines, no settings needed
  execute init                            asks for accounts, tries each, writes assetgraph.yaml
  execute check                           do the credentials work, and what would be read
  execute plan                            what a run would change; writes nothing
  execute                                 collect, compare, write; prints what changed
  execute report coverage                 which machines lack which tool, by customer
  execute findings --older-than 30d       what is wrong with machines for so long already
  execute explain LT-0042                 one machine: its records, and why they are it
  execute view                            all of it in a browser, on this machine alone
  execute query @infected-and-offline     a ready question; query --list names them
  execute query 'select name, lastSeenOn from device where not hasEdr'
  execute --graph neo4j://localhost:7687  the same into Neo4j`

func (a *app) rootCommand() *cobra.Command {
	run := a.runCommand()
	root := &cobra.Command{
		Use:           "execute",
		Short:         "Pull several products into one graph",
		Long:          "assetgraph reads " + and(a.titles()) + rootHelp + "\n\n" + exitCodes,
		Example:       rootExample,
		Version:       thisBuild().String(),
		Annotations:   run.Annotations,
		RunE:          run.RunE,
		SilenceUsage:  true,
		SilenceErrors: true,
	}
	root.SetVersionTemplate("{{.Version}}\n")
	a.addCommonFlags(root)
	a.addRunFlags(root)
	a.addDayFlag(root)
	a.addBreakFlag(root)
	root.AddCommand(run, a.planCommand(), a.workCommand(), a.checkCommand(), a.queryCommand(), a.reportCommand(), a.findingsCommand(),
		a.explainCommand(), a.viewCommand(), a.mcpCommand(), a.schemaCommand(),
		a.historyCommand(), a.changesCommand(), a.exportCommand(), a.clearCommand(), a.locksCommand(), a.configCommand(),
		a.initCommand(), a.versionCommand(), a.completionCommand(), a.manCommand(), a.scheduleCommand())
	a.completeValues(root)
	return root
}

func (a *app) addCommonFlags(root *cobra.Command) {
	f := root.PersistentFlags()
	f.SortFlags = false
	f.StringVar(&a.flags.envFile, "env-file", "",
		"`file` with settings; variables already set win (default .env when it exists)")
	f.StringVar(&a.flags.config, "config", "",
		"configuration `file` with any number of instances (default "+settings.ConfigFile+", else "+config.DefaultFile+
			" when it exists)")
	f.StringVar(&a.flags.graph, "graph", "", "`URL` of the graph: sqlite:FILE, neo4j://HOST:7687, … (default "+
		settings.GraphEndpoint+", else "+settings.DefaultGraph+")")
	f.StringArrayVar(&a.flags.instances, "instance", nil,
		"`name` of an instance to work on; repeatable (default all configured)")
	f.StringVar(&a.flags.output, "output", "",
		"`form` of the output; each command names its own (text or json for most)")
	f.BoolVar(&a.flags.demo, "demo", false, "a made-up fleet of 500 machines on loopback; default graph "+
		settings.DemoGraph)
	f.DurationVar(&a.flags.timeout, "timeout", 0,
		"`time` after which the whole command gives up, such as 30m (default none)")
	f.StringVar(&a.flags.logLevel, "log-level", "info", "`level`: debug, info, warn or error")
	f.StringVar(&a.flags.logFormat, "log-format", "text", "`form` of the logs: text or json")
	a.flags.profiles.addFlags(f)
}

func (a *app) addRunFlags(c *cobra.Command) {
	f := c.Flags()
	f.SortFlags = false
	f.BoolVar(&a.flags.details, "details", false,
		"name what changes: + created, ~ updated with old and new values, - deleted")
	f.StringVar(&a.flags.maxDeletes, "max-deletes", "10%",
		"how many deletes of one type need no approval: a `number` or a percentage")
	f.StringArrayVar(&a.flags.approve, "approve", nil,
		"approval `id` that a run or plan printed, or several joined by commas; repeatable")
	a.addOverridesFlag(c)
	f.DurationVar(&a.flags.requestTimeout, "request-timeout", 60*time.Second, "`time` for one request")
	f.DurationVar(&a.flags.retryTime, "retry-time", 2*time.Minute,
		"`time` for which one request is tried again; 0s for never")
	f.IntVar(&a.flags.pageSize, "page-size", 0,
		"most `records` to ask for at once, where a provider is too slow for larger pages (default as many as it gives)")
	f.StringVar(&a.flags.pace, "pace", "",
		"`share` of the vendors' rate limits to use, such as 0.5 where other tools ask too, or off (default "+settings.Pace+
			", else 1)")
	f.DurationVar(&a.flags.refreshAfter, "refresh-after", 6*time.Hour,
		"`time` by which times such as lastSeenOn must have moved to be written when nothing else changed; 0s for always")
	f.StringVar(&a.flags.changes, "changes", "",
		"`time` for which the change log keeps what this run changes, such as 90d, or off (default "+settings.Changes+
			", else "+keptChanges+")")
	f.BoolVar(&a.flags.verify, "verify", false,
		"read everything back and correlate all of it anew (done by itself every 24th run, and once a week)")
	f.DurationVar(&a.flags.lease, "lease", 2*time.Minute, "`time` that a run lock outlives a run that died; 1h at most")
	f.DurationVar(&a.flags.wait, "wait", 0, "`time` to wait for another run's lock (default 0s)")
	f.StringVar(&a.flags.metricsFile, "metrics-file", "",
		"`file` for node_exporter's textfile collector that is to hold the run's metrics (default "+
			settings.MetricsFile+" for a run, none for a plan)")
	f.StringVar(&a.flags.metricsPush, "metrics-push", "",
		"`URL` of a Pushgateway that is to get the run's metrics (default "+settings.MetricsPush+
			" for a run, none for a plan)")
	a.addSoftExitFlag(c)
}

// exactArgs is cobra's check with a message that says what is missing.
func exactArgs(n int, what string) cobra.PositionalArgs {
	return func(_ *cobra.Command, args []string) error {
		switch {
		case len(args) < n:
			return fmt.Errorf("%s is missing", what)
		case len(args) > n:
			return fmt.Errorf("too many arguments: %s is one argument, in quotes", what)
		}
		return nil
	}
}
