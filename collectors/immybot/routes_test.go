package immybot

import (
	"net/http"
	"regexp"
	"slices"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"assetgraph/collectors"
)

// Whatever asks them, routes that act are not sent, nor is anything that is not read.
func TestRoutesThatActAreNeverAsked(t *testing.T) {
	in := newInstance(t)
	c := in.collector(0)
	_, err := c.SignIn(t.Context())
	require.NoError(t, err)
	before := len(in.asked("/"))
	for _, route := range []string{
		"/maintenance-sessions/200001/cancel", "/maintenance-sessions/cancel-for-schedule/7", "/Maintenance-Sessions/200001/Cancel",
		"/computers/101/../../maintenance-sessions/200001/cancel", "/computers/101/cancel", "/computers/", "/computers",
		"/computers/paged/101", "/persons/1/../../maintenance-sessions/1/cancel", "/persons/-1", "/persons/all", "//persons",
		"/maintenance-sessions/200001/dx", "/scripts/run", "/maintenance-sessions/dx/", "/maintenance-sessions/dx?x=1", "",
	} {
		_, err := c.client.Get(t.Context(), route, nil)
		require.ErrorContains(t, err, "the program never asks this", route)
	}
	_, err = c.client.Post(t.Context(), routeTenants, struct{}{})
	require.ErrorContains(t, err, "the program never asks this")
	require.Len(t, in.asked("/"), before, "the instance has heard nothing of them")
}

// What the collector asks in all its ways is the list, and the list has nothing else.
func TestAskedRoutesAreThoseOfTheList(t *testing.T) {
	in := withAgents(t)
	in.sessions(&sessionTable{})
	in.answer("/tenants/computer-counts", `[]`)
	in.answer("/computers/101", fixture(t, "synthetic/computer-detail.with-agents.json"))
	in.status("/provider-links/9/clients", http.StatusNotFound, `{}`) // asked for on the page of the link then
	in.answer("/provider-links/9", `{"id":9,"providerClients":[]}`)
	in.singles["/tenants"] = []row{{1, `{"id":1}`}}
	in.singles["/persons"] = []row{{1, `{"id":1,"tenantId":1}`}}
	c := in.collector(2)
	_, err := c.SignIn(t.Context())
	require.NoError(t, err)
	for _, s := range c.Steps() {
		_, err := drain(s.Records(t.Context(), &collectors.Meter{}))
		require.NoError(t, err, s.Name)
		_, err = s.Count(t.Context())
		require.NoError(t, err, s.Name)
		if s.Alive != nil {
			_, _ = s.Alive(t.Context(), []string{"1"}, nil)
		}
	}
	id := regexp.MustCompile(`/\d+`)
	var got []string
	for _, request := range in.asked("/api/v1") {
		path, _, _ := strings.Cut(strings.TrimPrefix(request, "/api/v1"), "?")
		require.True(t, may(http.MethodGet, path), path)
		got = append(got, id.ReplaceAllString(path, "/{id}"))
	}
	slices.Sort(got)
	require.ElementsMatch(t, asked(), slices.Compact(got))
}
