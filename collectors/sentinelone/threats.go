package sentinelone

import (
	"context"
	"errors"
	"iter"
	"net/url"
	"slices"
	"strings"
	"time"

	"assetgraph/collectors"
	"assetgraph/collectors/internal/rawjson"
)

// resolvedFor is how long after their last change resolved threats are read, by the console's clock: consoles keep them
// for years.
const resolvedFor = 90 * 24 * time.Hour

// reopenedSince is how long before the first answer a threat may have been reopened that is looked for: dates are told
// in whole seconds, and what an answer shows is older than its date.
const reopenedSince = time.Minute

const timeFilter = "2006-01-02T15:04:05.000000Z"

// What incidentStatuses may be asked for.
const (
	notResolved = "unresolved,in_progress"
	resolved    = "resolved"
)

var errNoDate = errors.New("the console's answers do not say what time it is there, so that nothing tells since when resolved threats are to be read")

// threatList is the threats of that status; with a time, those that have changed since. Its answers set the clock.
func (c *Collector) threatList(status string, since time.Time, clock *consoleClock) list {
	l := c.list("threats", KindThreat, "Threats.view", pageLimit)
	l.clock = clock
	l.filters = url.Values{"incidentStatuses": {status}}
	if !since.IsZero() {
		l.filters.Set("updatedAt__gte", since.UTC().Format(timeFilter))
	}
	return l
}

// threatLists gives all threats that are not resolved and those that were resolved lately, in an order in which none
// that changes meanwhile is missed: one that is resolved during the first walk is in the second list, and one that is
// reopened before the second walk reaches it is in the third.
func (c *Collector) threatLists() iter.Seq2[list, error] {
	return func(yield func(list, error) bool) {
		var clock consoleClock
		if !yield(c.threatList(notResolved, time.Time{}, &clock), nil) {
			return
		}
		first := clock.now()
		if first.IsZero() {
			yield(list{}, &collectors.IncompleteError{Reason: errNoDate.Error()})
			return
		}
		if yield(c.threatList(resolved, first.Add(-resolvedFor), &clock), nil) {
			yield(c.threatList(notResolved, first.Add(-reopenedSince), &clock), nil)
		}
	}
}

// readThreats walks all of them.
func (c *Collector) readThreats(ctx context.Context, m *collectors.Meter, s *scope) records {
	return func(yield func(collectors.Record, error) bool) {
		turn := turn{meter: m}
		for l, err := range c.threatLists() {
			if err != nil {
				yield(collectors.Record{}, err)
				return
			}
			for r, err := range turn.read(func(m *collectors.Meter) records { return c.read(ctx, m, s.of(l)) }) {
				if r, err = checkThreat(l, r, err); !yield(r, err) || err != nil {
					return
				}
			}
		}
	}
}

var errOther = errors.New("the console shows threats of a status that was not asked for, so that those that were may be missing")

// checkThreat makes an error of a threat that the list can't have: the answer is one to another question. One of which
// can't be read whose it is makes the list incomplete: any number of relationships of threats may go at once, so that
// nothing else would keep those that it had.
func checkThreat(l list, r collectors.Record, err error) (collectors.Record, error) {
	t, ok := r.Value.(*Threat)
	if err != nil || !ok {
		return r, err
	}
	status := trimmed(t.Info.IncidentStatus)
	if status != "" && !slices.Contains(strings.Split(l.filters.Get("incidentStatuses"), ","), status) {
		return collectors.Record{}, &collectors.IncompleteError{Reason: errOther.Error()}
	}
	return rawjson.Require(r, "agentRealtimeInfo", "agentDetectionInfo"), nil
}

// countThreats asks how many threats the first two lists have.
func (c *Collector) countThreats(ctx context.Context) (int, error) {
	var clock consoleClock
	open, err := c.countChosen(ctx, c.threatList(notResolved, time.Time{}, &clock), c.count)
	if err != nil {
		return -1, err
	}
	now := clock.now()
	if now.IsZero() {
		return -1, errNoDate
	}
	late, err := c.countChosen(ctx, c.threatList(resolved, now.Add(-resolvedFor), &clock), c.count)
	if err != nil || open < 0 || late < 0 {
		return -1, err
	}
	return open + late, nil
}
