package main

import (
	"os"

	"github.com/spf13/cobra"

	"assetgraph/internal/correlate"
	"assetgraph/internal/findings"
	"assetgraph/internal/settings"
)

func (a *app) addOverridesFlag(c *cobra.Command) {
	c.Flags().StringVar(&a.flags.overrides, "overrides", "",
		"YAML `file` with what people decided: same, different, junkSerials, junkMacs, exclude, exceptions (default "+
			settings.Overrides+")")
}

// overrides reads the file that --overrides or the environment names; nil when neither does.
func (a *app) overrides() (*correlate.Overrides, error) {
	from, path := "--overrides", a.flags.overrides
	if path == "" {
		from, path = settings.Overrides, a.env.Get(settings.Overrides)
	}
	if path == "" {
		return nil, nil
	}
	f, err := os.Open(path)
	if err != nil {
		return nil, usagef("", "%s: %w", from, err)
	}
	defer func() { _ = f.Close() }() // it was only read
	o, err := correlate.ReadOverrides(f, a.providers.Model())
	if err == nil {
		err = findings.Check(o, a.tools())
	}
	if err != nil {
		return nil, usagef("docs/correlation.md describes the file", "%s %s: %w", from, path, err)
	}
	return o, nil
}
