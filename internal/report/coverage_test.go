package report_test

import (
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"assetgraph/graph"
	"assetgraph/internal/report"
)

// missing returns what each listed machine lacks.
func missing(c *report.Coverage) map[string]string {
	out := map[string]string{}
	for _, g := range c.Gaps {
		out[g.Hostname] = g.Missing
	}
	return out
}

func reasons(c *report.Coverage) map[string]string {
	out := map[string]string{}
	for _, g := range c.Gaps {
		out[g.Hostname] = g.Reason
	}
	return out
}

// fleet is one machine for each rule.
func fleet(t *testing.T) *builder {
	b := newBuilder(t)
	b.plant("Contoso", map[string]planted{
		"whole":     whole(),
		"no-record": changed(func(p *planted) { p.agents = nil }),
		"dead-agent": changed(func(p *planted) {
			p.agents[0] = values{"isDecommissioned": truth(true), "lastSeenOn": daysAgo(200)}
			p.device["hasEdr"] = truth(false)
		}),
		"reinstalled": changed(func(p *planted) {
			p.agents = []values{{"isDecommissioned": truth(true), "lastSeenOn": daysAgo(200)}, {"lastSeenOn": daysAgo(2)}}
		}),
		"pending": changed(func(p *planted) {
			p.devices[0] = values{"approvalStatus": text("PENDING")}
			p.device["hasRmm"] = truth(false)
		}),
		"guest": changed(func(p *planted) {
			p.devices[0] = values{"approvalStatus": text("APPROVED"), "nodeClass": text("VMWARE_VM_GUEST")}
			p.device["hasRmm"] = truth(false)
		}),
		"stale-agent": changed(func(p *planted) { p.agents[0]["lastSeenOn"], p.agents[0]["tags"] = daysAgo(31), texts("spare:") }),
		"not-stale":   changed(func(p *planted) { p.agents[0]["lastSeenOn"] = daysAgo(29) }),
		"unseen":      changed(func(p *planted) { p.agents[0]["lastSeenOn"] = graph.Value{} }),
		"stale-twin": changed(func(p *planted) { // the hypervisor sees it, its own agent is silent
			p.devices = []values{{"approvalStatus": text("APPROVED"), "lastSeenOn": daysAgo(90)}, {"deviceType": text("VMGuest"), "approvalStatus": text("APPROVED")}}
		}),
		"nothing": {device: values{"osType": text("windows")}},
	})
	b.plant("Fabrikam Ltd", map[string]planted{
		"phone":  {device: values{"osType": text("ios"), "category": text("mobile")}, devices: []values{{"approvalStatus": text("APPROVED")}}},
		"lab-01": changed(func(p *planted) { p.agents, p.devices[0]["name"] = nil, text("Front Desk") }),
		"spare":  changed(func(p *planted) { p.agents[0]["tags"] = texts("use:Spare/shelf"); p.computers = nil }),
		"nms": changed(func(p *planted) {
			p.devices[0]["nodeClass"] = text("LINUX_SERVER")
			p.device["osType"] = text("linux")
			p.computers = nil
		}),
	})
	shelf := b.entity("ninjarmm_location", "3", values{"name": text("Shelf 3")})
	b.relate("ninjarmm_location_has_device", shelf, "ninjarmm:ninjarmm_device:nmsa", nil)
	loose := b.entity("device", "loose", values{"name": text("loose"), "hasEdr": truth(false), "hasRmm": truth(true), "hasDeployment": truth(true)})
	b.relate("ninjarmm_device_is_device", b.entity("ninjarmm_device", "loose", values{"approvalStatus": text("APPROVED")}), loose, nil)
	return b
}

