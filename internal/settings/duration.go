package settings

import (
	"fmt"
	"strconv"
	"strings"
	"time"
)

// ParseDuration reads a time as people write it in settings: 90s, 30m, 1h30m, 7d. A day has 24 hours. It is not negative.
func ParseDuration(text string) (time.Duration, error) {
	text = strings.TrimSpace(text)
	if days, ok := strings.CutSuffix(text, "d"); ok {
		n, err := strconv.ParseUint(days, 10, 16)
		if err != nil {
			return 0, fmt.Errorf("%q is no time such as 30m, 1h or 7d", text)
		}
		return time.Duration(n) * 24 * time.Hour, nil
	}
	d, err := time.ParseDuration(text)
	if err != nil || d < 0 {
		return 0, fmt.Errorf("%q is no time such as 30m, 1h or 7d", text)
	}
	return d, nil
}
