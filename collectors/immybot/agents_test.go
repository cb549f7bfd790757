package immybot

import (
	"fmt"
	"net/http"
	"slices"
	"testing"

	"github.com/stretchr/testify/require"

	"assetgraph/collectors"
)

// withAgents plays an instance whose computer 101 carries the agents of three products.
func withAgents(t *testing.T) *instance {
	in := newInstance(t)
	in.answer("/provider-links", `[{"id":1,"name":"ImmyBot Agent"},{"id":7,"name":"SentinelOne","providerTypeId":"s"},{"id":9,"name":"NinjaRMM"}]`)
	in.answer("/provider-types", `[{"providerTypeId":"S","displayName":"SentinelOne Singularity"}]`)
	for _, id := range []string{"1", "7", "9"} {
		in.answer("/provider-links/"+id+"/clients", `[]`)
	}
	in.list("/provider-agents/pending",
		&pagedList{rows: results(t, "synthetic/provider-agents-pending.agentFilter-OnlyIdentified.json")})
	in.list("/computers/paged", &pagedList{rows: append(
		results(t, "synthetic/computers-paged.page1.json"), results(t, "synthetic/computers-paged.page2.json")...)})
	in.answer("/computers/102", `{"id":102,"agents":[]}`)
	return in
}

func agentsOf(t *testing.T, records []collectors.Record, id string) []string {
	t.Helper()
	i := slices.IndexFunc(records, func(r collectors.Record) bool { return r.ID == id })
	require.GreaterOrEqual(t, i, 0)
	var out []string
	for _, a := range records[i].Value.(*Computer).Agents {
		out = append(out, fmt.Sprintf("%s %s %s", a.Product, a.ExternalAgentID, a.Serial))
	}
	return out
}

var wantAgents = []string{
	"ImmyBot Agent 99999999-0000-4000-8000-000000000001 8KX1234",
	"SentinelOne Singularity ff819e70af13be381993075eb0ce5f2f 8KX1234",
	"NinjaRMM 3187 8KX1234",
}

func TestComputersCarryTheirAgents(t *testing.T) {
	in := withAgents(t)
	records, m, err := readAll(t, in.collector(2), "computers")
	require.NoError(t, err)
	require.Equal(t, []string{"101", "102", "103"}, ids(records))
	require.Equal(t, wantAgents, agentsOf(t, records, "101"))
	require.Equal(t, in.URL, records[0].Value.(*Computer).Console)
	require.Empty(t, agentsOf(t, records, "102"))
	require.Len(t, m.Warnings(), 1, "102 names integrations that have no agent on it")
	require.Len(t, in.asked("/api/v1/computers/1"), 1, "asked for itself once, to prove the list")
}

func TestAgentsAreRecordsToo(t *testing.T) {
	in := withAgents(t)
	records, m, err := readAll(t, in.collector(2), "provider-agents")
	require.NoError(t, err)
	require.Equal(t, []string{"9001", "9002", "9003"}, ids(records))
	require.Equal(t, 3, m.Expected())
	n, err := count(t, in.collector(0), "provider-agents")
	require.NoError(t, err)
	require.Equal(t, 3, n)
}

func TestNoAgentsYetIsComplete(t *testing.T) {
	in := newInstance(t)
	in.answer("/provider-agents/pending", fixture(t, "recorded/provider-agents-pending.json"))
	records, _, err := readAll(t, in.collector(0), "provider-agents")
	require.NoError(t, err)
	require.Empty(t, records)
}

func TestAgentsOfOlderInstancesNameTheirLinkOnly(t *testing.T) {
	in := withAgents(t)
	in.list("/provider-agents/pending", &pagedList{rows: []row{
		{1, `{"id":1,"computerId":101,"externalAgentId":"u","providerLinkName":"SentinelOne"}`},
		{2, `{"id":2,"computerId":101,"externalAgentId":"v","providerLinkName":"Gone"}`},
	}})
	records, _, err := readAll(t, in.collector(0), "computers")
	require.NoError(t, err)
	require.Equal(t, []string{"SentinelOne Singularity u ", "Gone v "}, agentsOf(t, records, "101"))
}

func TestTwoLinksOfOneNameAreNotGuessed(t *testing.T) {
	l := newLinks()
	for id := range 3 {
		l.add(&ProviderLink{ID: intOf(int64(id)), Name: "SentinelOne"})
	}
	require.Nil(t, l.of(&ProviderAgent{ProviderLinkName: "SentinelOne"}))
	require.NotNil(t, l.of(&ProviderAgent{ProviderLinkID: intOf(2)}))
}

