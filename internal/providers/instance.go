package providers

import (
	"errors"
	"fmt"

	"assetgraph/collectors"
	"assetgraph/internal/settings"
)

// An Instance is one account of a provider that the program reads, under a name of its own: keys, leases, run records
// and reports go by that name. Several instances may be of one provider.
type Instance struct {
	Name     string
	Provider Provider
	Settings settings.Environment // the values of the provider's settings, by their variables
}

// Collector makes the instance's collector without contacting it. Its error names the setting that can't be used.
func (i Instance) Collector(o collectors.Options) (Collector, error) {
	c, err := i.Provider.New(i.Name, i.Settings, o)
	switch {
	case err == nil:
		return c, nil
	case i.Name != i.Provider.Name:
		return nil, fmt.Errorf("instance %s: %w", i.Name, i.Provider.Explain(err))
	}
	return nil, i.Provider.Explain(err)
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
