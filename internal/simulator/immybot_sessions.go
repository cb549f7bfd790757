package simulator

import "time"

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

// sessionList is GET /maintenance-sessions/dx.
func (m *immy) sessionList(c *call) {
	q, ok := c.dxQuery("createdDate", "id", "sessionStatus", "computerId", "tenantId", "updatedDate")
	if !ok {
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
	m.dx(c, &q, rows, c.f.renderSession(&q))
}

// renderSession writes the fields of a session that were asked for.
func (f *fleet) renderSession(q *dxQuery) func(*jsonWriter, int) {
	return func(w *jsonWriter, session int) {
		s := f.session(session)
		w.begin('{')
		w.num("id", sessionID(session))
		if q.wants("sessionStatus") {
			w.num("sessionStatus", s.status)
		}
		switch {
		case q.wants("computerId") && session != cloudSession:
			w.num("computerId", f.computerID(session/sessionSlots))
		case q.wants("computerId"):
			w.nulls("computerId")
		}
		if q.wants("createdDate") {
			w.at("createdDate", s.on, microLayout)
		}
		if q.fields == nil {
			w.str("statusName", sessionName(s.status))
			w.nulls("computerName", "createdBy", "onboardingStageStatus", "scheduledExecutionDate")
			w.at("updatedDate", s.on.Add(4*time.Minute), microLayout)
			w.flag("fullMaintenance", true)
		}
		w.end('}')
	}
}
