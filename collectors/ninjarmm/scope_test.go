package ninjarmm

import (
	"fmt"
	"slices"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"assetgraph/collectors"
)

// twoCustomers is a made-up tenant with organizations 1 to 3, in each a location, an approved and a waiting device and an
// end user, and a technician.
func twoCustomers(t *testing.T) *tenant {
	s := newTenant(t)
	s.lists["/v2/organizations"] = organizationRows(3)
	users := []string{`{"id":90,"userType":"TECHNICIAN","organizationId":null}`}
	for o := int64(1); o <= 3; o++ {
		s.lists["/v2/locations"] = append(s.lists["/v2/locations"], row{id: 10 + o, body: fmt.Sprintf(`{"id":%d,"organizationId":%d}`, 10+o, o)})
		for _, status := range []string{approved, pending} {
			id := 20 + o + 10*int64(len(status)-len(pending))
			one := row{id: id, status: status, body: fmt.Sprintf(`{"id":%d,"organizationId":%d,"approvalStatus":%q}`, id, o, status)}
			s.lists["/v2/devices-detailed"] = append(s.lists["/v2/devices-detailed"], one)
			s.lists["/v2/devices"] = append(s.lists["/v2/devices"], one)
		}
		users = append(users, fmt.Sprintf(`{"id":%d,"userType":"END_USER","organizationId":%d}`, 90+o, o))
	}
	s.unpaged["/v2/users"] = "[" + strings.Join(users, ",") + "]"
	return s
}

func (s *tenant) narrowed(t *testing.T, names ...string) *Collector {
	c := s.config()
	c.Options.Filter = collectors.Filter{
		"organizations": collectors.Choice{Setting: "NINJARMM_ORGANIZATIONS", Names: names},
	}
	n, err := New(c)
	require.NoError(t, err)
	return n
}

func TestFilterChoosesOfEveryList(t *testing.T) {
	for _, ignored := range []bool{false, true} {
		s := twoCustomers(t)
		s.ignoreFilter = ignored
		n := s.narrowed(t, "Customer 1", "3")
		want := map[string][]string{
			"organizations": {"1", "3"}, "locations": {"11", "13"}, "devices": {"21", "23", "31", "33"}, "users": {"90", "91", "93"},
		}
		if ignored {
			want["devices"] = []string{"31", "33"} // those that wait for approval can't be asked for
		}
		for step, ids := range want {
			var m collectors.Meter
			got, _, err := read(t, n, step, &m)
			require.NoError(t, err)
			require.Equal(t, ids, slices.Sorted(slices.Values(got)), step)
			ignoredText := "of customers that were not asked for came all the same"
			require.Equal(t, ignored && step == "devices", strings.Contains(strings.Join(m.Warnings(), " "), ignoredText), step)
			total, err := stepOf(t, n, step).Count(t.Context())
			require.NoError(t, err)
			require.Equal(t, len(ids), total, step)
		}
		asked := strings.Join(s.seen("/v2/devices-detailed"), "\n")
		require.Contains(t, asked, "df=status%20%3D%20PENDING%20AND%20org%20in%20%281%2C%203%29")
		require.Contains(t, asked, "df=org%20in%20%281%2C%203%29")
	}
}

func TestFilterThatFitsNothing(t *testing.T) {
	s := twoCustomers(t)
	n := s.narrowed(t, "Nobody", "3")
	_, err := n.SignIn(t.Context())
	require.NoError(t, err)
	for _, step := range n.Steps() {
		got, _, err := read(t, n, step.Name, &collectors.Meter{})
		if step.Part != "" && step.Name != "alerts" {
			require.NoError(t, err, "rows of devices, which nothing is lost without: %s", step.Name)
			continue
		}
		require.EqualError(t, err, `NINJARMM_ORGANIZATIONS: there is no organization "Nobody"`, step.Name)
		require.Equal(t, step.Name == "alerts", len(got) == 0, step.Name)
	}
	s = twoCustomers(t)
	n = s.narrowed(t, "Nobody")
	for _, step := range n.Steps() {
		got, _, err := read(t, n, step.Name, &collectors.Meter{})
		require.ErrorContains(t, err, `there is no organization "Nobody"`, step.Name)
		require.Empty(t, got)
		_, err = step.Count(t.Context())
		require.ErrorContains(t, err, `there is no organization "Nobody"`, step.Name)
	}
	require.NotContains(t, strings.Join(s.seen("/v2/devices"), "\n"), "org", "an empty list of organizations is not asked for")
}

func TestFilterWithoutTheListOfOrganizations(t *testing.T) {
	s := twoCustomers(t)
	s.lists["/v2/organizations"] = append(s.lists["/v2/organizations"], row{id: 4, body: `{"id":{},"name":"X"}`})
	n := s.narrowed(t, "3")
	for _, step := range n.Steps() {
		got, _, err := read(t, n, step.Name, &collectors.Meter{})
		require.ErrorContains(t, err, "which organizations are chosen can't be told: ", step.Name)
		require.Empty(t, got)
	}
}

// Very many ids don't fit into an address: all is read then, and looked through.
func TestFilterOfManyOrganizations(t *testing.T) {
	s := twoCustomers(t)
	s.lists["/v2/organizations"] = organizationRows(mostAsked + 5)
	var names []string
	for id := range mostAsked + 1 {
		names = append(names, fmt.Sprint(id+3))
	}
	var m collectors.Meter
	got, _, err := read(t, s.narrowed(t, names...), "devices", &m)
	require.NoError(t, err)
	require.Equal(t, []string{"23", "33"}, got)
	require.Empty(t, m.Warnings())
	require.NotContains(t, strings.Join(s.seen("/v2/devices-detailed"), "\n"), "org")
}

func TestAliveIsOfWhatIsChosen(t *testing.T) {
	n := twoCustomers(t).narrowed(t, "1")
	got, err := aliveWith(t, n, "devices", []string{"31"}, "21", "22", "23", "31", "32", "99")
	require.NoError(t, err)
	require.Equal(t, []string{"21", "31"}, got)
	got, err = aliveWith(t, n, "organizations", []string{"1"}, "1", "2", "9")
	require.NoError(t, err)
	require.Equal(t, []string{"1"}, got)
}

func TestDeviceThatDoesNotTellWhoseItIsIsBroken(t *testing.T) {
	s := twoCustomers(t)
	s.lists["/v2/devices-detailed"] = []row{
		{id: 1, status: approved, body: `{"id":1,"organizationId":{"x":1},"approvalStatus":"APPROVED"}`},
		{id: 2, status: approved, body: `{"id":2,"approvalStatus":"APPROVED"}`},
	}
	got, records, err := read(t, s.narrowed(t, "1"), "devices", &collectors.Meter{})
	require.NoError(t, err)
	require.Equal(t, []string{"1", "2"}, got)
	require.ErrorContains(t, records[0].Err, "organizationId")
	require.NoError(t, records[1].Err, "nobody's")
}
