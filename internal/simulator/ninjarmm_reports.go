package simulator

import (
	"cmp"
	"fmt"
	"maps"
	"net/http"
	"slices"
	"strconv"
	"strings"
	"time"
)

// A report is one of NinjaRMM's /v2/queries/…: a list of rows about devices that is paged by a cursor
// (docs/providers/ninjarmm-api.md, "Reports").
type report struct {
	most      int      // the largest pageSize that clients are known to ask for
	params    []string // beside those of paging
	device    string   // the member that says whose row it is
	perDevice int      // most rows of one device
	has       func(q *reportQuery, slot, row int) bool
	render    func(q *reportQuery, w *jsonWriter, slot, row int)
}

// orphan is the number of the row that every report has of a device that exists no more, and orphanID its id.
const (
	orphan   = ^uint32(0)
	orphanID = 5
)

func ninjaReports() map[string]report {
	const page, patchPage = 1000, 5000
	one := func(_ *reportQuery, _, row int) bool { return row == 0 }
	return map[string]report{
		"/v2/queries/device-health": {page, []string{"df", "health"}, "deviceId", 1, one, (*reportQuery).health},
		"/v2/queries/antivirus-status": {
			page, []string{"df", "ts", "productState", "productName"}, "deviceId", 2, (*reportQuery).hasAntivirus,
			(*reportQuery).antivirus,
		},
		"/v2/queries/volumes": {
			page, []string{"df", "ts", "include"}, "deviceId", 2, (*reportQuery).hasVolume, (*reportQuery).volume,
		},
		"/v2/queries/backup/usage": {
			page, []string{"includeDeletedDevices", "includeLastBackupJobTimes"}, "id", 1, one, (*reportQuery).backup,
		},
		"/v2/queries/os-patch-installs": {
			patchPage, []string{"df", "status", "installedBefore", "installedAfter"}, "deviceId", 3, (*reportQuery).hasPatch,
			(*reportQuery).patch,
		},
	}
}

// A reportQuery is what a walk asks of a report. It stays the same from page to page.
type reportQuery struct {
	f       *fleet
	key     string // route and all parameters but those of paging
	of      deviceFilter
	include bool      // volumes: with what BitLocker says
	times   bool      // backups: with the times of the last jobs
	since   time.Time // patches: installed then or later
}

// reportQuery reads the parameters of a report. The answer is nil when one of them is refused.
func (c *call) reportQuery() *reportQuery {
	parameters := maps.Clone(c.query)
	delete(parameters, "pageSize")
	delete(parameters, "cursor")
	q := &reportQuery{
		f: c.f, key: c.route + "?" + parameters.Encode(), of: c.reportFilter(), include: parameters.Get("include") == "bl",
		times: parameters.Get("includeLastBackupJobTimes") == "true",
	}
	if text := parameters.Get("installedAfter"); text != "" {
		if day, err := time.Parse("20060102", text); err == nil {
			q.since = day
		} else if seconds, err := strconv.ParseInt(text, 10, 64); err == nil {
			q.since = time.Unix(seconds, 0)
		} else {
			return nil
		}
	} else if slices.Contains(ninjaReports()[c.r.URL.Path].params, "installedAfter") {
		c.mistake("installedAfter missing: the history has no bounds")
	}
	for _, name := range []string{"health", "ts", "productState", "productName", "status", "installedBefore"} {
		if parameters.Has(name) {
			c.mistake("%s is not played", name)
		}
	}
	return q
}

// reportFilter reads the df of a report, which does not honour all that the list of devices does.
func (c *call) reportFilter() deviceFilter {
	for _, clause := range []string{"class", "status"} {
		if strings.Contains(c.query.Get("df"), clause) {
			c.mistake("clause of df that reports do not honour: %s", clause)
			return deviceFilter{}
		}
	}
	return c.deviceFilter()
}

// rows lists the rows of a report, first the first row of each device, then the second of each: nobody promises that
// those of one device follow each other.
func (q *reportQuery) rows(r report) []uint32 {
	f := q.f
	f.mu.RLock()
	defer f.mu.RUnlock()
	all := f.view("report "+q.key, deviceSlots*r.perDevice, func(number int) bool {
		slot := number / r.perDevice
		if !f.hasDevice(slot) || !r.has(q, slot, number%r.perDevice) {
			return false
		}
		return !slices.ContainsFunc(q.of.wants, func(want func(*fleet, int) bool) bool { return !want(f, slot) })
	})
	if len(all) == 0 {
		return nil
	}
	sorted := append(slices.Clone(all), orphan)
	if r.perDevice > 1 {
		slices.SortStableFunc(sorted[:len(all)], func(a, b uint32) int {
			return cmp.Compare(a%uint32(r.perDevice), b%uint32(r.perDevice))
		})
	}
	return sorted
}

