package main

import (
	"encoding/json"
	"html"
	"maps"
	"net/http"
	"net/url"
	"os"
	"regexp"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"assetgraph/internal/findings"
	"assetgraph/internal/simulator"
)

// The page of findings says what the command says, by the same words, on both stores; pages of machines and customers
// have theirs.
func TestViewShowsFindings(t *testing.T) { onBothGraphs(t, viewShowsFindings) }

func viewShowsFindings(t *testing.T, p place) {
	_, env := fleetOfToday(t, 80)
	env = p.env(env)
	runJSON(t, exitDone, env)
	one := found(t, env, "--kind", "missing-*")[0]
	exceptions := "exceptions:\n- machines: ['" + one.Device + "']\n  reason: a spare in the cellar\n  owner: it@example.com\n  until: " +
		time.Now().UTC().AddDate(0, 0, 40).Format(time.DateOnly) + "\n"
	require.NoError(t, os.WriteFile("accepted.yaml", []byte(exceptions), 0o600))
	runJSON(t, exitDone, env, "run", "--overrides", "accepted.yaml")
	v := startView(t, env).begin()
	shown := func(path string) (list []findings.Finding) {
		t.Helper()
		status, _, body := v.get(path + "&format=json&table=findings")
		require.Equal(t, http.StatusOK, status, body)
		require.NoError(t, json.Unmarshal([]byte(body), &list), body)
		return list
	}
	for _, c := range []struct {
		query string
		args  []string
	}{
		{"", nil}, {"kind=missing-*", []string{"--kind", "missing-*"}}, {"state=all", []string{"--state", "all"}},
		{"state=open,accepted", []string{"--state", "open,accepted"}}, {"state=accepted", []string{"--accepted"}},
		{"customer=" + url.QueryEscape(strings.ToUpper(one.Organization)), []string{"--customer", one.Organization}},
		{"machine=" + url.QueryEscape(one.Device) + "&state=all", []string{"--machine", one.Device, "--state", "all"}},
		{"older-than=1h", []string{"--older-than", "1h"}}, {"older-than=0s&kind=stale-edr", []string{"--kind", "stale-edr"}},
	} {
		require.Equal(t, found(t, env, c.args...), shown("/findings?"+c.query), c.query)
	}
	_, _, text := v.get("/findings?format=csv&table=findings&state=accepted")
	header, rows := csvTable(t, text)
	require.ElementsMatch(t, findings.Columns(), header)
	require.Equal(t, []string{"a spare in the cellar", "it@example.com"}, []string{rows[0]["exception"], rows[0]["owner"]})
	_, _, page := v.get("/findings?state=accepted")
	require.Contains(t, page, "a spare in the cellar")
	require.Contains(t, html.UnescapeString(page), `href="/explain?key=`+url.QueryEscape(one.Device)+`"`)
	require.Regexp(t, `/customer\?key=assetgraph%3Aorganization%3A`, page)

	require.Equal(t, found(t, env, "--machine", one.Device, "--state", "all"), withAll(shown("/explain?key="+url.QueryEscape(one.Device)), one))
	customer := withAll(shown("/customer?name="+url.QueryEscape(one.Organization)), findings.Finding{Organization: one.Organization})
	require.Equal(t, found(t, env, "--customer", one.Organization, "--state", "open,reopened,accepted"), customer)
	_, _, page = v.get("/findings?findings.sort=-name")
	require.Contains(t, page, `aria-sort="descending"`)

	for query, want := range map[string]string{
		"kind=missing-antivirus": "missing-edr", "state=gone": "known are open, reopened", "older-than=long": "no time such as 12h",
		"customer=no+such+customer": "there is no organization",
	} {
		status, _, body := v.get("/findings?" + query)
		require.GreaterOrEqual(t, status, http.StatusBadRequest, query)
		require.Contains(t, body, want)
	}

	bad := maps.Clone(env)
	bad["SENTINELONE_API_TOKEN"] = "not-the-token-at-all"
	require.Equal(t, exitIncomplete, execute(t, bad, "run").code)
	_, _, page = v.get("/findings")
	require.Contains(t, page, "sentinelone: the last run was failed")
	require.Contains(t, page, "last looked for on")
	_, _, page = v.get("/explain?key=" + url.QueryEscape(one.Device))
	require.Contains(t, page, "Not everything was read lately")
}

// withAll are findings with what stands on their page and in no column.
func withAll(list []findings.Finding, of findings.Finding) []findings.Finding {
	for i := range list {
		list[i].Organization = of.Organization
		if of.Device != "" {
			list[i].Device, list[i].Name = of.Device, of.Name
		}
	}
	return list
}

// Customers of one name have a page each, and their names in tables lead to it.
func TestViewTellsCustomersOfOneNameApart(t *testing.T) {
	workIn(t)
	o := simulator.Options{Machines: 60, Customers: 3}
	_, env := fleet(t, o)
	runJSON(t, exitDone, env)
	_, customers := csvTable(t, answered(t, env, "report", "coverage", "--output", "csv"))
	name, other := customers[0]["organization"], customers[1]["organization"]
	_, env = rewriting(t, o, `"`+regexp.QuoteMeta(other)+`"`, func(string) string { return `"` + name + `"` })
	env["ASSETGRAPH_GRAPH"] = "sqlite:twins.db"
	require.NotEqual(t, exitFailed, execute(t, env, "run", "--graph", "sqlite:twins.db").code)
	v := startView(t, env, "--graph", "sqlite:twins.db").begin()
	status, _, body := v.get("/customer?name=" + url.QueryEscape(name)) // leads to all of the name
	require.Equal(t, http.StatusOK, status)
	require.Contains(t, body, "<h1>Coverage</h1>")
	pages := map[string]bool{}
	for _, link := range regexp.MustCompile(`href="(/customer\?key=[^"&]+)"`).FindAllStringSubmatch(body, -1) {
		pages[html.UnescapeString(link[1])] = true
	}
	require.Greater(t, len(pages), 1)
	all := map[string]string{}
	for path := range pages {
		_, _, body := v.get(path)
		require.Contains(t, html.UnescapeString(body), "<h1>"+name+"</h1>")
		var machines []struct{ Device string }
		_, _, body = v.get(path + "&format=json&table=machines")
		require.NoError(t, json.Unmarshal([]byte(body), &machines), body)
		require.NotEmpty(t, machines)
		for _, m := range machines {
			require.Empty(t, all[m.Device], "a machine is of one customer")
			all[m.Device] = path
		}
	}
	var machines []struct{ Organization string }
	_, _, body = v.get("/machines?format=json&organization=" + url.QueryEscape(name))
	require.NoError(t, json.Unmarshal([]byte(body), &machines))
	require.Len(t, machines, len(all), "each machine is on one of the pages")
}
