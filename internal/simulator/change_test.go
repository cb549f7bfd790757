package simulator_test

import (
	"fmt"
	"slices"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"assetgraph/internal/simulator"
)

func itoa(n int) string { return strconv.Itoa(n) }

func contains(text, part string) bool { return strings.Contains(text, part) }

// estate reads all machine records of all products, by product and id.
func estate(c *client) map[string]object {
	c.t.Helper()
	all := map[string]object{}
	agents, _, _ := c.edrWalk("/agents", 1000)
	computers, _ := c.immyWalk("/api/v1/computers/paged", 1000, "sort=id")
	for product, rows := range map[string][]object{
		"edr ": agents, "rmm ": c.rmmWalk("/v2/devices-detailed", 1000, ""), "immy ": computers,
	} {
		for id, row := range ids(c.t, rows) {
			all[product+id] = row
		}
	}
	return all
}

// changes names the top-level fields that differ between two estates, by record; whole records as "+" and "-".
func changes(before, after map[string]object) map[string][]string {
	differ := map[string][]string{}
	for id, row := range after {
		old, ok := before[id]
		if !ok {
			differ[id] = []string{"+"}
			continue
		}
		for field := range row {
			if fmt.Sprint(row[field]) != fmt.Sprint(old[field]) {
				differ[id] = append(differ[id], field)
			}
		}
	}
	for id := range before {
		if _, ok := after[id]; !ok {
			differ[id] = []string{"-"}
		}
	}
	return differ
}

// records lists the current records of machines.
func records(c *client, numbers []int) map[string]bool {
	wanted, found := map[int]bool{}, map[string]bool{}
	for _, n := range numbers {
		wanted[n] = true
	}
	for m := range c.s.Truth() {
		if !wanted[m.Number] {
			continue
		}
		for _, id := range []string{m.Agent, m.FormerAgent} {
			if id != "" {
				found["edr "+id] = true
			}
		}
		for _, id := range []int{m.Device, m.GuestDevice} {
			if id != 0 {
				found["rmm "+itoa(id)] = true
			}
		}
		if m.Computer != 0 {
			found["immy "+itoa(m.Computer)] = true
		}
	}
	return found
}

func TestClockAloneChangesNothing(t *testing.T) {
	c := start(t, simulator.Options{})
	before := snapshot(c)
	require.Equal(t, simulator.Changed{}, c.s.Advance(simulator.Change{}))
	require.Equal(t, before, snapshot(c))
}

func TestCheckInChangesOnlyVolatileFields(t *testing.T) {
	c := start(t, simulator.Options{})
	before := estate(c)
	done := c.s.Advance(simulator.Change{CheckIn: 50})
	require.Len(t, done.CheckedIn, 50)
	volatile := map[string]bool{
		"lastActiveDate": true, "updatedAt": true, "isActive": true, "lastLoggedInUserName": true, "osUsername": true,
		"lastContact": true, "lastUpdate": true, "offline": true, "volumes": true, "lastLoggedInUser": true,
		"lastProviderAgentEventDateUtc": true, "isOnline": true, "lastLoggedOnUser": true,
	}
	differ := changes(before, estate(c))
	require.NotEmpty(t, differ)
	met := records(c, done.CheckedIn)
	for id, fields := range differ {
		require.Contains(t, met, id)
		for _, field := range fields {
			require.True(t, volatile[field], "%s of %s", field, id)
		}
	}
}

func TestEditShowsInEveryProductAndMovesNoCheckIn(t *testing.T) {
	c := start(t, simulator.Options{})
	before := estate(c)
	done := c.s.Advance(simulator.Change{Edit: 40})
	require.Len(t, done.Edited, 40)
	differ := changes(before, estate(c))
	met := records(c, done.Edited)
	for id, fields := range differ {
		require.Contains(t, met, id)
		require.NotContains(t, fields, "lastActiveDate")
		require.NotContains(t, fields, "lastContact")
	}
	for m := range c.s.Truth() {
		for _, n := range done.Edited {
			if n == m.Number && m.Agent != "" {
				require.Contains(t, differ["edr "+m.Agent], "agentVersion")
			}
		}
	}
}

