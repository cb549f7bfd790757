package main

import (
	"slices"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"assetgraph/internal/executor"
	"assetgraph/internal/simulator"
)

// TestRealHabitsThroughTheWholeProgram reads a fleet with all habits of real ones: every answer is understood, a second
// run changes nothing, and the report is compared with what is true of each machine.
func TestRealHabitsThroughTheWholeProgram(t *testing.T) {
	workIn(t)
	s, env := fleet(t, simulator.Options{Machines: 120, Customers: 18, Seed: 5, Habits: simulator.AllHabits(), Foreign: 40})
	runJSON(t, exitDone, env)
	again := runJSON(t, exitDone, env)
	require.Equal(t, executor.Counts{Unchanged: again.Totals.Unchanged}, again.Totals)
	require.Empty(t, s.Mistakes())

	_, gaps := csvTable(t, answered(t, nil, "report", "coverage", "--by", "device", "--output", "csv", "--stale", "0"))
	missing := map[string]string{}
	for _, g := range gaps {
		words := slices.DeleteFunc(strings.Split(g["missing"], ";"), // what is there and does not work is there
			func(word string) bool { return strings.HasPrefix(word, "edr-") })
		missing[g["device"]] = strings.Join(words, ";")
	}
	deviceOf := map[string]string{}
	for _, link := range []string{"sentinelone_agent_protects_device", "ninjarmm_device_is_device", "immybot_computer_is_device"} {
		_, rows := csvTable(t, answered(t, nil, "query", "select _from, _to from "+link, "--output", "csv"))
		for _, r := range rows {
			deviceOf[r["_from"]] = r["_to"]
		}
	}
	machines, wrong := 0, map[string]int{}
	for l := range s.Labels() {
		var lacks []string
		for _, p := range [...]struct {
			name string
			has  bool
		}{{"edr", l.EDR}, {"rmm", l.RMM}, {"deployment", l.Deployment}} {
			if !p.has {
				lacks = append(lacks, p.name)
			}
		}
		var keys []string
		for prefix, ids := range map[string][]string{
			"sentinelone:sentinelone_agent:": l.Agents, "ninjarmm:ninjarmm_device:": l.Devices, "immybot:immybot_computer:": l.Computers,
		} {
			for _, id := range ids {
				keys = append(keys, prefix+id)
			}
		}
		for _, key := range keys {
			device := deviceOf[key]
			require.NotEmpty(t, device, "%s has no device", key)
			if missing[device] != strings.Join(lacks, ";") {
				wrong[l.Habit]++
				break
			}
		}
		machines++
	}
	total := 0
	for _, n := range wrong {
		total += n
	}
	t.Logf("%d of %d machines are reported wrongly: %v", total, machines, wrong)
	require.Empty(t, wrong)
}
