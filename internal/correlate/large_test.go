package correlate

import (
	"fmt"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
)

// TestSharedDocksJoinNothing: thousands of laptops that share docks are one component, and machines of their own.
func TestSharedDocksJoinNothing(t *testing.T) {
	const laptops, perDock = 600, 8
	b := newBuilder()
	b.customers(t)
	var records, want []string
	for n := range laptops {
		dock := func(i int) string { return fmt.Sprintf("c8:f7:50:%02x:%02x:01", i/256, i%256) }
		macs := fmt.Sprintf("3c:52:82:10:%02x:%02x,%s,%s", n/256, n%256, dock(n/perDock), dock((n+perDock/2)/perDock))
		records = append(records, fmt.Sprintf("a%d name=nb-%d mac=%s", n, n, macs), fmt.Sprintf("d%d name=nb-%d serial=SER%05d mac=%s", n, n, n, macs))
		want = append(want, fmt.Sprintf("a%d d%d", n, n))
	}
	b.fill(t, records)
	r := b.run(t, nil, nil)
	require.ElementsMatch(t, want, strings.Split(r.clusters(), " | "))
}

// TestAgentsOfAnUnprunedDesktop: each logon leaves an agent behind, decommissioned or not; some show the address of
// that day alone.
func TestAgentsOfAnUnprunedDesktop(t *testing.T) {
	for _, state := range []string{"dead", "seen=1"} {
		testDesktop(t, state)
	}
}

func testDesktop(t *testing.T, state string) {
	const agents = 400
	b := newBuilder()
	b.customers(t)
	for n := range agents {
		mac := vm1
		if n%3 == 0 && state == "dead" { // two that live at once with other addresses would be two
			mac = fmt.Sprintf("00:50:56:8a:%02x:%02x", 1+n/256, n%256)
		}
		b.put(t, fmt.Sprintf("a%d %s name=vdi mac=%s born=1 %s", n, vmSerial, mac, state))
	}
	b.fill(t, []string{"a9999 " + vmSerial + " name=vdi mac=" + vm1 + " born=2", "d1 " + vmSerial + " name=vdi mac=" + vm1, "c1 " + vmSerial + " name=vdi"})
	r := b.run(t, nil, nil)
	require.Equal(t, r.of[keyOf("a9999")], r.of[keyOf("d1")])
	require.Len(t, strings.Split(r.clusters(), " | "), 1)
}
