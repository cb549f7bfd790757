package correlate

import (
	"slices"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"assetgraph/converters"
	"assetgraph/graph"
)

// worksOf writes what a device says of its EDR: "yes", "no", or "-" where nobody knows.
func worksOf(d *graph.Element) string {
	switch v := d.Get("edrProtects"); {
	case v.IsAbsent():
		return "-"
	case v.Bool():
		return "yes"
	}
	return "no"
}

func TestInstalledIsNotProtecting(t *testing.T) {
	const a, d = "a1 at=5 serial=ABC1234", "d1 serial=ABC1234"
	const off, works = " operationalState=fully·disabled", " operationalState=na"
	for _, tt := range []struct {
		name    string
		records []string
		want    string
	}{
		{"no agent", []string{d}, "-"},
		{"an agent that does not tell", []string{a, d}, "-"},
		{"one that works", []string{a + works, d}, "yes"},
		{"one that is disabled", []string{a + off, d}, "no disabled"},
		{"one with more than one ailment", []string{a + off + " mitigationMode=detect pendingUninstall=yes"}, "no detect-only disabled uninstalling"},
		{"an ailment is known without the state", []string{a + " mitigationMode=detect"}, "no detect-only"},
		{"one that is gone", []string{a + off + " dead", d}, "-"},
		{"one that works beside one that does not", []string{a + off + " name=pc born=1 seen=2", "a2 at=5 serial=ABC1234 name=pc make=Dell_Inc. born=3" + works}, "yes"},
		{"one that does not tell beside one that does not work", []string{a + off + " name=pc born=1 seen=2", "a2 at=5 serial=ABC1234 name=pc make=Dell_Inc. born=3"}, "no disabled"},
		{"its site has ended", []string{"s5 name=Acme state=expired", a + works}, "no expired"},
		{"its site has ended, and it does not tell", []string{"s5 name=Acme state=deleted", a}, "no expired"},
		{"its account has ended", []string{"k7 name=MSP state=expired", "s5 name=Acme state=active accountId=7", a + works}, "no expired"},
		{"another account has ended", []string{"k8 name=MSP state=expired", "s5 name=Acme accountId=7", a + works}, "yes"},
	} {
		t.Run(tt.name, func(t *testing.T) {
			b := newBuilder()
			b.customers(t)
			for _, r := range tt.records {
				b.put(t, r)
			}
			r := b.run(t, nil, nil)
			agent := max(slices.IndexFunc(tt.records, func(r string) bool { return r[0] == 'a' }), 0)
			device := r.get(t, r.of[keyOf(field(tt.records[agent], ""))])
			got := strings.Join(append([]string{worksOf(device)}, device.Get("edrAilments").List()...), " ")
			require.Equal(t, tt.want, got, r.clusters())
		})
	}
}

// An agent that becomes disabled makes its device again, and no other; so does a site that ends for its machines.
func TestWorkMakesItsDeviceAlone(t *testing.T) {
	always := append(numbered(2, 40, "a%[1]d at=2 serial=OTHER%[1]d operationalState=na"), "d1 serial=ABC1234")
	h := historyOf(t)
	for _, step := range [][]string{
		{"a1 at=5 serial=ABC1234"}, {"a1 at=5 serial=ABC1234 operationalState=na"},
		{"a1 at=5 serial=ABC1234 operationalState=fully·disabled"}, {"a1 at=5 serial=ABC1234 operationalState=na"},
		{"a1 at=5 serial=ABC1234 operationalState=na", "s5 name=Acme accountId=7"},
		{"a1 at=5 serial=ABC1234 operationalState=na", "s5 name=Acme accountId=7", "k7 name=MSP state=expired"},
		{"a1 at=5 serial=ABC1234 operationalState=na", "s5 name=Acme accountId=7", "k7 name=MSP"},
		{"a1 at=5 serial=ABC1234 operationalState=na", "s5 name=Acme accountId=7 state=expired"},
	} {
		h.run(seasonOf(t, append(step, always...)))
	}
	for _, change := range [][2]string{
		{"a1 at=5 serial=ABC1234 operationalState=fully·disabled", "s5 name=Acme"},
		{"a1 at=5 serial=ABC1234 operationalState=na", "s5 name=Acme state=expired"},
	} {
		before := []string{"a1 at=5 serial=ABC1234 operationalState=na", "s5 name=Acme"}
		memory, _ := remembered(t, nil, append(before, always...)...)
		s := seasonOf(t, append(change[:], always...))
		c := s.correlator(t, 0, false, func(c *Correlator) { require.NoError(t, c.Recall(memory)) })
		devices := 0
		for key := range resolve(t, c, s) {
			devices += count1(key.Scope().Type == "device" && !strings.Contains(string(key), "|"))
		}
		require.Equal(t, 1, devices, change)
	}
}

// A type that tells of the work of a tool whose work has no name can't be.
func TestWorkOfRolesIsChecked(t *testing.T) {
	box := graph.DeclareEntity("acme_box", "acme", "made up", "Host").Type()
	require.Panics(t, func() {
		NewModel(&converters.Converter{Integration: "acme", Types: []*graph.Type{box}, Roles: []converters.Role{{
			Type: box, Machine: &converters.Machine{
				Tool: &converters.Tool{Name: "acme"}, Verb: "IS",
				State:    func(*graph.Element) converters.State { return converters.Live },
				Symptoms: func(*graph.Element) ([]converters.Symptom, bool) { return nil, true },
			},
		}}})
	})
}
