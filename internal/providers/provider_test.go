package providers

import (
	"errors"
	"reflect"
	"slices"
	"testing"

	"github.com/stretchr/testify/require"

	"assetgraph/collectors"
	"assetgraph/collectors/immybot"
	"assetgraph/collectors/ninjarmm"
	"assetgraph/collectors/sentinelone"
	"assetgraph/internal/jupiterone"
	"assetgraph/internal/settings"
)

// full is an environment in which every provider is configured.
func full() settings.Environment {
	return settings.Environment{
		"SENTINELONE_URL": "https://x.sentinelone.net", "SENTINELONE_API_TOKEN": "token-1",
		"NINJARMM_URL": "https://eu.ninjarmm.com", "NINJARMM_CLIENT_ID": "id-2", "NINJARMM_CLIENT_SECRET": "secret-2",
		"IMMYBOT_URL": "https://x.immy.bot", "IMMYBOT_TENANT_ID": "00000000-0000-0000-0000-000000000003",
		"IMMYBOT_CLIENT_ID": "id-3", "IMMYBOT_CLIENT_SECRET": "secret-3",
	}
}

func TestEveryFieldOfEveryConfigHasASetting(t *testing.T) {
	configs := map[string]any{
		"sentinelone": sentinelone.Config{}, "ninjarmm": ninjarmm.Config{}, "immybot": immybot.Config{},
	}
	for _, p := range All() {
		want := []string{skipField, collectField}
		config := reflect.TypeOf(configs[p.Name])
		for f := range config.Fields() {
			if f.Name != "Instance" && f.Name != "Options" {
				want = append(want, f.Name)
			}
		}
		var have []string
		for _, s := range p.Settings {
			if !s.Filter { // those are of Options
				have = append(have, s.Field)
			}
			require.NotEmpty(t, s.Help, s.Env)
		}
		require.ElementsMatch(t, want, have, p.Name)
	}
}

func TestEnabled(t *testing.T) {
	for _, p := range All() {
		ok, err := p.Enabled(settings.Environment{"OTHER": "x"})
		require.NoError(t, err)
		require.False(t, ok, "%s: nothing is set", p.Name)

		ok, err = p.Enabled(full())
		require.NoError(t, err)
		require.True(t, ok, "%s: all is set", p.Name)

		for _, s := range p.Settings {
			if !s.Required {
				continue
			}
			e := full()
			e[s.Env] = "  "
			_, err := p.Enabled(e)
			partial, is := errors.AsType[*PartialError](err)
			require.True(t, is, s.Env)
			require.Len(t, partial.Missing, 1)
			require.Contains(t, partial.Missing[0], s.Env)
		}
	}
}

func TestEnabledBySubdomain(t *testing.T) {
	e := full()
	delete(e, "IMMYBOT_URL")
	_, err := All()[2].Enabled(e)
	require.ErrorContains(t, err, "IMMYBOT_URL (or IMMYBOT_SUBDOMAIN) is missing")
	e["IMMYBOT_SUBDOMAIN"] = "x"
	ok, err := All()[2].Enabled(e)
	require.NoError(t, err)
	require.True(t, ok)
	c, err := All()[2].New("immybot", e, collectors.Options{})
	require.NoError(t, err)
	require.Equal(t, "x.immy.bot", c.Host())
}

func TestPartialErrorHoldsNoValue(t *testing.T) {
	e := full()
	delete(e, "NINJARMM_URL")
	_, err := All()[1].Enabled(e)
	require.EqualError(t, err,
		"NinjaRMM is configured in part: NINJARMM_URL is missing (NINJARMM_CLIENT_ID, NINJARMM_CLIENT_SECRET are set)")
}

func TestNewTakesEverySetting(t *testing.T) {
	want := map[string]string{
		"sentinelone": "x.sentinelone.net", "ninjarmm": "eu.ninjarmm.com", "immybot": "x.immy.bot",
	}
	for _, p := range All() {
		c, err := p.New(p.Name, full(), collectors.Options{})
		require.NoError(t, err)
		require.Equal(t, want[p.Name], c.Host())
	}
}

func TestErrorsNameWhatPeopleSet(t *testing.T) {
	for _, p := range All() {
		in := Instance{Name: p.Name, Provider: p}
		for _, s := range p.Settings {
			bad := &collectors.SettingError{Setting: s.Field, Err: errors.New("reason")}
			require.EqualError(t, in.explain(bad), s.Env+": reason")
			of := in
			of.Origins = map[string]string{s.Env: "key (file.yaml:3:5)"}
			require.EqualError(t, of.explain(bad), "key (file.yaml:3:5): reason")
		}
		require.EqualError(t, in.explain(errors.New("x")), p.Title+": x")
	}
}

func TestSkipIsCheckedAndNamesItself(t *testing.T) {
	for _, p := range All() {
		skip := p.Settings[slices.IndexFunc(p.Settings,
			func(s settings.Setting) bool { return s.Field == skipField })].Env
		in := Instance{Name: p.Name, Provider: p, Settings: full()}
		in.Settings[skip] = "users, " + p.Name
		_, err := in.Collector(collectors.Options{})
		require.ErrorContains(t, err, skip+`: "`+p.Name+`" can't be left out; what can be is `)
		in.Settings[skip] = " Users ,"
		c, err := in.Collector(collectors.Options{})
		require.NoError(t, err)
		for _, step := range c.Steps() {
			if step.Part == "" {
				require.Equal(t, step.Name == "users", step.Skipped, step.Name)
			}
		}
	}
}

