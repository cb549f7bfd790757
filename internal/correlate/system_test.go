package correlate

import (
	"testing"

	"github.com/stretchr/testify/require"
)

// The end of support is that of the system that the device has: unknown is not taken for ended, and another record is
// asked for the release of the same system alone.
func TestSupportIsThatOfTheSystem(t *testing.T) {
	const a, d, c = "a1 serial=ABC1234", "d1 serial=ABC1234", "c1 serial=ABC1234"
	for _, tt := range []struct {
		name     string
		records  []string
		ends     string
		extended string
	}{
		{"nobody names one", []string{a, d, c}, "-", "-"},
		{"a version", []string{a + " osName=Windows_11_Pro osVersion=26100"}, "2026-10-13", "-"},
		{"a build beside the version", []string{d + " osName=Windows_10_Pro osVersion=2009 osBuild=19045"}, "2025-10-14", "2028-10-10"},
		{"the first record that names the system", []string{
			a + " osName=Windows_10_Pro osVersion=19045", d + " osName=Windows_11_Pro osVersion=25H2"}, "2027-10-12", "-"},
		{"of which the release is not known", []string{
			a + " osName=Windows_10_Pro osVersion=19045", d + " osName=Windows_11_Pro osVersion=31H2"}, "-", "-"},
		{"nor told", []string{c + " osName=Microsoft_Windows_11_Pro osVersion=11"}, "-", "-"},
		{"another record of the same system knows it", []string{
			c + " osName=Microsoft_Windows_11_Pro osVersion=11", a + " osName=Windows_11_Pro osVersion=26100"}, "2026-10-13", "-"},
		{"one of another system says nothing of it", []string{
			c + " osName=Microsoft_Windows_11_Pro osVersion=11", a + " osName=Windows_10_Pro osVersion=19045"}, "-", "-"},
		{"nor does an agent that is gone", []string{
			c + " osName=Microsoft_Windows_11_Pro osVersion=11", a + " dead osName=Windows_11_Pro osVersion=26100"}, "-", "-"},
		{"nobody tells the edition", []string{a + " osName=Windows_11 osVersion=26100"}, "2034-10-10", "-"},
	} {
		t.Run(tt.name, func(t *testing.T) {
			b := newBuilder()
			b.customers(t)
			for _, r := range tt.records {
				b.put(t, r)
			}
			r := b.run(t, nil, nil)
			device := r.get(t, r.of[keyOf(field(tt.records[0], ""))])
			require.Equal(t, tt.ends, dayOf(timeOf(device, "osSupportEndsOn")))
			require.Equal(t, tt.extended, dayOf(timeOf(device, "osExtendedUpdatesEndOn")))
		})
	}
}

// When more is known of systems than the last run knew, its correlation does not stand, and its devices are made again;
// what was one machine stays one.
func TestOtherKnowledgeOfSystemsMakesDevicesAgain(t *testing.T) {
	before, after := testModel(), testModel()
	after.known[0]++
	require.NotEqual(t, before.fingerprint(), after.fingerprint(), "see TestMemoryOfAnotherModel")
	require.NotEqual(t, New(Options{Model: before}).LinksDigest(), New(Options{Model: after}).LinksDigest())
}
