package ninjarmm

import (
	"context"
	"net/http"
	"os"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"assetgraph/collectors"
)

func TestPendingDevicesAreReadToo(t *testing.T) {
	s := newTenant(t)
	s.clamp = 2
	s.lists["/v2/devices-detailed"] = append(deviceRows(approved, 1, 5), deviceRows(pending, 6, 8)...)
	var m collectors.Meter
	ids, _, err := read(t, s.collector(t), "devices", &m)
	require.NoError(t, err)
	require.Equal(t, []string{"6", "7", "8", "1", "2", "3", "4", "5"}, ids)
	require.Empty(t, m.Warnings())
	require.Equal(t, "df=status%20%3D%20PENDING&expand=warranty&pageSize=1000", s.seen("/v2/devices-detailed")[0],
		"spaces as %20, not as +")
}

func TestWarrantyOwnerAndMaintenanceComeWithTheDevice(t *testing.T) {
	s := newTenant(t)
	s.lists["/v2/devices-detailed"] = []row{
		{id: 1, body: `{"id":1,"assignedOwnerUid":"u-1","references":{"warranty":{"startDate":1700000000.0,"endDate":1790000000}},
			"maintenance":{"status":"PENDING","start":1.75e9,"end":null,"reasonMessage":"canary"}}`},
		{id: 2, body: `{"id":2,"references":{"warranty":{"startDate":0.0,"endDate":0}},"maintenance":null,"assignedOwnerUid":null}`},
		{id: 3, body: `{"id":3,"references":null}`},
	}
	n := s.collector(t)
	_, records, err := read(t, n, "devices", &collectors.Meter{})
	require.NoError(t, err)
	require.Len(t, records, 3)
	d := records[0].Value.(*Device)
	require.Equal(t, "u-1", string(d.AssignedOwnerUID))
	require.Equal(t, time.Unix(1790000000, 0).UTC(), d.References.Warranty.EndDate.Time)
	require.Equal(t, "PENDING", string(d.Maintenance.Status))
	require.True(t, d.Maintenance.End.IsZero())
	require.NotContains(t, dump(t, d), "canary", "what technicians write is not read")
	for _, r := range records[1:] {
		require.True(t, r.Value.(*Device).References.Warranty.EndDate.IsZero(), "0 is not known, not 1970")
	}
	require.Len(t, s.seen("/v2/devices-detailed"), 4, "warranties cost no request: two walks, each of a page and its end")
	for _, query := range s.seen("/v2/devices-detailed") {
		require.Contains(t, query, "expand=warranty", "on each page")
	}
	_, err = stepOf(t, n, "devices").Count(t.Context())
	require.NoError(t, err)
	for _, query := range s.seen("/v2/devices") {
		require.NotContains(t, query, "expand", "a count needs none")
	}
}

func TestPostureOfAnotherShapeCostsThatFieldAlone(t *testing.T) {
	s := newTenant(t)
	s.lists["/v2/devices-detailed"] = []row{{
		id: 1, body: `{"id":1,"systemName":"PC1","assignedOwnerUid":{"uid":"u"},"maintenance":"PENDING","references":{"warranty":7}}`,
	}}
	var m collectors.Meter
	_, records, err := read(t, s.collector(t), "devices", &m)
	require.NoError(t, err)
	d := records[0].Value.(*Device)
	require.Equal(t, "PC1", string(d.SystemName))
	require.Empty(t, d.AssignedOwnerUID)
	require.Len(t, records[0].Unread, 3, "%v", records[0].Unread)
}

func TestPendingFilterIgnoredByTheServer(t *testing.T) {
	s := newTenant(t)
	s.clamp, s.ignoreFilter = 2, true
	s.lists["/v2/devices-detailed"] = deviceRows(approved, 1, 20) // many pages: the second walk brings nothing new
	var m collectors.Meter
	ids, _, err := read(t, s.collector(t), "devices", &m)
	require.NoError(t, err)
	require.Equal(t, idsTo(20), ids, "every device once")
	require.Len(t, m.Warnings(), 1)
	require.Contains(t, m.Warnings()[0], "ignores the filter")
}