// row is a customer's row with how many machines have EDR, RMM and deployment.
func row(organization string, devices, edr, rmm, deployment, complete int) report.OrganizationCoverage {
	customer := graph.Key("")
	if organization != "" {
		customer = graph.EntityKey("assetgraph", "organization", organization)
	}
	return report.OrganizationCoverage{Organization: organization, Customer: customer, Devices: devices, Complete: complete, Tools: []report.ToolCount{
		{Tool: "edr", Machines: edr, Work: &report.WorkCount{Fails: "unprotected", Unknown: edr}}, {Tool: "rmm", Machines: rmm}, {Tool: "deployment", Machines: deployment},
	}}
}

// tools are totals of EDR, RMM and deployment.
func tools(missing, stale, unfit [3]int) (list []report.ToolTotals) {
	for i, title := range []string{"EDR", "RMM", "deployment"} {
		list = append(list, report.ToolTotals{Title: title, Missing: missing[i], Stale: stale[i], Unfit: unfit[i]})
	}
	list[0].Works = "protects"
	return list
}

func TestCoverage(t *testing.T) {
	fleet(t).onBoth(func(t *testing.T, s report.Source) {
		c := cover(t.Context(), t, s, report.CoverOptions{})
		require.Equal(t, []report.OrganizationCoverage{
			row("Contoso", 11, 8, 8, 10, 6),
			row("Fabrikam Ltd", 4, 2, 4, 1, 0),
			row("", 1, 0, 1, 1, 0),
		}, c.Organizations)
		require.Equal(t, map[string]string{
			"no-record": "edr", "dead-agent": "edr", "pending": "rmm", "guest": "rmm", "stale-agent": "stale-edr", "stale-twin": "stale-rmm", "nothing": "edr;rmm;deployment",
			"phone": "edr;deployment", "lab-01": "edr", "spare": "deployment", "nms": "deployment", "loose": "edr",
		}, missing(c))
		got := reasons(c)
		require.Equal(t, "edr: no record; rmm: no record; deployment: no record", got["nothing"])
		require.Equal(t, "edr: only a decommissioned agent, last seen 2026-04-15 (200 days ago)", got["dead-agent"])
		require.Equal(t, "rmm: only a pending device", got["pending"])
		require.Equal(t, "rmm: only seen from elsewhere, no agent on it", got["guest"])
		require.Equal(t, "stale-edr: last seen 2026-10-01 (31 days ago)", got["stale-agent"])
		require.Equal(t, "edr: no record; SentinelOne does not run on ios; deployment: no record; ImmyBot does not run on ios", got["phone"])
		require.Empty(t, c.Gaps[len(c.Gaps)-1].Organization, "machines of no customer come last")
		want := tools([3]int{6, 3, 4}, [3]int{1, 1, 0}, [3]int{1, 0, 2})
		want[0].Unknown = 10 // no agent says that it works, which is no gap
		require.Equal(t, report.Totals{Organizations: 3, Devices: 16, Complete: 6, Tools: want, Lacking: 10}, c.Totals)
		require.Empty(t, c.Notes)

		row := c.Gaps[0]
		require.Equal(t, []any{"Contoso", "assetgraph:device:dead-agent", "immybot;ninjarmm;sentinelone", daysAgo(1).String()},
			[]any{row.Organization, row.Device, row.Sources, *row.LastSeenOn})
	})
}

