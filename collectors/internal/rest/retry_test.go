package rest

import (
	"testing"
	"time"

	"github.com/stretchr/testify/require"
)

func TestWaitNamesItselfAndTheSettingThatWouldDo(t *testing.T) {
	for want, e := range map[string]waitError{
		"the provider asks to wait 10m: run again then, or let the run wait with --retry-time 11m": {10 * time.Minute, 10 * time.Minute},
		"the provider asks to wait 3s: run again then, or let the run wait with --retry-time 1m":   {3 * time.Second, 4 * time.Second},
		"the provider asks to wait 1h: run again then, or let the run wait with --retry-time 1h1m": {time.Hour, time.Hour},
	} {
		require.EqualError(t, e, want)
	}
}
