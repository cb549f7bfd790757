package report_test

import (
	"encoding/json"
	"testing"

	"github.com/stretchr/testify/require"

	"assetgraph/graph"
	"assetgraph/internal/report"
)

// protection is machines whose agents protect, do not, and do not tell.
func protection(t *testing.T) *builder {
	b := newBuilder(t)
	agent := func(protects graph.Value, ailments []string, agents ...values) planted {
		return changed(func(p *planted) {
			p.agents = agents
			p.device["edrProtects"] = protects
			if ailments != nil {
				p.device["edrAilments"] = texts(ailments...)
			}
		})
	}
	works := values{"operationalState": text("na")}
	b.plant("Contoso", map[string]planted{
		"works":    agent(truth(true), nil, works),
		"unknown":  agent(graph.Value{}, nil, values{}),
		"off":      agent(truth(false), []string{"disabled"}, values{"operationalState": text("fully_disabled")}),
		"off-long": agent(truth(false), []string{"disabled"}, values{"operationalState": text("fully_disabled"), "lastSeenOn": daysAgo(40)}),
		"twice": agent(truth(false), []string{"detect-only", "error"},
			values{"operationalState": text("na"), "mitigationMode": text("detect")}, values{"operationalState": text("disabled_error")}),
		"one-works": agent(truth(true), nil, works, values{"operationalState": text("fully_disabled")}),
		"gone": changed(func(p *planted) { // what a decommissioned agent says of itself is of no account
			p.agents[0] = values{"isDecommissioned": truth(true), "operationalState": text("fully_disabled")}
			p.device["hasEdr"] = truth(false)
		}),
		"between": agent(truth(false), []string{"uninstalling"}, works), // the agent was read, its device not yet made again
		"newly":   agent(graph.Value{}, nil, values{"operationalState": text("fully_disabled")}),
	})
	b.plant("Fabrikam", map[string]planted{
		"over": agent(truth(false), []string{"expired"}, with(works, values{"siteId": text("5")})),
		"paid": agent(truth(true), nil, with(works, values{"siteId": text("6")})),
		"most": agent(truth(false), []string{"disabled", "expired"}, values{"operationalState": text("asleep"), "siteId": text("7"), "pendingUninstall": truth(false)}),
	})
	b.entity("sentinelone_site", "5", values{"name": text("Fabrikam Ltd"), "state": text("expired"), "accountId": text("3")})
	b.entity("sentinelone_site", "6", values{"name": text("Fabrikam East"), "state": text("active"), "accountId": text("3")})
	b.entity("sentinelone_site", "7", values{"name": text("Fabrikam West"), "state": text("active"), "accountId": text("4")})
	b.entity("sentinelone_account", "3", values{"name": text("Acme MSP"), "state": text("active")})
	b.entity("sentinelone_account", "4", values{"name": text("Old MSP"), "state": text("deleted")})
	return b
}

func TestInstalledIsNotProtecting(t *testing.T) {
	protection(t).onBoth(func(t *testing.T, s report.Source) {
		c := cover(t.Context(), t, s, report.CoverOptions{})
		require.Equal(t, map[string]string{
			"off": "edr-disabled", "off-long": "stale-edr;edr-disabled", "twice": "edr-detect-only;edr-error", "gone": "edr",
			"between": "edr-uninstalling", "over": "edr-expired", "most": "edr-disabled;edr-expired",
		}, missing(c))
		got := reasons(c)
		require.Equal(t, "edr-disabled: the agent is disabled (fully_disabled)", got["off"])
		require.Equal(t, "stale-edr: last seen 2026-09-22 (40 days ago); edr-disabled: the agent is disabled (fully_disabled)", got["off-long"])
		require.Equal(t, "edr-detect-only: its policy detects and stops nothing; edr-error: the agent is in an error (disabled_error)", got["twice"])
		require.Equal(t, "edr-expired: the site Fabrikam Ltd is expired", got["over"])
		require.Equal(t, "edr-disabled: the agent is disabled (asleep); edr-expired: the account Old MSP is deleted", got["most"])
		require.Equal(t, "edr-uninstalling: no record says why", got["between"])

		contoso, fabrikam := row("Contoso", 9, 8, 9, 9, 4), row("Fabrikam", 3, 3, 3, 3, 1)
		contoso.Tools[0].Work = &report.WorkCount{Fails: "unprotected", Failing: 4, Unknown: 2}
		fabrikam.Tools[0].Work = &report.WorkCount{Fails: "unprotected", Failing: 2}
		require.Equal(t, []report.OrganizationCoverage{contoso, fabrikam}, c.Organizations)
		edr := c.Totals.Tools[0]
		require.Equal(t, report.ToolTotals{
			Title: "EDR", Missing: 1, Stale: 1, Works: "protects", Failing: 6, Unknown: 2,
			Ailments: map[string]int{"disabled": 3, "error": 1, "detect-only": 1, "uninstalling": 1, "expired": 2},
		}, edr)
		require.Equal(t, 5, c.Totals.Complete)
		require.Equal(t, 7, c.Totals.Lacking, "a gap of this kind is one for --fail-over")
		require.Equal(t, []string{
			"12 machines of 2 customers: 5 (41 %) lack nothing.", "Missing: EDR on 1.", "Not missing but stale: EDR on 1.",
			"EDR does not protect 6 machines that have it (disabled 3, error 1, detect-only 1, uninstalling 1, expired 2).",
			"Of 2 machines nobody knows whether EDR protects them.",
		}, c.Totals.Sentences())
	})
}

