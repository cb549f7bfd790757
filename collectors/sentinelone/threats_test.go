package sentinelone

import (
	"fmt"
	"net/http"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"assetgraph/collectors"
)

// consoleTime is what time it is at a console: years away from here.
var consoleTime = time.Date(2019, 5, 1, 12, 0, 0, 0, time.UTC)

// threatConsole is a console of another time than ours.
func threatConsole(t *testing.T) *console {
	c := newConsole(t)
	c.date = func() string { return consoleTime.Format(http.TimeFormat) }
	return c
}

func threatOf(id, status string, changed time.Time, members string) string {
	return fmt.Sprintf(`{"id":%q,"threatInfo":{"incidentStatus":%q,"updatedAt":%q}%s}`, id, status,
		changed.Format(timeFilter), members)
}

func TestThreatsAreThoseThatAreOpenAndThoseOfTheLastNinetyDays(t *testing.T) {
	c, day := threatConsole(t), 24*time.Hour
	c.records["/threats"] = []string{
		threatOf("1", "unresolved", consoleTime.Add(-900*day), ""), threatOf("2", "in_progress", consoleTime.Add(-400*day), ""),
		threatOf("3", "resolved", consoleTime.Add(-90*day), ""), threatOf("4", "resolved", consoleTime.Add(-90*day-time.Second), ""),
		threatOf("5", "resolved", consoleTime, ""),
	}
	s := c.collector(collectors.Options{PageSize: 1})
	r := readStep(t, s, "threats")
	require.NoError(t, r.err)
	require.Equal(t, []string{"1", "2", "3", "5"}, r.ids())
	require.Equal(t, 4, r.meter.Expected())
	asked := c.queries("/threats")
	require.Equal(t, "unresolved,in_progress", asked[0].Get("incidentStatuses"))
	require.False(t, asked[0].Has("updatedAt__gte"), "however old")
	require.Equal(t, "2019-01-31T12:00:00.000000Z", asked[2].Get("updatedAt__gte"), "by the console's clock")
	n, err := stepOf(t, s, "threats").Count(t.Context())
	require.NoError(t, err)
	require.Equal(t, 4, n)
}

func TestThreatsThatChangeWhileTheyAreReadAreNotMissed(t *testing.T) {
	c := threatConsole(t)
	open, reopened := threatOf("1", "unresolved", consoleTime.Add(-time.Hour), ""), threatOf("2", "resolved", consoleTime.Add(-time.Hour), "")
	c.records["/threats"] = []string{open, reopened}
	c.after = func(route string) {
		if route == "/threats" && len(c.queries(route)) == 1 { // between the first walk and the second
			c.records["/threats"] = []string{
				threatOf("1", "resolved", consoleTime, ""), threatOf("2", "unresolved", consoleTime, ""),
			}
		}
	}
	r := readStep(t, c.collector(collectors.Options{}), "threats")
	require.NoError(t, r.err)
	require.Equal(t, []string{"1", "1", "2"}, r.ids())
}

func TestConsoleThatTellsNoTime(t *testing.T) {
	c := newConsole(t)
	c.date = func() string { return "" }
	c.records["/threats"] = []string{threatOf("1", "unresolved", consoleTime, ""), threatOf("2", "resolved", consoleTime, "")}
	s := c.collector(collectors.Options{})
	r := readStep(t, s, "threats")
	require.Equal(t, []string{"1"}, r.ids())
	var incomplete *collectors.IncompleteError
	require.ErrorAs(t, r.err, &incomplete, "nothing tells since when")
	_, err := stepOf(t, s, "threats").Count(t.Context())
	require.ErrorIs(t, err, errNoDate)
}

func TestThreatOfAnAgentThatTheConsoleHasForgotten(t *testing.T) {
	c := threatConsole(t)
	c.records["/threats"] = []string{
		threatOf("1", "unresolved", consoleTime, `,"agentRealtimeInfo":null,"agentDetectionInfo":{"siteId":"11","accountId":"1"}`),
	}
	r := readStep(t, c.collector(collectors.Options{}), "threats")
	require.NoError(t, r.err)
	threat := r.records[0].Value.(*Threat)
	require.Empty(t, threat.AgentNow)
	require.EqualValues(t, "11", threat.AgentAtThatTime.SiteID)
}

func TestThreatThatDoesNotTellItsAgentMakesTheListIncomplete(t *testing.T) {
	c := threatConsole(t)
	c.records["/threats"] = []string{
		threatOf("1", "unresolved", consoleTime, `,"agentRealtimeInfo":"gone"`),
		threatOf("2", "unresolved", consoleTime, `,"agentRealtimeInfo":{"agentId":{"value":1}}`),
		threatOf("3", "unresolved", consoleTime, `,"agentRealtimeInfo":{"agentId":7}`),
	}
	r := readStep(t, c.collector(collectors.Options{}), "threats")
	require.NoError(t, r.err)
	for i, broken := range []bool{true, true, false} {
		require.Equal(t, broken, r.records[i].Err != nil, "%+v", r.records[i])
	}
}

