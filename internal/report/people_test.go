package report_test

import (
	"context"
	"fmt"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"assetgraph/graph"
	"assetgraph/internal/report"
)

// sprint is a cell as tests write it.
func sprint(cell any) string {
	if cell == nil {
		return ""
	}
	return fmt.Sprint(cell)
}

func TestPeople(t *testing.T) {
	b := newBuilder(t)
	day := 24 * time.Hour
	person := func(id string, records ...graph.Key) graph.Key {
		key := b.entity("person", id, values{"name": text(id), "displayName": text(id)})
		for _, r := range records {
			b.relate(r.Scope().Type+"_is_person", r, key, nil)
		}
		return key
	}
	record := func(typ, id string, v values) graph.Key {
		return b.entity(typ, id, with(values{"id": text(id), "name": text(id), "displayName": text(id), "email": texts(id + "@x.example")}, v))
	}
	console := func(id string, v values) graph.Key {
		return record("sentinelone_user", id, with(values{"isMfaEnabled": truth(true), "lastLoginOn": daysAgo(1)}, v))
	}
	b.plant("Contoso", map[string]planted{
		"named":  changed(func(p *planted) { p.devices[0]["assignedOwnerUid"] = text("uid-off") }),
		"nobody": changed(func(p *planted) { p.devices[0]["assignedOwnerUid"] = text("uid-lost") }),
		"used":   whole(),
		"kept":   changed(func(p *planted) { p.devices[0]["assignedOwnerUid"] = text("uid-on") }),
	})
	tenant := b.entity("immybot_tenant", "5", values{"id": text("5"), "name": text("contoso")})
	b.relate("immybot_tenant_is_organization", tenant, graph.EntityKey("assetgraph", "organization", "Contoso"), nil)

	leaver := person("leaver", record("immybot_user", "leaver", values{"isActive": truth(false)}), console("leaver", nil),
		record("immybot_person", "leaver", values{"tenantId": text("5")}))
	b.relate("person_uses_device", leaver, graph.EntityKey("assetgraph", "device", "used"), nil)
	person("bare", console("bare", values{"isMfaEnabled": truth(false)}))
	person("sleeper", console("sleeper", values{"lastLoginOn": daysAgo(91)}))
	person("never", console("never", values{"lastLoginOn": graph.Value{}, "createdOn": daysAgo(400)}))
	person("new", console("new", values{"lastLoginOn": graph.Value{}, "createdOn": daysAgo(4)}))
	person("unknown", console("unknown", values{"isMfaEnabled": graph.Value{}, "lastLoginOn": graph.Value{}}))
	person("off", record("ninjarmm_user", "off", values{"userType": text("TECHNICIAN"), "uid": text("uid-off"), "isActive": truth(false), "isMfaEnabled": truth(false)}))
	person("on", record("ninjarmm_user", "on", values{"userType": text("END_USER"), "uid": text("uid-on"), "isActive": truth(true), "isMfaEnabled": truth(false)}))

	b.onBoth(func(t *testing.T, s report.Source) {
		r := mustRead(t, func(ctx context.Context) (*report.Report, error) {
			return report.People(ctx, s, report.PeopleOptions{Options: options(t), Dormant: 90 * day})
		})
		require.Equal(t, []string{
			"left-with-console|Contoso|leaver|SentinelOne|the account in ImmyBot is switched off, this one is not||sentinelone:sentinelone_user:leaver",
			"without-mfa||bare|SentinelOne|no second factor||sentinelone:sentinelone_user:bare",
			"dormant||never|SentinelOne|never signed in||sentinelone:sentinelone_user:never",
			"dormant||sleeper|SentinelOne|last signed in 2026-08-02 (91 days ago)||sentinelone:sentinelone_user:sleeper",
			"user-gone|Contoso|leaver|ImmyBot|the account in ImmyBot is switched off|used|immybot:immybot_user:leaver",
			"user-gone|Contoso|off|NinjaRMM|the account in NinjaRMM is switched off|named|ninjarmm:ninjarmm_user:off",
			"user-gone|Contoso|||NinjaRMM names a user that it does not have any more|nobody|",
		}, rows(t, r, "kind organization person product reason hostname account"))
		require.Equal(t, []string{
			"Accounts in consoles: 1 of people with another account that is switched off, 1 without a second factor, 2 dormant.",
			"Accounts of which nobody knows: 1 whether a second factor is asked for, 1 when somebody last signed in.",
			"Machines: 3 whose user is gone.",
		}, r.Summary)

		o := options(t)
		o.Organizations = []string{"Contoso"}
		r = mustRead(t, func(ctx context.Context) (*report.Report, error) {
			return report.People(ctx, s, report.PeopleOptions{Options: o, Dormant: 90 * day})
		})
		require.Len(t, r.Rows, 4, "accounts of no customer are left out")
	})
}

func TestPosture(t *testing.T) {
	b := newBuilder(t)
	b.plant("Contoso", map[string]planted{
		"good":    changed(func(p *planted) { p.device["encrypted"], p.device["pendingReboot"] = truth(true), truth(false) }),
		"bad":     changed(func(p *planted) { p.device["encrypted"], p.device["pendingReboot"] = truth(false), truth(true) }),
		"unknown": whole(),
	})
	b.plant("Fabrikam Ltd", map[string]planted{"half": changed(func(p *planted) { p.device["firewallEnabled"] = truth(false) })})
	b.onBoth(func(t *testing.T, s report.Source) {
		o := report.PostureOptions{Options: options(t), Backup: 7 * 24 * time.Hour, Checks: []string{"encrypted", "firewallEnabled", "pendingReboot"}}
		r := mustRead(t, func(ctx context.Context) (*report.Report, error) { return report.Posture(ctx, s, o) })
		require.Equal(t, []string{
			"Contoso|encrypted|1|1|1|3", "Contoso|firewallEnabled|0|0|3|3", "Contoso|pendingReboot|1|1|1|3",
			"Fabrikam Ltd|encrypted|0|0|1|1", "Fabrikam Ltd|firewallEnabled|0|1|0|1", "Fabrikam Ltd|pendingReboot|0|0|1|1",
		}, rows(t, r, "organization check yes no unknown devices"))
		o.ByDevice, o.Attention = true, true
		r = mustRead(t, func(ctx context.Context) (*report.Report, error) { return report.Posture(ctx, s, o) })
		require.Equal(t, []string{
			"Contoso|bad|encrypted;pendingReboot|firewallEnabled|false||true",
			"Fabrikam Ltd|half|firewallEnabled|encrypted;pendingReboot||false|",
		}, rows(t, r, "organization hostname attention unknown encrypted firewallEnabled pendingReboot"))
		o.Checks = []string{"encryption"}
		_, err := report.Posture(t.Context(), s, o)
		require.ErrorContains(t, err, "there is no check encryption")
	})
}