func TestMissingByWhatKeepsAToolFromItsWork(t *testing.T) {
	protection(t).onBoth(func(t *testing.T, s report.Source) {
		for word, want := range map[string]int{
			"edr": 1, "edr-disabled": 3, "edr-error": 1, "edr-permissions": 0, "edr-expired": 2, "edr-unprotected": 6, "stale-edr": 1,
		} {
			words, err := report.CheckMissing(model().Tools(), []string{word})
			require.NoError(t, err)
			c := cover(t.Context(), t, s, report.CoverOptions{Missing: words})
			require.Len(t, c.Gaps, want, word)
			require.Equal(t, want, c.Totals.Lacking, word)
			require.Equal(t, 5, c.Totals.Complete, word)
		}
		for _, none := range []string{"rmm-disabled", "edr-", "stale-edr-disabled", "unprotected"} {
			_, err := report.CheckMissing(model().Tools(), []string{none})
			require.Error(t, err, none)
		}
	})
}

func TestColumnsOfWork(t *testing.T) {
	require.Equal(t, []string{"organization", "devices", "edr", "rmm", "deployment", "complete", "edrUnprotected", "edrUnknown"},
		report.OrganizationColumns(model().Tools()))
	one := row("Contoso", 9, 8, 9, 9, 4)
	one.Tools[0].Work = &report.WorkCount{Fails: "unprotected", Failing: 4, Unknown: 2}
	require.Equal(t, []int{9, 8, 9, 9, 4, 4, 2}, one.Figures())
	text, err := json.Marshal(one)
	require.NoError(t, err)
	require.JSONEq(t, `{"organization":"Contoso","devices":9,"edr":8,"rmm":9,"deployment":9,"complete":4,"edrUnprotected":4,"edrUnknown":2}`, string(text))

	o, err := report.OrderOrganizations(model().Tools(), "-edrUnprotected")
	require.NoError(t, err)
	c := report.Coverage{Organizations: []report.OrganizationCoverage{row("A", 1, 1, 1, 1, 1), one}}
	c.SortOrganizations(model().Tools(), o)
	require.Equal(t, "Contoso", c.Organizations[0].Organization)
}

func TestExplainSaysWhetherAnAgentProtects(t *testing.T) {
	yes, no := true, false
	protection(t).onBoth(func(t *testing.T, s report.Source) {
		for name, want := range map[string][]*report.Work{
			"works":   {{Verb: "protects", Does: &yes, Ailments: []report.AilmentReason{}}},
			"unknown": {{Verb: "protects", Ailments: []report.AilmentReason{}}},
			"gone":    {nil},
			"most": {{Verb: "protects", Does: &no, Ailments: []report.AilmentReason{
				{Ailment: "disabled", Reason: "the agent is disabled (asleep)"}, {Ailment: "expired", Reason: "the account Old MSP is deleted"},
			}}},
		} {
			var got []*report.Work
			for _, r := range explain(t.Context(), t, s, "assetgraph:device:"+name)[0].Subject.Records {
				if r.Product == "sentinelone" {
					got = append(got, r.Work)
				} else {
					require.Nil(t, r.Work, "nobody tells")
				}
			}
			require.Equal(t, want, got, name)
		}
		off := explain(t.Context(), t, s, "assetgraph:device:off")[0].Subject
		require.Contains(t, off.Properties, report.Named{Name: "edrProtects", Value: "false"})
		require.Contains(t, off.Properties, report.Named{Name: "edrAilments", Value: "disabled"})
	})
}
