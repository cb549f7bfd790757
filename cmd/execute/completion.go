package main

import (
	"context"
	"fmt"
	"io"
	"slices"
	"strings"
	"time"
	"unicode"

	"github.com/spf13/cobra"
	"github.com/spf13/pflag"

	"assetgraph/graph"
	"assetgraph/internal/findings"
	"assetgraph/internal/report"
)

const completionHelp = `Prints a script that has the shell complete commands, flags and their values: names of questions,
types, instances, customers and machines among them, which are read from the settings and the graph.

  bash        execute completion bash > /etc/bash_completion.d/execute
              needs the package bash-completion
  zsh         execute completion zsh > "${fpath[1]}/_execute"
              needs autoload -U compinit; compinit
  fish        execute completion fish > ~/.config/fish/completions/execute.fish
  powershell  execute completion powershell | Out-String | Invoke-Expression
              in the profile

A new shell has it. The program must be found by the name execute.`

func shells() []string { return []string{"bash", "zsh", "fish", "powershell"} }

func (a *app) completionCommand() *cobra.Command {
	var bare bool
	c := &cobra.Command{
		Use:       "completion " + strings.Join(shells(), "|"),
		Short:     "A script that has bash, zsh, fish or PowerShell complete commands and values",
		Long:      completionHelp,
		Example:   "  execute completion bash > /etc/bash_completion.d/execute",
		ValidArgs: shells(),
		Args:      exactArgs(1, "the shell ("+strings.Join(shells(), ", ")+")"),
		RunE: func(c *cobra.Command, args []string) error {
			if !slices.Contains(shells(), args[0]) {
				return fmt.Errorf("completion %s: known are %s", args[0], strings.Join(shells(), ", "))
			}
			a.started = true
			return writeCompletion(c.Root(), a.stdout, args[0], !bare)
		},
	}
	c.Flags().BoolVar(&bare, "no-descriptions", false, "complete without descriptions")
	return c
}

// bashBreaks has bash take @ for a part of a word, as in query @infected-and-offline. By default a new word begins there.
const bashBreaks = "COMP_WORDBREAKS=${COMP_WORDBREAKS//@/}\n\n"

func writeCompletion(root *cobra.Command, w io.Writer, shell string, described bool) error {
	switch shell {
	case "bash":
		if _, err := io.WriteString(w, bashBreaks); err != nil {
			return err
		}
		return root.GenBashCompletionV2(w, described)
	case "zsh":
		if described {
			return root.GenZshCompletion(w)
		}
		return root.GenZshCompletionNoDesc(w)
	case "fish":
		return root.GenFishCompletion(w, described)
	}
	if described {
		return root.GenPowerShellCompletionWithDesc(w)
	}
	return root.GenPowerShellCompletion(w)
}

// completeValues has the shell complete the values of flags, by their names, and the arguments of commands. Nothing that
// goes wrong while it looks for them is said: people are in the middle of a line.
func (a *app) completeValues(root *cobra.Command) {
	root.CompletionOptions.SetDefaultShellCompDirective(cobra.ShellCompDirectiveNoFileComp)
	files := func(*cobra.Command, []string, string) ([]string, cobra.ShellCompDirective) {
		return nil, cobra.ShellCompDirectiveDefault
	}
	customers := completion(func(c *cobra.Command, begin string) []string {
		return a.inGraph(c.Context(), begin, "select name from organization", "MATCH (o:organization) RETURN o.name")
	})
	machines := completion(func(c *cobra.Command, begin string) []string {
		return a.inGraph(c.Context(), begin, "select hostname from device", "MATCH (d:device) RETURN d.hostname")
	})
	flags := map[string]cobra.CompletionFunc{
		"config": files, "env-file": files, "file": files, "metrics-file": files, "overrides": files,
		"program": files, "directory": files, "billed": files, "all": files,
		"check": joined(report.CheckNames()...),
		"graph": func(c *cobra.Command, args []string, begin string) ([]string, cobra.ShellCompDirective) {
			list, directive := words("sqlite:", "neo4j://", "neo4j+s://", "bolt://", "bolt+s://")(c, args, begin)
			return list, directive | cobra.ShellCompDirectiveNoSpace
		},
		"output":     completion(func(c *cobra.Command, _ string) []string { return outputsOf(c) }),
		"log-level":  words(logLevels()...),
		"log-format": words(logFormats()...),
		"soft-exit":  joined(softExitWords()...),
		"instance":   completion(func(c *cobra.Command, _ string) []string { return a.knownInstances(c.Context()) }),
		"type":       completion(func(*cobra.Command, string) []string { return a.knownTypes() }),
		"by": completion(func(c *cobra.Command, _ string) []string {
			if c.Name() == "trend" {
				return []string{"organization", "day"}
			}
			return []string{"organization", "device"}
		}),
		"tool":         joined(a.toolNames()...),
		"os":           joined("windows", "darwin", "linux", "ios", "android", "other"),
		"missing":      joined(report.MissingWords(a.tools())...),
		"kind":         joined(findings.Names(findings.Kinds(a.tools()))...),
		"state":        joined("open", "reopened", "accepted", "closed", "all"),
		"sort":         completion(a.columnsToSortBy),
		"organization": customers, "customer": customers, "key": machines, "machine": machines,
	}
	walk(root, func(c *cobra.Command) {
		c.NonInheritedFlags().VisitAll(func(f *pflag.Flag) {
			if complete := flags[f.Name]; complete != nil {
				_ = c.RegisterFlagCompletionFunc(f.Name, complete) // fails for a flag that has one, or that is not there
			}
		})
		switch c.Name() {
		case "query":
			c.ValidArgsFunction = first(completion(func(*cobra.Command, string) []string { return questions() }))
		case "explain":
			c.ValidArgsFunction = first(machines)
		case "customer":
			c.ValidArgsFunction = first(customers)
		case "history":
			c.ValidArgsFunction = first(completion(func(c *cobra.Command, begin string) []string {
				ids := a.inGraph(c.Context(), begin, "select id from graph_run order by id desc",
					"MATCH (r:AssetgraphRun) RETURN r.id ORDER BY r.id DESC")
				return append([]string{latest}, ids...)
			}))
		}
	})
}

