package sentinelone

import (
	"strings"
	"time"

	"assetgraph/collectors/sentinelone"
	"assetgraph/converters"
	"assetgraph/graph"
)

func policies() *converters.Table[sentinelone.Policy] {
	type policy = sentinelone.Policy
	t := converters.Declare[policy]("sentinelone_policy", integration,
		"GET /web/api/v2.1/accounts|sites|groups/{id}/policy, of those that have one of their own", "ControlPolicy")
	t.Name(func(p *policy) string { return "Policy of " + converters.FirstText(p.Scope.Name, p.Scope.ID) })
	t.Text("category", "config", func(*policy) string { return "config" })
	t.Text("level", "account, site or group", func(p *policy) string { return p.Scope.Level })
	t.Text("siteId", "of the site, or that the group is in", func(p *policy) string { return p.Scope.SiteID })
	t.Text("mitigationMode", "detect or protect, for malicious threats",
		func(p *policy) string { return string(p.MitigationMode) })
	t.Text("mitigationModeSuspicious", "the same for suspicious ones",
		func(p *policy) string { return string(p.MitigationModeSuspicious) })
	t.Texts("enginesOff", "engines that are switched off, by the console's names", enginesOff)
	t.Bool("antiTampering", "", func(p *policy) (bool, bool) { return p.AntiTamperingOn.B, p.AntiTamperingOn.Set })
	t.Bool("snapshots", "", func(p *policy) (bool, bool) { return p.SnapshotsOn.B, p.SnapshotsOn.Set })
	t.Bool("networkQuarantine", "a machine with a threat is cut off from the network",
		func(p *policy) (bool, bool) { return p.NetworkQuarantineOn.B, p.NetworkQuarantineOn.Set })
	t.Int("autoDecommissionDays", "after so many days of silence; absent when agents are not decommissioned by themselves",
		func(p *policy) (int64, bool) {
			return p.AutoDecommissionDays.N, p.AutoDecommissionDays.Set && p.AutoDecommissionOn.B
		})
	t.Bool("allowRemoteShell", "", func(p *policy) (bool, bool) { return p.AllowRemoteShell.B, p.AllowRemoteShell.Set })
	t.Time("updatedOn", "", func(p *policy) time.Time { return p.UpdatedAt.Time })
	return t
}

func enginesOff(p *sentinelone.Policy) graph.Value {
	var off []string
	for name, state := range p.Engines {
		if strings.EqualFold(trimmed(state), "off") {
			off = append(off, name)
		}
	}
	return graph.TextsOf(off...)
}

// convertPolicy makes the entity, and the relationship from the account, site or group that has it.
func (t *types) convertPolicy(p *sentinelone.Policy, id string, f *converters.Fragment) {
	t.policy.Fill(f, id, p)
	switch p.Scope.Level {
	case sentinelone.LevelAccount:
		f.Relate(t.accountHasPolicy, p.Scope.ID, id)
	case sentinelone.LevelSite:
		f.Relate(t.siteHasPolicy, p.Scope.ID, id)
	case sentinelone.LevelGroup:
		f.Relate(t.groupHasPolicy, p.Scope.ID, id)
	}
}

func (t *types) convertPolicyInForce(p *sentinelone.PolicyInForce, id string, f *converters.Fragment) {
	f.Relate(t.policyEnforcesGroup, p.Policy.Key(), id)
}