func TestCoverageNarrowed(t *testing.T) {
	exclude := func(patterns ...string) (list []report.Exclude) {
		for _, p := range patterns {
			x, err := report.ParseExclude(p)
			require.NoError(t, err)
			list = append(list, x)
		}
		return list
	}
	tests := map[string]struct {
		options report.CoverOptions
		want    map[string]string
	}{
		"customer in any case":         {report.CoverOptions{Organizations: []string{"fabrikam ltd"}, Excludes: exclude("phone")}, map[string]string{"lab-01": "edr", "spare": "deployment", "nms": "deployment"}},
		"customers by glob":            {report.CoverOptions{Organizations: []string{"Fab*"}, Excludes: exclude("LAB-*", "tag:use:spare/*", "type:mobile")}, map[string]string{"nms": "deployment"}},
		"bare pattern meets any field": {report.CoverOptions{Organizations: []string{"Fab*"}, Excludes: exclude("mobile", "linux_*", "use:*")}, map[string]string{"lab-01": "edr"}},
		"a field meets no other":       {report.CoverOptions{Organizations: []string{"Fab*"}, Excludes: exclude("tag:lab-01", "hostname:mobile", "type:spare"), Systems: []string{"ios"}}, map[string]string{"phone": "edr;deployment"}},
		"only where it runs":           {report.CoverOptions{Organizations: []string{"Fab*"}, Fitting: true}, map[string]string{"lab-01": "edr", "spare": "deployment"}},
		"pending counts":               {report.CoverOptions{Organizations: []string{"Contoso"}, CountPending: true, Excludes: exclude("hostname:[^p]*")}, map[string]string{}},
		"tag without a value":          {report.CoverOptions{Organizations: []string{"Contoso"}, Excludes: exclude("tag:spare", "hostname:[^s]*")}, map[string]string{"stale-twin": "stale-rmm"}},
		"display name of a record":     {report.CoverOptions{Organizations: []string{"Fab*"}, Excludes: exclude("name:Front Desk", "phone")}, map[string]string{"spare": "deployment", "nms": "deployment"}},
		"any display name":             {report.CoverOptions{Organizations: []string{"Fab*"}, Excludes: exclude("*desk", "phone")}, map[string]string{"spare": "deployment", "nms": "deployment"}},
		"location":                     {report.CoverOptions{Organizations: []string{"Fab*"}, Excludes: exclude("location:shelf*", "phone")}, map[string]string{"lab-01": "edr", "spare": "deployment"}},
		"any location":                 {report.CoverOptions{Organizations: []string{"Fab*"}, Excludes: exclude("Shelf 3", "phone")}, map[string]string{"lab-01": "edr", "spare": "deployment"}},
		"a name is no location":        {report.CoverOptions{Organizations: []string{"Fab*"}, Excludes: exclude("location:lab-01", "name:shelf*", "phone")}, map[string]string{"lab-01": "edr", "spare": "deployment", "nms": "deployment"}},
		"lacks one tool":               {report.CoverOptions{Missing: []string{"rmm"}}, map[string]string{"pending": "rmm", "guest": "rmm", "nothing": "edr;rmm;deployment"}},
		"lacks one of two":             {report.CoverOptions{Missing: []string{"stale-edr", "rmm"}, Organizations: []string{"contoso"}, Excludes: exclude("nothing")}, map[string]string{"pending": "rmm", "guest": "rmm", "stale-agent": "stale-edr"}},
		"never stale":                  {report.CoverOptions{Organizations: []string{"Contoso"}, Stale: -1, Excludes: exclude("hostname:[^s]*")}, map[string]string{}},
	}
	b := fleet(t)
	b.onBoth(func(t *testing.T, s report.Source) {
		for name, tt := range tests {
			t.Run(name, func(t *testing.T) {
				require.Equal(t, tt.want, missing(cover(t.Context(), t, s, tt.options)))
			})
		}
		_, err := report.Cover(t.Context(), s, report.CoverOptions{Organizations: []string{"Contosso"}, Now: now()})
		var unknown *report.UnknownError
		require.ErrorAs(t, err, &unknown)
		require.Equal(t, "Contoso", unknown.Near[0])
		_, err = report.Cover(t.Context(), s, report.CoverOptions{Organizations: []string{"Contoso", "Fabricam"}, Now: now()})
		require.EqualError(t, err, "there is no organization Fabricam; did you mean Fabrikam Ltd or Contoso?", "each that is asked for must be there")

		c := cover(t.Context(), t, s, report.CoverOptions{Missing: []string{"rmm"}})
		require.Equal(t, 3, c.Totals.Lacking)
		require.Equal(t, 16, c.Totals.Devices)
		require.Equal(t, []report.OrganizationCoverage{row("Contoso", 11, 8, 8, 10, 6)}, c.Organizations)
	})
}

