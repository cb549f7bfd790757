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
	from, text := a.flagOr("--pace", a.flags.pace, settings.Pace)
	if isOff(text) || text == "" && a.flags.demo {
		return -1, nil
	}
	share, err := strconv.ParseFloat(cmp.Or(text, "1"), 64)
	if err != nil || !(share > 0 && share <= 1) {
		return 0, usagef("", "%s: %q is no share of the vendors' rate limits such as 0.5, at most 1, and not off", from, text)
	}
	return share, nil
}

// flagOr returns what people say by a flag, or else by a variable, and by which; text is "" where they say nothing.
func (a *app) flagOr(flag, value, variable string) (from, text string) {
	if value != "" {
		return flag, value
	}
	return variable, a.env.Get(variable)
}

// isOff reports whether a setting turns something off.
func isOff(text string) bool { return strings.EqualFold(strings.TrimSpace(text), "off") }
