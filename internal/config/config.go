package config

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"maps"
	"slices"
	"strings"
	"time"

	"assetgraph/collectors"
	"assetgraph/internal/notify"
	"assetgraph/internal/providers"
	"assetgraph/internal/settings"
)

// DefaultFile is the configuration file that is read when it is there and none is named.
const DefaultFile = "assetgraph.yaml"

// A Config is what a configuration file and all that it includes say.
type Config struct {
	Files     []string         // that were read, the first one first
	Instances []Instance       // in the order in which they stand there
	Notify    []Notify         // whom to tell what
	Age       []string         // public keys to which `config encrypt` encrypts
	Global    map[string]Value // the graph's and the program's own settings, by their variables

	env settings.Environment
}

// resolver looks up what the file refers to. Where the environment names no private key, the file's own is taken.
func (c *Config) resolver() resolver {
	env := c.env
	if v, ok := c.Global[settings.AgeIdentity]; ok && env.Get(settings.AgeIdentity) == "" {
		env = maps.Clone(env)
		if env == nil {
			env = settings.Environment{}
		}
		env[settings.AgeIdentity], _ = v.expanded(env) // what is missing leaves a name that is no file's
	}
	return resolver{env}
}

// An Instance is one account of a product, as the file describes it.
type Instance struct {
	Place
	Name     string
	Provider providers.Provider
	Every    Due
	Labels   map[string]Label
	Values   map[string]Value // by variable
	origins  map[string]string
}

// Due is how often something is due.
type Due struct {
	Place
	Interval time.Duration // 0 = at every opportunity
}

// A Label is a word that people give an instance.
type Label struct {
	Place
	Text string
}

// A Notify is somebody who is told what happens.
type Notify struct {
	Place
	URL    Value
	Format string
	Secret *Value
	On     []string
}

// HasInstances reports whether the file says which instances there are. One that does not leaves that to the environment.
func (c *Config) HasInstances() bool { return c != nil && len(c.Instances) > 0 }

// Described returns the instances without their settings: names, providers, how often they are due.
func (c *Config) Described() (list []providers.Instance) {
	for i := range c.Instances {
		list = append(list, c.Instances[i].with(nil))
	}
	return list
}

// Refers names the environment variables to which the file refers.
func (c *Config) Refers() (names []string) {
	if c == nil {
		return nil
	}
	for _, v := range c.Global {
		names = append(names, v.variables()...)
	}
	for _, n := range c.Notify {
		names = append(names, n.URL.variables()...)
		if n.Secret != nil {
			names = append(names, n.Secret.variables()...)
		}
	}
	for i := range c.Instances {
		for _, v := range c.Instances[i].Values {
			names = append(names, v.variables()...)
		}
	}
	return names
}

// Unused names the variables of products that are set, while the file says which instances there are and does not refer to
// them.
func (c *Config) Unused(list providers.List) []string {
	if !c.HasInstances() {
		return nil
	}
	used := c.Refers()
	var unused []string
	for _, p := range list {
		unused = append(unused, c.env.Set(p.Settings)...)
	}
	return slices.DeleteFunc(unused, func(name string) bool { return slices.Contains(used, name) })
}

// Resolve looks up the settings of the named instances; nil names all. Nothing else is looked up: the secrets of one
// instance are no business of a run over another. The values of secrets come back beside them, to be kept out of logs.
// Its error joins one for each setting that can't be had, with its place.
func (c *Config) Resolve(ctx context.Context, names []string) (list []providers.Instance, secrets []string, err error) {
	var errs []error
	for i := range c.Instances {
		in := &c.Instances[i]
		if names != nil && !slices.Contains(names, in.Name) {
			continue
		}
		env := make(settings.Environment, len(in.Values))
		for _, s := range in.Provider.Settings {
			v, ok := in.Values[s.Env]
			if !ok {
				continue
			}
			text, err := c.resolver().resolve(ctx, v)
			if err != nil {
				errs = append(errs, in.problem(s, v, err))
				continue
			}
			if env[s.Env] = text; s.Secret {
				secrets = append(secrets, text)
			}
		}
		list = append(list, in.with(env))
	}
	return list, secrets, errors.Join(errs...)
}

