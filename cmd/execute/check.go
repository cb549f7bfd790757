package main

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"time"

	"github.com/spf13/cobra"

	"assetgraph/collectors"
	"assetgraph/graph"
	"assetgraph/internal/executor"
	"assetgraph/internal/providers"
	"assetgraph/internal/settings"
)

func (a *app) checkCommand() *cobra.Command {
	return &cobra.Command{
		Use:   "check",
		Short: "Sign in everywhere, say what may be read and how much, reach the graph; write nothing",
		Long: "Signs in to every configured instance, says what it may read and how many records it would read, and reaches the graph. " +
			"Writes nothing. Each refusal comes with what to do about it. Names the settings file, the products that are not configured, and variables " +
			"that look like settings and are not read.\n\nExit codes: 0 all is fine, 1 something is not, 2 usage or settings.",
		Example:     "  execute check\n  execute check --instance " + a.example(2) + " --output json",
		Args:        cobra.NoArgs,
		Annotations: outputs("text", "json"),
		RunE: a.command(func(ctx context.Context, _ []string) error {
			return a.check(ctx)
		}),
	}
}

// How long check waits: a run has time, somebody who looks at a terminal has not.
const (
	checkRetryTime      = 3 * time.Second
	checkRequestTimeout = 30 * time.Second
)

// finding is an executor.Finding as JSON.
type finding struct {
	Instance    string `json:"instance"`
	Step        string `json:"step"`
	Route       string `json:"route"`
	Records     int    `json:"records"`     // -1 where it can't be told without reading all
	Skipped     bool   `json:"skipped"`     // left out by a setting
	Unavailable bool   `json:"unavailable"` // not for these credentials, by their role or by what is licensed: no fault
	Note        string `json:"note"`
	Error       string `json:"error"`
	Cure        string `json:"cure"` // what to do about the error
}

// checked is what `check --output json` prints.
type checked struct {
	OK       bool         `json:"ok"`
	Settings settingsFind `json:"settings"`
	Graph    graphFind    `json:"graph"`
	Findings []finding    `json:"findings"`
}

type settingsFind struct {
	File          string   `json:"file"`          // "" when none was read
	NotConfigured []string `json:"notConfigured"` // products of which there is no instance
	Warnings      []string `json:"warnings"`      // variables that look like settings and are none
}

type graphFind struct {
	URL      string `json:"url"`
	Elements int    `json:"elements"`
	Note     string `json:"note"`
}

func (a *app) check(ctx context.Context) error {
	endpoint, err := a.endpoint(ctx)
	if err != nil {
		return err
	}
	a.flags.retryTime, a.flags.requestTimeout = checkRetryTime, checkRequestTimeout
	instances, stop, err := a.instances(ctx)
	if err != nil {
		a.warnOfLookAlikes()
		return err
	}
	defer stop()
	result := checked{OK: true, Settings: a.settingsFound(), Findings: []finding{}}
	quiet := a.flags.output == "json"
	if !quiet {
		a.printSettings(result.Settings)
	}
	if result.Graph, err = a.reach(ctx, endpoint); err != nil {
		return err
	}
	if !quiet {
		a.printGraph(result.Graph)
	}
	err = executor.Check(ctx, instances, func(f executor.Finding) {
		out := findingOf(f)
		result.OK = result.OK && f.Err == nil
		result.Findings = append(result.Findings, out)
		if !quiet {
			a.printFinding(out)
		}
	})
	if err != nil {
		return err
	}
	if quiet {
		err = a.printJSON(result)
	}
	return errors.Join(err, a.verdict(result.OK, quiet))
}

func findingOf(f executor.Finding) finding {
	out := finding{
		Instance: f.Instance, Step: f.Step, Route: f.Route, Records: f.Records, Skipped: f.Skipped, Note: f.Note,
		Unavailable: f.Unavailable,
	}
	if f.Err != nil {
		out.Error, out.Cure = collectors.Fault(f.Err), collectors.Cure(f.Err)
	}
	return out
}

// settingsFound tells where the settings come from, and what of them may be a mistake.
func (a *app) settingsFound() settingsFind {
	find := settingsFind{NotConfigured: []string{}, Warnings: append([]string{}, a.lookAlikes...)}
	if file, err := filepath.Abs(a.settingsFile); err == nil && a.settingsFile != "" {
		find.File = file
	}
	configured, _ := a.configured() // an error would have ended the command
	for _, p := range a.providers {
		if !slices.ContainsFunc(configured, func(in providers.Instance) bool { return in.Provider.Name == p.Name }) {
			find.NotConfigured = append(find.NotConfigured, p.Title)
		}
	}
	return find
}

