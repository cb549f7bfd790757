package rest

import (
	"context"
	"errors"
	"net/http"
	"strconv"
	"strings"
	"time"

	"github.com/cenkalti/backoff/v4"

	"assetgraph/collectors"
)

const (
	defaultRetryTime = 2 * time.Minute
	firstPause       = 500 * time.Millisecond
	longestPause     = 30 * time.Second
	longestAfter     = 24 * time.Hour // a Retry-After beyond this is taken for this
)

// retry calls op until it succeeds, fails for good or o.RetryTime has passed. Only an *Error that says so is tried
// again. warn is told before each pause.
func retry[T any](ctx context.Context, o collectors.Options, op func() (T, error), warn func(error, time.Duration)) (T, error) {
	s := newSchedule(o.RetryTime)
	return backoff.RetryNotifyWithData(func() (T, error) {
		v, err := op()
		if err == nil {
			return v, nil
		}
		e, ok := errors.AsType[*Error](err)
		if !ok || !e.again || ctx.Err() != nil {
			return v, backoff.Permanent(err)
		}
		s.asked = e.RetryAfter
		return v, err
	}, backoff.WithContext(s, ctx), warn)
}

// A schedule is an exponential backoff that heeds what the server asked for.
type schedule struct {
	*backoff.ExponentialBackOff
	asked time.Duration
}

// newSchedule gives up after limit; one that is negative allows no second try.
func newSchedule(limit time.Duration) *schedule {
	limit = max(limit, time.Nanosecond)
	return &schedule{ExponentialBackOff: backoff.NewExponentialBackOff(
		backoff.WithInitialInterval(min(firstPause, limit/100+1)),
		backoff.WithMultiplier(2),
		backoff.WithMaxInterval(longestPause),
		backoff.WithMaxElapsedTime(limit),
	)}
}

// NextBackOff returns the pause before the next try, or backoff.Stop when it would go beyond the limit.
func (s *schedule) NextBackOff() time.Duration {
	pause := s.ExponentialBackOff.NextBackOff()
	if pause == backoff.Stop || s.asked <= pause {
		return pause
	}
	if s.GetElapsedTime()+s.asked > s.MaxElapsedTime {
		return backoff.Stop
	}
	return s.asked
}

// retryAfter reads the header of that name (RFC 9110 §10.2.3), 0 when there is none. A date is compared with the
// server's own clock where the answer tells it.
func retryAfter(h http.Header) time.Duration {
	value := strings.TrimSpace(h.Get("Retry-After"))
	if seconds, err := strconv.ParseUint(value, 10, 31); err == nil {
		return min(time.Duration(seconds)*time.Second, longestAfter)
	}
	at, err := http.ParseTime(value)
	if err != nil {
		return 0
	}
	now := time.Now()
	if theirs, err := http.ParseTime(h.Get("Date")); err == nil {
		now = theirs
	}
	return min(max(at.Sub(now), 0), longestAfter)
}
