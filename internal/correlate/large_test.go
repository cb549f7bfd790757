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

// TestDesktopInAnyOrder: what the first record shows, of another product or another machine, does not decide whether
// the agents that live are many machines.
func TestDesktopInAnyOrder(t *testing.T) {
	desktop := each(100, func(i int) string { return fmt.Sprintf("a%d %s name=vdi mac=%s born=1 seen=1", i, vmSerial, vm1) })
	others := []string{"d1 " + vmSerial + " name=vdi mac=" + vm1, "c1 " + vmSerial + " name=vdi", "d2 " + vmSerial + " name=copy mac=" + vm2}
	for _, records := range [][]string{append(others, desktop...), append(desktop, others...)} {
		b := newBuilder()
		b.customers(t)
		b.fill(t, records)
		r := b.run(t, nil, nil)
		require.Equal(t, strings.Join(append(agentNames(100), "c1", "d1"), " ")+" | d2", r.clusters())
		require.Zero(t, r.findings.Shared)
	}
}

// TestIdentifierOfManyMachinesGivesWay: what connects machines that nothing else connects joins none of them, and is
// named: a serial number that an assembler has written into all, which is left out, and the docks of hot desks.
func TestIdentifierOfManyMachinesGivesWay(t *testing.T) {
	const laptops, perDock = 98, 14
	b := newBuilder()
	b.customers(t)
	var want []string
	b.fill(t, each(laptops, func(i int) string {
		want = append(want, fmt.Sprintf("a%d d%d", i, i))
		macs := own("3c:52:82", i) + "," + own("c8:f7:50", i/perDock) + "," + own("c8:f7:50", (i+perDock/2)/perDock%(laptops/perDock))
		return fmt.Sprintf("a%d serial=ACMEPC2024 name=nb-%d mac=%s\nd%d serial=ACMEPC2024 name=nb-%d mac=%s", i, i, macs, i, i, macs)
	}))
	want = append(want, "c1")
	b.put(t, "c1 serial=ACMEPC2024 name=unknown")
	r := b.run(t, nil, nil)
	require.ElementsMatch(t, want, strings.Split(r.clusters(), " | "))
	f := r.findings
	require.Equal(t, 1+laptops/perDock, f.Shared)
	require.Equal(t, "serial", f.Sharing[0].Method)
	require.Equal(t, "ACMEPC2024", f.Sharing[0].Value)
	require.Equal(t, 2*laptops+1, f.Sharing[0].Records)
	require.Zero(t, f.Sharing[0].Machines, "it was left out")
	require.Equal(t, f.JunkSerials, f.Sharing[0].Records)
	require.Contains(t, r.of, f.Sharing[0].Record)
	for _, s := range f.Sharing[1:] {
		require.Equal(t, "mac", s.Method)
		require.Regexp(t, "^c8:f7:50:01:00:0[0-6]$", s.Value)
		require.Equal(t, perDock*3/2, s.Machines)
		require.Equal(t, 2*s.Machines, s.Records)
	}
}