func (a *app) printSettings(f settingsFind) {
	from := f.File
	switch {
	case a.flags.demo:
		from = "those of the demo"
	case from == "":
		from = "the environment alone; there is no " + settings.DefaultFile + " here"
	case len(from) > a.checkWidth()-len("settings     "):
		from = a.settingsFile
	}
	a.printLine("settings", from, "", "")
	if len(f.NotConfigured) > 0 {
		a.printLine("", "not configured: "+strings.Join(f.NotConfigured, ", "), "", "")
	}
	for _, w := range f.Warnings {
		a.printBelow("warning: " + w)
	}
}

// printGraph prints where the graph lies, and below it what is in it where the address leaves no room.
func (a *app) printGraph(g graphFind) {
	const room = 26
	if len(g.URL) <= room {
		a.printLine("graph", g.URL, comma(g.Elements), g.Note)
		return
	}
	a.printLine("graph", g.URL, "", "")
	a.printLine("", "", comma(g.Elements), g.Note)
}

func (a *app) printFinding(f finding) {
	records := ""
	switch {
	case f.Error != "":
		records = "refused"
	case f.Unavailable:
		records = "not given"
	case f.Skipped && f.Records < 0:
		records = "left out"
	case f.Records >= 0:
		records = comma(f.Records)
	case f.Step == executor.SignIn:
		records = "ok"
	default:
		records = "readable"
	}
	if f.Error == "" {
		a.printLine(f.Instance, f.Step, records, f.Note)
		return
	}
	a.printLine(f.Instance, f.Step, records, "")
	a.printBelow(f.Error)
	if f.Cure != "" {
		a.printBelow("what to do: " + f.Cure)
	}
	if f.Note != "" {
		a.printBelow(f.Note)
	}
}

// printLine prints one line of check. What does not fit goes below it.
func (a *app) printLine(who, what, figure, note string) {
	line := strings.TrimRight(fmt.Sprintf("%-12s %-26s %10s", singleLine(who), singleLine(what), figure), " ")
	below := note
	if full := line + "  " + singleLine(note); len([]rune(full)) <= a.checkWidth() {
		line, below = full, ""
	}
	fmt.Fprintln(a.stdout, strings.TrimRight(line, " "))
	if below != "" {
		a.printBelow(below)
	}
}

// printBelow prints what belongs to the line above.
func (a *app) printBelow(text string) {
	fmt.Fprintf(a.stdout, "  %s\n", a.wrapped(text))
}

// wrapped breaks a text into lines that may be indented.
func (a *app) wrapped(text string) string {
	lines := strings.Split(wrap(text, a.checkWidth()-4), "\n")
	for i := range lines {
		lines[i] = strings.TrimRight(lines[i], " ")
	}
	return strings.Join(lines, "\n")
}

// checkWidth is the width of the terminal, and 80 columns where there is none.
func (a *app) checkWidth() int {
	if a.isTerminal(a.stdout) {
		return a.width()
	}
	return min(a.width(), 80)
}

func (a *app) verdict(ok, quiet bool) error {
	if !ok {
		if !quiet {
			fmt.Fprintf(a.stdout, "\n%s\n",
				a.wrapped("Not all can be read: what was refused would be incomplete, and nothing of it would be deleted."))
		}
		return outcome(exitFailed)
	}
	if !quiet {
		fmt.Fprintf(a.stdout, "\nAll is fine. Next\n  %s\n", a.again("plan"))
	}
	return nil
}

// reach opens the graph for reading and counts what it holds. That there is none yet is fine.
func (a *app) reach(ctx context.Context, p settings.Endpoint) (graphFind, error) {
	find := graphFind{URL: p.String()}
	schema, err := a.providers.Schema()
	if err != nil {
		return find, err
	}
	if dir := filepath.Dir(p.File); p.File != "" {
		if _, err := os.Stat(dir); errors.Is(err, fs.ErrNotExist) {
			return find, &hintedError{
				err:  fmt.Errorf("graph %s: there is no folder %s", p, dir),
				hint: "make the folder, or name another file",
			}
		}
	}
	store, err := a.open(ctx, p, schema, examine)
	if errors.Is(err, graph.ErrNoGraph) {
		find.Note = "no graph yet: the first run makes it"
		return find, nil
	}
	if err != nil {
		return find, err
	}
	populations, err := store.Counts(ctx)
	for _, n := range populations {
		find.Elements += n.Count
	}
	find.Note = "elements in the graph"
	return find, closing(store, err)
}
