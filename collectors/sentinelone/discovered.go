package sentinelone

import (
	"context"
	"errors"
	"net/url"
	"time"

	"assetgraph/collectors"
)

// seenFor is how long after it was last seen a device is read, by the console's clock. A device that one answer lacks is
// not gone: its scanner may sleep. Where the console forgets none, so that nothing would ever be gone, this decides;
// where it counts from the last scan, it is asked for its longest period.
const (
	seenFor       = 30 * 24 * time.Hour
	longestPeriod = "last7d"
)

// The lists of devices: that of Network Discovery, which says what is managed, and that of every licence.
const (
	rangerRoute = "/ranger/table-view"
	roguesRoute = "/rogues/table-view"
)

var errNoRows = errors.New("the console shows no discovered device in any site: it is not licensed, or switched off")

func (c *Collector) rangerList(site string) list {
	l := c.discoveredList(rangerRoute, "Ranger.view")
	l.filters = url.Values{"siteIds": {site}, "period": {longestPeriod}}
	return l
}

func (c *Collector) roguesList(site string) list {
	l := c.discoveredList(roguesRoute, "Rogues.view")
	l.filters = url.Values{"siteIds": {site}}
	return l
}

func (c *Collector) discoveredList(route, permission string) list {
	l := c.list(discoveredPart().Name, KindDiscoveredDevice, permission, pageLimit)
	l.route = route
	return l
}

// discoveredStep reads the devices site by site, since rows do not say of which they are.
func (c *Collector) discoveredStep() collectors.Step {
	return collectors.Step{
		Name:  discoveredPart().Name,
		Route: "GET " + basePath + roguesRoute,
		Kinds: []string{KindDiscoveredDevice},
		Needs: []string{"sites"},
		After: []string{"sites"},
		Records: func(ctx context.Context, m *collectors.Meter) records {
			return c.whole(ctx, c.readDiscovered(ctx, m))
		},
		Count: func(ctx context.Context) (int, error) {
			return c.countChosen(ctx, c.discoveredList(roguesRoute, "Rogues.view"), c.count)
		},
	}
}

// readDiscovered asks one site after the other. What the console refuses of a site that is deleted is gone; what it
// refuses of one that has expired is not known.
func (c *Collector) readDiscovered(ctx context.Context, m *collectors.Meter) records {
	return func(yield func(collectors.Record, error) bool) {
		d := &discovery{c: c, turn: turn{meter: m}, unlicensed: make(map[string]bool), yield: yield}
		var err, refused error
		for _, s := range byStanding(c.tree.sites) {
			err = d.site(ctx, s)
			if s.standing != current && refuses(err) {
				if s.standing == lapsed && refused == nil {
					refused = &collectors.IncompleteError{
						Reason: "site " + s.ID + ", which is no longer active: " + err.Error(),
					}
				}
				err = nil
			}
			if err != nil || d.stopped {
				break
			}
		}
		if err == nil && d.rows == 0 && len(c.tree.sites) > 0 {
			err = collectors.Unavailable(errNoRows)
		}
		if err == nil {
			err = refused
		}
		if err != nil && !d.stopped {
			yield(collectors.Record{}, err)
		}
	}
}

// A discovery is a walk through the devices of all sites.
type discovery struct {
	c          *Collector
	turn       turn
	unlicensed map[string]bool // accounts without Network Discovery
	clock      consoleClock
	rows       int // that the console has shown
	yield      func(collectors.Record, error) bool
	stopped    bool // nobody wants more
}

// site asks for the better list of a site, and for the other one where that is not licensed, which the console says by a
// refusal or by an empty list.
func (d *discovery) site(ctx context.Context, s siteNode) error {
	before := d.rows
	if !d.unlicensed[s.account] {
		err := d.read(ctx, s.ID, d.c.rangerList(s.ID))
		switch {
		case d.rows == before && collectors.IsUnavailable(available(err)):
			d.unlicensed[s.account] = true
		case err != nil, d.stopped, d.rows > before:
			return err
		}
	}
	return d.read(ctx, s.ID, d.c.roguesList(s.ID))
}

func (d *discovery) read(ctx context.Context, site string, l list) error {
	l.clock = &d.clock
	for r, err := range d.turn.read(func(m *collectors.Meter) records { return d.c.read(ctx, m, l) }) {
		if err != nil {
			return err
		}
		d.rows++
		if device, ok := r.Value.(*DiscoveredDevice); ok {
			if device.SiteID = site; d.longAgo(device.LastSeen.Time) {
				continue
			}
			if l.route == roguesRoute && device.ManagedState == "" {
				device.ManagedState = "unmanaged" // all of that list are
			}
		}
		if d.stopped = !d.yield(r, nil); d.stopped {
			return nil
		}
	}
	return nil
}

// longAgo reports whether a device was last seen so long ago that it is none of today.
func (d *discovery) longAgo(seen time.Time) bool {
	return !seen.IsZero() && seen.Before(d.clock.now().Add(-seenFor))
}