// walk calls visit for a command and all below it.
func walk(c *cobra.Command, visit func(*cobra.Command)) {
	visit(c)
	for _, sub := range c.Commands() {
		walk(sub, visit)
	}
}

// completion makes a list of values cobra's function: those that begin as what was typed, in any case.
func completion(values func(c *cobra.Command, begin string) []string) cobra.CompletionFunc {
	return func(c *cobra.Command, _ []string, begin string) ([]string, cobra.ShellCompDirective) {
		list := slices.DeleteFunc(values(c, begin), func(v string) bool { return !beginsAs(v, begin) })
		return list, cobra.ShellCompDirectiveNoFileComp
	}
}

func beginsAs(value, begin string) bool {
	return len(value) >= len(begin) && strings.EqualFold(value[:len(begin)], begin)
}

func words(list ...string) cobra.CompletionFunc {
	return completion(func(*cobra.Command, string) []string { return slices.Clone(list) })
}

// joined completes the last of several words that are joined by commas.
func joined(list ...string) cobra.CompletionFunc {
	return completion(func(_ *cobra.Command, begin string) []string {
		before := begin[:strings.LastIndexByte(begin, ',')+1]
		var values []string
		for _, word := range list {
			if !slices.Contains(strings.Split(before, ","), word) {
				values = append(values, before+word)
			}
		}
		return values
	})
}

// first completes the first argument of a command alone.
func first(complete cobra.CompletionFunc) cobra.CompletionFunc {
	return func(c *cobra.Command, args []string, begin string) ([]string, cobra.ShellCompDirective) {
		if len(args) > 0 {
			return nil, cobra.ShellCompDirectiveNoFileComp
		}
		return complete(c, args, begin)
	}
}

// loadQuietly reads the settings, and reports whether that went well. It runs no command.
func (a *app) loadQuietly(ctx context.Context) bool {
	a.stderr, a.lenient = io.Discard, true
	return a.loadSettings(ctx) == nil
}

func questions() (names []string) {
	list, _ := report.Library()
	for _, q := range list {
		names = append(names, "@"+q.Name+"\t"+q.Title)
	}
	return names
}

func (a *app) knownTypes() []string {
	schema, err := a.providers.Schema()
	if err != nil {
		return nil
	}
	return report.TypeNames(schema)
}

// knownInstances returns those that the settings configure; of the demo all.
func (a *app) knownInstances(ctx context.Context) []string {
	if !a.loadQuietly(ctx) {
		return nil
	}
	if a.flags.demo {
		var names []string
		for _, p := range a.providers {
			names = append(names, p.Name)
		}
		return names
	}
	list, err := a.configured()
	if err != nil {
		return nil
	}
	return namesOf(list)
}

func (a *app) columnsToSortBy(c *cobra.Command, begin string) []string {
	columns := report.OrganizationColumns(a.tools())
	if by, err := c.Flags().GetString("by"); err == nil && by == "device" {
		columns = report.GapColumns()
	}
	if strings.HasPrefix(begin, "-") {
		for i := range columns {
			columns[i] = "-" + columns[i]
		}
	}
	return columns
}

// Who types a line waits no longer than completionTime, and reads no more than mostCompletions.
const (
	completionTime  = 2 * time.Second
	mostCompletions = 100
)

// inGraph returns texts of the graph that begin as what was typed, in any case: what was found of them in time.
func (a *app) inGraph(ctx context.Context, begin, sql, cypher string) (values []string) {
	ctx, cancel := context.WithTimeout(ctx, completionTime)
	defer cancel()
	if !a.loadQuietly(ctx) || a.conf.RunsCommand() {
		return nil // a command may ask its user, or take long
	}
	endpoint, err := a.endpoint(ctx)
	if err != nil {
		return nil
	}
	text := sql
	if languageOf(endpoint) == report.Cypher {
		text = cypher
	}
	_ = a.withGraph(ctx, readOnly, func(ctx context.Context, store graph.Store, _ *graph.Schema) error {
		rows, err := store.Query(ctx, text)
		if err != nil {
			return err
		}
		for row, err := range rows.Rows {
			if err != nil || len(values) == mostCompletions {
				return err
			}
			value, _ := row[0].(string)
			if isCompletion(value) && beginsAs(value, begin) {
				values = append(values, value)
			}
		}
		return nil
	})
	return values
}

// isCompletion reports whether a text of others may be put into the line of a shell. What a shell takes for more than
// letters may not: it would be carried out.
func isCompletion(s string) bool {
	return s != "" && !strings.ContainsFunc(s, func(r rune) bool {
		return !unicode.IsLetter(r) && !unicode.IsDigit(r) && !strings.ContainsRune(" .,_-+@:/", r)
	})
}
