package main

import (
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"time"

	"github.com/spf13/cobra"

	"assetgraph/internal/schedule"
	"assetgraph/internal/settings"
)

const scheduleHelp = `Prints what makes a scheduler start this program: to be read, changed where it
does not fit, and put where its first line says. Nothing is installed, read or
contacted.

--config, --env-file, --graph, --instance, --timeout, --log-level and
--log-format are those of the runs; more flags of a run stand behind "--". With
a configuration file what is started is work, which does what is due, and
--timeout is after how long it begins nothing new.`

const scheduleExample = `  execute schedule print --systemd --env-file /etc/assetgraph/assetgraph.env
  execute schedule print --cron --every 30m --user monitoring
  execute schedule print --kubernetes --image registry.example.com/assetgraph:1
  execute schedule print --windows-task -- --max-deletes 25`

// schedulers are the flags of schedule print that say for whom.
func schedulers() []string { return []string{"systemd", "cron", "kubernetes", "windows-task"} }

func (a *app) scheduleCommand() *cobra.Command {
	c := &cobra.Command{
		Use:         "schedule",
		Short:       "What makes systemd, cron, Kubernetes or Windows start runs; print prints it",
		Long:        scheduleHelp,
		Args:        cobra.NoArgs,
		Annotations: outputs("text"),
		RunE: func(*cobra.Command, []string) error {
			return usagef("", "schedule needs to know for whom: execute schedule print --%s",
				strings.Join(schedulers(), "|--"))
		},
	}
	c.AddCommand(a.schedulePrintCommand())
	return c
}

func (a *app) schedulePrintCommand() *cobra.Command {
	var job schedule.Job
	c := &cobra.Command{
		Use:         "print [flags] [-- flags of a run]",
		Short:       "Print units of systemd, a crontab, a CronJob, or a task of Windows",
		Long:        scheduleHelp,
		Example:     scheduleExample,
		Annotations: outputs("text"),
		RunE: func(c *cobra.Command, args []string) error {
			a.started = true
			if err := a.chooseOutput(c); err != nil {
				return err
			}
			return a.printSchedule(c, job, args)
		},
	}
	f := c.Flags()
	f.SortFlags = false
	f.Bool("systemd", false, "a service, hardened, and its timer")
	f.Bool("cron", false, "a file for /etc/cron.d")
	f.Bool("kubernetes", false, "a CronJob; deploy/helm has a chart that can do more")
	f.Bool("windows-task", false, "a task for the Task Scheduler, as XML")
	c.MarkFlagsMutuallyExclusive(schedulers()...)
	c.MarkFlagsOneRequired(schedulers()...)
	f.DurationVar(&job.Every, "every", time.Hour, "`time` from one run to the next: a part of an hour, or of a day")
	f.StringVar(&job.Program, "program", "", "`file` of the program (default this one)")
	f.StringVar(&job.Directory, "directory", "",
		"`folder` to work in, where an embedded graph lies (default this one; for systemd /var/lib/assetgraph)")
	f.StringVar(&job.User, "user", "assetgraph", "`name` of the user who runs it under systemd or cron")
	f.StringVar(&job.Image, "image", "registry.example.com/assetgraph:latest", "container `image` for Kubernetes")
	return c
}

func (a *app) printSchedule(c *cobra.Command, job schedule.Job, more []string) error {
	given := func(name string) bool { f := c.Flag(name); return f != nil && f.Changed }
	var err error
	switch windows := given("windows-task"); {
	case a.flags.demo:
		return usagef("", "--demo is for looking around; a schedule reads real systems")
	case a.flags.timeout < 0:
		return usagef("", "--timeout must not be negative")
	case given("kubernetes"):
		// The image says which program, and where it works.
	default:
		if err = a.placesOf(&job, windows, given("systemd")); err != nil {
			return err
		}
	}
	if job.Settings, err = a.scheduledSettings(given("windows-task")); err != nil {
		return err
	}
	if job.Args, err = a.scheduledArgs(c, job.Settings.Flag == "config", more); err != nil {
		return err
	}
	job.Timeout = a.flags.timeout
	files, err := filesOf(given, job)
	if err != nil {
		hint := ""
		if errors.Is(err, schedule.ErrEvery) {
			hint = "say another --every"
		}
		return usagef(hint, "%w", err)
	}
	if job.Settings.File == "" {
		fmt.Fprintln(a.stderr, "note: no --config or --env-file: the scheduler's environment must hold the settings")
	}
	for i, f := range files {
		if i > 0 {
			fmt.Fprintln(a.stdout)
		}
		fmt.Fprint(a.stdout, f.Text)
	}
	return nil
}

