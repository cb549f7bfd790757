package simulator

import "time"

const actionsRoute = "/maintenance-actions/dx"

// actionSlots is how many actions a computer has room for, over three deployments: one that is as it should be, one
// that failed and may have been mended since, and one that waits.
const (
	actionSlots = 4
	actionBase  = 500_000
)

// Deviations of the computer of machine i.

func (f *fleet) failedOnce(i int) bool { return i%7 == 1 || i%13 == 4 } // to install, three days before
func (f *fleet) mended(i int) bool     { return i%7 == 1 }
func (f *fleet) outdated(i int) bool   { return i%11 == 2 }

// actionView lists the actions of all computers, in the order of their ids.
func (f *fleet) actionView() []uint32 {
	return f.view("actions", computerSlots*actionSlots, func(action int) bool {
		i := action / actionSlots / computerSlots
		if _, ok := f.maintained(i); !ok || !f.hasComputer(action/actionSlots) {
			return false
		}
		return [...]bool{true, f.failedOnce(i), f.mended(i), f.outdated(i)}[action%actionSlots]
	})
}

func (f *fleet) actionOn(action int) time.Time {
	last, _ := f.maintained(action / actionSlots / computerSlots)
	if action%actionSlots == 1 {
		return last.on.Add(-24 * time.Hour)
	}
	return last.on.Add(time.Minute)
}

// actionList is GET /maintenance-actions/dx.
func (m *immy) actionList(c *call) {
	q, ok := c.dxQuery("createdDateUTC",
		"id", "computerId", "assignmentId", "assignmentType", "actionType", "reason", "result")
	if !ok {
		return
	}
	if !q.deviant && q.sorted {
		c.mistake("actions that did nothing asked for as well")
	}
	var rows []uint32
	c.read(func() {
		for _, action := range c.f.actionView() {
			if q.has(actionBase+int(action), c.f.actionOn(int(action))) {
				rows = append(rows, action)
			}
		}
	})
	m.dx(c, &q, rows, c.f.renderAction(&q))
}

// renderAction writes the fields of an action that were asked for.
func (f *fleet) renderAction(q *dxQuery) func(*jsonWriter, int) {
	return func(w *jsonWriter, action int) {
		number := action % actionSlots
		w.begin('{')
		w.num("id", actionBase+action)
		for _, f := range []struct {
			field string
			value int
		}{
			{"computerId", f.computerID(action / actionSlots)},
			{"assignmentId", [...]int{61, 62, 62, 63}[number]}, {"assignmentType", 1},
			{"actionType", [...]int{2, 1, 1, 2}[number]},
			{"reason", [...]int{1, 0, 0, 1}[number]}, {"result", [...]int{1, 2, 1, 0}[number]},
		} {
			if q.wants(f.field) {
				w.num(f.field, f.value)
			}
		}
		if q.wants("createdDateUTC") {
			w.at("createdDateUTC", f.actionOn(action), microLayout)
		}
		w.end('}')
	}
}
