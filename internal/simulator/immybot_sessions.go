package simulator

import (
	"encoding/json"
	"fmt"
	"net/http"
	"slices"
	"strconv"
	"time"
)

const sessionsRoute = "/maintenance-sessions/dx"

// The statuses of maintenance sessions that the simulator plays.
const (
	sessionPassed              = 0
	sessionRunning             = 1
	sessionFailed              = 2
	sessionPartialPassed       = 7
	sessionPendingConnectivity = 8
	sessionMissed              = 9
)

func sessionName(status int) string {
	return map[int]string{
		sessionPassed: "Passed", sessionRunning: "Running", sessionFailed: "Failed",
		sessionPartialPassed: "PartialPassed", sessionPendingConnectivity: "PendingConnectivity",
		sessionMissed: "Missed",
	}[status]
}

// sessionSlots is how many sessions a computer has room for: one of the week before, the last one that ended, and one
// that runs. Ids follow computers, and say nothing of which session is newer than that of another computer.
const (
	sessionSlots = 3
	sessionBase  = 200_000
)

// A maintenance is how the last session of a machine's computer ended, as the sessions of the last week tell.
type maintenance struct {
	status int
	on     time.Time
}

// maintained returns the last session of machine i's computer that ended; false for a computer that was maintained so
// long ago that no list of a week shows it, or never.
func (f *fleet) maintained(i int) (m maintenance, ok bool) {
	s := &f.states[i]
	if s.traits.Has(Onboarding) || i%31 == 5 || i%31 == 11 {
		return m, false
	}
	m.on = f.start.Add(-f.spread(i, topicSession, time.Hour, 5*24*time.Hour)).Truncate(time.Microsecond)
	m.on = m.on.Add(time.Duration(s.edits) * time.Second) // an upgrade is a session of its own
	switch {
	case i%13 == 4:
		m.status = sessionFailed
	case i%17 == 3:
		m.status = sessionPartialPassed
	case i%19 == 7:
		m.status = sessionPendingConnectivity
	case i%29 == 9:
		m.status = sessionMissed
	}
	return m, true
}

// sessionView lists the sessions of all computers, in the order of their ids.
func (f *fleet) sessionView() []uint32 {
	return f.view("sessions", computerSlots*sessionSlots, func(session int) bool {
		i := session / sessionSlots / computerSlots
		if !f.hasComputer(session / sessionSlots) {
			return false
		}
		_, ok := f.maintained(i)
		switch session % sessionSlots {
		case 0:
			return ok || i%31 == 11
		case 1:
			return ok
		}
		return ok && i%10 == 6
	})
}

// cloudSession stands for one of a customer's cloud, which no list of computers' sessions shows.
const cloudSession = 1 << 31

func sessionID(session int) int {
	if session == cloudSession {
		return sessionBase - 1
	}
	return sessionBase + session
}

// session returns how a session goes and when it was made.
func (f *fleet) session(session int) maintenance {
	if session == cloudSession {
		return maintenance{on: f.start}
	}
	i := session / sessionSlots / computerSlots
	last, ok := f.maintained(i)
	switch {
	case !ok:
		return maintenance{on: f.start.AddDate(0, 0, -40)}
	case session%sessionSlots == 0:
		return maintenance{on: last.on.AddDate(0, 0, -7)}
	case session%sessionSlots == 2:
		return maintenance{status: sessionRunning, on: f.start.Add(-time.Duration(i%50) * time.Minute)}
	}
	return last
}

// sessionList is GET /maintenance-sessions/dx. What is asked of more than a day is not answered in time when it is to be
// counted or sorted.
func (m *immy) sessionList(c *call) {
	c.knows("sessionType", "skip", "take", "sort", "filter", "select", "requireTotalCount")
	q, err := c.dxQuery()
	switch {
	case err != nil:
		c.mistake("%v", err)
		c.json(http.StatusInternalServerError,
			`{"title":"An error occurred while processing your request.","status":500}`)
		return
	case q.wide() && (q.sorted || q.total):
		c.mistake("a window of more than a day, sorted or counted")
		c.text(http.StatusGatewayTimeout, "text/plain", "stream timeout")
		return
	}
	var rows []uint32
	c.read(func() {
		for _, session := range c.f.sessionView() {
			if q.has(sessionID(int(session)), c.f.session(int(session)).on) {
				rows = append(rows, session)
			}
		}
	})
	if c.query.Get("sessionType") != "2" {
		c.mistake("sessions of more than computers")
		rows = append(rows, cloudSession)
	}
	if !q.sorted {
		rows = rotated(rows, int(m.unsorted.Add(1)))
	}
	total := -1
	if q.total {
		total = len(rows)
	}
	c.stream(`{"data":[`, rows[:min(q.take, len(rows))], c.f.renderSession(q.fields),
		fmt.Sprintf(`],"totalCount":%d,"groupCount":-1,"summary":null}`, total))
}

