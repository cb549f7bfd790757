package rest

import (
	"context"
	"errors"
	"fmt"
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
	maxDoubts        = 3              // how often an answer is asked for again that may never be another
)

// retry calls op until it succeeds, fails for good or o.RetryTime has passed. Only an *Error that says so is tried
// again. warn is told before each pause. The error of a wait that is longer than the time allows names both.
func retry[T any](
	ctx context.Context, o collectors.Options, op func() (T, error), warn func(error, time.Duration),
) (T, error) {
	s := newSchedule(o.RetryTime)
	v, err := backoff.RetryNotifyWithData(func() (T, error) {
		v, err := op()
		if err == nil {
			return v, nil
		}
		e, ok := errors.AsType[*Error](err)
		if !ok || ctx.Err() != nil || !s.take(e) {
			return v, backoff.Permanent(err)
		}
		return v, err
	}, backoff.WithContext(s, ctx), func(err error, wait time.Duration) {
		o.Traffic.Retried(wait)
		warn(err, wait)
	})
	if e, ok := errors.AsType[*Error](err); ok && s.tooLong {
		told := *e
		told.Err = errors.Join(e.Err, waitError{asked: s.asked, allow: s.GetElapsedTime() + s.asked})
		return v, &told
	}
	return v, err
}

// A schedule is an exponential backoff that heeds what the server asked for.
type schedule struct {
	*backoff.ExponentialBackOff
	asked   time.Duration
	tooLong bool // the last wait that was asked for is beyond the limit
	doubts  int
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

// take notes a failure and reports whether it is worth another try.
func (s *schedule) take(e *Error) bool {
	s.asked = e.RetryAfter
	if e.fresh {
		s.Reset()
	}
	if e.prospect == doubtful {
		s.doubts++
		return s.doubts <= maxDoubts
	}
	return e.prospect == passing
}

// NextBackOff returns the pause before the next try, or backoff.Stop when it would go beyond the limit.
func (s *schedule) NextBackOff() time.Duration {
	pause := s.ExponentialBackOff.NextBackOff()
	if s.asked > 0 && s.GetElapsedTime()+s.asked > s.MaxElapsedTime {
		s.tooLong = true
		return backoff.Stop
	}
	if pause == backoff.Stop || s.asked <= pause {
		return pause
	}
	return s.asked
}

// A waitError says that the provider asks for a longer wait than the setting allows.
type waitError struct {
	asked time.Duration
	allow time.Duration // what the setting would have to be
}

// Error names the wait and the setting.
func (e waitError) Error() string {
	return fmt.Sprintf("the provider asks to wait %s: run again then, or let the run wait with --retry-time %s",
		short(e.asked), short(e.allow.Truncate(time.Minute)+time.Minute))
}

// short gives a duration without parts that are nothing: "10m", where String gives "10m0s".
func short(d time.Duration) string {
	text := d.String()
	if strings.HasSuffix(text, "m0s") {
		text = strings.TrimSuffix(text, "0s")
	}
	if strings.HasSuffix(text, "h0m") {
		text = strings.TrimSuffix(text, "0m")
	}
	return text
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
