package sentinelone

import (
	"encoding/json"
	"fmt"
	"net/http"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"assetgraph/collectors"
)

// discoveredConsole is a console with two sites of one account and one of another, each with devices in both lists.
func discoveredConsole(t *testing.T) *console {
	c := threatConsole(t)
	c.records["/sites"] = []string{
		`{"id":"11","accountId":"1"}`, `{"id":"12","accountId":"1","state":"active"}`, `{"id":"21","accountId":"2"}`,
		`{"id":"31","accountId":"3","state":"deleted"}`,
	}
	for _, site := range []string{"11", "12", "21", "31"} {
		c.records[rangerRoute] = append(c.records[rangerRoute], discoveredAt("r"+site, site, consoleTime))
		c.records[roguesRoute] = append(c.records[roguesRoute], discoveredAt("u"+site, site, consoleTime))
	}
	return c
}

func discoveredAt(id, site string, seen time.Time) string {
	return fmt.Sprintf(`{"id":%q,"siteId":%q,"lastSeen":%q}`, id, site, seen.Format(time.RFC3339))
}

func readDiscovered(t *testing.T, s *Collector) reading {
	require.NoError(t, readStep(t, s, "sites").err)
	return readStep(t, s, "discovered")
}

func TestDiscoveredDevicesAreAskedForSiteBySite(t *testing.T) {
	c := discoveredConsole(t)
	got := readDiscovered(t, c.collector(allParts()))
	require.NoError(t, got.err)
	require.Equal(t, []string{"r11", "r12", "r21", "r31"}, got.ids(), "the console answers for all")
	for i, site := range []string{"11", "12", "21", "31"} {
		require.Equal(t, site, c.queries(rangerRoute)[i].Get("siteIds"), "one at a time")
		require.Equal(t, "last7d", c.queries(rangerRoute)[i].Get("period"), "the latest list shrinks when a scanner sleeps")
		require.Equal(t, site, got.records[i].Value.(*DiscoveredDevice).SiteID)
	}
	require.Empty(t, c.queries(roguesRoute))
	require.Equal(t, 4, got.meter.Expected())
	require.Equal(t, 4, got.meter.Pages())
}

func TestDevicesWithoutNetworkDiscovery(t *testing.T) {
	for name, tt := range map[string]struct {
		ranger http.HandlerFunc
		asked  int // for the list that is not licensed
	}{
		"not permitted": {answer(403, notPermitted), 3}, // once for each account
		"not there":     {answer(404, notFound), 3},
		"no rows":       {answer(200, `{"data":[],"pagination":{"nextCursor":null,"totalItems":0}}`), 4},
	} {
		t.Run(name, func(t *testing.T) {
			c := discoveredConsole(t)
			c.answer[rangerRoute] = tt.ranger
			got := readDiscovered(t, c.collector(allParts()))
			require.NoError(t, got.err)
			require.Equal(t, []string{"u11", "u12", "u21", "u31"}, got.ids())
			require.Len(t, c.queries(rangerRoute), tt.asked)
			require.False(t, c.queries(roguesRoute)[0].Has("period"), "that route has none")
		})
	}
}

func TestDiscoveredDevicesThatNobodyIsGiven(t *testing.T) {
	empty := answer(200, `{"data":[],"pagination":{"nextCursor":null,"totalItems":0}}`)
	for name, rogues := range map[string]http.HandlerFunc{
		"not permitted": answer(403, notPermitted), "not there": answer(404, notFound), "no rows in any site": empty,
	} {
		t.Run(name, func(t *testing.T) {
			c := discoveredConsole(t)
			c.answer[rangerRoute], c.answer[roguesRoute] = empty, rogues
			got := readDiscovered(t, c.collector(allParts()))
			require.True(t, collectors.IsUnavailable(got.err), "a licence's silence is no list: %v", got.err)
		})
	}
	c := discoveredConsole(t)
	c.answer[roguesRoute] = answer(403, notPermitted)
	_, err := stepOf(t, c.collector(allParts()), "discovered").Count(t.Context())
	require.True(t, collectors.IsUnavailable(err))
}

