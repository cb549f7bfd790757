package sentinelone

import (
	"fmt"
	"net/http"
	"slices"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"assetgraph/collectors"
	"assetgraph/collectors/internal/rawjson"
)

// twoAccounts is a made-up console: account 1 with sites 11 and 12, account 2 with site 21, and in each site a group and
// an agent whose ids begin like the site's.
func twoAccounts(t *testing.T) *console {
	c := newConsole(t)
	for account, sites := range map[int][]int{1: {11, 12}, 2: {21}} {
		c.records["/accounts"] = append(c.records["/accounts"], fmt.Sprintf(`{"id":"%d","name":"Account %[1]d"}`, account))
		for _, site := range sites {
			name := fmt.Sprintf("Site %d", site)
			if site%10 == 1 {
				name = "Default site"
			}
			c.records["/sites"] = append(c.records["/sites"], fmt.Sprintf(`{"id":"%d","name":%q,"accountId":"%d","accountName":"Account %[3]d"}`, site, name, account))
			c.records["/groups"] = append(c.records["/groups"], fmt.Sprintf(`{"id":"%d1","siteId":"%[1]d"}`, site))
			c.records["/agents"] = append(c.records["/agents"], fmt.Sprintf(`{"id":"%d2","siteId":"%[1]d","accountId":"%d"}`, site, account))
		}
	}
	c.records["/users"] = []string{
		`{"id":"1","scope":"tenant","scopeRoles":[]}`, `{"id":"2","scope":"account","scopeRoles":[{"id":"1"}]}`,
		`{"id":"3","scope":"account","scopeRoles":[{"id":"1"},{"id":"2"}]}`, `{"id":"4","scope":"account","scopeRoles":[{"id":"2"}]}`,
		`{"id":"5","scope":"site","scopeRoles":[{"id":"12"},{"id":"21"}]}`, `{"id":"6","scope":"site","scopeRoles":[{"id":"11"}]}`,
		`{"id":"7","scope":"site","scopeRoles":[{"id":"21"}]}`, `{"id":"8"}`, `{"id":"9","scope":"site"}`,
	}
	for _, list := range c.records {
		slices.Sort(list)
	}
	c.records[roguesRoute] = []string{`{"id":"901","siteId":"12"}`, `{"id":"902","siteId":"21"}`} // real rows name no site
	return c
}

func (c *console) narrowed(filter collectors.Filter) *Collector {
	return c.collector(collectors.Options{Filter: filter})
}

func choice(names ...string) collectors.Choice {
	return collectors.Choice{Setting: "SENTINELONE_FILTER", Names: names}
}

func TestFilterChoosesOfEveryList(t *testing.T) {
	for name, tt := range map[string]struct {
		filter                               collectors.Filter
		accounts, sites, groups, agents, who string
	}{
		"everything": {nil, "1 2", "11 12 21", "111 121 211", "112 122 212", "1 2 3 4 5 6 7 8 9"},
		"a site":     {collectors.Filter{"sites": choice("Site 12")}, "1", "12", "121", "122", "1 2 3 5 8 9"},
		"sites by id": {collectors.Filter{"sites": choice("11", "21")}, "1 2", "11 21", "111 211", "112 212",
			"1 2 3 4 5 6 7 8 9"},
		"an account": {collectors.Filter{"accounts": choice("Account 1")}, "1", "11 12", "111 121", "112 122", "1 2 3 5 6 8 9"},
		"a site of an account": {collectors.Filter{"accounts": choice("1"), "sites": choice("Default site")}, "1", "11", "111",
			"112", "1 2 3 6 8 9"},
	} {
		for _, ignored := range []bool{false, true} {
			t.Run(fmt.Sprintf("%s, ignored %t", name, ignored), func(t *testing.T) {
				c := twoAccounts(t)
				if ignored {
					c.filters = nil
				}
				s := c.narrowed(tt.filter)
				for step, want := range map[string]string{
					"accounts": tt.accounts, "sites": tt.sites, "groups": tt.groups, "agents": tt.agents, "users": tt.who,
				} {
					r := readStep(t, s, step)
					require.NoError(t, r.err, step)
					require.Equal(t, want, strings.Join(ids(r.records), " "), step)
					if warned := len(r.meter.Warnings()) > 0; step == "agents" {
						require.Equal(t, ignored && tt.agents != "112 122 212", warned, "%v", r.meter.Warnings())
					}
				}
			})
		}
	}
}