func TestRemoveAddRenameMove(t *testing.T) {
	c := start(t, simulator.Options{})
	before, totals := estate(c), c.s.Totals()
	owners := map[string]simulator.Machine{}
	for m := range c.s.Truth() {
		for id := range records(c, []int{m.Number}) {
			owners[id] = m
		}
	}
	done := c.s.Advance(simulator.Change{Add: 12, Remove: 9, Rename: 8, Move: 7})
	require.Equal(t, 500, done.Added[0])
	require.Len(t, done.Added, 12)
	require.Len(t, done.Removed, 9)
	require.Equal(t, totals.Machines+12-9, c.s.Totals().Machines)
	differ := changes(before, estate(c))
	added, removed := 0, 0
	for id, fields := range differ {
		switch fields[0] {
		case "+":
			added++
			require.Contains(t, records(c, done.Added), id)
		case "-":
			removed++
			owner := owners[id]
			require.True(t, slices.Contains(done.Removed, owner.Number) || slices.Contains(done.Removed, owner.Host),
				id)
		default:
			require.Contains(t, records(c, append(append([]int(nil), done.Renamed...), done.Moved...)), id)
		}
	}
	require.GreaterOrEqual(t, added, 12)
	require.GreaterOrEqual(t, removed, 9)
	checkEDR(t, c, c.s.Totals())
	checkRMM(t, c, c.s.Totals())
	checkDeployment(t, c, c.s.Totals())
	require.Empty(t, c.s.Mistakes())
}

func TestAdvanceDuringAWalkLosesNothingThatStays(t *testing.T) {
	c := start(t, simulator.Options{Machines: 400})
	kept := map[string]bool{}
	steps := 0
	seen := map[string]bool{}
	after := 0
	for {
		page := decode[[]object](t, c.rmm(fmt.Sprintf("/v2/devices?pageSize=50&after=%d", after)))
		if len(page) == 0 {
			break
		}
		for _, row := range page {
			seen[fmt.Sprint(row["id"])] = true
			after = max(after, number(t, row["id"]))
		}
		steps++
		c.s.Advance(simulator.Change{Remove: 3, Add: 2})
	}
	for m := range c.s.Truth() {
		if m.Device != 0 && !m.Traits.Has(simulator.PendingRMM) && m.Number < 400 {
			kept[itoa(m.Device)] = true
		}
	}
	require.Greater(t, steps, 5)
	for id := range kept {
		require.Contains(t, seen, id)
	}
}

// TestAnHourMovesTimesAlone: what runs is seen again, later, by every product that knows it, and nothing else changes
// but what a user, an upgrade and a new name change. Hours follow each other.
func TestAnHourMovesTimesAlone(t *testing.T) {
	c := start(t, simulator.Options{})
	times := map[string]bool{
		"lastActiveDate": true, "updatedAt": true, "lastContact": true, "lastUpdate": true,
		"lastProviderAgentEventDateUtc": true,
	}
	users := map[string]bool{
		"lastLoggedInUserName": true, "osUsername": true, "lastLoggedInUser": true, "lastLoggedOnUser": true,
	}
	before := estate(c)
	for range 3 {
		done := c.s.Advance(simulator.Change{Clock: time.Hour, Seen: 350, Edit: 1, User: 1, RenameBare: 1})
		require.Len(t, done.Seen, 350)
		require.Len(t, done.Users, 1)
		require.Len(t, done.BareRenamed, 1)
		now := estate(c)
		differ := changes(before, now)
		seen, user := records(c, done.Seen), records(c, done.Users)
		other := records(c, slices.Concat(done.Edited, done.BareRenamed))
		for id, fields := range differ {
			require.True(t, seen[id] || user[id] || other[id], id)
			for _, field := range fields {
				require.True(t, times[field] || !seen[id], "%s of %s", field, id)
				require.True(t, users[field] || !user[id], "%s of %s", field, id)
			}
			if last, told := now[id]["lastActiveDate"].(string); told && seen[id] {
				require.Greater(t, last, before[id]["lastActiveDate"], id)
			}
		}
		met := map[int]bool{}
		for _, n := range done.Seen {
			met[n] = true
		}
		for m := range c.s.Truth() {
			if met[m.Number] && m.Agent != "" {
				require.Contains(t, differ, "edr "+m.Agent)
			}
			if met[m.Number] && m.Device != 0 && !m.Traits.Has(simulator.PendingRMM) {
				require.Contains(t, differ, "rmm "+itoa(m.Device))
			}
			if slices.Contains(done.BareRenamed, m.Number) {
				require.True(t, m.Traits.Has(simulator.JunkSerial))
			}
		}
		before = now
	}
}

func TestAgentsAreLostAndGot(t *testing.T) {
	c := start(t, simulator.Options{})
	before := c.s.Totals()
	done := c.s.Advance(simulator.Change{LoseAgent: 4, GetAgent: 6})
	after := c.s.Totals()
	require.Len(t, done.LostAgent, 4)
	require.Len(t, done.GotAgent, 6)
	require.Equal(t, before.Agents+6, after.Agents)
	require.Equal(t, before.DecommissionedAgents+4, after.DecommissionedAgents)
	require.Equal(t, before.Devices, after.Devices)
}

func TestNextDayIsTheSameEachTime(t *testing.T) {
	one, two := start(t, simulator.Options{}), start(t, simulator.Options{})
	require.Equal(t, one.s.NextDay(), two.s.NextDay())
	require.Equal(t, one.s.Totals(), two.s.Totals())
}
