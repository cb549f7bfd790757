package simulator_test

import (
	"net/http"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"assetgraph/internal/simulator"
)

func TestAgentsWithoutFiltersLeaveOutWhatIsGone(t *testing.T) {
	c := start(t, simulator.Options{})
	want := c.s.Totals()
	page := decode[object](t, c.edr("/agents?limit=1000"))
	require.Len(t, page["data"], want.Agents-want.DecommissionedAgents)
	require.Positive(t, want.DecommissionedAgents)
}

func TestListsEndAsConsolesDo(t *testing.T) {
	c := start(t, simulator.Options{})
	pagination := func(route string) object { return decode[object](t, c.edr(route))["pagination"].(object) }
	require.Nil(t, pagination("/accounts?limit=1000")["nextCursor"])
	require.Empty(t, pagination("/sites?limit=1000")["nextCursor"])
	require.NotContains(t, pagination("/users?limit=1000"), "nextCursor")
	_, pages, _ := c.edrWalk("/groups", 300)
	require.Equal(t, 2, pages, "the last page of groups is empty")
}

func TestAgentFilters(t *testing.T) {
	c := start(t, simulator.Options{})
	all, _, _ := c.edrWalk("/agents", 1000)
	one := all[17]
	for _, filter := range []string{
		"ids=" + one["id"].(string), "ids=" + one["id"].(string) + ",1", "computerName=" + one["computerName"].(string),
	} {
		page := decode[object](t, c.edr("/agents?"+everyAgent+"&"+filter))
		require.Contains(t, ids(t, objects(page["data"])), one["id"])
	}
	of := 0
	for _, row := range all {
		of += count(row["siteId"] == one["siteId"])
	}
	page := decode[object](t, c.edr("/agents?countOnly=true&"+everyAgent+"&siteIds="+one["siteId"].(string)))
	require.Empty(t, page["data"])
	require.Equal(t, of, number(t, page["pagination"].(object)["totalItems"]))
	later := decode[object](t, c.edr("/agents/count?"+everyAgent+"&updatedAt__gt="+one["updatedAt"].(string)))
	from := decode[object](t, c.edr("/agents/count?"+everyAgent+"&updatedAt__gte="+one["updatedAt"].(string)))
	require.Equal(t, 1, number(t, from["data"].(object)["total"])-number(t, later["data"].(object)["total"]))
}

func objects(v any) (rows []object) {
	for _, row := range v.([]any) {
		rows = append(rows, row.(object))
	}
	return rows
}

func TestSiteTokenMayNotReadAccounts(t *testing.T) {
	c := start(t, simulator.Options{AccountsForbidden: true})
	a := c.edr("/accounts?limit=1000")
	require.Equal(t, http.StatusForbidden, a.status)
	require.Contains(t, a.body, `"code":4030010`)
	require.Contains(t, a.body, "Action is not allowed to site users")
	require.Empty(t, c.s.Mistakes())
}

func TestTooManyRequestsASecond(t *testing.T) {
	c := start(t, simulator.Options{Machines: 3})
	last := answer{}
	for range 80 {
		if last = c.edr("/agents?" + everyAgent); last.status != http.StatusOK {
			break
		}
	}
	require.Equal(t, http.StatusTooManyRequests, last.status)
	require.Equal(t, "text/html", last.kind)
	require.Contains(t, last.body, "nginx")
	require.Contains(t, c.s.Mistakes()[0], "more than 25 requests a second")
}

func TestTooManyRequestsInFlight(t *testing.T) {
	c := start(t, simulator.Options{Machines: 3, Latency: 300 * time.Millisecond})
	var group sync.WaitGroup
	for range 4 {
		group.Go(func() {
			r, _ := http.NewRequestWithContext(t.Context(), http.MethodGet, c.env["SENTINELONE_URL"]+
				"/web/api/v2.1/system/status", nil)
			if response, err := http.DefaultClient.Do(r); err == nil {
				_ = response.Body.Close()
			}
		})
	}
	group.Wait()
	require.Contains(t, strings.Join(c.s.Mistakes(), "\n"), "sentinelone: more than 2 requests in flight")
}

func TestPageCapClampsSilently(t *testing.T) {
	c := start(t, simulator.Options{PageCap: 30})
	require.Len(t, decode[[]object](t, c.rmm("/v2/devices?pageSize=500")), 30)
	require.Len(t, c.rmmWalk("/v2/devices", 500, ""), c.s.Totals().Devices)
	require.Empty(t, c.s.Mistakes())
}

