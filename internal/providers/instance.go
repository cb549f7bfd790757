package providers

import (
	"errors"
	"fmt"
	"slices"
	"strings"
	"time"

	"assetgraph/collectors"
	"assetgraph/graph"
	"assetgraph/internal/correlate"
	"assetgraph/internal/settings"
)

// An Instance is one account of a provider that the program reads, under a name of its own: keys, leases, run records
// and reports go by that name. Several instances may be of one provider.
type Instance struct {
	Name     string
	Provider Provider
	Settings settings.Environment // the values of the provider's settings, by their variables
	Every    time.Duration        // how often it is due, 0 = at every opportunity
	Labels   map[string]string    // what people call it

	// Origins says for people where each setting comes from, by its variable; nil = they are the variables themselves.
	Origins map[string]string
}

// CheckName says why an instance can't have the name, nil when it can.
func CheckName(name string) error {
	if name == correlate.Integration {
		return fmt.Errorf("%q is the name of the program's own part of the graph", name)
	}
	return graph.CheckInstance(name)
}

// Collector makes the instance's collector without contacting it. Its error names the setting that can't be used.
func (i Instance) Collector(o collectors.Options) (Collector, error) {
	c, err := i.make(o)
	switch {
	case err == nil:
		return c, nil
	case i.Name != i.Provider.Name:
		return nil, fmt.Errorf("instance %s: %w", i.Name, i.explain(err))
	}
	return nil, i.explain(err)
}

// Examine says which setting can't be used, as a *collectors.SettingError, nil when all can. It contacts nothing.
func (i Instance) Examine() error {
	_, err := i.make(collectors.Options{})
	return err
}

func (i Instance) make(o collectors.Options) (Collector, error) {
	o.Filter = make(collectors.Filter)
	for _, s := range i.Provider.Settings {
		value := i.Settings.Get(s.Env)
		switch {
		case s.Field == skipField:
			o.Skip = collectors.ParseSkip(i.called(s), value)
		case s.Field == collectField:
			o.Collect = collectors.ParseCollect(i.called(s), value)
		case s.Filter && value != "":
			choice := collectors.Choice{Setting: i.called(s), Names: settings.ParseList(value)}
			if len(choice.Names) == 0 {
				return nil, &collectors.SettingError{Setting: s.Field, Err: errNoNames}
			}
			o.Filter[FilteredList(s)] = choice
		}
	}
	return i.Provider.New(i.Name, i.Settings, o)
}

var errNoNames = errors.New("names nothing; to read everything, leave it out")

// FilteredList is the list of the provider by which a setting that is a filter chooses customers.
func FilteredList(s settings.Setting) string { return strings.ToLower(s.Field) }

// called is what people set.
func (i Instance) called(s settings.Setting) string {
	if name := i.Origins[s.Env]; name != "" {
		return name
	}
	return s.Env
}

// explain turns an error of New into one that names what people set in place of the Config field.
func (i Instance) explain(err error) error {
	bad, ok := errors.AsType[*collectors.SettingError](err)
	at := -1
	if ok {
		at = slices.IndexFunc(i.Provider.Settings, func(s settings.Setting) bool { return s.Field == bad.Setting })
	}
	if at < 0 {
		return fmt.Errorf("%s: %w", i.Provider.Title, err)
	}
	return fmt.Errorf("%s: %w", i.called(i.Provider.Settings[at]), bad.Err)
}

// Instances returns the instances that an environment configures: one of each provider whose variables are set, named
// after the provider. Its error joins a *PartialError for each provider of which something is missing.
func (l List) Instances(e settings.Environment) ([]Instance, error) {
	var list []Instance
	var errs []error
	for _, p := range l {
		ok, err := p.Enabled(e)
		errs = append(errs, err)
		if ok {
			list = append(list, Instance{Name: p.Name, Provider: p, Settings: e})
		}
	}
	return list, errors.Join(errs...)
}
