package simulator_test

import (
	"encoding/json"
	"maps"
	"slices"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"assetgraph/internal/simulator"
)

// rows reads all records of a fleet by route and id, each as the text that came.
func rows(c *client) map[string]string {
	all := map[string]string{}
	for route, text := range snapshot(c) {
		var page any
		require.NoError(c.t, json.Unmarshal([]byte(text), &page), route)
		list, ok := page.([]any)
		if object, isObject := page.(map[string]any); isObject {
			for _, name := range []string{"data", "results"} {
				if rows, has := object[name].([]any); has {
					list, ok = rows, true
				}
			}
			if data, has := object["data"].(map[string]any); has {
				list, ok = data["sites"].([]any), true
			}
		}
		for _, row := range list {
			object, isObject := row.(map[string]any)
			if !ok || !isObject || object["id"] == nil {
				continue
			}
			text, err := json.Marshal(object)
			require.NoError(c.t, err)
			id, err := json.Marshal(object["id"])
			require.NoError(c.t, err)
			all[route+" "+string(id)] = string(text)
		}
	}
	return all
}

func TestHabitsComeOnTop(t *testing.T) {
	plain := start(t, simulator.Options{Machines: 80, Seed: 4})
	with := start(t, simulator.Options{Machines: 80, Seed: 4, Habits: simulator.AllHabits(), Foreign: 20})
	before, after := rows(plain), rows(with)
	require.Greater(t, len(after), len(before)+400)
	for key, text := range before {
		switch route, _, _ := strings.Cut(strings.TrimPrefix(key, "/api/v1"), "?"); route {
		case "/groups", "/sites", "/accounts", "/provider-links": // count agents, list clients
		default:
			if text != after[key] { // too long to be printed
				t.Error(key)
			}
		}
	}
	require.Equal(t, slices.Collect(plain.s.Truth()), slices.Collect(with.s.Truth()),
		"ordinary machines stay what they are")
	require.Empty(t, with.s.Mistakes())
}

func TestHabitsAreTheSameForASeed(t *testing.T) {
	options := simulator.Options{Machines: 60, Seed: 8, Habits: simulator.AllHabits(), Foreign: 20}
	one, two := start(t, options), start(t, options)
	require.Equal(t, snapshot(one), snapshot(two))
	options.Seed = 9
	require.NotEqual(t, slices.Collect(one.s.Labels()), slices.Collect(start(t, options).s.Labels()))
}

// What a habit plants does not depend on which others are planted, but for the numbers that its records get.
func TestEachHabitAlone(t *testing.T) {
	require.GreaterOrEqual(t, len(simulator.AllHabits()), 42)
	planted := func(s *simulator.Simulator) map[string]int {
		counts := map[string]int{}
		for l := range s.Labels() {
			counts[l.Habit] += len(l.Agents) + 100*len(l.Devices) + 10_000*len(l.Computers)
		}
		for _, c := range s.CustomerLabels() {
			counts[c.Habit] += 1_000_000
		}
		for _, p := range s.PersonLabels() {
			counts[p.Habit] += 100_000_000 * (len(p.Persons) + len(p.Users))
		}
		return counts
	}
	all := planted(start(t, simulator.Options{Machines: 30, Habits: simulator.AllHabits()}).s)
	for name, practice := range simulator.Habits() {
		require.NotEmpty(t, practice, name)
		alone := planted(start(t, simulator.Options{Machines: 30, Habits: []string{name}}).s)
		require.Equal(t, all[name], alone[name], name)
		require.Equal(t, all[""], alone[""])
		require.Len(t, alone, 2, name)
	}
	_, err := simulator.Start(simulator.Options{Habits: []string{"clones", "no-such"}})
	require.ErrorContains(t, err, `no habit is called "no-such"`)
}