// renderSession writes the fields of a session that were asked for; nil is all.
func (f *fleet) renderSession(fields []string) func(*jsonWriter, int) {
	wants := func(field string) bool { return fields == nil || slices.Contains(fields, field) }
	return func(w *jsonWriter, session int) {
		s := f.session(session)
		w.begin('{')
		w.num("id", sessionID(session))
		if wants("sessionStatus") {
			w.num("sessionStatus", s.status)
		}
		switch {
		case wants("computerId") && session != cloudSession:
			w.num("computerId", f.computerID(session/sessionSlots))
		case wants("computerId"):
			w.nulls("computerId")
		}
		if wants("createdDate") {
			w.at("createdDate", s.on, microLayout)
		}
		if fields == nil {
			w.str("statusName", sessionName(s.status))
			w.nulls("computerName", "createdBy", "onboardingStageStatus", "scheduledExecutionDate")
			w.at("updatedDate", s.on.Add(4*time.Minute), microLayout)
			w.flag("fullMaintenance", true)
		}
		w.end('}')
	}
}

// A dxQuery is what is asked of a list of the DevExtreme dialect.
type dxQuery struct {
	from, to      time.Time // zero for no such bound
	after, take   int
	sorted, total bool
	fields        []string
}

func (q *dxQuery) wide() bool {
	return q.from.IsZero() || q.to.IsZero() || q.to.Sub(q.from) > 24*time.Hour
}

func (q *dxQuery) has(id int, created time.Time) bool {
	return id > q.after && !created.Before(q.from) && (q.to.IsZero() || created.Before(q.to))
}

// dxQuery reads the query. Its error is one that the provider answers with a fault.
func (c *call) dxQuery() (q dxQuery, err error) {
	var detail string
	if q.take, detail = c.bounded("take", 1<<30, 1, 1<<30); detail != "" {
		return q, fmt.Errorf("take: %s", detail)
	}
	if !c.query.Has("take") {
		c.mistake("walk without take")
	}
	if c.query.Has("skip") {
		c.mistake("skip used: rows move from page to page")
	}
	q.total = c.query.Get("requireTotalCount") == "true"
	if text := c.query.Get("sort"); text != "" {
		var by []struct {
			Selector string
			Desc     bool
		}
		if err := json.Unmarshal([]byte(text), &by); err != nil || len(by) != 1 || by[0].Selector != "id" || by[0].Desc {
			return q, fmt.Errorf("sort is not simulated: %s", text)
		}
		q.sorted = true
	}
	if text := c.query.Get("select"); text != "" {
		if err := json.Unmarshal([]byte(text), &q.fields); err != nil {
			return q, fmt.Errorf("select is no list: %s", text)
		}
		known := []string{"id", "sessionStatus", "computerId", "tenantId", "createdDate", "updatedDate"}
		for _, field := range q.fields {
			if !slices.Contains(known, field) {
				return q, fmt.Errorf("no such field: %s", field)
			}
		}
	}
	if text := c.query.Get("filter"); text != "" {
		err = q.filter([]byte(text))
	}
	return q, err
}

// filter reads conditions that are joined by "and".
func (q *dxQuery) filter(text []byte) error {
	var parts []json.RawMessage
	if err := json.Unmarshal(text, &parts); err != nil {
		return fmt.Errorf("filter is no list: %s", text)
	}
	for n, part := range parts {
		if n%2 == 1 {
			if string(part) != `"and"` {
				return fmt.Errorf("conditions joined by %s", part)
			}
			continue
		}
		if err := q.condition(part); err != nil {
			return err
		}
	}
	return nil
}

func (q *dxQuery) condition(text []byte) error {
	var c [3]any
	if err := json.Unmarshal(text, &c); err != nil {
		return fmt.Errorf("condition that is not simulated: %s", text)
	}
	value := fmt.Sprint(c[2])
	switch at, err := time.Parse("01/02/2006 15:04:05", value); {
	case c[0] == "createdDate" && c[1] == ">=" && err == nil:
		q.from = at
	case c[0] == "createdDate" && c[1] == "<" && err == nil:
		q.to = at
	case c[0] == "id" && c[1] == ">":
		n, ok := c[2].(float64)
		if !ok {
			return fmt.Errorf("id is no number: %s", strconv.Quote(value))
		}
		q.after = int(n)
	default:
		return fmt.Errorf("condition that is not simulated: %s", text)
	}
	return nil
}