func ids(records []collectors.Record) (list []string) {
	for _, r := range records {
		list = append(list, r.ID)
	}
	return list
}

func TestFilterStandsInTheAddress(t *testing.T) {
	c := twoAccounts(t)
	s := c.narrowed(collectors.Filter{"sites": choice("12", "21")})
	for _, step := range s.Steps() {
		require.NoError(t, readStep(t, s, step.Name).err)
	}
	for _, route := range []string{"/groups", "/agents", "/agents/count"} {
		require.Equal(t, "12,21", c.queries(route)[0].Get("siteIds"), route)
		require.False(t, c.queries(route)[0].Has("accountIds"), "one filter alone")
	}
	require.Len(t, c.queries("/sites"), 2, "once to find out which are meant, once to read them")
	require.False(t, c.queries("/sites")[0].Has("siteIds"))
	require.Equal(t, "12,21", c.queries("/sites")[1].Get("siteIds"))
	require.Equal(t, "1,2", c.queries("/accounts")[0].Get("ids"))
	require.False(t, c.queries("/users")[0].Has("siteIds"), "those of the whole console would not come")

	c = twoAccounts(t)
	s = c.narrowed(collectors.Filter{"accounts": choice("2")})
	n, err := stepOf(t, s, "agents").Count(t.Context())
	require.NoError(t, err)
	require.Equal(t, 1, n)
	require.Equal(t, "2", c.queries("/agents/count")[0].Get("accountIds"))
	n, err = stepOf(t, s, "users").Count(t.Context())
	require.NoError(t, err)
	require.Equal(t, -1, n, "only reading them all would tell")
}

// Very many ids don't fit into an address: all is read then, and looked through.
func TestFilterOfManySites(t *testing.T) {
	c := twoAccounts(t)
	var names []string
	for id := range mostAsked {
		names = append(names, fmt.Sprint(1000+id))
		c.records["/sites"] = append(c.records["/sites"], fmt.Sprintf(`{"id":"%d","accountId":"1"}`, 1000+id))
	}
	s := c.narrowed(collectors.Filter{"sites": choice(append(names, "12")...)})
	r := readStep(t, s, "agents")
	require.NoError(t, r.err)
	require.Equal(t, []string{"122"}, ids(r.records))
	require.Empty(t, r.meter.Warnings())
	require.False(t, c.queries("/agents")[0].Has("siteIds"))
	require.False(t, c.queries("/agents/count")[0].Has("siteIds"))
	n, err := stepOf(t, s, "agents").Count(t.Context())
	require.NoError(t, err)
	require.Equal(t, -1, n)
}

func TestFilterThatFitsNothing(t *testing.T) {
	for name, tt := range map[string]struct {
		filter collectors.Filter
		agents []string
		err    string
	}{
		"one of two": {collectors.Filter{"sites": choice("Nobody", "12")}, []string{"122"}, `SENTINELONE_FILTER: there is no site "Nobody"`},
		"the only":   {collectors.Filter{"sites": choice("Nobody")}, nil, `there is no site "Nobody"`},
		"two accounts have the name": {collectors.Filter{"sites": choice("Default site")}, nil,
			`"Default site" fits 2 of them; write an id (11, 21)`},
		"of another account": {collectors.Filter{"accounts": choice("1"), "sites": choice("21")}, nil,
			`there is no site in SENTINELONE_FILTER with the name or id "21"`},
		"no such account": {collectors.Filter{"accounts": choice("Account 3"), "sites": choice("21")}, nil,
			`there is no account "Account 3"; SENTINELONE_FILTER: there is no site in SENTINELONE_FILTER with the name or id "21"`},
	} {
		t.Run(name, func(t *testing.T) {
			c := twoAccounts(t)
			s := c.narrowed(tt.filter)
			for _, step := range s.Steps() {
				r := readStep(t, s, step.Name)
				require.ErrorContains(t, r.err, tt.err, step.Name)
				_, err := step.Count(t.Context())
				require.ErrorContains(t, err, tt.err, step.Name)
				if step.Name == "agents" {
					require.Equal(t, tt.agents, ids(r.records))
				}
			}
			if tt.agents == nil {
				require.Empty(t, c.queries("/agents"), "no filter at all would read everything")
				require.Empty(t, c.queries("/agents/count"))
			}
		})
	}
}