func TestAgentsOfDeletedComputersAreIgnored(t *testing.T) {
	in := withAgents(t)
	in.list("/provider-agents/pending", &pagedList{rows: []row{
		{1, `{"id":1,"computerId":101,"externalAgentId":"u","providerLinkId":7,"isComputerDeleted":true}`},
		{2, `{"id":2,"computerId":null,"externalAgentId":"v","providerLinkId":7,"isComputerDeleted":false}`},
	}})
	var found agents
	records, err := drain(in.collector(0).agentRecords(t.Context(), &collectors.Meter{}, &links{}, &found))
	require.NoError(t, err)
	require.Equal(t, []string{"2"}, ids(records))
	require.Empty(t, found.index.of(101))
}

func TestDeletedComputersNeverAppearAsLive(t *testing.T) {
	in := newInstance(t)
	in.list("/computers/paged", &pagedList{rows: []row{
		{1, `{"id":1,"deletedAt":"2026-01-01T00:00:00Z"}`}, {2, `{"id":2,"deletedAt":null}`},
		{3, `{"id":3,"deletedAt":"0001-01-01T00:00:00"}`},
	}})
	records, _, err := readAll(t, in.collector(0), "computers")
	require.NoError(t, err)
	require.Equal(t, []string{"2", "3"}, ids(records))
}

func TestIncompleteAgentsMakeTheComputersIncompleteButYieldThem(t *testing.T) {
	in := withAgents(t)
	in.status("/provider-agents/pending", http.StatusInternalServerError, `{"title":"Boom","status":500}`)
	c := in.collector(0)
	_, _, err := readAll(t, c, "provider-agents")
	require.Error(t, err)
	records, _, err := read(t, c, "computers")
	var incomplete *collectors.IncompleteError
	require.ErrorAs(t, err, &incomplete)
	require.Contains(t, incomplete.Reason, "Boom")
	require.Equal(t, []string{"101", "102", "103"}, ids(records))
	require.Empty(t, in.asked("/api/v1/computers/1"), "nobody is asked in vain")
}

func TestAgentThatCanNotBeReadMakesTheComputersIncomplete(t *testing.T) {
	for _, agent := range []string{
		`{"id":1,"computerId":101,"computerId":102,"externalAgentId":"a"}`,
		`{"id":1,"computerId":101,"externalAgentId":["?"]}`,
		`{"id":1,"computerId":101,"externalAgentId":{"value":["?"]}}`, `{"id":1,"computerId":{},"externalAgentId":"a"}`,
		`{"id":1,"computerId":101,"providerLinkId":"?","externalAgentId":"a"}`,
	} {
		in := withAgents(t)
		in.list("/provider-agents/pending", &pagedList{rows: []row{{1, agent}}})
		_, _, err := readAll(t, in.collector(0), "computers")
		var incomplete *collectors.IncompleteError
		require.ErrorAs(t, err, &incomplete, agent)
	}
}

func TestOtherFieldsOfAnAgentCostThemselves(t *testing.T) {
	in := withAgents(t)
	in.list("/provider-agents/pending", &pagedList{rows: []row{{1, `{"id":1,"computerId":101,"externalAgentId":"a","serial":{}}`}}})
	var found agents
	records, err := drain(in.collector(0).agentRecords(t.Context(), &collectors.Meter{}, &links{}, &found))
	require.NoError(t, err)
	require.Equal(t, "serial", records[0].Unread[0].Field)
	require.EqualValues(t, "a", found.index.of(101)[0].ExternalAgentID)
}

func TestComputersWithoutTheAgentsStepAreIncomplete(t *testing.T) {
	_, _, err := read(t, withAgents(t).collector(0), "computers")
	var incomplete *collectors.IncompleteError
	require.ErrorAs(t, err, &incomplete)
}

