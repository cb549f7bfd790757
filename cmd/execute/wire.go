package main

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"maps"
	"os"
	"runtime"
	"slices"
	"strings"
	"time"

	"assetgraph/collectors"
	"assetgraph/graph"
	"assetgraph/graph/neo4j"
	"assetgraph/graph/sqlite"
	"assetgraph/internal/executor"
	"assetgraph/internal/providers"
	"assetgraph/internal/report"
	"assetgraph/internal/settings"
	"assetgraph/internal/simulator"
)

// loadSettings adds the settings file to the environment and, for --demo, takes away what leads to real systems.
func (a *app) loadSettings(ctx context.Context) error {
	var known []settings.Setting
	families := settings.GraphFamilies()
	for _, p := range a.providers {
		known = append(known, p.Settings...)
		families = append(families, p.Family)
	}
	env, notes, err := a.env.AddFile(a.flags.envFile, append(known, settings.Graph()...))
	if err != nil {
		return usagef("", "%w", err)
	}
	a.logs.conceal(secretsOf(env, slices.Concat(settings.Graph(), settings.Program(), known)))
	a.env = env
	if a.settingsFile = a.flags.envFile; a.settingsFile == "" {
		if _, err := os.Stat(settings.DefaultFile); err == nil {
			a.settingsFile = settings.DefaultFile
		}
	}
	for _, n := range notes {
		a.logger.Warn(n)
	}
	if !a.flags.demo {
		if err := a.loadConfig(ctx); err != nil {
			return err
		}
		read := slices.Concat(known, settings.Graph(), settings.Program())
		for _, name := range a.conf.Refers() {
			read = append(read, settings.Setting{Env: name})
		}
		a.lookAlikes = append(a.lookAlikes, env.LookAlikes(read, families)...)
		return nil
	}
	known = append(known, settings.Outside()...) // nor does anybody hear of it
	ignored := env.Set(known)
	if file := a.configFile(); file != "" {
		ignored = append(ignored, file)
	}
	if a.flags.graph == "" {
		ignored = append(ignored, env.Set([]settings.Setting{{Env: settings.GraphEndpoint}, {Env: "NEO4J_URI"}})...)
	}
	if len(ignored) > 0 {
		fmt.Fprintf(a.stderr, "note: --demo ignores %s\n", strings.Join(ignored, ", "))
	}
	a.env = maps.Clone(env)
	for _, s := range known {
		delete(a.env, s.Env)
	}
	return nil
}

// warnOfLookAlikes says which variables look like settings and are not read.
func (a *app) warnOfLookAlikes() {
	for _, note := range a.lookAlikes {
		a.logger.Warn(note)
	}
}

// secretsOf returns the values of the secrets among the settings.
func secretsOf(e settings.Environment, list []settings.Setting) (values []string) {
	for _, s := range list {
		if v := e.Value(s); s.Secret && v != "" {
			values = append(values, v)
		}
	}
	return values
}

// endpoint returns where the graph lies.
func (a *app) endpoint(ctx context.Context) (settings.Endpoint, error) {
	env := a.env
	if a.conf != nil {
		var err error
		if env, err = a.conf.GraphFrom(ctx, a.env, a.flags.graph); err != nil {
			return settings.Endpoint{}, usagef("", "%w", err)
		}
		a.logs.conceal(secretsOf(env, settings.Graph()))
	}
	from, address := "--graph", a.flags.graph
	switch {
	case address != "":
	case a.flags.demo:
		address = settings.DemoGraph
	default:
		s := settings.Graph()[0]
		from, address = s.Env, env.Get(s.Env)
		if address == "" {
			from, address = s.Fallback, env.Get(s.Fallback)
		}
		if address == "" {
			address = settings.DefaultGraph
		}
	}
	p, err := settings.ParseEndpoint(address, env)
	if err != nil {
		return p, usagef("", "%s: %w", from, err)
	}
	return p, nil
}

