package main

import (
	"bytes"
	"cmp"
	"context"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strings"

	"github.com/spf13/cobra"

	"assetgraph/internal/config"
	"assetgraph/internal/settings"
)

func (a *app) configCommand() *cobra.Command {
	c := &cobra.Command{
		Use:   "config",
		Short: "The configuration file: check it, show what is in force, encrypt its secrets",
		Long: "A configuration file holds any number of instances of each product, how often each is due, and where the graph lies. " +
			"It is the file that --config names, else " + settings.ConfigFile + ", else " + config.DefaultFile +
			" when it is there; without one, environment variables make one instance of each product. docs/configuration.md describes it.",
		Args: cobra.NoArgs,
	}
	c.AddCommand(a.configCheckCommand(), a.configShowCommand(), a.configSchemaCommand(), a.configEncryptCommand(),
		a.configEditCommand())
	return c
}

// configFile returns the name of the configuration file, "" when there is none.
func (a *app) configFile() string {
	if name := cmp.Or(a.flags.config, a.env.Get(settings.ConfigFile)); name != "" {
		return name
	}
	if _, err := os.Stat(config.DefaultFile); err == nil {
		return config.DefaultFile
	}
	return ""
}

// loadConfig reads the configuration file, if there is one.
func (a *app) loadConfig(ctx context.Context) (err error) {
	name := a.configFile()
	if name == "" {
		return nil
	}
	a.conf, a.problems = config.Load(ctx, name, a.providers, a.env)
	if unused := a.conf.Unused(a.providers); len(unused) > 0 {
		verb := map[bool]string{true: "is", false: "are"}[len(unused) == 1]
		a.lookAlikes = append(a.lookAlikes, fmt.Sprintf("%s %s not read: %s says which instances there are, and may refer to a variable as ${NAME}",
			strings.Join(unused, ", "), verb, name))
	}
	if a.lenient {
		return nil
	}
	var first *config.Problem
	for i, p := range a.problems {
		switch {
		case p.Warning:
			a.logger.Warn(p.Place.String() + ": " + p.Message())
		case first == nil:
			first = &a.problems[i]
		}
	}
	if first != nil {
		return usagef("nothing was contacted; "+a.again("config check")+" lists all that is wrong", "%w", first)
	}
	if a.env, err = a.conf.ProgramFrom(ctx, a.env); err != nil {
		return usagef("", "%w", err)
	}
	a.logs.conceal(secretsOf(a.env, settings.Program()))
	return nil
}

// withConfig makes the code of a command that works on the configuration file itself.
func (a *app) withConfig(f func(ctx context.Context) error) func(*cobra.Command, []string) error {
	inner := a.command(func(ctx context.Context, _ []string) error {
		if a.conf == nil {
			return usagef(a.program+" init makes one; docs/configuration.md has an example",
				"there is no configuration file: no --config, no %s, no %s here", settings.ConfigFile,
				config.DefaultFile)
		}
		return f(ctx)
	})
	return func(c *cobra.Command, args []string) error {
		a.lenient = true
		return inner(c, args)
	}
}

func (a *app) configCheckCommand() *cobra.Command {
	return &cobra.Command{
		Use:   "check",
		Short: "List all mistakes of the configuration file, one a line as FILE:LINE:COLUMN",
		Long: "Lists all mistakes of the configuration file and of what it includes at once, one a line as FILE:LINE:COLUMN, with instance and key. " +
			"Looks up variables, files and what is encrypted, runs no command and contacts nothing: `execute check` signs in.\n\n" +
			"Exit codes: 0 no mistakes (warnings are none), 2 mistakes.",
		Example:     "  execute config check\n  execute config check --config /etc/assetgraph/assetgraph.yaml --output json",
		Args:        cobra.NoArgs,
		Annotations: outputs("text", "json"),
		RunE:        a.withConfig(a.configCheck),
	}
}

