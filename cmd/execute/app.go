package main

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"os"
	"slices"
	"strconv"
	"strings"
	"sync"
	"sync/atomic"
	"time"

	"github.com/spf13/cobra"
	"golang.org/x/term"

	"assetgraph/collectors"
	"assetgraph/internal/config"
	"assetgraph/internal/executor"
	"assetgraph/internal/notify"
	"assetgraph/internal/panics"
	"assetgraph/internal/providers"
	"assetgraph/internal/settings"
	"assetgraph/internal/simulator"
)

// app is one invocation of the program: its streams, its environment and what the flags say.
type app struct {
	args      []string
	program   string // how people started it, for hints
	providers providers.List
	env       settings.Environment
	stdin     io.Reader
	stdout    *stream
	stderr    io.Writer
	logs      *lineWriter
	lines     slog.Handler // writes what is logged
	logger    *slog.Logger
	unmarked  *slog.Logger // the same without the run's id, which the executor adds itself; nil outside of runs
	flags     flags
	runID     string  // of the run or plan that is under way, "" for other commands
	given     []given // flags of the command alone that were given
	softCodes []int   // exit codes that --soft-exit makes 0
	started   bool    // a command's own code was reached; errors before that are usage errors
	atEnd     string  // what an interrupt leaves behind, "" = what that of a run does

	told            atomic.Bool      // others know of the run or plan
	publishing      sync.Mutex       // held while metrics are handed on
	report          *executor.Report // of the run or plan, nil when it did not begin
	notifier        *notify.Notifier // nil when nobody wants to know
	configuredNames []string         // of the instances, nil while not known

	settingsFile string   // that was read, "" for none
	lookAlikes   []string // what LookAlikes says of the environment

	shared collectors.Shared // limits of hosts

	fault *simulator.Fault // that the demo shows, nil for none

	conf     *config.Config // of the configuration file, nil for none
	problems config.Problems
	lenient  bool // the command looks at the problems itself

	isTerminal func(stream any) bool
	now        func() time.Time
}

// flags holds the values of all flags.
type flags struct {
	envFile   string
	config    string
	graph     string
	instances []string
	logLevel  string
	logFormat string
	timeout   time.Duration
	output    string
	demo      bool
	demoDay   int
	breaks    string // the fault that --break names
	raw       bool
	vertical  bool

	details        bool
	overrides      string
	maxDeletes     string
	approve        []string
	requestTimeout time.Duration
	retryTime      time.Duration
	pageSize       int
	pace           string
	refreshAfter   time.Duration
	changes        string
	verify         bool
	lease          time.Duration
	wait           time.Duration
	metricsFile    string
	metricsPush    string
	softExit       []string
	exitCode       bool // of a plan: tell by it whether there is something to do

	profiles profiles
}

func newApp(args, environ []string, stdin io.Reader, stdout, stderr io.Writer) *app {
	logs := &lineWriter{w: stderr}
	a := &app{args: args[1:], program: programName(args[0]), providers: providers.All(),
		env: settings.FromList(environ), stdin: stdin, stderr: logs, logs: logs,
		logger: slog.New(slog.DiscardHandler), isTerminal: isTerminal, now: time.Now}
	a.stdout = &stream{w: stdout, form: a.form, colours: newColours()}
	return a
}

func isTerminal(w any) bool {
	if s, ok := w.(*stream); ok {
		w = s.w
	}
	f, ok := w.(*os.File)
	return ok && term.IsTerminal(int(f.Fd()))
}

// width returns the width of the terminal that stdout is, else what COLUMNS says, else 80.
func (a *app) width() int {
	const other, least = 80, 40
	if w := terminalWidth(a.stdout.w); w >= least {
		return w
	}
	if n, err := strconv.Atoi(a.env["COLUMNS"]); err == nil && n >= least {
		return n
	}
	return other
}