func TestThreatsOfWhatIsChosen(t *testing.T) {
	c := twoAccounts(t)
	c.date = func() string { return consoleTime.Format(http.TimeFormat) }
	at := func(now, then string) string {
		return fmt.Sprintf(`,"agentRealtimeInfo":%s,"agentDetectionInfo":%s`, now, then)
	}
	site := func(id, account string) string {
		return fmt.Sprintf(`{"agentId":"1","siteId":%q,"accountId":%q}`, id, account)
	}
	c.records["/threats"] = []string{
		threatOf("1", "unresolved", consoleTime.Add(-time.Hour), at("null", site("12", "1"))),
		threatOf("2", "unresolved", consoleTime.Add(-time.Hour), at(site("12", "1"), site("12", "1"))),
		threatOf("3", "unresolved", consoleTime.Add(-time.Hour), at(site("21", "2"), site("21", "2"))),
		threatOf("4", "unresolved", consoleTime.Add(-time.Hour), at(site("21", "2"), site("12", "1"))),
	}
	for _, ignored := range []bool{false, true} {
		if ignored {
			c.filters = nil
		}
		s := c.narrowed(collectors.Filter{"sites": choice("12")})
		r := readStep(t, s, "threats")
		require.NoError(t, r.err)
		require.Equal(t, []string{"1", "2", "4"}, r.ids(), "which of both sites the console filters by is not known")
		require.Equal(t, ignored, r.warnings() != "")
		require.Equal(t, "12", c.queries("/threats")[0].Get("siteIds"))
	}
}

// A threat that is resolved while the walk is under way makes the list shorter than it was announced.
func TestThreatListThatEndsEarlyIsIncomplete(t *testing.T) {
	c := threatConsole(t)
	var pages atomic.Int64
	for id := range 4 {
		c.records["/threats"] = append(c.records["/threats"], threatOf(fmt.Sprint(id+1), "unresolved", consoleTime.Add(-time.Hour), ""))
	}
	c.after = func(route string) {
		if route == "/threats" && pages.Add(1) == 1 {
			c.records["/threats"][3] = strings.Replace(c.records["/threats"][3], "unresolved", "resolved", 1)
		}
	}
	r := readStep(t, c.collector(collectors.Options{PageSize: 2}), "threats")
	var incomplete *collectors.IncompleteError
	require.ErrorAs(t, r.err, &incomplete)
}

func TestThreatsOfAnotherStatusThanWasAskedForAreNoList(t *testing.T) {
	c := threatConsole(t)
	c.answer["/threats"] = answer(200, `{"data":[`+threatOf("1", "resolved", consoleTime, "")+`],"pagination":{"nextCursor":null,"totalItems":1}}`)
	r := readStep(t, c.collector(collectors.Options{}), "threats")
	require.Empty(t, r.records)
	require.ErrorContains(t, r.err, errOther.Error())
}

func TestWhatTheConsoleItselfRefusesIsNotAvailable(t *testing.T) {
	for name, tt := range map[string]struct {
		status int
		body   string
		want   bool
	}{
		"no permission":            {403, `{"data":null,"errors":[{"code":4030010,"detail":null,"title":"Insufficient permissions"}]}`, true},
		"not licensed":             {403, `{"errors":[{"code":4030010,"detail":"This scope does not have Custom Rules enabled.","title":"Insufficient permissions"}]}`, true},
		"no such route":            {404, `{"errors":[{"code":4040010,"detail":"","title":"Requested resource was not found"}]}`, true},
		"a gateway's 404":          {404, `404 page not found`, false},
		"a gateway's 403":          {403, `{"message":"Forbidden"}`, false},
		"a token that has ended":   {401, unauthorized, false},
		"a parameter is refused":   {400, `{"errors":[{"code":4000010,"detail":"incidentStatuses: Not a valid choice.","title":"Validation Error"}]}`, false},
		"a fault of the console":   {500, `{"errors":[{"code":5000010,"title":"Server could not process the request."}]}`, false},
		"a 403 that is no refusal": {502, `{"errors":[{"code":4030010,"title":"Insufficient permissions"}]}`, false},
	} {
		t.Run(name, func(t *testing.T) {
			c := threatConsole(t)
			c.answer["/threats"] = answer(tt.status, tt.body)
			s := c.collector(collectors.Options{})
			r := readStep(t, s, "threats")
			require.Error(t, r.err)
			require.Equal(t, tt.want, collectors.IsUnavailable(r.err), r.err.Error())
			_, err := stepOf(t, s, "threats").Count(t.Context())
			require.Equal(t, tt.want, collectors.IsUnavailable(err), err.Error())
		})
	}
}
