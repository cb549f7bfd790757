package ninjarmm

import (
	"context"
	"io"
	"net/http"
	"sync/atomic"
	"testing"

	"github.com/stretchr/testify/require"

	"assetgraph/collectors"
)

func alive(t *testing.T, n *Collector, step string, ids ...string) ([]string, error) {
	t.Helper()
	return aliveWith(t, n, step, nil, ids...)
}

func aliveWith(t *testing.T, n *Collector, step string, known []string, ids ...string) ([]string, error) {
	t.Helper()
	return stepOf(t, n, step).Alive(t.Context(), ids, known)
}

func TestAliveIsWhatTheListWouldShow(t *testing.T) {
	s := newTenant(t)
	s.lists["/v2/devices-detailed"] = []row{
		deviceRow(1, approved), deviceRow(2, pending), deviceRow(3, staged), deviceRow(4, decommissioned),
		deviceRow(5, "NEW_STATE"),
		{id: 6, body: `{"id":6}`}, {id: 7, body: `{"id":7,"approvalStatus":null,"os":"Windows"}`},
		{id: 8, body: `{"id":"8","approvalStatus":""}`},
	}
	got, err := alive(t, s.collector(t), "devices", "9", "8", "7", "6", "5", "4", "3", "2", "1")
	require.NoError(t, err)
	require.Equal(t, []string{"8", "7", "6", "5", "2", "1"}, got)
}

func TestAliveOrganizations(t *testing.T) {
	s := newTenant(t)
	s.lists["/v2/organizations"] = organizationRows(2)
	got, err := alive(t, s.collector(t), "organizations", "1", "3", "2")
	require.NoError(t, err)
	require.Equal(t, []string{"1", "2"}, got)
}

func TestAliveWhereNoRouteAsksByID(t *testing.T) {
	n := newTenant(t).collector(t)
	require.Nil(t, stepOf(t, n, "locations").Alive)
	require.Nil(t, stepOf(t, n, "users").Alive)
}

func TestAliveAnswersThatProveNothing(t *testing.T) {
	page := func(status int) http.HandlerFunc {
		return func(w http.ResponseWriter, _ *http.Request) {
			w.Header().Set("Content-Type", "text/html")
			w.WriteHeader(status)
			_, _ = io.WriteString(w, "<html><title>Not Found</title></html>")
		}
	}
	fixed := func(status int, body string) http.HandlerFunc {
		return func(w http.ResponseWriter, _ *http.Request) { answer(w, status, body) }
	}
	for name, tt := range map[string]struct {
		handler http.HandlerFunc
		want    string
	}{
		"404 with a page: no such route": {page(404), "HTML"},
		"page under 200":                 {page(200), "not JSON"},
		"not permitted":                  {fixed(403, `{"resultCode":"FAILURE","errorMessage":"forbidden"}`), "403"},
		"permission failure as 500": {
			fixed(500, `{"resultCode":"FAILURE","errorMessage":"NullPointerException"}`), "500",
		},
		"throttled": {fixed(429, `{}`), "429"},
		"failure under 200": {
			fixed(200, `{"resultCode":"FAILURE","errorMessage":"HTTP 404 Not Found"}`), "HTTP 404 Not Found",
		},
		"nothing":                {fixed(200, ``), "empty"},
		"null":                   {fixed(200, `null`), "empty"},
		"no content":             {func(w http.ResponseWriter, _ *http.Request) { w.WriteHeader(204) }, "empty"},
		"a list":                 {fixed(200, `[{"id":3}]`), "GET /v2/device/3"},
		"no record":              {fixed(200, `{}`), "not the record"},
		"another record":         {fixed(200, `{"id":33,"approvalStatus":"DECOMMISSIONED"}`), "not the record"},
		"cut off":                {fixed(200, `{"id":3,"approvalStatus":"DECOMM`), "cut off"},
		"state of another shape": {fixed(200, `{"id":3,"approvalStatus":{"code":1}}`), "approvalStatus"},
	} {
		t.Run(name, func(t *testing.T) {
			s := newTenant(t)
			s.lists["/v2/devices-detailed"] = deviceRows(approved, 1, 2)
			s.handlers["/v2/device/3"] = tt.handler
			got, err := alive(t, s.collector(t), "devices", "1", "2", "3", "4")
			require.ErrorContains(t, err, tt.want)
			require.Nil(t, got)
		})
	}
}

func TestAliveTokenRefusedWith404IsNoDeletedDevice(t *testing.T) {
	s := newTenant(t)
	s.tokenLife = 1
	s.lists["/v2/devices-detailed"] = deviceRows(approved, 1, 2)
	n := s.collector(t)
	_, err := n.SignIn(t.Context())
	require.NoError(t, err)
	for _, path := range []string{"/ws/oauth/token", "/oauth/token"} {
		s.handlers[path] = func(w http.ResponseWriter, _ *http.Request) {
			answer(w, 404, `{"resultCode":"Client app not exist","incidentId":"WEB_MGMT_SERVICE-0"}`)
		}
	}
	_, err = alive(t, n, "devices", "1", "2")
	require.ErrorContains(t, err, regionAdvice)
}

func TestAliveOnAnInstanceWithoutTheRouteIsNotBelieved(t *testing.T) {
	s := newTenant(t)
	s.lists["/v2/devices-detailed"] = deviceRows(approved, 1, 3)
	s.lists["/v2/organizations"] = organizationRows(3)
	n := s.collector(t)
	notHere := func(w http.ResponseWriter, _ *http.Request) {
		answer(w, 404, `{"resultCode":"FAILURE","errorMessage":"HTTP 404 Not Found"}`)
	}
	for step, path := range map[string]string{"devices": "/v2/device/3", "organizations": "/v2/organization/3"} {
		got, err := aliveWith(t, n, step, []string{"3"}, "4")
		require.NoError(t, err)
		require.Empty(t, got)
		s.handlers[path] = notHere
		_, err = aliveWith(t, n, step, []string{"3"}, "4")
		require.ErrorIs(t, err, collectors.ErrUnknown)
	}
}

func TestAliveNeverAsksForWhatIsNoID(t *testing.T) {
	s := newTenant(t)
	odd := []string{"", "x", "1/disks", "../organizations", "-1", "1?expand=location"}
	got, err := alive(t, s.collector(t), "devices", odd...)
	require.NoError(t, err)
	require.Equal(t, odd, got)
	require.Empty(t, s.requests)
}

func TestAliveKeepsToTheRequestsInFlight(t *testing.T) {
	s := newTenant(t)
	var now, most atomic.Int64
	ids := idsTo(40)
	for _, id := range ids {
		s.handlers["/v2/device/"+id] = func(w http.ResponseWriter, _ *http.Request) {
			n := now.Add(1)
			defer now.Add(-1)
			for m := most.Load(); n > m && !most.CompareAndSwap(m, n); m = most.Load() {
				continue
			}
			answer(w, 200, `{"id":`+id+`}`)
		}
	}
	got, err := alive(t, s.collector(t), "devices", ids...)
	require.NoError(t, err)
	require.Equal(t, ids, got)
	require.LessOrEqual(t, most.Load(), int64(inFlight))
}

func TestAliveEndsWithTheContext(t *testing.T) {
	s := newTenant(t)
	ctx, cancel := context.WithCancel(t.Context())
	s.handlers["/v2/device/1"] = func(w http.ResponseWriter, _ *http.Request) {
		cancel()
		answer(w, 404, `{"resultCode":"FAILURE"}`)
	}
	_, err := stepOf(t, s.collector(t), "devices").Alive(ctx, idsTo(5), nil)
	require.ErrorIs(t, err, context.Canceled)
}
