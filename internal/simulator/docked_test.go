package simulator_test

import (
	"fmt"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"assetgraph/internal/simulator"
)

// TestDockedLaptopsHangTogether: each dock is shown by 24 records, and whoever follows addresses comes from one laptop
// to all.
func TestDockedLaptopsHangTogether(t *testing.T) {
	const laptops, ofDocks = 160, "c8:f7:50:"
	c := start(t, simulator.Options{Machines: 5, Docked: laptops})
	shown, holders := map[string][]string{}, map[string][]string{}
	note := func(id, mac string) {
		if strings.HasPrefix(mac, ofDocks) {
			shown[id], holders[mac] = append(shown[id], mac), append(holders[mac], id)
		}
	}
	agents, _, _ := c.edrWalk("/agents", 1000)
	for id, agent := range ids(t, agents) {
		for _, n := range agent["networkInterfaces"].([]any) {
			note("edr "+id, strings.ReplaceAll(strings.ToLower(fmt.Sprint(n.(object)["physical"])), "-", ":"))
		}
	}
	for id, device := range ids(t, c.rmmWalk("/v2/devices-detailed", 1000, "")) {
		macs, _ := device["macAddresses"].([]any)
		for _, mac := range macs {
			note("rmm "+id, fmt.Sprint(mac))
		}
	}
	require.Len(t, shown, 2*laptops)
	full := 0
	for mac, of := range holders {
		require.LessOrEqual(t, len(of), 24, mac)
		if len(of) == 24 {
			full++
		}
	}
	require.Equal(t, laptops/8-1, full, "all but the docks at both ends")

	reached := map[string]bool{}
	var reach func(id string)
	reach = func(id string) {
		if reached[id] {
			return
		}
		reached[id] = true
		for _, mac := range shown[id] {
			for _, other := range holders[mac] {
				reach(other)
			}
		}
	}
	for id := range shown {
		reach(id)
		break
	}
	require.Len(t, reached, 2*laptops)
}
