package ninjarmm

import (
	"net/http"
	"slices"
	"testing"

	"github.com/stretchr/testify/require"

	"assetgraph/collectors"
)

func TestServerClampsPageSizeInSilence(t *testing.T) {
	s := newTenant(t)
	s.lists["/v2/organizations"] = organizationRows(7)
	s.clamp = 3
	var m collectors.Meter
	ids, _, err := read(t, s.collector(t), "organizations", &m)
	require.NoError(t, err)
	require.Equal(t, idsTo(7), ids)
	require.Equal(t, []string{
		"pageSize=1000", "after=3&pageSize=1000", "after=6&pageSize=1000", "after=7&pageSize=1000",
	}, s.seen("/v2/organizations"))
	require.Equal(t, 4, m.Pages())
	require.Zero(t, m.Expected(), "the API tells no totals")
}

func TestPageSizeIsNeverBeyondTheMaximum(t *testing.T) {
	for given, want := range map[int]string{
		0: "pageSize=1000", 2: "pageSize=2", 1000: "pageSize=1000", 5000: "pageSize=1000",
	} {
		s := newTenant(t)
		c := s.config()
		c.Options.PageSize = given
		n, err := New(c)
		require.NoError(t, err)
		_, _, err = read(t, n, "locations", &collectors.Meter{})
		require.NoError(t, err)
		require.Equal(t, []string{want}, s.seen("/v2/locations"), "page size %d", given)
	}
}

func TestAShortPageIsNotTheEnd(t *testing.T) {
	s := newTenant(t)
	s.lists["/v2/organizations"] = organizationRows(5)
	s.clamp = 1
	s.onPage = func(_, _ string, n int) { s.clamp = 1 + n%2 } // pages of 1, 2, 1, 1
	ids, _, err := read(t, s.collector(t), "organizations", &collectors.Meter{})
	require.NoError(t, err)
	require.Equal(t, idsTo(5), ids)
}

func TestOrderWithinAPageIsNotPromised(t *testing.T) {
	s := newTenant(t)
	s.lists["/v2/organizations"] = organizationRows(10)
	s.clamp, s.order = 4, slices.Reverse[[]row]
	ids, _, err := read(t, s.collector(t), "organizations", &collectors.Meter{})
	require.NoError(t, err)
	require.ElementsMatch(t, idsTo(10), ids)
	require.Equal(t, []string{
		"pageSize=1000", "after=4&pageSize=1000", "after=8&pageSize=1000", "after=10&pageSize=1000",
	}, s.seen("/v2/organizations"))
}

func TestBoundaryRowComesTwice(t *testing.T) {
	s := newTenant(t)
	s.lists["/v2/organizations"] = organizationRows(9)
	s.clamp, s.inclusive, s.order = 3, true, slices.Reverse[[]row]
	ids, _, err := read(t, s.collector(t), "organizations", &collectors.Meter{})
	require.NoError(t, err)
	slices.Sort(ids)
	require.Equal(t, idsTo(9), ids, "every record once")
}

func TestAfterIgnoredByTheServerIsIncomplete(t *testing.T) {
	s := newTenant(t)
	s.lists["/v2/organizations"] = organizationRows(6)
	s.clamp, s.ignoreAfter = 3, true
	ids, _, err := read(t, s.collector(t), "organizations", &collectors.Meter{})
	var incomplete *collectors.IncompleteError
	require.ErrorAs(t, err, &incomplete)
	require.ErrorContains(t, err, "GET /v2/organizations: the page after id 3 holds no larger id")
	require.Equal(t, idsTo(3), ids, "what was read stands")
}

