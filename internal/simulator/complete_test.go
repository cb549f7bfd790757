package simulator_test

import (
	"fmt"
	"testing"

	"github.com/stretchr/testify/require"

	"assetgraph/internal/simulator"
)

// A client that keeps to the documentation finds exactly what is true, on any seed, with pages that divide nothing
// evenly, and makes no mistake.
func TestCompleteReadFindsTheTruth(t *testing.T) {
	for _, o := range []simulator.Options{
		{}, {Seed: 1, Machines: 301, Customers: 7}, {Seed: 2, Machines: 900, Customers: 45},
		{Seed: 3, Machines: 40, Customers: 1},
		{Seed: 4, Machines: 1, Customers: 3},
	} {
		t.Run(fmt.Sprintf("seed %d", o.Seed), func(t *testing.T) {
			c := start(t, o)
			want := c.s.Totals()
			checkEDR(t, c, want)
			checkRMM(t, c, want)
			checkDeployment(t, c, want)
			require.Empty(t, c.s.Mistakes())
		})
	}
}

func checkEDR(t *testing.T, c *client, want simulator.Totals) {
	t.Helper()
	for route, expected := range map[string]int{
		"/accounts": want.Accounts, "/sites": want.Sites, "/groups": want.Groups, "/users": want.ConsoleUsers,
		"/agents": want.Agents,
	} {
		rows, _, total := c.edrWalk(route, 300)
		require.Len(t, ids(t, rows), expected, route)
		require.Equal(t, expected, total, route)
	}
	rows, _, _ := c.edrWalk("/agents", 97)
	agents := ids(t, rows)
	gone := 0
	for _, row := range rows {
		if row["isDecommissioned"].(bool) {
			gone++
		}
	}
	require.Equal(t, want.DecommissionedAgents, gone)
	count := decode[object](t, c.edr("/agents/count?isDecommissioned=true,false&isUninstalled=true,false"))
	require.Equal(t, want.Agents, number(t, count["data"].(object)["total"]))
	for m := range c.s.Truth() {
		if m.Agent == "" {
			continue
		}
		require.Equal(t, m.UUID, agents[m.Agent]["uuid"])
		delete(agents, m.Agent)
		if m.FormerAgent != "" {
			require.Contains(t, agents, m.FormerAgent)
			delete(agents, m.FormerAgent)
		}
	}
	require.Empty(t, agents, "agents that the truth does not know")
	checkThreats(t, c)
}

// checkThreats asks for the threats as a program does that wants those of today.
func checkThreats(t *testing.T, c *client) {
	t.Helper()
	open, late := map[string]simulator.Threat{}, map[string]simulator.Threat{}
	since := c.s.Now().AddDate(0, 0, -90)
	for _, one := range c.s.Threats() {
		switch {
		case one.Open:
			open[one.ID] = one
		case !one.Changed.Before(since):
			late[one.ID] = one
		}
	}
	for query, want := range map[string]map[string]simulator.Threat{
		"incidentStatuses=unresolved,in_progress":                                          open,
		"incidentStatuses=resolved&updatedAt__gte=" + since.Format("2006-01-02T15:04:05Z"): late,
	} {
		page := decode[object](t, c.edr("/threats?limit=1000&"+query))
		require.Equal(t, len(want), number(t, page["pagination"].(object)["totalItems"]), query)
		require.Len(t, page["data"], len(want), query)
		for _, row := range page["data"].([]any) {
			threat := row.(object)
			require.Contains(t, want, threat["id"])
			agent, _ := threat["agentRealtimeInfo"].(object)
			if id := want[threat["id"].(string)].Agent; id != "" {
				require.Equal(t, id, agent["agentId"])
			} else {
				require.Nil(t, agent)
			}
		}
	}
}

func checkRMM(t *testing.T, c *client, want simulator.Totals) {
	t.Helper()
	require.Len(t, ids(t, c.rmmWalk("/v2/organizations", 9, "")), want.Organizations)
	require.Len(t, ids(t, c.rmmWalk("/v2/locations", 9, "")), want.Locations)
	require.Len(t, ids(t, decode[[]object](t, c.rmm("/v2/users"))), want.Users)
	approved := c.rmmWalk("/v2/devices-detailed", 83, "")
	require.Len(t, approved, want.Devices)
	pending := c.rmmWalk("/v2/devices-detailed", 83, "status = PENDING")
	require.Len(t, pending, want.PendingDevices)
	require.Len(t, c.rmmWalk("/v2/devices", 1000, ""), want.Devices)
	devices := ids(t, append(approved, pending...))
	for m := range c.s.Truth() {
		for _, id := range []int{m.Device, m.GuestDevice} {
			if id != 0 {
				require.Contains(t, devices, fmt.Sprint(id))
				delete(devices, fmt.Sprint(id))
			}
		}
	}
	require.Empty(t, devices, "devices that the truth does not know")
}

