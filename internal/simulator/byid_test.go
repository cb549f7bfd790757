package simulator_test

import (
	"fmt"
	"net/http"
	"slices"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"assetgraph/internal/simulator"
)

func TestSentinelOneListsCanBeAskedByID(t *testing.T) {
	c := start(t, simulator.Options{})
	for route, filter := range map[string]string{
		"/accounts": "ids", "/sites": "siteIds", "/groups": "groupIds", "/agents": "ids", "/users": "ids",
	} {
		rows, _, _ := c.edrWalk(route, 300)
		asked := fmt.Sprintf("%s,1,%s", rows[0]["id"], rows[1]["id"])
		query := "?limit=100&sortBy=id&sortOrder=asc&" + filter + "=" + asked
		if route == "/agents" {
			query += "&" + everyAgent
		}
		page := decode[object](t, c.edr(route+query))
		require.Equal(t, 2, number(t, page["pagination"].(object)["totalItems"]), route)
		data := page["data"]
		if route == "/sites" {
			data = data.(object)["sites"]
		}
		require.ElementsMatch(t, []string{rows[0]["id"].(string), rows[1]["id"].(string)}, keys(ids(t, objects(data))),
			route)
		require.Equal(t, http.StatusBadRequest, c.edr(route+"?"+everyAgent+"&"+filter+"=x").status, route)
	}
	many := strings.Repeat("1,", 500) + "1"
	require.Equal(t, http.StatusBadRequest, c.edr("/groups?groupIds="+many).status)
}

func keys(rows map[string]object) (ids []string) {
	for id := range rows {
		ids = append(ids, id)
	}
	return ids
}

func TestRecordsCanBeAskedForByID(t *testing.T) {
	c := start(t, simulator.Options{})
	all := func(a answer) []object { return decode[[]object](t, a) }
	computers, _ := c.immyWalk("/api/v1/computers/paged", 500, "sort=id")
	deleted, _ := c.immyWalk("/api/v1/computers/paged", 500, "sort=id&deletedOnly=true")
	for route, tt := range map[string]struct {
		rows []object
		ask  func(string) answer
	}{
		"/v2/device/":        {c.rmmWalk("/v2/devices", 1000, ""), c.rmm},
		"/v2/organization/":  {c.rmmWalk("/v2/organizations", 1000, ""), c.rmm},
		"/api/v1/computers/": {slices.Concat(computers, deleted), c.deployment},
		"/api/v1/tenants/":   {all(c.deployment("/api/v1/tenants")), c.deployment},
		"/api/v1/persons/":   {all(c.deployment("/api/v1/persons")), c.deployment},
	} {
		require.NotEmpty(t, tt.rows, route)
		for _, row := range []object{tt.rows[0], tt.rows[len(tt.rows)-1]} {
			one := decode[object](t, tt.ask(route+fmt.Sprint(row["id"])))
			require.Equal(t, row["id"], one["id"], route)
		}
		missing := tt.ask(route + "99999999")
		require.Equal(t, http.StatusNotFound, missing.status, route)
		require.Equal(t, "application/json", missing.kind)
	}
	require.Empty(t, c.s.Mistakes())
}