// Every record that a label names is in the answers, and every record of a machine has a label.
func TestLabelsNameWhatIsAnswered(t *testing.T) {
	c := start(t, simulator.Options{Machines: 80, Habits: simulator.AllHabits(), Foreign: 30})
	labelled := map[string]bool{}
	for l := range c.s.Labels() {
		for kind, ids := range map[string][]string{"agent": l.Agents, "device": l.Devices, "computer": l.Computers} {
			for _, id := range ids {
				require.False(t, labelled[kind+id], "%s %s is two machines", kind, id)
				labelled[kind+id] = true
			}
		}
	}
	answered := map[string]bool{}
	agents, _, _ := c.edrWalk("/agents", 1000)
	for _, row := range agents {
		answered["agent"+row["id"].(string)] = true
	}
	for _, status := range []string{"", "&df=status%20%3D%20PENDING"} {
		for _, row := range decode[[]object](t, c.rmm("/v2/devices-detailed?pageSize=1000"+status)) {
			switch row["deviceType"] {
			case "NMSTarget", "CloudMonitorPing": // no machines
			default:
				answered["device"+jsonNumber(row["id"])] = true
			}
		}
	}
	computers := decode[struct{ Results []object }](t,
		c.deployment("/api/v1/computers/paged?take=10000&sort=id&sortDesc=false"))
	for _, row := range computers.Results {
		answered["computer"+jsonNumber(row["id"])] = true
	}
	require.Equal(t, slices.Sorted(maps.Keys(answered)), slices.Sorted(maps.Keys(labelled)))
}

func jsonNumber(v any) string { return v.(json.Number).String() }

func TestPlantedRecordsAreFoundByID(t *testing.T) {
	c := start(t, simulator.Options{Machines: 30, Habits: []string{"display-name", "name-used-again"}})
	for l := range c.s.Labels() {
		if l.Habit == "" {
			continue
		}
		for _, id := range l.Devices {
			list := decode[[]object](t, c.rmm("/v2/devices-detailed?pageSize=1000&df=id%20%3D%20"+id))
			require.Equal(t, list[0], decode[object](t, c.rmm("/v2/device/"+id)), "as the list shows it")
		}
		for _, id := range l.Computers {
			require.Equal(t, id, jsonNumber(decode[object](t, c.deployment("/api/v1/computers/"+id))["id"]))
		}
	}
}

func TestChangesLeaveHabitsAlone(t *testing.T) {
	c := start(t, simulator.Options{Machines: 30, Habits: simulator.AllHabits()})
	before := slices.Collect(c.s.Labels())[30:]
	c.s.Advance(simulator.Change{Add: 3, Remove: 30, Edit: 30, Rename: 30, Move: 30, CheckIn: 30})
	after := slices.Collect(c.s.Labels())
	require.Equal(t, before[len(before)-50:], after[len(after)-50:])
}

func TestWithdrawnRecordsComeBack(t *testing.T) {
	c := start(t, simulator.Options{Machines: 30, Habits: []string{"same-name-twice", "guest-seen-twice"}})
	before := rows(c)
	labels := slices.Collect(c.s.Labels())
	last := labels[len(labels)-1]
	require.Len(t, last.Devices, 2)
	require.Equal(t, 3, c.s.Withdraw(false, last.Agents, last.Devices[:1], last.Computers))
	after := rows(c)
	require.Less(t, len(after), len(before))
	var left simulator.Label
	for l := range c.s.Labels() {
		left = l
	}
	require.Equal(t, simulator.Label{Habit: last.Habit, Machine: last.Machine, Devices: last.Devices[1:]}, left,
		"a guest alone is managed by nothing")
	require.Equal(t, 3, c.s.Withdraw(true, last.Agents, last.Devices[:1], last.Computers))
	require.Equal(t, before, rows(c))
}

func TestHabitsTakeTwoCustomers(t *testing.T) {
	_, err := simulator.Start(simulator.Options{Customers: 1, Habits: simulator.AllHabits()})
	require.ErrorContains(t, err, "two customers")
	start(t, simulator.Options{Machines: 10, Customers: 2, Habits: simulator.AllHabits(), Foreign: 5})
	start(t, simulator.Options{Machines: 10, Customers: 5, Habits: simulator.AllHabits(), Foreign: 5})
}