// renderer writes a row.
func (q *reportQuery) renderer(r report) func(*jsonWriter, int) {
	return func(w *jsonWriter, number int) {
		w.begin('{')
		slot, row, id := 0, 0, orphanID
		if uint32(number) != orphan {
			slot, row = number/r.perDevice, number%r.perDevice
			id = q.f.deviceID(slot)
		}
		r.render(q, w, slot, row)
		w.num(r.device, id)
		w.end('}')
	}
}

// A reportWalk is a cursor: the server, not the client, knows how far it is.
type reportWalk struct {
	key    string
	rows   []uint32
	offset int
}

// report answers a request for one page of a report, and goes on with its cursor. The name of the cursor stays, and
// only an empty page ends the walk.
func (n *ninja) report(c *call, route string) {
	r := ninjaReports()[route]
	c.knows(append([]string{"pageSize", "cursor"}, r.params...)...)
	if n.refuses(c, route) {
		return
	}
	size, err := strconv.Atoi(cmp.Or(c.query.Get("pageSize"), "-"))
	q := c.reportQuery()
	if err != nil || size < 1 || q == nil {
		c.mistake("parameter that is missing or no number")
		n.fail(c, http.StatusBadRequest, "HTTP 400 Bad Request")
		return
	}
	if size > r.most {
		c.mistake("pageSize over %d", r.most)
	}
	if n.s.options.BareReports && strings.HasSuffix(route, "antivirus-status") {
		c.stream("[", q.rows(r), q.renderer(r), "]")
		return
	}
	name := c.query.Get("cursor")
	if name == "" {
		name = n.newWalk(q.key, q.rows(r))
	}
	rows, offset, key := n.next(name, min(size, max(1, r.most*n.s.options.PageCap/ninjaMaxPage)))
	switch {
	case key == "":
		c.mistake("cursor that is not known")
		n.fail(c, http.StatusBadRequest, "HTTP 400 Bad Request")
		return
	case key != q.key:
		c.mistake("route or filters changed under a cursor")
	}
	head := fmt.Sprintf(`{"cursor":{"name":%q,"offset":%d,"count":%d,"expires":%d.5},"results":[`,
		name, offset, len(rows), c.clock().Add(time.Hour).Unix())
	c.stream(head, rows, q.renderer(r), "]}")
}

// newWalk begins a walk and returns the name of its cursor.
func (n *ninja) newWalk(key string, rows []uint32) string {
	n.mu.Lock()
	defer n.mu.Unlock()
	name := n.s.fleet.guid(-1-len(n.walks), topicSecret)
	n.walks[name] = &reportWalk{key: key, rows: rows}
	return name
}

// next takes the next rows of a walk. key is "" for a cursor that is not known.
func (n *ninja) next(name string, size int) (rows []uint32, offset int, key string) {
	n.mu.Lock()
	defer n.mu.Unlock()
	walk := n.walks[name]
	if walk == nil {
		return nil, 0, ""
	}
	rows, offset = walk.rows[:min(size, len(walk.rows))], walk.offset
	walk.rows, walk.offset = walk.rows[len(rows):], walk.offset+len(rows)
	return rows, offset, walk.key
}

// refuses answers for a route that is not given, and reports whether it did.
func (n *ninja) refuses(c *call, route string) bool {
	switch n.s.refusal(route) {
	case NotPermitted:
		n.fail(c, http.StatusForbidden, "HTTP 403 Forbidden")
	case NotThere:
		n.fail(c, http.StatusNotFound, "HTTP 404 Not Found")
	case NoRows:
		if route == alertsRoute {
			c.json(http.StatusOK, "[]")
		} else {
			c.json(http.StatusOK, `{"results":[]}`)
		}
	case Granted:
		return false
	}
	return true
}

// clock is what time it is in the fleet.
func (c *call) clock() time.Time {
	c.f.mu.RLock()
	defer c.f.mu.RUnlock()
	return c.f.now
}