func TestDeviceApprovedBetweenTheWalksIsNotLost(t *testing.T) {
	s := newTenant(t)
	s.lists["/v2/devices-detailed"] = append(deviceRows(approved, 1, 2), deviceRows(pending, 3, 3)...)
	s.onPage = func(_, df string, n int) {
		if df != "" && n == 2 { // the walk of the waiting ones has ended
			s.lists["/v2/devices-detailed"] = deviceRows(approved, 1, 3)
		}
	}
	ids, _, err := read(t, s.collector(t), "devices", &collectors.Meter{})
	require.NoError(t, err)
	require.Equal(t, []string{"3", "1", "2"}, ids)
}

func TestPendingFilterRefusedStillReadsTheApproved(t *testing.T) {
	s := newTenant(t)
	list := deviceRows(approved, 1, 3)
	s.lists["/v2/devices-detailed"] = list
	s.handlers["/v2/devices-detailed"] = func(w http.ResponseWriter, r *http.Request) {
		if r.URL.Query().Has("df") {
			answer(w, 400, `{"resultCode":"FAILURE","errorMessage":"bad df"}`)
		} else if s.authorized(w, r) {
			s.serveList(w, r)
		}
	}
	ids, _, err := read(t, s.collector(t), "devices", &collectors.Meter{})
	require.ErrorContains(t, err, "bad df", "incomplete: waiting devices are unknown")
	require.Equal(t, idsTo(3), ids)
}

func TestStagedAndDecommissionedAreNoDevices(t *testing.T) {
	s := newTenant(t)
	s.clamp = 1
	s.lists["/v2/devices-detailed"] = []row{
		{id: 1, body: deviceRow(1, staged).body}, {id: 2, body: deviceRow(2, decommissioned).body},
		{id: 3, body: deviceRow(3, decommissioned).body},
		{id: 4, body: deviceRow(4, decommissioned).body}, {id: 5, body: deviceRow(5, staged).body},
		{id: 6, body: deviceRow(6, "NEW_STATE").body}, {id: 7, body: `{"id":7}`},
	}
	ids, _, err := read(t, s.collector(t), "devices", &collectors.Meter{})
	require.NoError(t, err)
	require.Equal(t, []string{"6", "7"}, ids, "a state that is not known, or none, is kept")
}

func TestBrokenDeviceIsToldOnce(t *testing.T) {
	s := newTenant(t)
	s.ignoreFilter = true
	s.lists["/v2/devices-detailed"] = []row{{id: 1, body: `{"id":1,"os":{},"os":{}}`}, deviceRow(2, approved)}
	ids, records, err := read(t, s.collector(t), "devices", &collectors.Meter{})
	require.NoError(t, err)
	require.Equal(t, []string{"1", "2"}, ids)
	require.ErrorContains(t, records[0].Err, "device 1: field os")
}

const (
	someRoles    = `[{"id":7,"name":"Server"},{"id":8,"name":"Workstation"}]`
	somePolicies = `[{"id":57,"name":"Windows Server"},{"id":243,"name":"RDS"}]`
)