func filesOf(given func(string) bool, job schedule.Job) ([]schedule.File, error) {
	if given("systemd") {
		return schedule.Systemd(job)
	}
	print := schedule.Cron
	switch {
	case given("kubernetes"):
		print = schedule.Kubernetes
	case given("windows-task"):
		print = schedule.WindowsTask
	}
	f, err := print(job)
	return []schedule.File{f}, err
}

// placesOf completes where the program is and where it works, as absolute paths of the system that it will run on.
func (a *app) placesOf(job *schedule.Job, windows, systemd bool) (err error) {
	if job.Program == "" {
		if strings.HasPrefix(a.program, "go run") {
			return usagef("go build -o execute ./cmd/execute",
				"what go run starts is gone afterwards: build the program, or name it with --program")
		}
		if job.Program, err = os.Executable(); err != nil {
			return usagef("name it with --program", "where the program lies can't be told: %w", err)
		}
	}
	if job.Directory == "" {
		if job.Directory = "/var/lib/assetgraph"; !systemd {
			if job.Directory, err = os.Getwd(); err != nil {
				return usagef("name it with --directory", "which folder this is can't be told: %w", err)
			}
		}
	}
	if job.Program, err = absolute("program", job.Program, windows); err != nil {
		return err
	}
	job.Directory, err = absolute("directory", job.Directory, windows)
	return err
}

// absolute returns an absolute path of the system that the schedule is for. On another system it must be one already.
func absolute(flag, path string, windows bool) (string, error) {
	drive := regexp.MustCompile(`^([A-Za-z]:[\\/]|\\\\)`)
	if windows && drive.MatchString(path) || !windows && strings.HasPrefix(path, "/") {
		return path, nil
	}
	if windows != (filepath.Separator == '\\') {
		return "", usagef("", "--%s %s: on the system that the schedule is for this is no absolute path", flag, path)
	}
	return filepath.Abs(path)
}

// scheduledSettings returns the settings file that the command was told of, or would find in this folder. Of two, a
// configuration file is the one that says which instances there are.
func (a *app) scheduledSettings(windows bool) (s schedule.Settings, err error) {
	s.Flag, s.File = "env-file", a.flags.envFile
	if file := a.configFile(); file != "" && (a.flags.config != "" || s.File == "") {
		s.Flag, s.File = "config", file
	}
	if _, missing := os.Stat(settings.DefaultFile); s.File == "" && missing == nil {
		s.File = settings.DefaultFile
	}
	if s.File != "" {
		s.File, err = absolute(s.Flag, s.File, windows)
	}
	return s, err
}

// scheduledArgs returns the flags that were given and mean the same to a run, or to work, and those behind "--".
func (a *app) scheduledArgs(c *cobra.Command, work bool, more []string) (args []string, err error) {
	if a.flags.graph != "" {
		args = append(args, "--graph", a.flags.graph)
	}
	for _, i := range a.flags.instances {
		args = append(args, "--instance", i)
	}
	for _, name := range []string{"log-level", "log-format"} {
		if f := c.Flag(name); f.Changed {
			args = append(args, "--"+name, f.Value.String())
		}
	}
	if c.ArgsLenAtDash() != 0 && len(more) > 0 {
		return nil, usagef("", "unknown argument %q; flags of a run stand behind --", more[0])
	}
	begin := []string{"run"}
	if work {
		begin[0] = "work"
	}
	root := newApp([]string{a.program}, nil, a.stdin, a.stdout, a.stderr).rootCommand()
	command, rest, err := root.Find(append(begin, more...))
	if err == nil {
		err = command.ParseFlags(rest)
	}
	if err != nil || command.Flags().NArg() > 0 {
		return nil, usagef("", "behind -- stand flags of %s: %s", begin[0], strings.Join(more, " "))
	}
	return append(args, more...), nil
}
