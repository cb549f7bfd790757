package main

import (
	"slices"
	"strings"

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
	flags.SortFlags = false
	flags.StringArrayVar(&f.organizations, "organization", nil,
		"`name` or glob of a customer; repeatable (default all); --customer is the same")
	flags.SetNormalizeFunc(func(_ *pflag.FlagSet, name string) pflag.NormalizedName {
		if name == "customer" {
			name = "organization"
		}
		return pflag.NormalizedName(name)
	})
	f.addNarrowing(flags)
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
	if a.flags.demo {
		o.Now = demoTime()
	}
	var err error
	if o.Systems, err = systems(f.systems); err != nil {
		return o, err
	}
	if f.stale != "" {
		if o.Stale, err = settings.ParseDuration(f.stale); err != nil {
			return o, usagef("", "--stale: %w", err)
		}
	}
	overrides, err := a.overrides()
	if err != nil {
		return o, err
	}
	patterns := f.excludes
	if overrides != nil {
		patterns = slices.Concat(patterns, overrides.Exclude)
	}
	for _, p := range patterns {
		x, err := report.ParseExclude(p)
		if err != nil {
			return o, usagef("", "--exclude: %w", err)
		}
		o.Excludes = append(o.Excludes, x)
	}
	return o, nil
}

// systems checks values of osType, as people write them.
func systems(list []string) ([]string, error) {
	var out []string
	for _, s := range list {
		switch s = strings.ToLower(strings.TrimSpace(s)); s {
		case "windows", "darwin", "linux", "ios", "android", "other":
			out = append(out, s)
		case "macos", "mac":
			out = append(out, "darwin")
		default:
			return nil, usagef("", "--os %s: known are windows, darwin (or macos), linux, ios, android, other", s)
		}
	}
	return out, nil
}

func checkBy(by string) error {
	if by != "organization" && by != "device" {
		return usagef("", "--by %s: known are organization, device", by)
	}
	return nil
}
