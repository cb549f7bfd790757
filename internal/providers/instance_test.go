package providers

import (
	"maps"
	"testing"

	"github.com/stretchr/testify/require"

	"assetgraph/collectors"
	"assetgraph/internal/settings"
)

func TestEnvironmentGivesOneInstanceOfEachProvider(t *testing.T) {
	list, err := All().Instances(full())
	require.NoError(t, err)
	require.Len(t, list, len(All()))
	for i, p := range All() {
		require.Equal(t, p.Name, list[i].Name)
		require.Equal(t, p.Name, list[i].Provider.Name)
	}
	e := full()
	delete(e, "NINJARMM_URL")
	delete(e, "IMMYBOT_CLIENT_ID")
	list, err = All().Instances(e)
	require.ErrorContains(t, err, "NinjaRMM is configured in part")
	require.ErrorContains(t, err, "ImmyBot is configured in part")
	require.Len(t, list, 1)
	list, err = All().Instances(settings.Environment{})
	require.NoError(t, err)
	require.Empty(t, list)
}

func TestInstancesOfOneProviderHaveSettingsOfTheirOwn(t *testing.T) {
	for _, p := range All() {
		first := Instance{Name: p.Name, Provider: p, Settings: full()}
		second := Instance{Name: p.Name + "-emea", Provider: p, Settings: maps.Clone(full())}
		address := p.Settings[0].Env
		second.Settings[address] = "https://emea.example.com"
		a, err := first.Collector(collectors.Options{})
		require.NoError(t, err)
		b, err := second.Collector(collectors.Options{})
		require.NoError(t, err)
		require.NotEqual(t, a.Host(), b.Host())
		require.Equal(t, "emea.example.com", b.Host())

		second.Settings[address] = "http://emea.example.com"
		_, err = second.Collector(collectors.Options{})
		require.ErrorContains(t, err, "instance "+second.Name+": "+address+": ", "which one, and which setting")
		first.Settings[address] = "http://example.com"
		_, err = first.Collector(collectors.Options{})
		require.ErrorContains(t, err, address+": ")
		require.NotContains(t, err.Error(), "instance", "the variable says it")
	}
}
