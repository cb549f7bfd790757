package main

import (
	"context"
	"errors"
	"fmt"
	"maps"
	"os"
	"slices"
	"strings"

	"assetgraph/collectors"
	"assetgraph/internal/executor"
	"assetgraph/internal/providers"
	"assetgraph/internal/settings"
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
		server, err := a.startSimulator()
		if err != nil {
			return nil, stop, fmt.Errorf("start the simulator: %w", err)
		}
		stop = func() { _ = server.Close() }
		maps.Copy(a.env, server.Env())
		maps.Copy(a.env, a.providers.EveryPart())
	} else if err := a.env.CheckProxy(); err != nil {
		return nil, stop, usagef("", "%w", err)
	}
	list, err = a.chosen()
	if err != nil {
		stop()
	}
	return list, stop, err
}

func (a *app) collectorOptions() (collectors.Options, error) {
	pace, err := a.pace()
	options := collectors.Options{
		RequestTimeout: a.flags.requestTimeout,
		RetryTime:      a.flags.retryTime,
		PageSize:       a.flags.pageSize,
		Pace:           pace,
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
	return options, err
}

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
	options, err := a.collectorOptions()
	if err != nil {
		return nil, err
	}
	var list []executor.Instance
	var errs []error
	for _, in := range resolved {
		one, err := collectorOf(in, options)
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
