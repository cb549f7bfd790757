package immybot

import (
	"context"
	"net/url"
	"time"

	"assetgraph/collectors"
	"assetgraph/collectors/internal/rawjson"
)

const routeSessions = "/maintenance-sessions/dx"

// maintenanceDays is how many days of sessions are read, today among them: most schedules are of once a week. A
// computer that has none in them keeps what is known of its last one.
const maintenanceDays = 8

// A MaintenanceSession is a row of /maintenance-sessions/dx; see docs/providers/immybot-api.md, "Maintenance sessions".
type MaintenanceSession struct {
	ID          rawjson.Int  `json:"id"`
	ComputerID  rawjson.Int  `json:"computerId"`
	Status      rawjson.Text `json:"sessionStatus"` // a number, or its name
	CreatedDate Time         `json:"createdDate"`
}

// A Maintenance is how a session went.
type Maintenance struct {
	Status string    // Passed, Failed, PartialPassed, Missed, …; "" where no session is known that has ended
	On     time.Time // when it was made
}

// statusName returns a session's status by its name; a value that is not known is returned as it came.
func (s *MaintenanceSession) statusName() string {
	names := [...]string{
		"Passed", "Running", "Failed", "Created", "Cancelled", "Postponed", "Pending", "PartialPassed",
		"PendingConnectivity", "Missed",
	}
	for number, name := range names {
		if s.Status == rawjson.Text('0'+rune(number)) || string(s.Status) == name {
			return name
		}
	}
	return string(s.Status)
}

// Outcome says how the session went, and false while it is to begin, or runs.
func (s *MaintenanceSession) Outcome() (Maintenance, bool) {
	switch name := s.statusName(); name {
	case "", "Running", "Created", "Pending":
		return Maintenance{}, false
	default:
		return Maintenance{Status: name, On: s.CreatedDate.Time}, true
	}
}

// sessionList is the list of the sessions of computers; others are of the customers' clouds.
func sessionList() dxList {
	return dxList{
		name: maintenance, route: routeSessions, query: url.Values{"sessionType": {"2"}},
		created: "createdDate", fields: []string{"id", "computerId", "sessionStatus", "createdDate"},
		decode: sessionPage,
		row: func(r collectors.Record) (int64, time.Time, bool) {
			if s, ok := r.Value.(*MaintenanceSession); ok {
				return s.ID.N, s.CreatedDate.Time, true
			}
			return 0, time.Time{}, false
		},
	}
}

// sessionPage reads sessions as records of the computer that each is of.
func sessionPage(page []byte, beside *rawjson.Beside) ([]collectors.Record, error) {
	rows, err := rawjson.RecordsBeside(page, KindMaintenanceSession, "id",
		func(s *MaintenanceSession) string { return idText(s.ID) }, beside, "data")
	for i := range rows {
		rows[i].ID = ""
		if s, ok := rows[i].Value.(*MaintenanceSession); ok {
			rows[i].ID = idText(s.ComputerID)
		}
	}
	return required(rows, "computerId", "sessionStatus", "createdDate"), err
}

// A lastSession is the newest session of a computer that has ended, without a pointer: a million are kept.
type lastSession struct {
	id, second int64
	nanosecond int32
	status     collectors.Word
}

func (h *history) keep(s *MaintenanceSession, how Maintenance) lastSession {
	return lastSession{
		id: s.ID.N, second: how.On.Unix(), nanosecond: int32(how.On.Nanosecond()), //nolint:gosec // below a milliard
		status: h.words.Keep(how.Status),
	}
}

func (h *history) maintenance(last lastSession) Maintenance {
	on := time.Unix(last.second, int64(last.nanosecond)).UTC()
	return Maintenance{Status: h.words.Text(last.status), On: on}
}

// sessionRecords yields the sessions of the last days, and leaves the last one of each computer in found.
func (c *Collector) sessionRecords(
	ctx context.Context, m *collectors.Meter, found *history,
) records {
	return found.sessions.Records(ofComputers(c.windows(ctx, m, sessionList(), maintenanceDays)),
		func(r collectors.Record, last *lastSession) {
			s := r.Value.(*MaintenanceSession)
			if how, ended := s.Outcome(); ended && s.ID.N > last.id {
				*last = found.keep(s, how)
			}
		})
}

// ofComputers leaves out the sessions of no computer.
func ofComputers(list records) records {
	return func(yield func(collectors.Record, error) bool) {
		for r, err := range list {
			if err == nil && r.Err == nil && r.ID == "" {
				continue
			}
			if !yield(r, err) {
				return
			}
		}
	}
}

// history is what the steps of maintenance leave for the computers.
type history struct {
	sessions collectors.Beside[lastSession]
	actions  collectors.Beside[lastActions]
	words    collectors.Words
}

func (h *history) drop() {
	h.sessions.Drop()
	h.actions.Drop()
}

// maintained sets how the last maintenance of a computer went. Where no session says it, it stays what it was, and so
// does what its deployments came to.
func (c *Collector) maintained(r *collectors.Record, h *history) {
	computer, ok := r.Value.(*Computer)
	if !ok || !c.config.Options.Collect.Has(maintenancePart()) {
		return
	}
	last, _, known := h.sessions.Of(computer.ID.N)
	if known = known && last.id != 0; known {
		computer.LastMaintenance = h.maintenance(last)
	} else {
		r.Lacks = append(r.Lacks, maintenance)
	}
	if !c.config.Options.Collect.Has(actionsPart()) {
		return
	}
	if list, _, read := h.actions.Of(computer.ID.N); read && known {
		computer.Deployments = list.count()
	} else {
		r.Lacks = append(r.Lacks, actions)
	}
}

// countSessions proves that the sessions may be read. How many there are of late takes reading them.
func (c *Collector) countSessions(ctx context.Context) (int, error) {
	_, err := c.probe(ctx, &dxWalk{list: sessionList()})
	return -1, err
}