func TestPartsAreChosenAndNameThemselves(t *testing.T) {
	for _, p := range All() {
		collect := p.Settings[slices.IndexFunc(p.Settings,
			func(s settings.Setting) bool { return s.Field == collectField })].Env
		in := Instance{Name: p.Name, Provider: p, Settings: full()}
		in.Settings[collect] = "default, " + p.Name
		_, err := in.Collector(collectors.Options{})
		require.ErrorContains(t, err, collect+`: there is no part "`+p.Name+`"; there are `)
		in.Settings[collect] = "none,all"
		_, err = in.Collector(collectors.Options{})
		require.EqualError(t, err, collect+": none can't stand beside others")
		for _, all := range []bool{true, false} {
			in.Settings[collect] = map[bool]string{true: " All ", false: "none"}[all]
			c, err := in.Collector(collectors.Options{})
			require.NoError(t, err)
			for _, step := range c.Steps() {
				if step.Part != "" {
					require.Equal(t, !all, step.Skipped, step.Name)
					require.Equal(t, step.Name, step.Part)
				}
			}
		}
	}
}

func TestFiltersReachTheCollector(t *testing.T) {
	for _, p := range All() {
		in := Instance{Name: p.Name, Provider: p, Settings: full(), Origins: map[string]string{}}
		want := collectors.Filter{}
		for _, s := range p.Settings {
			if s.Filter {
				require.True(t, s.List, s.Env)
				in.Settings[s.Env], in.Origins[s.Env] = `Acme, "Example, Inc.",Acme`, "key (file.yaml:3:5)"
				want[FilteredList(s)] = collectors.Choice{Setting: "key (file.yaml:3:5)", Names: []string{"Acme", "Example, Inc."}}
			}
		}
		require.NotEmpty(t, want, p.Name)
		var got collectors.Filter
		in.Provider.New = func(instance string, e settings.Environment, o collectors.Options) (Collector, error) {
			got = o.Filter
			return p.New(instance, e, o)
		}
		_, err := in.Collector(collectors.Options{})
		require.NoError(t, err)
		require.Equal(t, want, got)
		for _, s := range p.Settings {
			if s.Filter {
				in.Settings[s.Env] = " , "
			}
		}
		require.ErrorContains(t, in.Examine(), "names nothing; to read everything, leave it out")
	}
}

func TestNewRefusesPlainHTTP(t *testing.T) {
	for _, p := range All() {
		in := Instance{Name: p.Name, Provider: p, Settings: full()}
		address := p.Settings[0].Env
		in.Settings[address] = "http://example.com"
		_, err := in.Collector(collectors.Options{})
		require.ErrorContains(t, err, address)
		in.Settings[address] = "http://127.0.0.1:8080"
		_, err = in.Collector(collectors.Options{})
		require.NoError(t, err, "loopback is allowed")
	}
}

func TestSchemaFitsTheClassesThatItNames(t *testing.T) {
	schema, err := All().Schema()
	require.NoError(t, err)
	for _, typ := range schema.Types() {
		require.NoError(t, jupiterone.CheckType(typ))
	}
}

func TestSchemaHoldsTheWholeModel(t *testing.T) {
	schema, err := All().Schema()
	require.NoError(t, err)
	names := []string{
		"sentinelone_account", "sentinelone_site", "sentinelone_group", "sentinelone_agent", "sentinelone_user",
		"ninjarmm_organization", "ninjarmm_location", "ninjarmm_device", "ninjarmm_user",
		"immybot_tenant", "immybot_computer", "immybot_person", "immybot_user",
		"device", "organization", "person", "assetgraph_integration",
		"sentinelone_account_has_site", "sentinelone_account_has_user", "sentinelone_site_has_group",
		"sentinelone_group_has_agent",
		"sentinelone_threat", "sentinelone_agent_identified_threat",
		"sentinelone_policy", "sentinelone_account_has_policy", "sentinelone_site_has_policy", "sentinelone_group_has_policy",
		"sentinelone_policy_enforces_group", "sentinelone_discovered_device", "sentinelone_site_has_discovered_device",
		"sentinelone_discovered_device_is_device",
		"ninjarmm_organization_has_location", "ninjarmm_organization_has_device", "ninjarmm_organization_has_user",
		"ninjarmm_location_has_device", "ninjarmm_device_hosts_device",
		"ninjarmm_alert", "ninjarmm_device_has_alert",
		"immybot_tenant_has_computer", "immybot_tenant_has_person", "immybot_tenant_has_tenant",
		"immybot_person_uses_computer",
		"sentinelone_agent_protects_device", "ninjarmm_device_is_device", "immybot_computer_is_device",
		"sentinelone_site_is_organization", "ninjarmm_organization_is_organization", "immybot_tenant_is_organization",
		"organization_has_device",
		"immybot_person_is_person", "immybot_user_is_person", "ninjarmm_user_is_person", "sentinelone_user_is_person",
		"person_uses_device",
	}
	for _, name := range names {
		require.NotNil(t, schema.Type(name), name)
	}
	require.Len(t, schema.Types(), len(names))
}
