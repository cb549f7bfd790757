package report_test

import (
	"context"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"assetgraph/graph"
	"assetgraph/internal/report"
)

// licensed is a fleet of two customers with what their consoles count. Made up.
func licensed(t *testing.T) *builder {
	b := newBuilder(t)
	number := func(n int64) graph.Value { return graph.IntOf(n) }
	site := func(id, name, organization string, used, bought int64) {
		key := b.entity("sentinelone_site", id, values{"id": text(id), "name": text(name), "displayName": text(name), "activeLicenses": number(used), "totalLicenses": number(bought)})
		b.relate("sentinelone_site_is_organization", key, graph.EntityKey("assetgraph", "organization", organization), nil)
	}
	b.plant("Contoso", map[string]planted{
		"whole": changed(func(p *planted) { p.agents[0]["siteId"], p.computers[0]["licensed"] = text("1"), truth(true) }),
		"twice": changed(func(p *planted) {
			p.agents = []values{{"siteId": text("1"), "lastSeenOn": daysAgo(3), "id": text("old")}, {"siteId": text("1"), "id": text("new")}}
			p.computers[0]["licensed"] = truth(false)
		}),
		"moved": changed(func(p *planted) { p.agents[0]["siteId"], p.computers = text("2"), nil }),
		"gone": changed(func(p *planted) {
			p.agents[0]["siteId"], p.agents[0]["isDecommissioned"], p.agents[0]["lastSeenOn"] = text("1"), truth(true), daysAgo(200)
			p.devices, p.computers[0]["licensed"] = []values{{"approvalStatus": text("PENDING")}}, truth(true)
		}),
		"drawer": changed(func(p *planted) {
			p.device["lastSeenOn"], p.agents[0]["siteId"] = daysAgo(90), text("1")
			p.agents[0]["lastSeenOn"], p.devices[0]["lastSeenOn"], p.computers = daysAgo(90), daysAgo(100), nil
		}),
		"lab-1": changed(func(p *planted) { p.agents[0]["siteId"], p.computers = text("1"), nil }),
	})
	b.plant("Fabrikam Ltd", map[string]planted{"only": {device: values{"osType": text("windows")}, devices: []values{{"approvalStatus": text("APPROVED")}}}})
	site("1", "Contoso GmbH", "Contoso", 6, 10)
	site("2", "Fabrikam", "Fabrikam Ltd", 1, -1)
	b.entity("ninjarmm_device", "printer", values{"id": text("printer"), "name": text("Printer"), "displayName": text("Printer"), "nodeClass": text("NMS_PRINTER"), "lastSeenOn": daysAgo(1)})
	b.entity("assetgraph_integration", "ninjarmm", values{"status": text("complete"), "lastSuccessfulOn": daysAgo(0)})
	return b
}

func options(t *testing.T, excludes ...string) report.Options {
	t.Helper()
	o := report.Options{Now: now(), Stale: 30 * 24 * time.Hour}
	for _, e := range excludes {
		x, err := report.ParseExclude(e)
		require.NoError(t, err)
		o.Excludes = append(o.Excludes, x)
	}
	return o
}

// rows returns the named columns of a report, cells joined by "|".
func rows(t *testing.T, r *report.Report, columns string) (list []string) {
	t.Helper()
	names := strings.Fields(columns)
	for _, row := range r.Rows {
		require.Len(t, row, len(r.Columns))
		var cells []string
		for _, name := range names {
			n := -1
			for i, c := range r.Columns {
				if c.Name == name {
					n = i
				}
			}
			require.GreaterOrEqual(t, n, 0, name)
			cells = append(cells, strings.TrimPrefix(strings.ReplaceAll(sprint(row[n]), "T12:00:00.000Z", ""), "assetgraph:device:"))
		}
		list = append(list, strings.Join(cells, "|"))
	}
	return list
}