// with is the instance with the values of its settings.
func (in *Instance) with(env settings.Environment) providers.Instance {
	labels := make(map[string]string, len(in.Labels))
	for name, l := range in.Labels {
		labels[name] = l.Text
	}
	return providers.Instance{
		Name: in.Name, Provider: in.Provider, Settings: env, Every: in.Every.Interval, Labels: labels,
		Origins: in.origins,
	}
}

// problem is an error of one setting.
func (in *Instance) problem(s settings.Setting, v Value, err error) Problem {
	return Problem{Place: v.Place, Instance: in.Name, Key: KeyOf(s, in.Provider.Family.Prefix), Text: err.Error()}
}

// Error makes a problem an error, for those who meet only one.
func (p Problem) Error() string { return p.String() }

// GraphFrom returns the environment with those of the file's settings of the graph that it lacks. Where the environment
// itself or a flag says where the graph lies, user name and password of the file are not for that place, and are left out.
func (c *Config) GraphFrom(ctx context.Context, env settings.Environment, flag string) (settings.Environment, error) {
	place := settings.Graph()[0]
	if flag != "" || env.Value(place) != "" {
		return env, nil
	}
	return c.fill(ctx, env, settings.Graph())
}

// ProgramFrom returns the environment with those of the file's settings of the program that it lacks.
func (c *Config) ProgramFrom(ctx context.Context, env settings.Environment) (settings.Environment, error) {
	return c.fill(ctx, env, settings.Program())
}

// RunsCommand reports whether a setting of the graph or of the program is what a command prints.
func (c *Config) RunsCommand() bool {
	if c == nil {
		return false
	}
	for _, v := range c.Global {
		if v.command != nil {
			return true
		}
	}
	return false
}

func (c *Config) fill(
	ctx context.Context, env settings.Environment, list []settings.Setting,
) (settings.Environment, error) {
	out := maps.Clone(env)
	if out == nil {
		out = settings.Environment{}
	}
	var errs []error
	for _, s := range list {
		v, ok := c.Global[s.Env]
		if !ok || env.Value(s) != "" {
			continue
		}
		text, err := c.resolver().resolve(ctx, v)
		if err != nil {
			errs = append(errs, Problem{Place: v.Place, Key: globalKey(s), Text: err.Error()})
			continue
		}
		out[s.Env] = text
	}
	return out, errors.Join(errs...)
}

// Targets looks up whom to tell what. The values of secrets come back beside them, to be kept out of logs.
func (c *Config) Targets(ctx context.Context) (list []notify.Target, secrets []string, err error) {
	if c == nil {
		return nil, nil, nil
	}
	var errs []error
	for _, n := range c.Notify {
		t := notify.Target{Format: n.Format, On: n.On}
		t.URL, err = (resolver{c.env}).resolve(ctx, n.URL)
		key, place := "notify.url", n.URL.Place
		if err == nil && n.Secret != nil {
			key, place = "notify.secret", n.Secret.Place
			t.Secret, err = (resolver{c.env}).resolve(ctx, *n.Secret)
		}
		if err == nil {
			key, place = "notify", n.Place
			err = t.Check()
		}
		if err != nil {
			errs = append(errs, Problem{Place: place, Key: key, Text: err.Error()})
			continue
		}
		list, secrets = append(list, t), append(secrets, t.URL)
		if t.Secret != "" {
			secrets = append(secrets, t.Secret)
		}
	}
	return list, secrets, errors.Join(errs...)
}

