package ninjarmm

import (
	"net/http"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"assetgraph/collectors"
)

func TestAlerts(t *testing.T) {
	s := newTenant(t)
	s.unpaged["/v2/alerts"] = string(testdata(t, "alerts.json"))
	n := s.collector(t)
	ids, records, err := read(t, n, "alerts", &collectors.Meter{})
	require.NoError(t, err)
	require.Equal(t, []string{"77777777-0000-4000-8000-000000000001", "77777777-0000-4000-8000-000000000002"}, ids)
	a := records[0].Value.(*Alert)
	require.Equal(t, "Disk almost full", string(a.Condition))
	require.Equal(t, int64(102), a.DeviceID.N)
	require.Equal(t, time.Unix(1774303200, 0).UTC(), a.Created.Time)
	require.NotContains(t, dump(t, a), "Free space on")
	total, err := stepOf(t, n, "alerts").Count(t.Context())
	require.NoError(t, err)
	require.Equal(t, 2, total)
	require.Equal(t, []string{"", ""}, s.seen("/v2/alerts"))
}

func TestRecordedAlert(t *testing.T) {
	s := newTenant(t)
	s.unpaged["/v2/alerts"] = string(testdata(t, "alerts_recorded.json"))
	_, records, err := read(t, s.collector(t), "alerts", &collectors.Meter{})
	require.NoError(t, err)
	a := records[0].Value.(*Alert)
	require.Equal(t, "CONDITION_WINDOWS_EVENT_LOG_TRIGGERED", string(a.SourceType))
	require.Empty(t, a.Severity, "not on servers of that time")
	require.NotContains(t, dump(t, a), "rebooted")
}

// No alerts is good news, unlike a report without rows.
func TestNoAlertsIsComplete(t *testing.T) {
	ids, _, err := read(t, newTenant(t).collector(t), "alerts", &collectors.Meter{})
	require.NoError(t, err)
	require.Empty(t, ids)
}

func TestAlertsThatAreRefused(t *testing.T) {
	for status, unavailable := range map[int]bool{403: true, 404: true, 500: false, 204: false} {
		s := newTenant(t)
		s.handlers["/v2/alerts"] = func(w http.ResponseWriter, _ *http.Request) { answer(w, status, `{"resultCode":"FAILURE"}`) }
		n := s.collector(t)
		_, _, err := read(t, n, "alerts", &collectors.Meter{})
		require.Error(t, err)
		require.Equal(t, unavailable, collectors.IsUnavailable(err), "%v", err)
		_, err = stepOf(t, n, "alerts").Count(t.Context())
		require.Equal(t, unavailable, collectors.IsUnavailable(err), "%v", err)
	}
}

// Whose an alert is its device tells: where not all devices are known the list of alerts is not whole either.
func TestAlertsOfWhatIsChosen(t *testing.T) {
	const two = `[{"uid":"a","deviceId":31},{"uid":"b","deviceId":32},{"uid":"c","deviceId":4711}]`
	s := twoCustomers(t)
	s.unpaged["/v2/alerts"] = two
	n := s.narrowed(t, "1")
	require.Equal(t, []string{"devices"}, stepOf(t, n, "alerts").After)
	_, _, err := read(t, n, "devices", &collectors.Meter{})
	require.NoError(t, err)
	ids, _, err := read(t, n, "alerts", &collectors.Meter{})
	require.NoError(t, err)
	require.Equal(t, []string{"a"}, ids)
	require.Equal(t, []string{"df=org%20in%20%281%29"}, s.seen("/v2/alerts"))

	s = twoCustomers(t)
	s.unpaged["/v2/alerts"] = two
	n = s.narrowed(t, "1")
	s.handlers["/v2/devices-detailed"] = func(w http.ResponseWriter, _ *http.Request) { answer(w, 500, `{}`) }
	_, _, err = read(t, n, "devices", &collectors.Meter{})
	require.Error(t, err)
	_, _, err = read(t, n, "alerts", &collectors.Meter{})
	var incomplete *collectors.IncompleteError
	require.ErrorAs(t, err, &incomplete)
}