func TestExcludeThatCannotBe(t *testing.T) {
	for _, p := range []string{"", "  ", "tag:", "lab-[", "type:[z"} {
		_, err := report.ParseExclude(p)
		require.Error(t, err, "%q", p)
	}
}

// A product that was never read takes nothing away from any machine.
func TestCoverageOfAProductThatWasNeverRead(t *testing.T) {
	b := newBuilder(t)
	b.plant("Contoso", map[string]planted{
		"a": changed(func(p *planted) { p.computers = nil }),
		"b": changed(func(p *planted) { p.computers, p.agents = nil, nil }),
	})
	b.onBoth(func(t *testing.T, s report.Source) {
		c := cover(t.Context(), t, s, report.CoverOptions{})
		require.Equal(t, map[string]string{"b": "edr"}, missing(c))
		require.Equal(t, []string{"the graph holds nothing of ImmyBot: deployment is left out"}, c.Notes)
		require.Equal(t, 1, c.Totals.Complete)
	})
}

func TestCoverageSaysHowFreshItIs(t *testing.T) {
	b := fleet(t)
	b.entity("assetgraph_integration", "sentinelone", values{"status": text("failed"), "lastSuccessfulOn": daysAgo(5)})
	b.entity("assetgraph_integration", "ninjarmm", values{"status": text("complete"), "lastSuccessfulOn": daysAgo(3)})
	b.entity("assetgraph_integration", "immybot", values{"status": text("withheld"), "lastSuccessfulOn": daysAgo(1)})
	b.entity("assetgraph_integration", "other", values{"status": text("incomplete")})
	b.onBoth(func(t *testing.T, s report.Source) {
		require.Equal(t, []string{
			"ninjarmm: last read completely 2026-10-29 12:00 UTC (3 days ago)",
			"other: the last run was incomplete; it was never read completely. What it did not see is as the graph had it",
			"sentinelone: the last run was failed; last read completely 2026-10-27 12:00 UTC (5 days ago). What it did not see is as the graph had it",
		}, cover(t.Context(), t, s, report.CoverOptions{}).Notes)
	})
}

func TestCoverageOfAnEmptyGraph(t *testing.T) {
	newBuilder(t).onBoth(func(t *testing.T, s report.Source) {
		c := cover(t.Context(), t, s, report.CoverOptions{})
		require.Empty(t, c.Organizations)
		require.Equal(t, []string{"No machines."}, c.Totals.Sentences())
		require.Len(t, c.Notes, 3)
	})
}

func TestSentences(t *testing.T) {
	totals := report.Totals{Organizations: 1, Devices: 1200, Complete: 600, Tools: tools([3]int{10, 0, 1100}, [3]int{0, 3, 0}, [3]int{0, 0, 1000}), Excluded: 7}
	require.Equal(t, []string{
		"1,200 machines of 1 customer: 600 (50 %) lack nothing; 7 left out.",
		"Missing: EDR on 10, deployment on 1,100 (1,000 of them where it does not run).",
		"Not missing but stale: RMM on 3.",
	}, totals.Sentences())
}

