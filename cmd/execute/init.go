package main

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strings"

	"github.com/spf13/cobra"

	"assetgraph/internal/config"
	"assetgraph/internal/dialog"
	"assetgraph/internal/settings"
)

// demoConfig is the file that init writes with --demo: other commands do not take it for the real one.
const demoConfig = "demo.yaml"

func (a *app) initCommand() *cobra.Command {
	var accessible, force bool
	c := &cobra.Command{
		Use:   "init",
		Short: "Ask for accounts, sign in to each at once, and write the configuration file",
		Long: "Asks which accounts of " + and(a.titles()) + " are to be read, where each credential is to be had and what it is, signs in to each account at once, " +
			"asks where the graph lies and how secrets are to be kept, and writes the configuration file (--config, else " + config.DefaultFile + ") for its owner alone. " +
			"Nothing is written before the last question.\n\n" +
			"Where standard input is no terminal, each line of it is an answer, and an empty one takes what stands in brackets. " +
			"An answer ${NAME} refers to an environment variable.\n\n" +
			"Exit codes: 0 the file was written, 1 it was not, 2 usage or too few answers.",
		Example:     "  execute init\n  execute init --accessible --config /etc/assetgraph/assetgraph.yaml\n  execute init --demo",
		Args:        cobra.NoArgs,
		Annotations: outputs("text"),
	}
	c.RunE = func(c *cobra.Command, args []string) error {
		a.lenient = true // a file with mistakes may be replaced
		a.atEnd = nothingWritten
		return a.command(func(ctx context.Context, _ []string) error {
			return a.setUp(ctx, accessible, force)
		})(c, args)
	}
	c.Flags().BoolVar(&accessible, "accessible", false, "ask line by line, as screen readers need it (by itself with "+
		settings.Accessible+" set, on a dumb terminal and in a pipe)")
	c.Flags().BoolVar(&force, "force", false, "put a file that is there already aside, as FILE.old")
	return c
}

const nothingWritten = "nothing was written"

func (a *app) setUp(ctx context.Context, accessible, force bool) error {
	s := setup{app: a, name: cmp.Or(a.flags.config, a.env.Get(settings.ConfigFile), config.DefaultFile), suggested: a.env}
	if a.flags.demo {
		s.name = cmp.Or(a.flags.config, demoConfig)
	}
	if err := s.checkPlace(force); err != nil {
		return err
	}
	if a.flags.demo {
		server, err := a.startSimulator()
		if err != nil {
			return fmt.Errorf("start the simulator: %w", err)
		}
		defer func() { _ = server.Close() }()
		s.suggested = server.Env()
	} else if err := a.env.CheckProxy(); err != nil {
		return usagef("", "%w", err)
	}
	options := dialog.Options{In: a.stdin, Out: a.stdout, Width: min(a.checkWidth(), 80)}
	if !accessible && a.env.Get(settings.Accessible) == "" && a.env.Get("TERM") != "dumb" && a.isTerminal(a.stdout) {
		options.Terminal, _ = a.stdout.w.(*os.File)
	}
	s.dialog = dialog.New(options)
	err := s.ask(ctx)
	switch {
	case errors.Is(err, dialog.ErrEnded):
		return usagef(nothingWritten+"; each line is an answer, and an empty one takes what stands in brackets", "%w", err)
	case errors.Is(err, dialog.ErrInterrupted), errors.Is(err, errNotWanted):
		return &hintedError{err: err, hint: nothingWritten}
	}
	return err
}

// errNotWanted is the answer of people who want no file.
var errNotWanted = errors.New("stopped, as you said")

// A setup is one conversation that ends in a configuration file.
type setup struct {
	*app
	dialog    *dialog.Dialog
	name      string // of the file
	aside     string // where the one goes that is there already
	suggested settings.Environment
	draft     config.Draft
}

// checkPlace finds what would keep the file from being written, before anybody types a credential.
func (s *setup) checkPlace(force bool) error {
	if _, err := os.Stat(filepath.Dir(s.name)); err != nil {
		return usagef("make the folder, or name another file with --config", "%w", err)
	}
	if _, err := os.Lstat(s.name); err == nil {
		if !force {
			return usagef("accounts are added by an editor ("+s.again("config check")+" finds mistakes), or by another file: "+
				s.program+" init --config conf.d/more.yaml, and include: conf.d/*.yaml in the first; --force puts this one aside and makes a new one",
				"%s is there already", s.name)
		}
		s.aside = config.Aside(s.name)
	}
	return nil
}

