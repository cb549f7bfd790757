package immybot

import (
	"fmt"
	"testing"

	"github.com/stretchr/testify/require"

	"assetgraph/collectors"
)

// customers is a made-up instance of tenant 1, the owner, with tenants 2 to 4, in each a computer, one in the recycle bin
// and a person.
func customers(t *testing.T) *instance {
	in := newInstance(t)
	tenants, counts, persons := `{"id":1,"name":"Owner","isMsp":true}`, `{"tenantId":1,"computerCount":90}`, `{"id":91,"tenantId":1}`
	list := &pagedList{}
	for id := 2; id <= 4; id++ {
		tenants += fmt.Sprintf(`,{"id":%d,"name":"Customer %[1]d"}`, id)
		counts += fmt.Sprintf(`,{"tenantId":%d,"computerCount":1}`, id)
		persons += fmt.Sprintf(`,{"id":%d,"tenantId":%d}`, 90+id, id)
		list.rows = append(list.rows, row{20 + id, fmt.Sprintf(`{"id":%d,"tenantId":%d,"providerLinkIds":[]}`, 20+id, id)})
		list.deleted = append(list.deleted, row{30 + id, fmt.Sprintf(`{"id":%d,"tenantId":%d,"deletedAt":"2025-01-01T00:00:00Z","providerLinkIds":[]}`, 30+id, id)})
	}
	in.answer("/tenants", "["+tenants+"]")
	in.answer("/tenants/computer-counts", "["+counts+"]")
	in.answer("/persons", "["+persons+"]")
	in.answer("/users", `[{"id":1,"tenantId":1},{"id":2,"tenantId":2},{"id":3,"tenantId":3},{"id":4}]`)
	in.list("/computers/paged", list)
	return in
}

func (in *instance) narrowed(names ...string) *Collector {
	c, err := New(Config{
		Instance: "immybot", URL: in.URL, TenantID: testTenant, ClientID: "app", ClientSecret: testSecret,
		AuthorityURL: in.URL,
		Options: collectors.Options{RetryTime: -1, Filter: collectors.Filter{
			"tenants": collectors.Choice{Setting: "IMMYBOT_TENANTS", Names: names},
		}},
	})
	require.NoError(in.t, err)
	return c
}

func TestFilterChoosesOfEveryList(t *testing.T) {
	in := customers(t)
	c := in.narrowed("Customer 2", "4")
	for step, want := range map[string][]string{
		"tenants": {"2", "4"}, "computers": {"22", "24"}, "persons": {"92", "94"}, "users": {"1", "2", "4"},
	} {
		records, m, err := readAll(t, c, step)
		require.NoError(t, err)
		require.Equal(t, want, ids(records), step)
		require.Empty(t, m.Warnings(), "the counts of others are none of its business")
		n, err := stepOf(t, c, step).Count(t.Context())
		require.NoError(t, err)
		if step == "computers" {
			require.Equal(t, -1, n)
			continue
		}
		require.Equal(t, len(want), n)
	}
}

// The counts of the tenants, and what of the recycle bin explains them, are those of the tenants that are chosen.
func TestComputersOfAFilterAreCheckedAgainstItsCounts(t *testing.T) {
	for name, tt := range map[string]struct {
		counted  int
		deleted  int
		failed   bool
		warnings int
	}{
		"equal":                       {counted: 1},
		"clearly fewer":               {counted: 30, failed: true},
		"its own recycle bin":         {counted: 30, deleted: 2},
		"the recycle bin of others":   {counted: 30, deleted: 3, failed: true},
		"a few that came and went":    {counted: 4, warnings: 1},
		"all of another are no count": {counted: 0},
	} {
		t.Run(name, func(t *testing.T) {
			in := customers(t)
			in.answer("/tenants/computer-counts", fmt.Sprintf(`[{"tenantId":1,"computerCount":90},{"tenantId":2,"computerCount":%d}]`, tt.counted))
			list := &pagedList{rows: []row{{22, `{"id":22,"tenantId":2,"providerLinkIds":[]}`}, {23, `{"id":23,"tenantId":3,"providerLinkIds":[]}`}}}
			for id := 100; id < 129; id++ {
				list.deleted = append(list.deleted, row{id, fmt.Sprintf(`{"id":%d,"tenantId":%d,"deletedAt":"2025-01-01T00:00:00Z"}`, id, tt.deleted)})
			}
			in.list("/computers/paged", list)
			records, m, err := readAll(t, in.narrowed("2"), "computers")
			require.Equal(t, []string{"22"}, ids(records))
			require.Len(t, m.Warnings(), tt.warnings)
			if tt.failed {
				require.ErrorContains(t, err, "the tenants together have more computers than the list")
				return
			}
			require.NoError(t, err)
		})
	}
}