func TestOrders(t *testing.T) {
	early, late := "2026-01-01T00:00:00.000Z", "2026-02-01T00:00:00.000Z"
	c := report.Coverage{
		Gaps:          []report.Gap{{Device: "1", Hostname: "b", Missing: "rmm", LastSeenOn: &late}, {Device: "2", Hostname: "C", Missing: "edr"}, {Device: "3", Missing: "edr", LastSeenOn: &early}},
		Organizations: []report.OrganizationCoverage{row("x", 3, 2, 0, 0, 1), row("", 1, 0, 0, 0, 1), row("A", 7, 2, 0, 0, 2)},
	}
	for name, want := range map[string]string{"hostname": "123", "-HOSTNAME": "213", "missing": "231", "lastSeen": "312", "-lastseenon": "132", "device": "123"} {
		o, err := report.OrderGaps(name)
		require.NoError(t, err, name)
		c.SortGaps(o)
		got := ""
		for _, g := range c.Gaps {
			got += g.Device
		}
		require.Equal(t, want, got, name)
		o, err = report.OrderGaps("device")
		require.NoError(t, err)
		c.SortGaps(o)
	}
	for name, want := range map[string]string{"organization": "Ax", "-organization": "xA", "-missing": "Ax", "devices": "xA", "complete": "xA"} {
		o, err := report.OrderOrganizations(model().Tools(), name)
		require.NoError(t, err, name)
		c.SortOrganizations(model().Tools(), o)
		got := ""
		for _, o := range c.Organizations {
			got += o.Organization
		}
		require.Equal(t, want, got, name)
	}
	for _, name := range []string{"", "-", "s", "name", "hostnames"} {
		_, err := report.OrderGaps(name)
		require.ErrorContains(t, err, "did you mean organization, device, hostname, serial, missing, reason, lastSeenOn, sources or since?", name)
	}
}

// A report says which of the last runs left the graph as nobody's fleet is.
func TestCoverageSaysWhatDistortsIt(t *testing.T) {
	b := fleet(t)
	b.entity("assetgraph_integration", "sentinelone", values{"status": text("incomplete"), "lastSuccessfulOn": daysAgo(1)})
	b.entity("assetgraph_integration", "ninjarmm", values{"status": text("withheld"), "lastSuccessfulOn": daysAgo(1)})
	run := func(id string, days int, doc string) graph.Run {
		at := now().AddDate(0, 0, -days)
		r := graph.Run{ID: id, StartedAt: at, FinishedAt: at, Status: "withheld", Report: []byte(doc)}
		if doc == "" {
			r.FinishedAt = time.Time{}
		}
		return r
	}
	runs := []graph.Run{
		run("1", 9, `{"steps": [{"instance": "immybot", "step": "computers", "status": "complete"}], "withheld": [
			{"instance": "immybot", "type": "immybot_computer", "deletes": 7}, {"instance": "assetgraph", "type": "device", "deletes": 5}]}`),
		run("2", 8, `{"steps": [{"instance": "ninjarmm", "step": "devices", "status": "complete"}], "withheld": [{"instance": "ninjarmm", "type": "ninjarmm_device", "deletes": 99}]}`),
		run("3", 2, `{"steps": [{"instance": "ninjarmm", "step": "devices", "status": "complete"},
			{"instance": "sentinelone", "step": "agents", "status": "incomplete", "records": 400, "expected": 1520}, {"instance": "sentinelone", "step": "users", "status": "failed"}],
			"withheld": [{"instance": "ninjarmm", "type": "ninjarmm_device", "deletes": 1200}, {"instance": "ninjarmm", "type": "ninjarmm_device", "deletes": 34},
			{"instance": "ninjarmm", "type": "ninjarmm_location", "deletes": 2}]}`),
		run("4", 1, `not JSON`),
		run("5", 0, ``),
	}
	b.onBoth(func(t *testing.T, s report.Source) {
		for _, r := range runs {
			require.NoError(t, s.Store.(graph.Journal).SaveRun(t.Context(), r))
		}
		const what = ". Machines that are gone may still be counted here, as lacking what was deleted of them elsewhere; a plan says which they are and how to let them go"
		require.Equal(t, []string{
			"sentinelone: the last run was incomplete; last read completely 2026-10-31 12:00 UTC (24 hours ago); not read to the end: agents (400 of 1,520), users. What it did not see is as the graph had it",
			"the run of 2026-11-01 12:00 UTC is under way or was killed: the graph is between two states until a run comes to its end",
			"immybot: deletes are withheld since the run of 2026-10-23 12:00 UTC: 7 immybot_computer" + what,
			"ninjarmm: deletes are withheld since the run of 2026-10-30 12:00 UTC: 1,234 ninjarmm_device, 2 ninjarmm_location" + what,
		}, cover(t.Context(), t, s, report.CoverOptions{}).Notes)
	})
}
