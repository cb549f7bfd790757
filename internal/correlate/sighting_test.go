package correlate

import (
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
)

// sightedOf writes which machine each thing that was seen is: "w1 is a1 d1 | w2 is d2".
func (r *result) sightedOf() string {
	return r.groups("device", map[string]string{
		"sentinelone_agent": "a", "ninjarmm_device": "d", "immybot_computer": "c", "sentinelone_discovered_device": "w",
	})
}

func TestSightings(t *testing.T) {
	for _, c := range []struct {
		name    string
		records []string
		want    string
	}{
		{"a machine that another product knows", []string{"w1 mac=" + mac1, "d1 mac=" + mac1 + " name=pc"}, "d1 w1"},
		{"what nobody else knows makes no device", []string{"w1 mac=" + mac1 + " name=printer", "d1 mac=" + mac2}, "d1"},
		{"not by a name", []string{"w1 mac=" + mac2 + " name=pc", "d1 mac=" + mac1 + " name=pc"}, "d1"},
		{"a machine of several products", []string{"w1 mac=" + mac1, "d1 serial=ABC1234", "a1 serial=ABC1234 mac=" + mac1}, "a1 d1 w1"},
		{"one that is gone", []string{"w1 mac=" + mac1, "a1 mac=" + mac1 + " dead"}, "a1 w1"},
		{"the address of the router behind which it is", []string{"w1 mac=" + mac1 + " router=" + mac1, "d1 mac=" + mac1}, "d1"},
		{"another router's", []string{"w1 mac=" + mac1 + " router=" + mac2, "d1 mac=" + mac1}, "d1 w1"},
		{"several behind a router that nobody names", []string{"w1 mac=" + mac1, "w2 mac=" + mac1, "d1 mac=" + mac1}, "d1"},
		{"seen in two customers' networks", []string{"w1 mac=" + mac1, "w2 mac=" + mac1 + " at=2", "d1 mac=" + mac1}, "d1 w1"},
		{"another customer's machine", []string{"w1 mac=" + mac1 + " at=2", "d1 mac=" + mac1}, "d1"},
		{"an address of two machines", []string{"w1 mac=" + mac1, "d1 mac=" + mac1 + " serial=ABC1234", "a1 mac=" + mac1 + " serial=XYZ9876"}, "a1 | d1"},
		{"an address that goes from hand to hand", []string{"w1 mac=00:e0:4c:12:34:56", "d1 mac=00:e0:4c:12:34:56"}, "d1"},
		{"it joins no two machines", []string{"w1 mac=" + mac1 + "," + mac2, "d1 mac=" + mac1, "d2 mac=" + mac2}, "d1 | d2"},
	} {
		t.Run(c.name, func(t *testing.T) {
			b := newBuilder()
			b.customers(t)
			for _, r := range c.records {
				b.put(t, r)
			}
			r := b.run(t, nil, nil)
			require.Equal(t, c.want, r.sightedOf())
			without := newBuilder()
			without.customers(t)
			for _, r := range c.records {
				if !strings.HasPrefix(r, "w") {
					without.put(t, r)
				}
			}
			require.Equal(t, without.run(t, nil, nil).clusters(), r.clusters(), "it decides nothing about machines")
			for key := range r.entities {
				require.NotContains(t, string(key), "discovered")
			}
		})
	}
}

// What was seen comes and goes without a change of its device, which is not written again.
func TestSightingsComeAndGo(t *testing.T) {
	h := historyOf(t)
	devices := numbered(1, 9, "d%[1]d serial=ABC123%[1]d mac=3c:52:82:00:00:0%[1]d")
	for _, seen := range [][]string{nil, {"w1 mac=" + mac1}, {"w1 mac=" + mac1, "w2 mac=" + mac2}, {"w1 mac=" + mac2}, {"w1 mac=" + mac2}, nil} {
		h.run(seasonOf(t, append(seen, devices...)))
	}
	is := 0
	for key := range h.graph {
		is += count1(strings.Contains(string(key), "discovered_device"))
	}
	require.Zero(t, is, "the last ones are gone as well")
}
