package immybot

import (
	"context"
	"net/url"
	"time"

	"assetgraph/collectors"
	"assetgraph/collectors/internal/rawjson"
)

const routeActions = "/maintenance-actions/dx"

// A MaintenanceAction is a row of /maintenance-actions/dx: what a session found or did about one deployment; see
// docs/providers/immybot-api.md, "Maintenance actions". Prose, and what is deployed, are not read.
type MaintenanceAction struct {
	ID             rawjson.Int `json:"id"`
	ComputerID     rawjson.Int `json:"computerId"` // null for a customer's cloud
	AssignmentID   rawjson.Int `json:"assignmentId"`
	AssignmentType rawjson.Int `json:"assignmentType"`
	Reason         rawjson.Int `json:"reason"`
	Result         rawjson.Int `json:"result"`
	CreatedDate    Time        `json:"createdDateUTC"`
}

// Deployments counts the deployments of a computer by what the newest action of each came to.
type Deployments struct {
	Known                bool
	NonCompliant, Failed int64
}

// Results of actions.
const (
	resultSuccess  = 1
	resultFailed   = 2
	resultResolved = 5
)

// verdict is what an action says of its deployment.
type verdict struct{ nonCompliant, failed bool }

func (a *MaintenanceAction) verdict() verdict {
	v := verdict{failed: a.Result.Set && a.Result.N == resultFailed}
	switch a.Reason.N {
	case 0, 1, 4, 6, 13: // software missing, update available, test failed, older version required, task not compliant
		v.nonCompliant = a.Reason.Set && a.Result.N != resultSuccess && a.Result.N != resultResolved
	}
	return v
}

// actionList is the list of the actions of computers that were more than to look: the others are five to ten times as
// many, and say that all is well.
func actionList() dxList {
	return dxList{
		name: actions, route: routeActions, query: url.Values{}, where: `["actionType","<>",0]`,
		created: "createdDateUTC",
		fields:  []string{"id", "computerId", "assignmentId", "assignmentType", "reason", "result", "createdDateUTC"},
		decode:  actionPage,
		row: func(r collectors.Record) (int64, time.Time, bool) {
			if a, ok := r.Value.(*MaintenanceAction); ok {
				return a.ID.N, a.CreatedDate.Time, true
			}
			return 0, time.Time{}, false
		},
	}
}

// actionPage reads actions as records of the computer that each is of.
func actionPage(page []byte, beside *rawjson.Beside) ([]collectors.Record, error) {
	rows, err := rawjson.RecordsBeside(page, KindMaintenanceAction, "id",
		func(a *MaintenanceAction) string { return idText(a.ID) }, beside, "data")
	for i := range rows {
		rows[i].ID = ""
		if a, ok := rows[i].Value.(*MaintenanceAction); ok {
			rows[i].ID = idText(a.ComputerID)
		}
	}
	return required(rows, "computerId", "assignmentId", "assignmentType", "reason", "result", "createdDateUTC"), err
}

// lastActions are the newest actions of one computer, one for each deployment.
type lastActions []lastAction

type lastAction struct {
	id, assignment int64
	database       int64 // the deployment's: its own id is unique within that
	verdict
}

// add takes an action. One of no deployment, such as what people start by hand, says nothing of any.
func (l *lastActions) add(a *MaintenanceAction) {
	if !a.AssignmentID.Set {
		return
	}
	fresh := lastAction{a.ID.N, a.AssignmentID.N, a.AssignmentType.N, a.verdict()}
	for i, known := range *l {
		if known.assignment == fresh.assignment && known.database == fresh.database {
			if known.id < fresh.id {
				(*l)[i] = fresh
			}
			return
		}
	}
	*l = append(*l, fresh)
}

func (l lastActions) count() Deployments {
	d := Deployments{Known: true}
	for _, a := range l {
		if a.nonCompliant {
			d.NonCompliant++
		}
		if a.failed {
			d.Failed++
		}
	}
	return d
}

// actionRecords yields the actions of the last days, and leaves those of each computer in found.
func (c *Collector) actionRecords(
	ctx context.Context, m *collectors.Meter, found *collectors.Beside[lastActions],
) records {
	return found.Records(ofComputers(c.windows(ctx, m, actionList(), maintenanceDays)),
		func(r collectors.Record, last *lastActions) { last.add(r.Value.(*MaintenanceAction)) })
}

// countActions proves that the actions may be read.
func (c *Collector) countActions(ctx context.Context) (int, error) {
	_, err := c.probe(ctx, &dxWalk{list: actionList()})
	return -1, err
}