// mistake is a config.Problem as JSON.
type mistake struct {
	File     string `json:"file"`
	Line     int    `json:"line"`
	Column   int    `json:"column"`
	Instance string `json:"instance"`
	Key      string `json:"key"`
	Text     string `json:"text"`
	Warning  bool   `json:"warning"`
}

func (a *app) configCheck(ctx context.Context) error {
	found := a.problems
	if !found.Fatal() {
		found = append(found, a.conf.Examine(ctx)...)
	}
	for _, note := range a.lookAlikes {
		found = append(found, config.Problem{Place: config.Place{File: "environment"}, Text: note, Warning: true})
	}
	var err error
	if found.Fatal() {
		err = outcome(exitUsage)
	}
	if a.flags.output == "json" {
		list := make([]mistake, 0, len(found))
		for _, p := range found {
			list = append(list, mistake{p.File, p.Line, p.Column, p.Instance, p.Key, p.Text, p.Warning})
		}
		return errors.Join(a.printJSON(list), err)
	}
	for _, p := range found {
		fmt.Fprintln(a.stdout, singleLine(p.String()))
	}
	if err == nil {
		fmt.Fprintf(a.stdout, "%s: %s, no mistakes. Next\n  %s\n", strings.Join(a.conf.Files, ", "),
			counted(len(a.conf.Instances), "instance", "instances"), a.again("check"))
	}
	return err
}

func (a *app) configShowCommand() *cobra.Command {
	return &cobra.Command{
		Use:   "show",
		Short: "What is in force after defaults and includes, secrets masked, and where each value comes from",
		Long: "Prints what is in force after defaults and includes, and where each value comes from. Secrets are masked; " +
			"what commands give is not asked for.",
		Example:     "  execute config show\n  execute config show --output json",
		Args:        cobra.NoArgs,
		Annotations: outputs("text", "json"),
		RunE:        a.withConfig(a.configShow),
	}
}

func (a *app) configShow(context.Context) error {
	if first := a.problems; first.Fatal() {
		return usagef(a.again("config check")+" lists all that is wrong", "%w", first)
	}
	list := a.conf.Show()
	if a.flags.output == "json" {
		return a.printJSON(list)
	}
	width := 0
	for _, s := range list {
		width = max(width, len(s.Key)+2+len(singleLine(s.Value)))
	}
	width = min(width, 44)
	instance := ""
	for _, s := range list {
		if s.Instance != instance {
			instance = s.Instance
			fmt.Fprintf(a.stdout, "\n%s\n", instance)
		}
		indent := ""
		if instance != "" {
			indent = "  "
		}
		fmt.Fprintf(a.stdout, "%s%-*s  # %s\n", indent, width, s.Key+": "+singleLine(s.Value), singleLine(s.From))
	}
	return nil
}

func (a *app) configSchemaCommand() *cobra.Command {
	return &cobra.Command{
		Use:   "schema",
		Short: "A JSON Schema of the configuration file, for editors",
		Long: "Prints a JSON Schema of the configuration file. Editors that know YAML schemas complete and check with it: put\n" +
			"# yaml-language-server: $schema=assetgraph.schema.json\ninto the first line of the file.",
		Example:     "  execute config schema >assetgraph.schema.json",
		Args:        cobra.NoArgs,
		Annotations: outputs("json"),
		RunE: a.command(func(context.Context, []string) error {
			text, err := config.Schema(a.providers)
			if err != nil {
				return err
			}
			_, err = fmt.Fprintf(a.stdout, "%s\n", text)
			return err
		}),
	}
}