func TestSeats(t *testing.T) {
	bill, err := report.ReadBill(strings.NewReader("Product;Customer;seats;price\nSentinelOne Complete;contoso;5;1\nedr;CONTOSO GMBH;2;1\nNinjaRMM;Fabrikam Ltd;4;1\nNinjaRMM;Nobody;3;1\nOffice;Contoso;9;1\n"))
	require.NoError(t, err)
	licensed(t).onBoth(func(t *testing.T, s report.Source) {
		o := report.SeatOptions{Options: options(t, "lab-*")}
		r, err := report.Seats(t.Context(), s, o)
		require.NoError(t, err)
		const columns = "organization product machines records console bought billed variance"
		require.Equal(t, []string{
			"Contoso|SentinelOne|4|5|6|10||2", "Contoso|NinjaRMM|4|4||||", "Contoso|ImmyBot|3|3|2|||-1",
			"Fabrikam Ltd|SentinelOne|0|0|1|||1", "Fabrikam Ltd|NinjaRMM|1|1||||",
		}, rows(t, r, columns))
		require.Equal(t, []string{"SentinelOne: 4 machines; its console counts 7.", "NinjaRMM: 5 machines.", "ImmyBot: 3 machines; its console counts 2."}, r.Summary)
		require.Len(t, r.Sources, 1)
		require.Equal(t, "ninjarmm complete", r.Sources[0].Instance+" "+r.Sources[0].Status)
		require.Equal(t, now(), r.Sources[0].ReadOn())

		o.Bill, o.Billed = bill, true
		r, err = report.Seats(t.Context(), s, o)
		require.NoError(t, err)
		require.Equal(t, []string{
			"Contoso|SentinelOne|4|5|6|10|7|3", "Contoso|NinjaRMM|4|4|||0|-4", "Contoso|ImmyBot|3|3|2||0|-3",
			"Fabrikam Ltd|SentinelOne|0|0|1||0|0", "Fabrikam Ltd|NinjaRMM|1|1|||4|3", "Nobody|NinjaRMM|0|0|||3|3",
		}, rows(t, r, columns))
		require.Equal(t, []string{"line 5 of the bill names Nobody: no customer is called so", "the bill has products that are not counted here: Office"}, r.Notes)

		o.ByDevice = true
		r, err = report.Seats(t.Context(), s, o)
		require.NoError(t, err)
		require.Equal(t, []string{
			"Contoso|SentinelOne|drawer|1|1|last seen 2026-08-03 (90 days ago)",
			"Contoso|SentinelOne|lab-1|0|1|left out by an exclusion",
			"Contoso|SentinelOne|moved|1|0|SentinelOne has it under Fabrikam Ltd",
			"Contoso|SentinelOne|twice|1|2|2 records of one machine",
			"Contoso|SentinelOne|whole|1|1|",
			"Contoso|SentinelOne||0|1|the console of SentinelOne counts other seats than its records show",
			"Contoso|NinjaRMM|drawer|1||last seen 2026-07-24 (100 days ago)", "Contoso|NinjaRMM|lab-1|0||left out by an exclusion",
			"Contoso|NinjaRMM|moved|1||", "Contoso|NinjaRMM|twice|1||", "Contoso|NinjaRMM|whole|1||",
			"Contoso|ImmyBot|gone|1|1|", "Contoso|ImmyBot|twice|1|0|not licensed in ImmyBot", "Contoso|ImmyBot|whole|1|1|",
			"Fabrikam Ltd|SentinelOne|moved|0|1|SentinelOne has it here; the machine is of Contoso",
			"Fabrikam Ltd|NinjaRMM|only|1||",
		}, rows(t, r, "organization product hostname seats console reason"))

		o.Organizations = []string{"fab*"}
		r, err = report.Seats(t.Context(), s, o)
		require.NoError(t, err)
		require.Len(t, r.Rows, 2)
		require.Empty(t, r.Notes, "what the bill has of others is not asked for")
		o.Organizations = []string{"Contosso"}
		_, err = report.Seats(t.Context(), s, o)
		require.EqualError(t, err, "there is no organization Contosso; did you mean Contoso or Fabrikam Ltd?")
	})
}

func TestBillsThatCannotBeRead(t *testing.T) {
	for content, want := range map[string]string{
		"":                                  "1: EOF",
		"customer,seats\n":                  "1: there is no column product; the first line names customer, product and seats",
		"customer,product,seats\na,edr,x\n": `2: seats: "x" is no number of seats`,
		"customer,product,seats\na,edr,1\na,edr\n": "3: it has fewer fields than the first line",
		"customer,product,seats\na,edr,1.5\n":      `2: seats: "1.5" is no number of seats`,
		"customer,product,seats\na,edr,-1\n":       `2: seats: "-1" is no number of seats`,
		"customer,product,seats\na,\"edr,1\n":      "2: extraneous or missing \" in quoted-field",
	} {
		_, err := report.ReadBill(strings.NewReader(content))
		require.EqualError(t, err, want, content)
	}
	bill, err := report.ReadBill(strings.NewReader("\ufeffSEATS,Customer , product\n3.0, Contoso,edr\n"))
	require.NoError(t, err)
	require.Equal(t, report.Bill{{Line: 2, Customer: "Contoso", Product: "edr", Seats: 3}}, bill)
}