func TestNamesOfRoleAndPolicy(t *testing.T) {
	for name, x := range map[string]struct{ device, role, policy string }{
		"policyId absent is rolePolicyId": {
			`{"id":1,"nodeRoleId":7,"rolePolicyId":57}`, "Server", "Windows Server",
		},
		"policyId null is rolePolicyId": {
			`{"id":1,"nodeRoleId":7,"rolePolicyId":57,"policyId":null}`, "Server", "Windows Server",
		},
		"policyId 0 is rolePolicyId": {
			`{"id":1,"nodeRoleId":7,"rolePolicyId":57,"policyId":0}`, "Server", "Windows Server",
		},
		"policyId empty list is rolePolicyId": {
			`{"id":1,"nodeRoleId":7,"rolePolicyId":57,"policyId":[]}`, "Server", "Windows Server",
		},
		"policyId of the device wins": {
			`{"id":1,"nodeRoleId":8,"rolePolicyId":57,"policyId":243}`, "Workstation", "RDS",
		},
		"unknown ids": {`{"id":1,"nodeRoleId":99,"rolePolicyId":99}`, "", ""},
		"no ids":      {`{"id":1}`, "", ""},
	} {
		t.Run(name, func(t *testing.T) {
			s := newTenant(t)
			s.unpaged["/v2/roles"], s.unpaged["/v2/policies"] = someRoles, somePolicies
			s.lists["/v2/devices-detailed"] = []row{{id: 1, body: x.device}}
			_, records, err := read(t, s.collector(t), "devices", &collectors.Meter{})
			require.NoError(t, err)
			require.NoError(t, records[0].Err)
			d := records[0].Value.(*Device)
			require.Equal(t, x.role, d.RoleName)
			require.Equal(t, x.policy, d.PolicyName)
			require.Equal(t, s.URL, d.Console)
		})
	}
}

func TestNamesRefusedForGoodAreAWarning(t *testing.T) {
	for _, route := range []string{"/v2/roles", "/v2/policies"} {
		for _, status := range []int{403, 404} {
			s := newTenant(t)
			s.unpaged["/v2/roles"], s.unpaged["/v2/policies"] = someRoles, somePolicies
			s.lists["/v2/devices-detailed"] = deviceRows(approved, 1, 2)
			s.handlers[route] = func(w http.ResponseWriter,
				_ *http.Request) {
				answer(w, status, `{"resultCode":"FAILURE"}`)
			}
			var m collectors.Meter
			ids, _, err := read(t, s.collector(t), "devices", &m)
			require.NoError(t, err)
			require.Len(t, ids, 2)
			require.Len(t, m.Warnings(), 1)
			require.Contains(t, m.Warnings()[0], strings.TrimPrefix(route, "/v2"))
		}
	}
}

func TestNamesThatFailOnceDoNotVanishFromTheGraph(t *testing.T) {
	for _, route := range []string{"/v2/roles", "/v2/policies"} {
		s := newTenant(t)
		s.lists["/v2/devices-detailed"] = deviceRows(approved, 1, 2)
		s.handlers[route] = func(w http.ResponseWriter, _ *http.Request) { answer(w, 500, `{"resultCode":"FAILURE"}`) }
		ids, _, err := read(t, s.collector(t), "devices", &collectors.Meter{})
		require.ErrorContains(t, err, strings.TrimPrefix(route, "/v2"))
		require.Empty(t, ids, "no device without its names")
	}
}

func TestABrokenRoleCostsItsNameAlone(t *testing.T) {
	s := newTenant(t)
	s.unpaged["/v2/roles"] = `[{"id":7,"name":[]},{"id":8,"name":"Workstation"}]`
	s.lists["/v2/devices-detailed"] = []row{{id: 1, body: `{"id":1,"nodeRoleId":8}`}}
	var m collectors.Meter
	_, records, err := read(t, s.collector(t), "devices", &m)
	require.NoError(t, err)
	require.Equal(t, "Workstation", records[0].Value.(*Device).RoleName)
	require.Len(t, m.Warnings(), 1)
}

func TestRecordedAnswers(t *testing.T) {
	s := newTenant(t)
	for route, files := range map[string][]string{
		"/v2/organizations":    {"organizations.json"},
		"/v2/devices-detailed": {"devices_windows_server.json", "devices_vm_host.json"},
	} {
		for _, name := range files {
			s.lists[route] = append(s.lists[route], rowsOf(t, testdata(t, name))...)
		}
	}
	s.unpaged["/v2/users"] = string(testdata(t, "users_technician.json"))
	n := s.collector(t)

	_, records, err := read(t, n, "devices", &collectors.Meter{})
	require.NoError(t, err)
	host, server := records[0].Value.(*Device), records[1].Value.(*Device)
	require.Equal(t, "SGH000XXXX", string(host.ServiceTag))
	require.Equal(t, "VMHost", string(host.DeviceType))
	require.Equal(t, time.Date(2025, 3, 4, 6, 51, 44, 0, time.UTC), host.LastBootTime.Time)
	require.Equal(t, time.Date(2025, 3, 27, 15, 20, 26, 525_000_000, time.UTC), server.Created.Time, "nine decimals")
	require.Equal(t, int64(68913397760), server.Memory.Capacity.N)
	require.Equal(t, int64(7), server.Processors[0].NumCores.N)

	_, records, err = read(t, n, "users", &collectors.Meter{})
	require.NoError(t, err)
	user := records[0].Value.(*User)
	require.NoError(t, records[0].Err, "explicit nulls")
	require.False(t, user.OrganizationID.Set)
	require.True(t, user.MFAConfigured.B)

	ids, _, err := read(t, n, "organizations", &collectors.Meter{})
	require.NoError(t, err)
	require.Equal(t, []string{"2", "4"}, ids)
}

