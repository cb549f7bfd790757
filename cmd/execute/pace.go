package main

import (
	"cmp"
	"strconv"
	"strings"

	"assetgraph/internal/settings"
)

// pace returns collectors.Options.Pace: the share of the vendors' rate limits that people allow, negative for no limit.
// The demo asks nobody whom others ask as well.
func (a *app) pace() (float64, error) {
	from, text := "--pace", a.flags.pace
	if text == "" {
		from, text = settings.Pace, a.env.Get(settings.Pace)
	}
	if text == "" && a.flags.demo {
		text = "off"
	}
	if strings.EqualFold(strings.TrimSpace(text), "off") {
		return -1, nil
	}
	share, err := strconv.ParseFloat(cmp.Or(text, "1"), 64)
	if err != nil || !(share > 0 && share <= 1) {
		return 0, usagef("", "%s: %q is no share of the vendors' rate limits such as 0.5, at most 1, and not off", from, text)
	}
	return share, nil
}