func (a *app) configEncryptCommand() *cobra.Command {
	var keys []string
	var newIdentity string
	c := &cobra.Command{
		Use:   "encrypt",
		Short: "Encrypt the secrets that stand in the configuration file, with age",
		Long: "Replaces every secret that stands in the configuration file, or in a file that it includes, by what only the holder of the private key can read. " +
			"Nothing else of the file changes. Public keys are those of the file, age: [age1…], or given here. " +
			"A run opens them with the private key in the file that " + settings.AgeIdentity + " names.",
		Example:     "  execute config encrypt --new-identity /etc/assetgraph/age.key\n  execute config encrypt --recipient age1ql3z7hjy54pw3hyww5ayyfg7zqgvc7w3j2elw8zmrj2kg5sfn9aqmcac8p",
		Args:        cobra.NoArgs,
		Annotations: outputs("text"),
		RunE: a.withConfig(func(context.Context) error {
			if a.problems.Fatal() {
				return usagef(a.again("config check")+" lists all that is wrong", "%w", a.problems)
			}
			if newIdentity != "" {
				key, err := config.NewIdentity(newIdentity)
				if err != nil {
					return usagef("", "--new-identity: %w", err)
				}
				fmt.Fprintf(a.stdout, "%s has the private key; keep a copy, and let nobody else read it. Its public key is\n  %s\n", newIdentity, key)
				keys = append(keys, key)
			}
			n, err := a.conf.Encrypt(keys)
			if err != nil {
				return usagef("", "%w", err)
			}
			fmt.Fprintf(a.stdout, "%s encrypted in %s\n", counted(n, "secret", "secrets"), strings.Join(a.conf.Files, ", "))
			return nil
		}),
	}
	c.Flags().StringArrayVar(&keys, "recipient", nil, "public `key` of age that may open them; repeatable")
	c.Flags().StringVar(&newIdentity, "new-identity", "", "make a private key in this new `file`, and encrypt to it")
	return c
}

func (a *app) configEditCommand() *cobra.Command {
	var keys []string
	c := &cobra.Command{
		Use:   "edit",
		Short: "Edit the configuration file with its encrypted secrets readable",
		Long: "Opens the configuration file in $VISUAL or $EDITOR with what is encrypted readable, as !age \"text\". " +
			"What is so marked is encrypted again when the editor ends: write new secrets like that. " +
			"The readable text lies in a folder of its own that only you may read, and is removed. A file with mistakes is not taken over.",
		Example:     "  execute config edit",
		Args:        cobra.NoArgs,
		Annotations: outputs("text"),
		RunE:        a.withConfig(func(ctx context.Context) error { return a.configEdit(ctx, keys) }),
	}
	c.Flags().StringArrayVar(&keys, "recipient", nil, "public `key` of age that may open them, where the file names none; repeatable")
	return c
}

func (a *app) configEdit(ctx context.Context, keys []string) error {
	editor := strings.Fields(cmp.Or(a.env.Get("VISUAL"), a.env.Get("EDITOR"), "vi"))
	before, err := a.conf.Opened()
	if err != nil {
		return usagef("", "%w", err)
	}
	folder, err := os.MkdirTemp("", "assetgraph-edit-")
	if err != nil {
		return err
	}
	defer func() { _ = os.RemoveAll(folder) }() // says nothing new when it fails
	name := filepath.Join(folder, filepath.Base(a.conf.Files[0]))
	if err := os.WriteFile(name, before, 0o600); err != nil {
		return err
	}
	c := exec.CommandContext(ctx, editor[0], append(editor[1:], name)...)
	c.Stdin, c.Stdout, c.Stderr = os.Stdin, os.Stdout, os.Stderr
	if err := c.Run(); err != nil {
		return &hintedError{err: fmt.Errorf("editor %s: %w", editor[0], err), hint: "nothing was changed; set EDITOR to another one"}
	}
	after, err := os.ReadFile(name)
	switch {
	case err != nil:
		return err
	case bytes.Equal(after, before):
		fmt.Fprintln(a.stdout, "nothing was changed")
		return nil
	}
	closed, err := a.conf.Closed(after, keys)
	if err != nil {
		return usagef("nothing was changed", "%w", err)
	}
	problems, err := a.conf.Replace(ctx, a.providers, closed)
	switch {
	case err != nil:
		return err
	case problems.Fatal():
		return usagef("what you wrote is in "+a.conf.Rejected()+", encrypted; the file itself was not changed",
			"%w", problems)
	}
	fmt.Fprintf(a.stdout, "%s was written\n", a.conf.Files[0])
	return nil
}
