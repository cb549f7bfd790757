package immybot

import (
	"fmt"
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"assetgraph/collectors"
)

// all returns a collector that reads every part.
func (in *instance) all() *Collector {
	c := in.collector(0)
	c.config.Options.Collect = collectors.ParseCollect("IMMYBOT_COLLECT", "all")
	c.steps = c.newSteps()
	return c
}

// actions plays a list of actions of the last day, whose rows are written without the time.
func (in *instance) actions(rows ...string) {
	in.routes[routeActions] = func(w http.ResponseWriter, r *http.Request) {
		w.Header().Set("Date", noon.Format(http.TimeFormat))
		q, list := r.URL.Query(), ""
		from, _, _ := windowOfAny(in.t, q)
		if from.Day() == noon.Day() {
			if !strings.Contains(q.Get("filter"), `["actionType","<>",0]`) {
				in.t.Errorf("actions that did nothing are asked for: %v", q)
			}
			list = strings.ReplaceAll(strings.Join(rows, ","), "}", `,"createdDateUTC":"2024-02-29T08:00:00Z"}`)
		}
		writeJSON(w, http.StatusOK, fmt.Sprintf(`{"data":[%s],"totalCount":-1}`, list))
		if q.Has("filter") && from.Day() == noon.Day() {
			rows = nil // the next page is empty
		}
	}
}

func action(id, computer, assignment, database, reason, result int) string {
	return fmt.Sprintf(`{"id":%d,"computerId":%d,"assignmentId":%d,"assignmentType":%d,"reason":%d,"result":%d}`,
		id, computer, assignment, database, reason, result)
}

func TestDeploymentsAreCountedByTheirNewestAction(t *testing.T) {
	in := newInstance(t)
	var sessions []madeSession
	for id := 1; id <= 5; id++ {
		sessions = append(sessions, madeSession{id: id, computer: id, created: noon.Add(-time.Hour)})
	}
	in.sessions(&sessionTable{rows: sessions})
	in.list("/computers/paged", &pagedList{rows: computers(6)})
	in.actions(
		action(1, 1, 61, 1, 1, 1), action(2, 1, 62, 1, 0, 2), action(3, 1, 63, 1, 13, 0), // fine, failed, waits
		action(4, 2, 61, 1, 0, 2), action(5, 2, 61, 1, 0, 1), // mended
		action(6, 3, 61, 1, 0, 1), action(7, 3, 61, 0, 0, 2), // two deployments of one number
		action(8, 4, 61, 1, 0, 5), action(9, 4, 62, 1, 9, 2), action(10, 4, 63, 1, 2, 0), // resolved; failed of another reason; up to date
		`{"id":11,"computerId":4,"assignmentId":null,"assignmentType":null,"reason":0,"result":2}`, // by hand
		`{"id":12,"computerId":null,"assignmentId":61,"assignmentType":1,"reason":0,"result":2}`,   // of a cloud
		action(13, 6, 61, 1, 0, 2), // without a session that ended
	)
	c := in.all()
	records, _, err := readAll(t, c, "computers")
	require.NoError(t, err)
	got := map[string]string{}
	for _, r := range records {
		d := r.Value.(*Computer).Deployments
		got[r.ID] = strings.TrimSpace(fmt.Sprint(d.NonCompliant, d.Failed, d.Known, " ", strings.Join(r.Lacks, " ")))
	}
	require.Equal(t, map[string]string{
		"1": "2 1 true", "2": "0 0 true", "3": "1 1 true", "4": "0 1 true", "5": "0 0 true",
		"6": "0 0 false maintenance actions",
	}, got)
}

func TestActionsThatCanNotBeReadLeaveSessionsAlone(t *testing.T) {
	for name, refuse := range map[string]func(*instance){
		"refused": func(in *instance) { in.status(routeActions, http.StatusForbidden, `{}`) },
		"cut off": func(in *instance) { in.status(routeActions, http.StatusOK, `{"data":`) },
		"one row": func(in *instance) {
			in.actions(strings.Replace(action(1, 1, 61, 1, 0, 2), `"result":2`, `"result":[]`, 1))
		},
	} {
		t.Run(name, func(t *testing.T) {
			in := newInstance(t)
			in.sessions(&sessionTable{rows: []madeSession{{id: 1, computer: 1, created: noon.Add(-time.Hour)}}})
			refuse(in)
			in.list("/computers/paged", &pagedList{rows: computers(1)})
			records, _, err := readAll(t, in.all(), "computers")
			require.NoError(t, err)
			require.Equal(t, []string{"actions"}, records[0].Lacks)
			require.Equal(t, "Passed", records[0].Value.(*Computer).LastMaintenance.Status)
		})
	}
}

func TestActionsAreNotReadUnlessTheyAreChosen(t *testing.T) {
	in := newInstance(t)
	in.actions(action(1, 1, 61, 1, 0, 2))
	c := in.collector(0)
	require.True(t, stepOf(t, c, "actions").Skipped)
	n, err := count(t, in.all(), "actions")
	require.NoError(t, err)
	require.Equal(t, -1, n)
}

func TestActionsOfAnotherTime(t *testing.T) {
	records, err := Decode(KindMaintenanceAction, []byte(fixture(t, "recorded/maintenance-actions-latest-for-computer.json")))
	require.NoError(t, err)
	require.Equal(t, []string{"6754"}, ids(records))
	a := records[0].Value.(*MaintenanceAction)
	require.EqualValues(t, 569, a.AssignmentID.N)
	require.Equal(t, verdict{}, a.verdict(), "it has not begun, for a reason that nobody has determined")
	require.Empty(t, records[0].Unread)
}