func TestGhosts(t *testing.T) {
	licensed(t).onBoth(func(t *testing.T, s report.Source) {
		r, err := report.Ghosts(t.Context(), s, options(t, "lab-*"))
		require.NoError(t, err)
		require.Equal(t, []string{
			"Contoso|drawer|stale-everywhere|SentinelOne;NinjaRMM|2|last seen 2026-08-03 (90 days ago)|drawer",
			"Contoso|gone|decommissioned|SentinelOne|0|a decommissioned agent, last seen 2026-04-15 (200 days ago); ImmyBot sees the machine, last on 2026-10-31 (1 days ago)|gone",
			"Contoso|twice|duplicate|SentinelOne|1|agent old, last seen 2026-10-29 (3 days ago); new was seen later|twice",
			"|Printer|no-machine|NinjaRMM|0|nms printer: no machine that other products could know|",
		}, rows(t, r, "organization hostname kind product seats reason device"))
		require.Equal(t, []string{
			"1 machine that nobody has seen for long, 1 given up by one product and seen by another, 1 duplicate, 1 record of no machine.", "Wasted: 3 seats.",
		}, r.Summary)
		o := options(t)
		o.Organizations = []string{"Fabrikam Ltd"}
		r, err = report.Ghosts(t.Context(), s, o)
		require.NoError(t, err)
		require.Equal(t, []string{"No ghosts."}, r.Summary)
	})
}

func TestWorklist(t *testing.T) {
	b := fleet(t)
	site := b.entity("sentinelone_site", "7", values{"id": text("7"), "name": text("Contoso West"), "displayName": text("Contoso West"), "webLink": text("https://console.example/sites/7")})
	b.relate("sentinelone_site_is_organization", site, graph.EntityKey("assetgraph", "organization", "Contoso"), nil)
	b.plant("Adatum", map[string]planted{"linked": changed(func(p *planted) {
		p.agents, p.computers = nil, nil
		p.devices[0]["id"], p.devices[0]["webLink"] = text("17"), text("https://rmm.example/17")
	})})
	b.onBoth(func(t *testing.T, s report.Source) {
		o := report.CoverOptions{Now: now(), Stale: 30 * 24 * time.Hour, Missing: []string{"edr"}}
		r, err := report.Worklist(t.Context(), s, o)
		require.NoError(t, err)
		require.Equal(t, []string{
			"Adatum|linked|edr|no record||||17|https://rmm.example/17",
			"Contoso|dead-agent|edr|only a decommissioned agent, last seen 2026-04-15 (200 days ago)|Contoso West|7|https://console.example/sites/7|dead-agenta|",
			"Contoso|no-record|edr|no record|Contoso West|7|https://console.example/sites/7|no-recorda|",
			"Contoso|nothing|edr|no record|Contoso West|7|https://console.example/sites/7||",
			"Fabrikam Ltd|lab-01|edr|no record||||lab-01a|",
			"Fabrikam Ltd|phone|edr|no record; SentinelOne does not run on ios||||phonea|",
			"|loose|edr|no record||||loose|",
		}, rows(t, r, "organization hostname gap reason target targetId targetLink rmmId rmmLink"))
		require.Equal(t, []string{"7 gaps on 7 machines."}, r.Summary)

		o.Missing, o.Organizations = nil, []string{"contoso"}
		r, err = report.Worklist(t.Context(), s, o)
		require.NoError(t, err)
		c := cover(t.Context(), t, s, report.CoverOptions{Organizations: o.Organizations})
		words := 0
		for _, g := range c.Gaps {
			words += len(strings.Split(g.Missing, ";"))
		}
		require.Len(t, r.Rows, words, "each gap on a line of its own")
	})
}

func mustRead(t *testing.T, read func(context.Context) (*report.Report, error)) *report.Report {
	t.Helper()
	r, err := read(t.Context())
	require.NoError(t, err)
	return r
}