func checkDeployment(t *testing.T, c *client, want simulator.Totals) {
	t.Helper()
	require.Len(t, ids(t, decode[[]object](t, c.deployment("/api/v1/tenants"))), want.Tenants)
	require.Len(t, ids(t, decode[[]object](t, c.deployment("/api/v1/persons"))), want.Persons)
	require.Len(t, ids(t, decode[[]object](t, c.deployment("/api/v1/users"))), want.ImmyUsers)
	rows, count := c.immyWalk("/api/v1/computers/paged", 61, "sort=id")
	require.Equal(t, want.Computers, count)
	computers := ids(t, rows)
	require.Len(t, computers, want.Computers)
	rows, count = c.immyWalk("/api/v1/computers/paged", 61, "sort=id&deletedOnly=true")
	require.Equal(t, want.DeletedComputers, count)
	deleted := ids(t, rows)
	links := readLinks(t, c, want)
	for m := range c.s.Truth() {
		checkComputer(t, m, computers, deleted, links)
	}
	require.Empty(t, computers, "computers that the truth does not know")
	require.Empty(t, deleted)
	sum := 0
	for _, row := range decode[[]object](t, c.deployment("/api/v1/tenants/computer-counts")) {
		sum += number(t, row["computerCount"])
	}
	require.Equal(t, want.Computers, sum)
}

// readLinks reads all provider agents by every filter and gives computer ids by external id.
func readLinks(t *testing.T, c *client, want simulator.Totals) map[string]string {
	t.Helper()
	by := map[int]int{1: want.ProviderAgents, 2: want.UnidentifiedAgents, 3: want.IdentifiedAgents,
		5: want.ProviderAgents - want.UnidentifiedAgents - want.IdentifiedAgents}
	links := map[string]string{}
	for filter, expected := range by {
		rows, count := c.immyWalk("/api/v1/provider-agents/pending", 200,
			fmt.Sprintf("sort=dateAdded&agentFilter=%d", filter))
		require.Equal(t, expected, count, "agentFilter %d", filter)
		require.Len(t, ids(t, rows), expected, "agentFilter %d", filter)
		for _, row := range rows {
			if filter == 1 {
				links[fmt.Sprint(row["providerLinkId"], "/", row["externalAgentId"])] = fmt.Sprint(row["computerId"])
			}
		}
	}
	return links
}

func checkComputer(t *testing.T, m simulator.Machine, computers, deleted map[string]object, links map[string]string) {
	t.Helper()
	expected := "<nil>"
	if m.Computer != 0 {
		expected = fmt.Sprint(m.Computer)
		require.Contains(t, computers, expected)
		delete(computers, expected)
	}
	if m.FormerComputer != 0 {
		require.Contains(t, deleted, fmt.Sprint(m.FormerComputer))
		delete(deleted, fmt.Sprint(m.FormerComputer))
	}
	if m.LinkedAgent {
		require.Equal(t, expected, links["7/"+m.UUID])
	}
	if m.LinkedDevice {
		require.Equal(t, expected, links[fmt.Sprint("9/", m.Device)])
	}
}

// Each trait that tests rely on occurs in the demo's fleet, and the shares are those that were promised.
func TestFleetIsAsInLife(t *testing.T) {
	c := start(t, simulator.Options{Machines: 10_000})
	traits := map[simulator.Traits]int{}
	var protectable, unprotected, unmanaged, windows, undeployed, linked, both int
	names := map[string]map[int]bool{}
	for m := range c.s.Truth() {
		require.Positive(t, m.Products(), "machine %d is in no product", m.Number)
		for bit := range 27 {
			if m.Traits.Has(1 << bit) {
				traits[1<<bit]++
			}
		}
		if names[m.Hostname] == nil {
			names[m.Hostname] = map[int]bool{}
		}
		names[m.Hostname][m.Customer] = true
		if m.Kind.Protectable() {
			protectable++
			unprotected += count(m.Agent == "")
			unmanaged += count(m.Device == 0)
		}
		if m.Kind.Windows() {
			windows++
			undeployed += count(m.Computer == 0)
		}
		if m.Agent != "" && m.Device != 0 && m.Computer != 0 {
			both++
			linked += count(m.LinkedAgent && m.LinkedDevice)
		}
		if m.Traits.Has(simulator.Clone) {
			require.NotEqual(t, m.Number, m.Origin)
		}
	}
	require.InDelta(t, 0.10, float64(unprotected)/float64(protectable), 0.02)
	require.InDelta(t, 0.05, float64(unmanaged)/float64(protectable), 0.015)
	require.InDelta(t, 0.12, float64(undeployed)/float64(windows), 0.03)
	require.InDelta(t, 0.88, float64(linked)/float64(both), 0.04)
	for bit := range 26 { // all but Removed
		require.Positive(t, traits[1<<bit], "no machine has trait %d", bit)
	}
	require.Greater(t, len(names["DC01"]), 10, "a name that many customers use")
}

func count(b bool) int {
	if b {
		return 1
	}
	return 0
}

func TestCloneSharesSerialAndUUIDButNotMACAndName(t *testing.T) {
	c := start(t, simulator.Options{Machines: 5000})
	machines := map[int]simulator.Machine{}
	clones := 0
	for m := range c.s.Truth() {
		machines[m.Number] = m
		if !m.Traits.Has(simulator.Clone) || m.Agent == "" {
			continue
		}
		clones++
		origin := machines[m.Origin]
		require.Equal(t, origin.UUID, m.UUID)
		require.Equal(t, origin.Serial, m.Serial)
		require.NotEqual(t, origin.MAC, m.MAC)
		require.NotEqual(t, origin.Hostname, m.Hostname)
		require.Equal(t, origin.Customer, m.Customer)
	}
	require.Greater(t, clones, 10)
}