// instances makes the collectors of all chosen instances and contacts none of them. With --demo it starts the
// simulator, which stop ends.
func (a *app) instances(ctx context.Context) (list []executor.Instance, stop func(), err error) {
	_, stop, err = a.described()
	if err != nil {
		return nil, stop, err
	}
	list, err = a.collectors(ctx)
	if err != nil {
		stop()
	}
	return list, stop, err
}

// described returns the chosen instances; those of a configuration file have no settings yet. With --demo it starts the
// simulator, which stop ends.
func (a *app) described() (list []providers.Instance, stop func(), err error) {
	stop = func() {}
	if a.flags.demo {
		server, err := startSimulator()
		if err != nil {
			return nil, stop, fmt.Errorf("start the simulator: %w", err)
		}
		stop = func() { _ = server.Close() }
		maps.Copy(a.env, server.Env())
	} else if err := a.env.CheckProxy(); err != nil {
		return nil, stop, usagef("", "%w", err)
	}
	list, err = a.chosen()
	if err != nil {
		stop()
	}
	return list, stop, err
}

func (a *app) collectorOptions() collectors.Options {
	options := collectors.Options{
		RequestTimeout: a.flags.requestTimeout,
		RetryTime:      a.flags.retryTime,
		PageSize:       a.flags.pageSize,
		Shared:         &a.shared,
		UserAgent:      "assetgraph",
		Logger:         a.logger,
	}
	if a.flags.retryTime == 0 {
		options.RetryTime = -1
	}
	if !a.flags.demo {
		options.StateDir = settings.StateDir(a.env, os.UserConfigDir)
	}
	return options
}

// startSimulator serves the demo's fleet on the same ports each time, because links to the consoles are part of the
// graph and a second run would see them change; on any free ports when those are taken.
func startSimulator() (*simulator.Simulator, error) {
	const firstPort = 18917
	server, err := simulator.Start(simulator.Options{Now: demoTime(), FirstPort: firstPort})
	if err != nil {
		return simulator.Start(simulator.Options{Now: demoTime()})
	}
	return server, nil
}

// demoTime is what time it always is in the demo's fleet. Reports on the demo count days from it, or else every machine
// of the demo would be stale one day.
func demoTime() time.Time { return time.Date(2026, 11, 1, 12, 0, 0, 0, time.UTC) }

func (a *app) collectors(ctx context.Context) ([]executor.Instance, error) {
	chosen, err := a.chosen()
	if err != nil {
		return nil, err
	}
	resolved, err := a.resolved(ctx, namesOf(chosen))
	if err != nil {
		return nil, err
	}
	if len(chosen) == 1 {
		a.logAbout(chosen[0].Name)
	}
	var list []executor.Instance
	var errs []error
	for _, in := range resolved {
		one, err := collectorOf(in, a.collectorOptions())
		if err != nil {
			errs = append(errs, err)
			continue
		}
		list = append(list, one)
	}
	if len(errs) > 0 {
		return nil, usagef("nothing was contacted; docs/configuration.md says what each variable holds", "%w",
			errors.Join(errs...))
	}
	return list, nil
}

// collectorOf makes the collector of an instance without contacting it.
func collectorOf(in providers.Instance, options collectors.Options) (executor.Instance, error) {
	options.Traffic = &collectors.Traffic{}
	c, err := in.Collector(options)
	if err != nil {
		return executor.Instance{}, err
	}
	return executor.Instance{
		Name: in.Name, Vendor: in.Provider.Title, Host: c.Host(), Collector: c, Converter: in.Provider.Converter(),
		Labels: in.Labels, Traffic: options.Traffic,
	}, nil
}