func TestDiscoveredDevicesOfASiteThatFails(t *testing.T) {
	for name, route := range map[string]string{"the better list": rangerRoute, "the other": roguesRoute} {
		t.Run(name, func(t *testing.T) {
			c := discoveredConsole(t)
			if route == roguesRoute {
				c.answer[rangerRoute] = answer(403, notPermitted)
			}
			c.answer[route] = func(w http.ResponseWriter, r *http.Request) {
				if r.URL.Query().Get("siteIds") == "12" {
					reply(w, 500, `{"errors":[{"code":5000010,"title":"Server could not process the request."}]}`)
					return
				}
				c.list(w, route, r.URL.Query())
			}
			got := readDiscovered(t, c.collector(allParts()))
			require.Len(t, got.records, 1)
			require.Error(t, got.err)
			require.False(t, collectors.IsUnavailable(got.err))
		})
	}
}

// The console may refuse a site that is no longer active: one that is deleted has nothing any more, of another nobody
// knows. Others are read all the same.
func TestDiscoveredDevicesOfASiteThatIsRefused(t *testing.T) {
	const notTaken = `{"errors":[{"code":4000010,"detail":"siteIds: not found","title":"Validation Error"}]}`
	for _, tt := range []struct {
		state, body string
		status      int
		known       bool
	}{
		{"deleted", notFound, 404, true}, {"deleted", notTaken, 400, true}, {"Deleted", notPermitted, 403, true},
		{"expired", notFound, 404, false}, {"expired", notTaken, 400, false}, {"", notTaken, 400, false},
	} {
		c := discoveredConsole(t)
		c.records["/sites"][0] = fmt.Sprintf(`{"id":"11","accountId":"1","state":%q}`, tt.state)
		for _, route := range []string{rangerRoute, roguesRoute} {
			c.answer[route] = func(w http.ResponseWriter, r *http.Request) {
				if r.URL.Query().Get("siteIds") == "11" {
					reply(w, tt.status, tt.body)
					return
				}
				c.list(w, route, r.URL.Query())
			}
		}
		got := readDiscovered(t, c.collector(allParts()))
		require.False(t, collectors.IsUnavailable(got.err), tt)
		if tt.state == "" {
			require.Error(t, got.err, "it is active")
			continue
		}
		require.Equal(t, []string{"r12", "r21", "r31"}, got.ids(), tt)
		require.Equal(t, tt.known, got.err == nil, "%v: %v", tt, got.err)
		if !tt.known {
			require.ErrorContains(t, got.err, "site 11, which is no longer active")
		}
	}
}

func TestDevicesThatWereNotSeenForLongAreLeftOut(t *testing.T) {
	c, day := discoveredConsole(t), 24*time.Hour
	c.answer[rangerRoute] = answer(403, notPermitted)
	c.records[roguesRoute] = []string{
		discoveredAt("1", "11", consoleTime.Add(-30*day)), discoveredAt("2", "11", consoleTime.Add(-30*day-time.Second)),
		`{"id":"3","siteId":"11","lastSeen":null}`,
	}
	got := readDiscovered(t, c.collector(allParts()))
	require.NoError(t, got.err)
	require.Equal(t, []string{"1", "3"}, got.ids(), "by the console's clock; what does not tell stays")

	c.records[roguesRoute] = c.records[roguesRoute][1:2]
	got = readDiscovered(t, c.collector(allParts()))
	require.NoError(t, got.err, "the console has shown one")
	require.Empty(t, got.ids())
}

func TestNothingOfAPersonIsReadOfADevice(t *testing.T) {
	records, err := Decode(KindDiscoveredDevice, []byte(`{"data":[{"id":"1","hostnames":["a"],"deviceReviewLog":[{"reviewedByName":"Kim Doe"}],
		"labelUserName":"Kim Doe","networks":[{"gatewayMacAddress":"00:00:5E:00:53:01"}]}]}`))
	require.NoError(t, err)
	text, err := json.Marshal(records[0].Value)
	require.NoError(t, err)
	require.NotContains(t, string(text), "Kim")
	require.EqualValues(t, "00:00:5E:00:53:01", records[0].Value.(*DiscoveredDevice).Networks[0].GatewayMAC)
}
