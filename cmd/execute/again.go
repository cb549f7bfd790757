package main

import (
	"regexp"
	"slices"
	"strings"

	"github.com/spf13/cobra"
	"github.com/spf13/pflag"
)

// programName returns what people type to start the program. `go run` puts it into a folder for builds, or into one of
// its cache, which may lie anywhere: there the folder is named by a digest.
func programName(path string) string {
	if strings.Contains(path, "go-build") ||
		regexp.MustCompile(`[/\\][0-9a-f]{2}[/\\][0-9a-f]{16,}-d[/\\]`).MatchString(path) {
		return "go run ./cmd/execute"
	}
	if strings.ContainsAny(path, " '") {
		return shellQuote(path)
	}
	return path
}

// given is a flag of one command as it was given.
type given struct{ name, text string }

// givenFlags returns the flags of the command itself that were given, those that all commands have left out.
func givenFlags(c *cobra.Command) (list []given) {
	c.LocalNonPersistentFlags().VisitAll(func(f *pflag.Flag) {
		if !f.Changed {
			return
		}
		values := []string{f.Value.String()}
		if many, ok := f.Value.(pflag.SliceValue); ok {
			values = many.GetSlice()
		}
		for _, v := range values {
			text := "--" + f.Name + " " + shellQuote(v)
			switch {
			case f.NoOptDefVal != "" && v == f.NoOptDefVal:
				text = "--" + f.Name
			case f.NoOptDefVal != "":
				text = "--" + f.Name + "=" + v
			}
			list = append(list, given{f.Name, text})
		}
	})
	return list
}

// again returns the command line for another command, with the flags that were given and mean the same there.
func (a *app) again(command string, args ...string) string {
	parts := []string{a.program}
	if command != "" {
		parts = append(parts, command)
	}
	if a.flags.demo {
		parts = append(parts, "--demo")
	}
	if a.flags.envFile != "" {
		parts = append(parts, "--env-file", shellQuote(a.flags.envFile))
	}
	if a.flags.config != "" {
		parts = append(parts, "--config", shellQuote(a.flags.config))
	}
	if a.flags.graph != "" {
		parts = append(parts, "--graph", shellQuote(a.flags.graph))
	}
	if narrowed(command) {
		for _, i := range a.flags.instances {
			parts = append(parts, "--instance", shellQuote(i))
		}
	}
	for _, g := range a.given {
		if carries(command, g.name) && !slices.Contains(args, "--"+g.name) {
			parts = append(parts, g.text)
		}
	}
	return strings.Join(append(parts, args...), " ")
}

// narrowed reports whether --instance narrows what a command does; what answers questions knows a machine by all
// products together.
func narrowed(command string) bool {
	return slices.Contains([]string{"", "run", "plan", "check", "history", "changes", "clear", "export"}, command)
}

// carries reports whether a command named as a next one gets a flag of the one that ran.
func carries(command, flag string) bool {
	var flags []string
	switch command {
	case "", "run", "plan":
		flags = []string{
			"max-deletes", "overrides", "request-timeout", "retry-time", "page-size", "pace", "refresh-after", "changes", "lease",
			"wait", "demo-day",
		}
	case "changes":
		flags = []string{"since", "type", "customer", "key"}
	case "report coverage":
		flags = []string{
			"overrides", "by", "organization", "os", "exclude", "missing", "fail-over", "stale", "count-pending",
			"fitting",
		}
	}
	return slices.Contains(flags, flag)
}

// shellQuote returns s as one word for a shell.
func shellQuote(s string) string {
	if regexp.MustCompile(`^[A-Za-z0-9_@%+=:,./-]+$`).MatchString(s) {
		return s
	}
	return "'" + strings.ReplaceAll(s, "'", `'\''`) + "'"
}