// ask asks everything, and writes the file.
func (s *setup) ask(ctx context.Context) error {
	s.say("This makes %s: which accounts are read, with what credentials, and where the graph lies. Each account is signed in to at once. Nothing is written before the last question; Ctrl-C stops.", s.name)
	for _, step := range []func(context.Context) error{s.accounts, s.graph, s.interval, s.secrets, s.write} {
		if err := step(ctx); err != nil {
			return err
		}
	}
	return nil
}

// say prints a paragraph.
func (s *setup) say(format string, args ...any) {
	fmt.Fprintf(s.stdout, "\n%s\n\n", dialog.Wrap(fmt.Sprintf(format, args...), s.checkWidth()))
}

// interval asks how often the accounts are due.
func (s *setup) interval(ctx context.Context) (err error) {
	s.draft.Every, err = s.dialog.Ask(ctx, dialog.Question{
		Title: "Every", Default: "1h",
		Help:  "How often each account is due for `execute work`, which a scheduler starts (docs/cron.md): 30m, 1h, 1d. One account may have another time in the file.",
		Check: config.CheckEvery,
	})
	return err
}

// secrets asks how they are kept, when there are any.
func (s *setup) secrets(ctx context.Context) error {
	if !s.hasSecrets() {
		return nil
	}
	beside := config.SecretsDir(s.name)
	choice, err := s.dialog.Choose(ctx, "How are secrets kept?", "", int(config.AsTheyAre),
		"In "+s.name+" itself, which only you may read",
		"Each in a file of its own in "+beside+", which only you may read",
		"Encrypted in "+s.name+", with a new key of age")
	if err != nil {
		return err
	}
	s.draft.Secrets = config.Keeping(choice)
	if s.draft.Secrets != config.Encrypted {
		return nil
	}
	s.draft.Identity, err = s.dialog.Ask(ctx, dialog.Question{
		Title: "Key file", Default: filepath.Join(filepath.Dir(s.name), "age.key"),
		Help: "New file for the private key. Keep a copy: without it the secrets must be typed again. Keep it away from where the file itself is shared.",
		Check: func(name string) error {
			if _, err := os.Lstat(name); err == nil {
				return fmt.Errorf("%s is there already", name)
			}
			_, err := os.Stat(filepath.Dir(name))
			return err
		},
	})
	return err
}

// hasSecrets reports whether there is a secret that is no reference.
func (s *setup) hasSecrets() bool {
	literal := func(list []settings.Setting, env settings.Environment) bool {
		for _, one := range list {
			if _, reference := config.Reference(env[one.Env]); one.Secret && env[one.Env] != "" && !reference {
				return true
			}
		}
		return false
	}
	for _, in := range s.draft.Instances {
		if literal(in.Provider.Settings, in.Settings) {
			return true
		}
	}
	return literal(settings.Graph(), s.draft.Graph)
}

// write asks for the last time, writes, and says what comes next.
func (s *setup) write(ctx context.Context) error {
	names := make([]string, 0, len(s.draft.Instances))
	for _, in := range s.draft.Instances {
		names = append(names, in.Name)
	}
	help := fmt.Sprintf("%s: %s. Graph: %s.", counted(len(names), "account", "accounts"), strings.Join(names, ", "),
		s.draft.Graph[settings.GraphEndpoint])
	if s.aside != "" {
		help += fmt.Sprintf(" What is in %s now goes to %s.", s.name, s.aside)
	}
	yes, err := s.dialog.Confirm(ctx, "Write "+s.name+"?", help, true)
	if err != nil {
		return err
	}
	if !yes {
		return errNotWanted
	}
	made, err := s.draft.Write(ctx, s.name, s.aside, s.providers)
	if err != nil {
		return &hintedError{err: err, hint: nothingWritten}
	}
	fmt.Fprintf(s.stdout, "\n%s\n", dialog.Wrap("Written, for you alone: "+strings.Join(made, ", "), s.checkWidth()))
	s.printNext()
	return nil
}

func (s *setup) printNext() {
	if s.flags.demo {
		s.flags.demo, s.flags.config = false, s.name
		fmt.Fprintf(s.stdout, "\n%s\n  %s\n", dialog.Wrap("The made-up accounts end with this command. To look at the file:", s.checkWidth()),
			s.again("config show"))
		s.flags.config = ""
		fmt.Fprintf(s.stdout, "Your own accounts:\n  %s\n", s.again("init"))
		return
	}
	fmt.Fprintf(s.stdout, "\nNext\n")
	for _, command := range []string{"config check", "check", "plan", ""} {
		fmt.Fprintf(s.stdout, "  %s\n", s.again(command))
	}
	fmt.Fprintf(s.stdout, "  %s\n", s.again("schedule print", "--"+schedulers()[0]))
}
