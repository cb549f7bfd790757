package collectors

import (
	"fmt"
	"log/slog"
	"time"
)

// Options are what every provider's Config takes beside its own settings. The zero value gives the defaults.
type Options struct {
	RequestTimeout time.Duration // of one request, body included; 0 = 60 s
	RetryTime      time.Duration // how long one request is tried again; 0 = 2 min, negative = never
	PageSize       int           // most records to ask for in one page; 0 = the provider's maximum
	Pace           float64       // share of the provider's rate limits to keep to; 0 = all of them, negative = none is kept
	StateDir       string        // folder for what outlives the run (a rotated refresh token); "" = none
	Skip           Skip          // lists that people leave out
	Collect        Collect       // parts that people choose
	Filter         Filter        // customers to which people narrow what is read
	Shared         *Shared       // limits that the collectors of the process keep together; nil = each keeps its own
	UserAgent      string
	Logger         *slog.Logger // nil = no logs
	Traffic        *Traffic     // counts the requests of this instance; nil = nobody counts
}

// A SettingError says that one setting of a provider can't be used. Nothing was contacted.
type SettingError struct {
	Setting string // name of the Config field: "URL", "APIToken", …
	Err     error  // why, and what would do; never holds a secret
}

// Error names the setting and the reason.
func (e *SettingError) Error() string { return fmt.Sprintf("%s: %v", e.Setting, e.Err) }

// Unwrap returns the reason.
func (e *SettingError) Unwrap() error { return e.Err }