// configured returns all instances that the settings configure, whatever --instance names. Those of a configuration file
// have no settings yet: secrets are looked up when they are needed.
func (a *app) configured() ([]providers.Instance, error) {
	if a.conf.HasInstances() {
		return a.conf.Described(), nil
	}
	list, err := a.providers.Instances(a.env)
	if err != nil {
		return nil, usagef("set what is missing, or none of that provider's variables; nothing was contacted", "%w",
			err)
	}
	if len(list) == 0 {
		return nil, usagef(a.program+" init asks for accounts; or copy .env.example to .env and fill in at least one provider, or try "+a.program+" --demo",
			"no provider is configured: none of the variables of %s is set", strings.Join(a.titles(), ", "))
	}
	return list, nil
}

// chosen returns the configured instances that --instance names, all of them when it names none.
func (a *app) chosen() ([]providers.Instance, error) {
	list, err := a.configured()
	if err != nil {
		return nil, err
	}
	names := namesOf(list)
	for _, name := range a.flags.instances {
		if !slices.Contains(names, name) {
			return nil, usagef("", "--instance %s: configured are %s", name, strings.Join(names, ", "))
		}
	}
	return slices.DeleteFunc(list, func(in providers.Instance) bool {
		return len(a.flags.instances) > 0 && !slices.Contains(a.flags.instances, in.Name)
	}), nil
}

// resolved returns the named instances with their settings: secrets of a configuration file are looked up now.
func (a *app) resolved(ctx context.Context, names []string) ([]providers.Instance, error) {
	if a.conf.HasInstances() {
		list, secrets, err := a.conf.Resolve(ctx, names)
		a.logs.conceal(secrets)
		if err != nil {
			return nil, usagef("nothing was contacted; "+a.again("config check")+" says all that is wrong", "%w", err)
		}
		return list, nil
	}
	list, err := a.configured()
	return slices.DeleteFunc(list, func(in providers.Instance) bool { return !slices.Contains(names, in.Name) }), err
}

func namesOf(list []providers.Instance) []string {
	names := make([]string, len(list))
	for i, in := range list {
		names[i] = in.Name
	}
	return names
}

// access says what a command wants of the graph.
type access uint8

const (
	write    access = iota // make it when there is none
	foresee                // read it; an empty one in memory when there is none
	readOnly               // read it; there must be one
	rewrite                // change what there is; there must be one
	examine                // read it and look for damage everywhere; there must be one
)

// check returns how thoroughly damage of a file is looked for. What only reads for people meets it when it reads.
func (w access) check() sqlite.Check {
	switch w {
	case examine:
		return sqlite.Whole
	case readOnly:
		return sqlite.Unchecked
	case write, foresee, rewrite:
	}
	return sqlite.Pages
}

func (w access) reads() bool { return w == foresee || w == readOnly || w == examine }

// open opens the graph at p. Its errors say what to do.
func (a *app) open(ctx context.Context, p settings.Endpoint, schema *graph.Schema, want access) (graph.Store, error) {
	var store graph.Store
	var err error
	if p.URI != "" {
		store, err = neo4j.Open(ctx,
			neo4j.Config{URI: p.URI, Username: p.Username, Password: p.Password, Database: p.Database,
				ReadOnly: want.reads(), Searched: report.Searched(schema, a.providers.Model())}, schema)
	} else {
		store, err = a.openFile(ctx, p, schema, want)
	}
	if want == foresee && errors.Is(err, graph.ErrNoGraph) {
		store, err = sqlite.Open(ctx, sqlite.Memory, schema, sqlite.Options{})
	}
	switch {
	case err == nil:
		if want == readOnly {
			a.warnOfIndexes(ctx, store)
		}
		return store, nil
	case errors.Is(err, graph.ErrNoGraph):
		return nil, a.noGraph(p)
	case errors.Is(err, graph.ErrDamaged):
		return nil, fmt.Errorf("%s: %w", p, err)
	case errors.Is(err, graph.ErrNotOurs):
		return nil, &hintedError{
			err: fmt.Errorf("%s: %w", p, err), hint: "name another place with --graph or " + settings.GraphEndpoint,
		}
	case errors.Is(err, graph.ErrNewerFormat):
		return nil, &hintedError{
			err: fmt.Errorf("%s: %w", p, err), hint: "use that version, or name another graph with --graph; docs/upgrade.md says how to go back",
		}
	case p.URI != "":
		return nil, &hintedError{err: fmt.Errorf("graph %s can't be opened: %w", p, err),
			hint: "is the server up, and are " + settings.GraphUsername + " and " + settings.GraphPassword +
				" right? Nothing was collected"}
	}
	return nil, &hintedError{err: fmt.Errorf("graph %s can't be opened: %w", p, err), hint: "nothing was collected"}
}