func TestDefaultDevicesHidePending(t *testing.T) {
	c := start(t, simulator.Options{})
	for _, row := range c.rmmWalk("/v2/devices", 1000, "") {
		require.Equal(t, "APPROVED", row["approvalStatus"])
	}
	require.Empty(t, c.rmmWalk("/v2/devices", 1000, "status = DECOMMISSIONED"))
	require.Positive(t, c.s.Totals().PendingDevices)
}

func TestDeviceByID(t *testing.T) {
	c := start(t, simulator.Options{})
	for m := range c.s.Truth() {
		if m.Device != 0 {
			device := decode[object](t, c.rmm("/v2/device/"+itoa(m.Device)))
			require.Equal(t, m.Device, number(t, device["id"]))
			break
		}
	}
	require.Equal(t, http.StatusNotFound, c.rmm("/v2/device/1").status)
}

func TestUnsortedPagesLoseRows(t *testing.T) {
	c := start(t, simulator.Options{})
	found := map[string]bool{}
	total := c.s.Totals().Computers
	for skip := 0; skip < total; skip += 20 {
		page := decode[object](t, c.deployment("/api/v1/computers/paged?take=20&skip="+itoa(skip)))
		for _, row := range objects(page["results"]) {
			found[itoa(number(t, row["id"]))] = true
		}
	}
	require.Less(t, len(found), total)
}

func TestTokenThatIsUsedUpIsRefused(t *testing.T) {
	c := start(t, simulator.Options{TokenUses: 2})
	for _, ask := range []func() answer{
		func() answer { return c.rmm("/v2/roles") }, func() answer { return c.deployment("/api/v1/auth") },
	} {
		require.Equal(t, http.StatusOK, ask().status)
		require.Equal(t, http.StatusOK, ask().status)
		require.Equal(t, http.StatusUnauthorized, ask().status)
		require.Empty(t, c.s.Mistakes())
		c.ninja, c.immy = "", ""
		require.Equal(t, http.StatusOK, ask().status)
	}
}

func TestTokenThatIsTooOldIsRefused(t *testing.T) {
	c := start(t, simulator.Options{TokenLifetime: time.Nanosecond})
	require.Equal(t, http.StatusUnauthorized, c.rmm("/v2/roles").status)
	require.Equal(t, http.StatusUnauthorized, c.deployment("/api/v1/auth").status)
}

func TestInterceptComesFirst(t *testing.T) {
	c := start(t, simulator.Options{Intercept: func(w http.ResponseWriter, r *http.Request, next http.Handler) {
		if strings.HasSuffix(r.URL.Path, "/accounts") {
			w.WriteHeader(http.StatusBadGateway)
			return
		}
		next.ServeHTTP(w, r)
	}})
	require.Equal(t, http.StatusBadGateway, c.edr("/accounts").status)
	require.Equal(t, http.StatusOK, c.edr("/sites").status)
	require.Equal(t, map[string]int{"sentinelone GET /sites": 1}, c.s.Requests())
}

func TestCompressedAnswersAreTheSame(t *testing.T) {
	plain, packed := start(t, simulator.Options{}), start(t, simulator.Options{Gzip: true})
	require.Equal(t, plain.edr("/groups?limit=300").body, packed.edr("/groups?limit=300").body)
	require.Equal(t, plain.s.Bytes(), packed.s.Bytes())
	require.Positive(t, plain.s.Bytes())
	plain.s.Forget()
	require.Zero(t, plain.s.Bytes())
	require.Empty(t, plain.s.Requests())
}

func TestTokenDetails(t *testing.T) {
	c := start(t, simulator.Options{})
	a := c.do(http.MethodPost, c.env["SENTINELONE_URL"]+"/web/api/v2.1/users/api-token-details",
		"ApiToken "+c.env["SENTINELONE_API_TOKEN"], "application/json", `{"data":{"apiToken":"`+
			c.env["SENTINELONE_API_TOKEN"]+`"}}`)
	require.Contains(t, decode[object](t, a)["data"], "expiresAt")
	require.Empty(t, c.s.Mistakes())
}

func TestFleetsThatCannotBe(t *testing.T) {
	_, err := simulator.Start(simulator.Options{Machines: -1})
	require.Error(t, err)
	one := start(t, simulator.Options{FirstPort: 0})
	port := one.env["SENTINELONE_URL"][strings.LastIndexByte(one.env["SENTINELONE_URL"], ':')+1:]
	taken := 0
	for _, digit := range port {
		taken = taken*10 + int(digit-'0')
	}
	_, err = simulator.Start(simulator.Options{FirstPort: taken})
	require.Error(t, err, "the port is taken")
}