func TestFilterThatFitsNothing(t *testing.T) {
	in := customers(t)
	for _, names := range [][]string{{"Nobody", "2"}, {"Nobody"}} {
		c := in.narrowed(names...)
		for _, step := range []string{"tenants", "computers", "persons", "users"} {
			records, _, err := readAll(t, c, step)
			require.ErrorContains(t, err, `IMMYBOT_TENANTS: there is no tenant "Nobody"`, step)
			require.Equal(t, len(names) == 1, len(records) == 0, step)
			_, err = stepOf(t, c, step).Count(t.Context())
			require.ErrorContains(t, err, `there is no tenant "Nobody"`, step)
		}
	}
}

func TestFilterWithoutTheListOfTenants(t *testing.T) {
	in := customers(t)
	in.answer("/tenants", `[{"id":1,"name":"Owner"},{"id":2`)
	c := in.narrowed("1")
	for _, step := range []string{"tenants", "computers", "persons", "users"} {
		records, _, err := readAll(t, c, step)
		require.ErrorContains(t, err, "which tenants are chosen can't be told: ", step)
		require.Empty(t, records)
	}
	require.Len(t, in.asked("/api/v1/tenants"), 1, "asked once, not by each step")

	_, err := New(Config{
		URL: in.URL, TenantID: testTenant, ClientID: "app", ClientSecret: testSecret, Options: collectors.Options{
			Skip:   collectors.ParseSkip("X", "tenants"),
			Filter: collectors.Filter{"tenants": collectors.Choice{Names: []string{"2"}}},
		},
	})
	bad := &collectors.SettingError{}
	require.ErrorAs(t, err, &bad)
	require.Equal(t, "Tenants", bad.Setting)
}

func TestAliveIsOfWhatIsChosen(t *testing.T) {
	in := customers(t)
	in.singles["/computers"] = []row{{22, `{"id":22,"tenantId":2}`}, {23, `{"id":23,"tenantId":3}`}, {25, `{"id":25}`}}
	in.singles["/tenants"] = []row{{2, `{"id":2}`}, {3, `{"id":3}`}}
	in.singles["/persons"] = []row{{92, `{"id":92,"tenantId":2}`}, {93, `{"id":93,"tenantId":3}`}}
	c := in.narrowed("2")
	for step, tt := range map[string]struct{ ask, want []string }{
		"computers": {[]string{"22", "23", "25", "29"}, []string{"22", "25"}},
		"tenants":   {[]string{"2", "3", "9"}, []string{"2"}},
		"persons":   {[]string{"92", "93", "99"}, []string{"92"}},
	} {
		got, err := stepOf(t, c, step).Alive(t.Context(), tt.ask, tt.want[:1])
		require.NoError(t, err)
		require.Equal(t, tt.want, got, step)
	}
}

func TestComputerThatDoesNotTellWhoseItIsIsBroken(t *testing.T) {
	in := customers(t)
	in.list("/computers/paged", &pagedList{rows: []row{{22, `{"id":22,"tenantId":{"x":1}}`}, {23, `{"id":23,"tenantId":null}`}}})
	records, _, err := readAll(t, in.narrowed("2"), "computers")
	require.NoError(t, err)
	require.Equal(t, []string{"22", "23"}, ids(records))
	require.ErrorContains(t, records[0].Err, "tenantId")
	require.NoError(t, records[1].Err, "nobody's")
}