func TestFilterWithoutTheListsThatItNames(t *testing.T) {
	c := twoAccounts(t)
	c.answer["/sites"] = func(w http.ResponseWriter, _ *http.Request) { w.WriteHeader(http.StatusBadGateway) }
	s := c.narrowed(collectors.Filter{"sites": choice("12")})
	for _, step := range s.Steps() {
		r := readStep(t, s, step.Name)
		require.ErrorContains(t, r.err, "which accounts and sites are chosen can't be told: ")
		require.Empty(t, r.records)
	}
	require.Len(t, c.queries("/sites"), 1, "asked once, not by each step")
	require.Empty(t, c.queries("/agents"))

	_, err := New(Config{URL: c.server.URL, APIToken: testToken, Options: collectors.Options{
		Skip: collectors.ParseSkip("X", "accounts"), Filter: collectors.Filter{"accounts": choice("1")},
	}})
	bad := &collectors.SettingError{}
	require.ErrorAs(t, err, &bad)
	require.Equal(t, "Accounts", bad.Setting)
}

// A token of a site may not read accounts: they are those of the sites that are chosen.
func TestFilterOfANarrowToken(t *testing.T) {
	c := twoAccounts(t)
	c.answer["/accounts"] = func(w http.ResponseWriter, _ *http.Request) {
		reply(w, 403, `{"errors":[{"code":4030010,"detail":"Action is not allowed to site users","title":"Insufficient permissions"}]}`)
	}
	for _, filter := range []collectors.Filter{{"sites": choice("Site 12")}, {"accounts": choice("Account 1")}} {
		s := c.narrowed(filter)
		r := readStep(t, s, "accounts")
		require.NoError(t, r.err)
		require.Equal(t, []string{"1"}, ids(r.records))
		n, err := stepOf(t, s, "accounts").Count(t.Context())
		require.NoError(t, err)
		require.Equal(t, -1, n)
	}
}

func TestRolesElsewhereAreLeftOut(t *testing.T) {
	s := twoAccounts(t).narrowed(collectors.Filter{"sites": choice("12")})
	readStep(t, s, "sites")
	roles := map[string][]ScopeRole{}
	for _, r := range readStep(t, s, "users").records {
		roles[r.ID] = r.Value.(*User).ScopeRoles
	}
	require.Equal(t, []ScopeRole{{ID: "1"}}, roles["3"])
	require.Equal(t, []ScopeRole{{ID: "12", AccountID: rawjson.Text("1")}}, roles["5"])
}

// Whose a record is has to be readable: else a site that can't be read would make of its agents nobody's.
func TestRecordThatDoesNotTellWhoseItIsIsBroken(t *testing.T) {
	c := twoAccounts(t)
	c.filters = nil
	c.records["/agents"] = []string{`{"id":"1","siteId":{"x":1},"accountId":"1"}`, `{"id":"2","siteId":"12"}`}
	r := readStep(t, c.narrowed(collectors.Filter{"sites": choice("12")}), "agents")
	require.NoError(t, r.err)
	require.Equal(t, []string{"1", "2"}, ids(r.records))
	require.ErrorContains(t, r.records[0].Err, "siteId")
	require.NoError(t, readStep(t, c.narrowed(nil), "agents").records[0].Err)
}

func TestAliveIsOfWhatIsChosen(t *testing.T) {
	c := twoAccounts(t)
	s := c.narrowed(collectors.Filter{"sites": choice("12")})
	for step, want := range map[string][]string{
		"accounts": {"1"}, "sites": {"12"}, "groups": {"121"}, "agents": {"122"}, "users": {"1", "2", "3", "5", "8", "9"},
	} {
		all := ids(readStep(t, c.narrowed(nil), step).records)
		got, err := aliveWith(t, s, step, want[:1], all...)
		require.NoError(t, err, step)
		require.Equal(t, want, got, step)
	}
}