// globalKey is where a setting of the graph or of the program stands.
func globalKey(s settings.Setting) string {
	for key, one := range graphSettings() {
		if one.Env == s.Env {
			return "graph." + key
		}
	}
	for key, one := range ProgramSettings() {
		if one.Env == s.Env {
			return key
		}
	}
	return s.Env
}

// Placeholder stands for a value that is not known yet, where all others of the instance are checked.
const Placeholder = "00000000-0000-0000-0000-000000000000"

// Examine finds what is wrong with the values themselves: a variable that is not set, a file that is not there, an address
// that is none, a token with a space in it. It looks up all but what commands give, and contacts nothing.
func (c *Config) Examine(ctx context.Context) (found Problems) {
	for _, list := range [][]settings.Setting{settings.Graph(), settings.Program()} {
		for _, s := range list {
			if v, ok := c.Global[s.Env]; ok {
				if err := c.resolver().available(ctx, v); err != nil {
					found = append(found, Problem{Place: v.Place, Key: globalKey(s), Text: err.Error()})
				}
			}
		}
	}
	for i := range c.Instances {
		found = append(found, c.examine(ctx, &c.Instances[i])...)
	}
	found.inOrder(c.Files)
	return found
}

func (c *Config) examine(ctx context.Context, in *Instance) (found Problems) {
	env := make(settings.Environment, len(in.Values))
	for _, s := range in.Provider.Settings {
		v, ok := in.Values[s.Env]
		if !ok {
			continue
		}
		err := c.resolver().available(ctx, v)
		if err != nil {
			found = append(found, in.problem(s, v, err))
			continue
		}
		env[s.Env] = Placeholder
		if v.command == nil {
			env[s.Env], _ = c.resolver().resolve(ctx, v) // it was available
		}
	}
	if len(found) > 0 {
		return found // what is made of a part of the settings says nothing about the others
	}
	err := in.with(env).Examine()
	var bad *collectors.SettingError
	if !errors.As(err, &bad) {
		return nil
	}
	for _, s := range in.Provider.Settings {
		if v, ok := in.Values[s.Env]; ok && s.Field == bad.Setting {
			if v.command != nil {
				return nil
			}
			return Problems{in.problem(s, v, bad.Err)}
		}
	}
	return Problems{{Place: in.Place, Instance: in.Name, Text: bad.Error()}}
}

// sameAccount warns of instances that read the same address by the same client, unless each reads customers of its own.
func (l *loader) sameAccount(list []Instance) {
	readers := make(map[string][]*Instance)
	for i := range list {
		in := &list[i]
		var id strings.Builder
		for _, s := range in.Provider.Settings {
			v := in.Values[s.Env]
			if s.Field == "Skip" || s.Filter || v.command != nil {
				continue
			}
			fmt.Fprintf(&id, "%s=%s\n", s.Env, l.known(v))
		}
		others := readers[id.String()]
		filter := l.filter(in)
		if at := slices.IndexFunc(others, func(o *Instance) bool { return filter.Overlaps(l.filter(o)) }); at >= 0 {
			l.problems = append(l.problems, Problem{
				Place: in.Place, Instance: in.Name, Warning: true,
				Text: fmt.Sprintf("reads the same account as instance %s (%s): each of its machines would be in the graph twice", others[at].Name, others[at].Place),
			})
			continue
		}
		readers[id.String()] = append(others, in)
	}
}

// known is the value as far as it is known before anything is looked up, or where it is to be had.
func (l *loader) known(v Value) string {
	text, _ := v.expanded(l.env)
	return cmp.Or(text, v.file, v.age, strings.Join(v.command, " "))
}

// filter is which customers an instance reads. Names that stand elsewhere are known by the place.
func (l *loader) filter(in *Instance) collectors.Filter {
	filter := make(collectors.Filter)
	for _, s := range in.Provider.Settings {
		if v, ok := in.Values[s.Env]; ok && s.Filter {
			filter[providers.FilteredList(s)] = collectors.Choice{Names: settings.ParseList(l.known(v))}
		}
	}
	return filter
}