func TestListThatIsNotInOrderOfIDIsIncomplete(t *testing.T) {
	s := newTenant(t)
	pages := []string{`[{"id":9,"name":"A"},{"id":2,"name":"B"}]`, `[{"id":4,"name":"C"},{"id":12,"name":"D"}]`, `[]`}
	s.handlers["/v2/organizations"] = func(w http.ResponseWriter, _ *http.Request) {
		answer(w, 200, pages[len(s.seen("/v2/organizations"))-1])
	}
	s.token = "unused"
	ids, _, err := read(t, s.collector(t), "organizations", &collectors.Meter{})
	var incomplete *collectors.IncompleteError
	require.ErrorAs(t, err, &incomplete)
	require.ErrorContains(t, err, "id 4 came after larger ones")
	require.Equal(t, []string{"9", "2", "4", "12"}, ids)
}

func TestAnAnswerThatIsNoListIsNeverAnEmptyOne(t *testing.T) {
	for name, reply := range map[string]http.HandlerFunc{
		"204":        func(w http.ResponseWriter, _ *http.Request) { w.WriteHeader(http.StatusNoContent) },
		"empty body": func(w http.ResponseWriter, _ *http.Request) { answer(w, 200, "") },
		"null":       func(w http.ResponseWriter, _ *http.Request) { answer(w, 200, "null") },
		"object":     func(w http.ResponseWriter, _ *http.Request) { answer(w, 200, `{"results":[]}`) },
		"error with 200": func(w http.ResponseWriter, _ *http.Request) {
			answer(w, 200, `{"resultCode":"FAILURE","errorMessage":"x"}`)
		},
		"cut off": func(w http.ResponseWriter, _ *http.Request) { answer(w, 200, `[{"id":1,"name":"A"},`) },
		"login page": func(w http.ResponseWriter, _ *http.Request) {
			w.Header().Set("Content-Type", "text/html")
			_, _ = w.Write([]byte("<!doctype html><title>Sign in</title>"))
		},
		"redirect to the login page": func(w http.ResponseWriter, r *http.Request) {
			http.Redirect(w, r, "https://login.example.com/auth", http.StatusFound)
		},
		"404": func(w http.ResponseWriter, _ *http.Request) {
			answer(w, 404, `{"resultCode":"FAILURE","errorMessage":"HTTP 404 Not Found"}`)
		},
	} {
		t.Run(name, func(t *testing.T) {
			for _, step := range []string{"organizations", "locations", "devices", "users"} {
				s := newTenant(t)
				for _, route := range []string{
					"/v2/organizations", "/v2/locations", "/v2/devices-detailed", "/v2/users",
				} {
					s.handlers[route] = reply
				}
				ids, _, err := read(t, s.collector(t), step, &collectors.Meter{})
				require.Error(t, err, step)
				require.Empty(t, ids, step)
			}
		})
	}
}

func TestIDsAsText(t *testing.T) {
	s := newTenant(t)
	s.lists["/v2/locations"] = []row{
		{id: 3, body: `{"id":"3","name":"Main Office","address":"1 Example St","organizationId":"2"}`},
		{id: 5, body: `{"id":5.0,"name":"Warehouse","organizationId":4}`},
		{id: 9007199254740993, body: `{"id":9007199254740993,"organizationId":4}`},
	}
	ids, records, err := read(t, s.collector(t), "locations", &collectors.Meter{})
	require.NoError(t, err)
	require.Equal(t, []string{"3", "5", "9007199254740993"}, ids)
	require.Equal(t, int64(2), records[0].Value.(*Location).OrganizationID.N)
	require.Equal(t, KindLocation, records[0].Kind)
}

func TestABrokenRecordCostsOnlyItself(t *testing.T) {
	s := newTenant(t)
	s.lists["/v2/locations"] = []row{
		{id: 1, body: `{"id":1,"name":"canary","name":"other"}`},
		{id: 2, body: `{"id":2,"name":"ok"}`},
		{id: 3, body: `{"name":"no id"}`},
		{id: 4, body: `{"id":4,"x":1,"x":2}`}, // the last one: its id must still move the walk on
	}
	var broken []string
	ids, records, err := read(t, s.collector(t), "locations", &collectors.Meter{})
	require.NoError(t, err)
	require.Equal(t, []string{"1", "2", "", "4"}, ids)
	for _, r := range records {
		if r.Err != nil {
			require.Nil(t, r.Value)
			broken = append(broken, r.Err.Error())
		}
	}
	require.Len(t, broken, 3)
	require.NotContains(t, broken[0], "canary")
	require.Contains(t, broken[1], "location without id")
}