// form returns in which form the output that the flags ask for goes to stdout.
func (a *app) form() form {
	switch {
	case a.flags.output == "json":
		return jsonForm
	case a.flags.output == "csv" && !a.isTerminal(a.stdout):
		return rawForm
	}
	return textForm
}

// terminalWidth returns how many columns the terminal has that w is, 0 when it is none or does not say.
func terminalWidth(w io.Writer) int {
	f, ok := w.(*os.File)
	if !ok {
		return 0
	}
	n, _, err := term.GetSize(int(f.Fd()))
	if err != nil {
		return 0
	}
	return n
}

// colours reports whether stdout may be coloured.
func (a *app) colours() bool {
	return a.isTerminal(a.stdout) && a.env[settings.NoColor] == "" && a.env["TERM"] != "dumb"
}

func (a *app) execute(ctx context.Context) int {
	ctx, stop := untilSignal(ctx, a.stderr)
	defer stop()
	root := a.rootCommand()
	root.SetArgs(a.args)
	root.SetIn(a.stdin)
	root.SetOut(a.stdout)
	root.SetErr(a.stderr)
	err := panics.Do(func() error { return root.ExecuteContext(ctx) })
	if _, is := errors.AsType[outcome](err); err != nil && !is && !a.started && panics.Of(err) == nil {
		err = &usageError{err: err, hint: fmt.Sprintf("see %s --help", a.program)}
	}
	a.stdout.flush()
	code := exitCode(err)
	if a.isSoft(code) {
		code = exitDone
	}
	a.logOutcome(err, code)
	a.complain(err)
	return code
}

// atEnd says what a run that is interrupted leaves behind.
const atEnd = "what was written stays and is whole; the next run does the rest"

// command wraps the code of a command with what all commands share: checked flags, settings from the file, logs and the
// limit on time. outputs are the values that --output may have; the first is the default.
func (a *app) command(f func(ctx context.Context, args []string) error) func(*cobra.Command, []string) error {
	return func(c *cobra.Command, args []string) error {
		a.started = true
		a.given = givenFlags(c)
		if err := a.prepare(c); err != nil {
			return err
		}
		stop, err := a.flags.profiles.start()
		if err != nil {
			return err
		}
		ctx := c.Context()
		if a.flags.timeout > 0 {
			limited, cancel := context.WithTimeoutCause(ctx, a.flags.timeout,
				fmt.Errorf("not done within --timeout %s", a.flags.timeout))
			defer cancel()
			ctx = limited
		}
		err = errors.Join(f(ctx, args), stop())
		if err != nil && ctx.Err() != nil && panics.Of(err) == nil {
			return &hintedError{err: context.Cause(ctx), hint: cmp.Or(a.atEnd, atEnd)}
		}
		return err
	}
}

func (a *app) prepare(c *cobra.Command) error {
	if err := a.chooseOutput(c); err != nil {
		return err
	}
	if a.flags.raw && a.flags.output != "csv" {
		return usagef("", "--raw is for --output csv; every other form has texts as they are")
	}
	if a.flags.timeout < 0 {
		return usagef("", "--timeout must not be negative")
	}
	if err := a.openLog(); err != nil {
		return err
	}
	return a.loadSettings(c.Context())
}

// chooseOutput settles what --output is of what a command knows; the first is the default.
func (a *app) chooseOutput(c *cobra.Command) error {
	known := outputsOf(c)
	if a.flags.output == "" {
		a.flags.output = known[0]
	}
	if !slices.Contains(known, a.flags.output) {
		return usagef("", "--output %s: this command knows %s", a.flags.output, strings.Join(known, ", "))
	}
	return nil
}

const outputsAnnotation = "outputs"

// outputs says in a command's Annotations what --output may be of it; the first is the default.
func outputs(known ...string) map[string]string {
	return map[string]string{outputsAnnotation: strings.Join(known, " ")}
}

func outputsOf(c *cobra.Command) []string { return strings.Fields(c.Annotations[outputsAnnotation]) }
