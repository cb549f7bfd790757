package main

import (
	"slices"

	"github.com/spf13/pflag"

	"assetgraph/internal/report"
	"assetgraph/internal/settings"
)

// machineFlags hold the flags by which reports are told which machines they are about, as they were given.
type machineFlags struct {
	organizations []string
	systems       []string
	excludes      []string
	stale         string
}

func (f *machineFlags) add(flags *pflag.FlagSet) {
	f.addOrganizations(flags)
	f.addNarrowing(flags)
}

// addOrganizations adds the flag that says which customers are meant.
func (f *machineFlags) addOrganizations(flags *pflag.FlagSet) {
	flags.SortFlags = false
	flags.StringArrayVar(&f.organizations, "organization", nil,
		"`name` or glob of a customer; repeatable (default all); --customer is the same")
	flags.SetNormalizeFunc(func(_ *pflag.FlagSet, name string) pflag.NormalizedName {
		if name == "customer" {
			name = "organization"
		}
		return pflag.NormalizedName(name)
	})
}

// addNarrowing adds the flags that say which machines of a customer are meant.
func (f *machineFlags) addNarrowing(flags *pflag.FlagSet) {
	flags.StringSliceVar(&f.systems, "os", nil,
		"`system`: windows, darwin, linux, ios, android or other; repeatable (default all)")
	flags.StringArrayVar(&f.excludes, "exclude", nil,
		"`glob` of host names, display names, types, tags or locations to leave out; repeatable")
}

func (f *machineFlags) addStale(flags *pflag.FlagSet) {
	flags.StringVar(&f.stale, "stale", "30d",
		"`time` after which a tool that was not seen is stale, such as 12h, 30d, 8w; 0 for never")
}

// reportOptions reads the flags, and what the overrides file leaves out.
func (a *app) reportOptions(f *machineFlags) (report.Options, error) {
	o := report.Options{Organizations: f.organizations, Now: a.now()}
	var err error
	if o.Systems, err = report.ChosenSystems(f.systems); err != nil {
		return o, usagef("", "--os %w", err)
	}
	if f.stale != "" {
		if o.Stale, err = settings.ParseDuration(f.stale); err != nil {
			return o, usagef("", "--stale: %w", err)
		}
	}
	o.Excludes, err = a.excludes(f.excludes)
	return o, err
}

// excludes returns which machines reports leave out, by the patterns and by the overrides file.
func (a *app) excludes(patterns []string) (list []report.Exclude, err error) {
	overrides, err := a.overrides()
	if err != nil {
		return nil, err
	}
	if overrides != nil {
		patterns = slices.Concat(patterns, overrides.Exclude)
	}
	for _, p := range patterns {
		x, err := report.ParseExclude(p)
		if err != nil {
			return nil, usagef("", "--exclude: %w", err)
		}
		list = append(list, x)
	}
	return list, nil
}

func checkBy(by string) error {
	if by != "organization" && by != "device" {
		return usagef("", "--by %s: known are organization, device", by)
	}
	return nil
}