func TestEpochsOfAllSpellings(t *testing.T) {
	for literal, want := range map[string]string{
		"1743088826.524929000": "2025-03-27T15:20:26.525Z",
		"1743088826":           "2025-03-27T15:20:26Z",
		"1743088826524":        "2025-03-27T15:20:26.524Z", // milliseconds
		"0":                    "",
		"0.000000000":          "",
		"null":                 "",
	} {
		s := newTenant(t)
		s.lists["/v2/devices-detailed"] = []row{
			{id: 1, body: `{"id":1,"lastContact":` + literal + `}`}, {id: 2, body: `{"id":2}`},
		}
		_, records, err := read(t, s.collector(t), "devices", &collectors.Meter{})
		require.NoError(t, err)
		got := records[0].Value.(*Device).LastContact.Time
		if want == "" {
			require.True(t, got.IsZero(), literal)
		} else {
			require.Equal(t, want, got.Format(time.RFC3339Nano), literal)
		}
		require.True(t, records[1].Value.(*Device).LastContact.IsZero(), "absent is never")
	}
}

func TestSecretsAreNeverDecoded(t *testing.T) {
	s := newTenant(t)
	canary := `"notes":[{"text":"canary"}],"userData":{"k":"canary"},"fields":{"k":"canary"},"settings":{"psa":{"options":{"k":"canary"}}},"target":"https://user:canary@example.com","files":"canary"`
	const tags = `"tags":["canary"],` // of devices they are read
	s.lists["/v2/organizations"] = []row{{id: 1, body: `{"id":1,` + tags + canary + `}`}}
	s.lists["/v2/locations"] = []row{{id: 1, body: `{"id":1,` + tags + canary + `}`}}
	s.lists["/v2/devices-detailed"] = []row{{id: 1, body: `{"id":1,` + canary + `}`}}
	s.unpaged["/v2/users"] = `[{"id":1,"phone":"canary",` + tags + canary + `}]`
	s.unpaged["/v2/alerts"] = `[{"uid":"1","message":"canary","subject":"canary","data":{"message":{"params":{"k":"canary"}}}}]`
	n := s.collector(t)
	_, err := n.SignIn(t.Context())
	require.NoError(t, err)
	for _, step := range n.Steps() {
		_, records, err := read(t, n, step.Name, &collectors.Meter{})
		require.NoError(t, err)
		require.Len(t, records, 1)
		require.NotContains(t, dump(t, records[0].Value), "canary", step.Name)
	}
}

func TestACancelledReadEndsWithTheContextsError(t *testing.T) {
	s := newTenant(t)
	s.lists["/v2/devices-detailed"] = deviceRows(approved, 1, 2)
	ctx, cancel := context.WithCancel(t.Context())
	s.onPage = func(string, string, int) { cancel() }
	var last error
	for _, err := range stepOf(t, s.collector(t), "devices").Records(ctx, &collectors.Meter{}) {
		last = err
	}
	require.ErrorIs(t, last, context.Canceled)
}

func testdata(t *testing.T, name string) []byte {
	t.Helper()
	body, err := os.ReadFile("testdata/" + name)
	require.NoError(t, err)
	return body
}