func (a *app) openFile(
	ctx context.Context, p settings.Endpoint, schema *graph.Schema, want access,
) (graph.Store, error) {
	info, err := os.Stat(p.File)
	switch {
	case errors.Is(err, fs.ErrNotExist) && want != write:
		return nil, graph.ErrNoGraph
	case err == nil:
		a.warnOfMode(p.File, info.Mode())
	}
	return sqlite.Open(ctx, p.File, schema, sqlite.Options{ReadOnly: want.reads(), Check: want.check()})
}

// warnOfIndexes says why answers about a graph take long. Whether it can tell or not, they are right.
func (a *app) warnOfIndexes(ctx context.Context, store graph.Store) {
	indexer, ok := store.(graph.Indexer)
	if !ok {
		return
	}
	if lacks, err := indexer.LacksIndexes(ctx); err == nil && lacks {
		a.logger.Warn("the first load of this graph is under way or was cut off: what follows relationships takes long " +
			"until a run has ended")
	}
}

// warnOfMode says when everybody on the machine may read or change the graph. A file of ours is made for its owner
// alone; this one was there before, or somebody wanted it so.
func (a *app) warnOfMode(file string, mode fs.FileMode) {
	if runtime.GOOS == "windows" || !mode.IsRegular() { // there the bits say nothing
		return
	}
	may := ""
	switch {
	case mode.Perm()&0o002 != 0:
		may = "change"
	case mode.Perm()&0o004 != 0:
		may = "read"
	default:
		return
	}
	a.logger.Warn(fmt.Sprintf("every user of this machine may %s %s (mode %04o); chmod 600 %s keeps it to its owner",
		may, file, mode.Perm(), shellQuote(file)))
}

func (a *app) noGraph(p settings.Endpoint) error {
	if command := a.withDemo(p); command != "" {
		return &hintedError{
			err: fmt.Errorf("%s: %w, but there is %s, the graph of --demo", p, graph.ErrNoGraph,
				strings.TrimPrefix(settings.DemoGraph, "sqlite:")), hint: "to ask that one: " + command,
		}
	}
	return &hintedError{err: fmt.Errorf("%s: %w", p, graph.ErrNoGraph), hint: "make one first: " + a.again("")}
}

// closing closes the store and adds its error to err unless there is one.
func closing(store graph.Store, err error) error {
	if closeErr := store.Close(); err == nil && closeErr != nil {
		return fmt.Errorf("close the graph: %w", closeErr)
	}
	return err
}

// withDemo returns the command line with --demo where nobody named a graph and that of the demo is the only one here,
// else "".
func (a *app) withDemo(p settings.Endpoint) string {
	byDefault, err := settings.ParseEndpoint(settings.DefaultGraph, a.env)
	demo, demoErr := settings.ParseEndpoint(settings.DemoGraph, a.env)
	if err != nil || demoErr != nil || p.URI != "" || p.File != byDefault.File || a.flags.graph != "" || a.flags.demo {
		return ""
	}
	if _, err := os.Stat(demo.File); err != nil {
		return ""
	}
	args := []string{a.program}
	for _, s := range a.args {
		args = append(args, shellQuote(s))
	}
	if i := slices.Index(args, "--"); i > 0 {
		return strings.Join(slices.Insert(args, i, "--demo"), " ")
	}
	return strings.Join(append(args, "--demo"), " ")
}
