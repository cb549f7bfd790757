package correlate

import (
	"fmt"
	"math/rand/v2"
	"slices"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"assetgraph/graph"
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

// crowdedRecords makes up records of few machines, many of them gone, that show more or less of them.
func crowdedRecords(r *rand.Rand) (records []string) {
	one := func(values ...string) string { return values[r.IntN(len(values))] }
	for i := range 40 {
		number := func() int { return min(r.IntN(5), 1) } // mostly the same
		words := []string{
			fmt.Sprint(one("a", "a", "a", "d", "g", "c"), i), one("", fmt.Sprint("serial=SER000", number())),
			one("", fmt.Sprint("name=pc-", number())), one("", "", "at=2"), one("", "born=1", "born=5"), one("", "seen=4", "seen=9"),
			one("", dell, vmwareVM),
		}
		if words[0][0] != 'c' {
			maker := one("3c:52:82", "3c:52:82", "00:50:56", "02:50:56")
			words = append(words, one("", "mac="+own(maker, number()), "mac="+own(maker, number())+","+own("3c:52:82", 2+r.IntN(3))))
		}
		if words[0][0] == 'a' {
			words = append(words, one("dead", "dead", ""))
		}
		records = append(records, strings.Join(strings.Fields(strings.Join(words, " ")), " "))
	}
	return records
}

// TestInCommonHidesNoContradiction: where what two clusters have in common leaves no question open, no two of their
// members contradict each other.
func TestInCommonHidesNoContradiction(t *testing.T) {
	r := rand.New(rand.NewPCG(48, 64))
	settled := map[string]int{}
	for range 300 {
		b := newBuilder()
		b.customers(t)
		b.fill(t, crowdedRecords(r))
		s := loadLargest(t, b)
		check := func(units []unit, conflict func(a, b int32, by method) reason, by method, fits func(u *unit) bool) {
			one, other := members(r, units, fits), members(r, units, fits)
			if len(one) == 0 || len(other) == 0 || slices.ContainsFunc(one, func(i int32) bool { return slices.Contains(other, i) }) {
				return
			}
			s.sets.reset(s.numbers[:len(units)])
			clear(s.shared)
			for _, list := range [][]int32{one, other} {
				for _, i := range list[1:] {
					s.sets.union(list[0], i)
				}
			}
			dead, live := s.openQuestions(units, &pair{a: one[0], b: other[0], method: by})
			for _, x := range one {
				for _, y := range other {
					if both := units[x].live && units[y].live; both && !live || !both && !dead {
						settled[by.String()]++
						require.Equal(t, reasonNone, conflict(x, y, by), "%s by %s:\n%+v\n%+v", conflict(x, y, by), by, units[x], units[y])
					}
				}
			}
		}
		for range 100 {
			ch := s.records[r.IntN(len(s.records))].channel
			check(s.records, s.duplicates, []method{methodSerial, methodMAC}[r.IntN(2)], func(u *unit) bool { return u.channel == ch })
		}
		resized(&s.unitOf, len(s.records))
		copy(s.unitOf, s.numbers)
		s.units = append(s.units[:0], s.records...)
		s.countHolders(s.units, s.unitOf)
		for range 300 {
			s.withdrawn = r.IntN(2) > 0
			by := []method{methodLink, methodSerial, methodMAC, methodHostname, methodPrevious}[r.IntN(5)]
			ch := s.units[r.IntN(len(s.units))].channel
			alone := r.IntN(2) > 0
			check(s.units, s.conflict, by, func(u *unit) bool { return !alone || u.channel == ch })
		}
	}
	for _, by := range []method{methodLink, methodSerial, methodMAC, methodHostname, methodPrevious} {
		require.Greater(t, settled[by.String()], 500, by)
	}
}

// loadLargest loads the largest component of a fleet, and judges nothing yet.
func loadLargest(t *testing.T, b *builder) *solver {
	c := New(Options{Model: testModel()})
	e := &graph.Element{}
	for i := range b.elements {
		require.NoError(t, b.read(Ref(i), e))
		c.Add(e, Ref(i))
	}
	c.placeBefore()
	c.followConnections()
	c.completeLinks()
	c.resolveOrganizations()
	c.components()
	s := &solver{c: c, shared: map[int32]*inCommon{}}
	for n := range len(c.starts) - 1 {
		if list := c.order[c.starts[n]:c.starts[n+1]]; len(list) > len(s.members) {
			s.members = list
		}
	}
	s.load()
	s.findMentions()
	resized(&s.same, len(s.records))
	copy(s.same, s.numbers)
	s.countHolders(s.records, s.same)
	return s
}

// members draws up to three units.
func members(r *rand.Rand, units []unit, fits func(u *unit) bool) (list []int32) {
	for range 1 + r.IntN(3) {
		if i := int32(r.IntN(len(units))); fits(&units[i]) && !slices.Contains(list, i) {
			list = append(list, i)
		}
	}
	return list
}

// TestMachineOfTheLastRunIsRefuted: what shares nothing goes on as the machine that it was; what contradicts itself in
// every record does not.
func TestMachineOfTheLastRunIsRefuted(t *testing.T) {
	run := func(n int, record string) []string {
		b := newBuilder()
		b.customers(t)
		b.fill(t, each(n, func(i int) string { return strings.ReplaceAll(record, "#", fmt.Sprint(100+i)) }))
		return strings.Split(b.run(t, previously(t, b, "serial-ONE"), nil).clusters(), " | ")
	}
	require.Len(t, run(200, "a# dead"), 1)
	require.Len(t, run(200, "a# serial=SER0# name=pc-#"), 200)
	require.Len(t, run(100, "a# serial=SER0# name=pc-#\nd# serial=SER0# name=pc-#"), 100)
}