func TestUnknownAgentRouteFallsBackToEachComputer(t *testing.T) {
	for name, spoil := range map[string]func(*instance){
		"HTML under 200": func(in *instance) { delete(in.routes, "/provider-agents/pending") },
		"404":            func(in *instance) { in.status("/provider-agents/pending", http.StatusNotFound, `{}`) },
		"405": func(in *instance) {
			in.status("/provider-agents/pending", http.StatusMethodNotAllowed, `{}`)
		},
	} {
		t.Run(name, func(t *testing.T) {
			in := withAgents(t)
			spoil(in)
			in.answer("/computers/101", fixture(t, "synthetic/computer-detail.with-agents.json"))
			c := in.collector(0)
			_, m, err := readAll(t, c, "provider-agents")
			require.NoError(t, err)
			require.Len(t, m.Warnings(), 1)
			records, _, err := read(t, c, "computers")
			require.NoError(t, err)
			require.Equal(t, wantAgents, agentsOf(t, records, "101"))
			require.Len(t, in.asked("/api/v1/computers/1"), 2, "103 names no integration")
			require.Contains(t, in.asked("/api/v1/computers/1")[0], "includeProviderAgents=true")
			n, err := count(t, c, "provider-agents")
			require.NoError(t, err)
			require.Equal(t, -1, n)
		})
	}
}

func TestFieldOfAnAgentOnTheComputersOwnPageIsNamed(t *testing.T) {
	in := withAgents(t)
	delete(in.routes, "/provider-agents/pending")
	in.answer("/computers/101", `{"id":101,"agents":[{"id":1,"computerId":101,"providerLinkId":7,"externalAgentId":"u","deviceDetails":{"serialNumber":[]}}]}`)
	c := in.collector(0)
	_, _, err := readAll(t, c, "provider-agents")
	require.NoError(t, err)
	_, m, err := read(t, c, "computers")
	require.NoError(t, err)
	require.Contains(t, m.Warnings(),
		"field deviceDetails.serialNumber left out: an array where a text was expected (provider-agent 1)")
}

func TestComputerThatIsDeletedMeanwhileHasNoAgents(t *testing.T) {
	in := withAgents(t)
	delete(in.routes, "/provider-agents/pending")
	in.status("/computers/101", http.StatusNotFound, `{}`)
	records, _, err := readAll(t, in.collector(0), "computers")
	require.NoError(t, err)
	require.Empty(t, agentsOf(t, records, "101"))
}

func TestAgentsOfOneComputerThatCanNotBeReadMakeAllIncomplete(t *testing.T) {
	in := withAgents(t)
	delete(in.routes, "/provider-agents/pending")
	in.answer("/computers/101", `{"id":101,"agents":null}`)
	records, _, err := readAll(t, in.collector(0), "computers")
	var incomplete *collectors.IncompleteError
	require.ErrorAs(t, err, &incomplete)
	require.Len(t, records, 3)
}

func TestInstanceThatRestartsIsNotOneWithoutTheRoute(t *testing.T) {
	in := withAgents(t)
	list := &pagedList{rows: results(t, "synthetic/provider-agents-pending.agentFilter-OnlyIdentified.json")}
	in.list("/provider-agents/pending", list)
	page := in.routes["/provider-agents/pending"]
	in.routes["/provider-agents/pending"] = func(w http.ResponseWriter, r *http.Request) {
		if list.requests == 1 {
			in.console(w)
			return
		}
		page(w, r)
	}
	_, _, err := readAll(t, in.collector(2), "provider-agents")
	require.Error(t, err)
}

func TestListThatLacksAgentsIsFoundOutByASample(t *testing.T) {
	in := withAgents(t)
	in.list("/provider-agents/pending", &pagedList{})
	in.answer("/computers/102", `{"id":102,"agents":[]}`)
	in.answer("/computers/101", fixture(t, "synthetic/computer-detail.with-agents.json"))
	var rows []row
	for id := 1; id <= 20; id++ { // more than are sampled
		in.answer(fmt.Sprintf("/computers/%d", id),
			fmt.Sprintf(`{"id":%d,"agents":[{"id":%d,"computerId":%d,"providerLinkId":7,"externalAgentId":"u%d"}]}`, id,
				id, id, id))
		rows = append(rows, row{id, fmt.Sprintf(`{"id":%d,"providerLinkIds":[7]}`, id)})
	}
	in.list("/computers/paged", &pagedList{rows: rows})
	records, m, err := readAll(t, in.collector(0), "computers")
	require.NoError(t, err)
	require.Len(t, m.Warnings(), 1)
	for id := 1; id <= 20; id++ {
		require.Equal(t, []string{fmt.Sprintf("SentinelOne Singularity u%d ", id)},
			agentsOf(t, records, fmt.Sprint(id)))
	}
}
