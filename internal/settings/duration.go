package settings

import (
	"fmt"
	"strconv"
	"strings"
	"time"
)

// ParseDuration reads a time as time.ParseDuration does, and days of 24 hours and weeks: 90s, 1h30m, 30d, 8w. It is not
// negative.
func ParseDuration(text string) (time.Duration, error) {
	const day = 24 * time.Hour
	text = strings.TrimSpace(text)
	for unit, length := range map[string]time.Duration{"d": day, "w": 7 * day} {
		number, found := strings.CutSuffix(text, unit)
		if n, err := strconv.ParseUint(number, 10, 16); found && err == nil {
			return time.Duration(n) * length, nil
		}
	}
	d, err := time.ParseDuration(text)
	if err != nil || d < 0 {
		return 0, fmt.Errorf("%q is no time such as 12h, 30d or 8w", text)
	}
	return d, nil
}

// ParseSince reads how long before now, as ParseDuration does, or a time: 2026-11-01, 2026-11-01T06:00:00Z.
func ParseSince(text string, now time.Time) (time.Time, error) {
	text = strings.TrimSpace(text)
	if ago, err := ParseDuration(text); err == nil {
		return now.Add(-ago), nil
	}
	for _, layout := range []string{time.DateOnly, time.RFC3339, "2006-01-02 15:04", "2006-01-02T15:04"} {
		if t, err := time.Parse(layout, text); err == nil {
			return t, nil
		}
	}
	return time.Time{}, fmt.Errorf("%q is no time such as 24h, 7d or 2026-11-01", text)
}