func TestUsersAreReadInOneAnswer(t *testing.T) {
	s := newTenant(t)
	s.unpaged["/v2/users"] = `[{"id":9,"userType":"END_USER"},{"id":4,"userType":"TECHNICIAN"}]`
	ids, _, err := read(t, s.collector(t), "users", &collectors.Meter{})
	require.NoError(t, err)
	require.Equal(t, []string{"9", "4"}, ids)
	require.Equal(t, []string{""}, s.seen("/v2/users"),
		"one request without paging parameters, which the server would ignore")
}

func TestUserContextRequired(t *testing.T) {
	s := newTenant(t)
	s.handlers["/v2/users"] = func(w http.ResponseWriter,
		_ *http.Request) {
		answer(w, 403, `{"error":"user_context_required"}`)
	}
	_, _, err := read(t, s.collector(t), "users", &collectors.Meter{})
	require.ErrorContains(t, err, "403")
	require.ErrorContains(t, err, "refresh token")
}

func TestTokenExpiresInMidWalk(t *testing.T) {
	s := newTenant(t)
	s.lists["/v2/organizations"] = organizationRows(10)
	s.clamp, s.tokenLife = 2, 3
	ids, _, err := read(t, s.collector(t), "organizations", &collectors.Meter{})
	require.NoError(t, err)
	require.Equal(t, idsTo(10), ids)
	require.Greater(t, s.issued, 1)
}

func TestTokenThatIsAlwaysRefusedEndsTheWalk(t *testing.T) {
	s := newTenant(t)
	s.handlers["/v2/organizations"] = func(w http.ResponseWriter, _ *http.Request) {
		answer(w, 401, `{"error":"not_authenticated","error_description":"Invalid credentials","error_code":10}`)
	}
	_, _, err := read(t, s.collector(t), "organizations", &collectors.Meter{})
	require.ErrorContains(t, err, "not_authenticated: Invalid credentials")
	require.Len(t, s.seen("/v2/organizations"), 2, "renewed once")
}

func TestCounts(t *testing.T) {
	s := newTenant(t)
	s.clamp = 2
	s.lists["/v2/organizations"] = organizationRows(3)
	devices := append(deviceRows(pending, 1, 3), deviceRows(approved, 4, 9)...)
	s.lists["/v2/devices"], s.lists["/v2/devices-detailed"] = devices, devices
	s.unpaged["/v2/users"] = `[{"id":1}]`
	n := s.collector(t)
	for step, want := range map[string]int{"organizations": 3, "locations": 0, "devices": 9, "users": 1} {
		got, err := stepOf(t, n, step).Count(t.Context())
		require.NoError(t, err)
		require.Equal(t, want, got, step)
	}
	require.Equal(t, []string{"expand=warranty&pageSize=1"}, s.seen("/v2/devices-detailed"), "the long rows are not read for a count")
}

func TestCountProvesThatDetailsMayBeRead(t *testing.T) {
	s := newTenant(t)
	s.handlers["/v2/devices-detailed"] = func(w http.ResponseWriter,
		_ *http.Request) {
		answer(w, 403, `{"error":"forbidden"}`)
	}
	_, err := stepOf(t, s.collector(t), "devices").Count(t.Context())
	require.ErrorContains(t, err, "403")
}

func TestAConsumerMayStopAtAnyRecord(t *testing.T) {
	s := newTenant(t)
	s.lists["/v2/devices-detailed"] = append(deviceRows(pending, 1, 2), deviceRows(approved, 3, 4)...)
	for stop := 1; stop <= 4; stop++ {
		got := 0
		for _, err := range stepOf(t, s.collector(t), "devices").Records(t.Context(), &collectors.Meter{}) {
			require.NoError(t, err)
			if got++; got == stop {
				break
			}
		}
		require.Equal(t, stop, got)
	}
}
