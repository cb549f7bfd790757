package immybot

import (
	"reflect"
	"strings"
	"testing"
	"time"

	"github.com/go-json-experiment/json"
	"github.com/stretchr/testify/require"
)

func TestDatesInEverySpelling(t *testing.T) {
	at := time.Date(2026, 1, 20, 9, 11, 2, 0, time.UTC)
	for text, want := range map[string]time.Time{
		`"2026-01-20T09:11:02Z"`:          at,
		`"2026-01-20T09:11:02.5Z"`:        at.Add(500 * time.Millisecond),
		`"2026-01-20T09:11:02.1234567Z"`:  at.Add(123456700),
		`"2026-01-20T10:11:02+01:00"`:     at,
		`"2026-01-20T09:11:02"`:           at,
		`"2026-01-20T09:11:02.123"`:       at.Add(123 * time.Millisecond),
		`"2026-01-20 09:11:02"`:           at,
		`"01/20/2026 09:11:02"`:           at,
		`" 1/20/2026 9:11:02 AM "`:        at,
		`"0001-01-01T00:00:00Z"`:          {},
		`"0001-01-01T00:00:00"`:           {},
		`"01/01/0001 00:00:00"`:           {},
		`"three days ago"`:                {},
		`""`:                              {},
		`null`:                            {},
		`"20.01.2026"`:                    {},
		`"2026-01-20T09:11:02.123456789"`: at.Add(123456789),
	} {
		var v Time
		require.NoError(t, json.Unmarshal([]byte(text), &v), text)
		require.True(t, v.Equal(want), "%s gives %v", text, v)
		require.Equal(t, want.IsZero(), v.IsZero(), text)
	}
}

func TestOnboardingStatusAsNumberAndAsName(t *testing.T) {
	for text, want := range map[string]string{
		`0`: "NeedsOnboarding", `1`: "Onboarding", `2`: "Onboarded", `"2"`: "Onboarded", `"Onboarded"`: "Onboarded",
		`null`: "", `9`: "9",
	} {
		var c Computer
		require.NoError(t, json.Unmarshal([]byte(`{"onboardingStatus":`+text+`}`), &c))
		require.Equal(t, want, c.Onboarding())
	}
}

func TestComputersOutsideTheFleetAreMarked(t *testing.T) {
	var c Computer
	require.NoError(t, json.Unmarshal([]byte(`{"isSandbox":true,"isDevLab":"false","hasPendingReboot":null}`), &c))
	require.True(t, c.IsSandbox.B && c.IsDevLab.Set)
	require.False(t, c.IsDevLab.B || c.HasPendingReboot.Set)
}

func TestExternalAgentIDAsTextNumberAndObject(t *testing.T) {
	for text, want := range map[string]ExternalID{
		`"3187"`: "3187", `3187`: "3187", `{"value":"3187"}`: "3187", `{"value":3187,"kind":"x"}`: "3187",
		`{"value":null}`: "", `null`: "",
	} {
		var a ProviderAgent
		require.NoError(t, json.Unmarshal([]byte(`{"externalAgentId":`+text+`}`), &a))
		require.Equal(t, want, a.ExternalAgentID)
	}
	require.Error(t, json.Unmarshal([]byte(`{"externalAgentId":["3187"]}`), &ProviderAgent{}))
}

func TestEveryFieldMayBeNull(t *testing.T) {
	for _, v := range []any{
		&Computer{}, &Tenant{}, &Person{}, &User{}, &ProviderLink{}, &ProviderClient{}, &ProviderAgent{},
	} {
		typ := reflect.TypeOf(v).Elem()
		var members []string
		for field := range typ.Fields() {
			if name := field.Tag.Get("json"); name != "-" {
				members = append(members, `"`+name+`":null`)
			}
		}
		require.NoError(t, json.Unmarshal([]byte("{"+strings.Join(members, ",")+"}"), v), typ.Name())
		require.True(t, reflect.ValueOf(v).Elem().IsZero(), "%s: null leaves everything unset", typ.Name())
	}
	var tenant Tenant
	require.NoError(t, json.Unmarshal([]byte(`{"azureTenantLink":{"azTenantId":null,"azureTenant":{"infoSyncedFromAzure":null}}}`), &tenant))
	require.Empty(t, tenant.DefaultDomain())
	require.Empty(t, tenant.AzureTenantID())
}

func TestAzureTenantIDOfEveryGeneration(t *testing.T) {
	for _, body := range []string{
		`{"azureTenantLink":{"azTenantId":"t","azureTenant":{"principalId":"other"}}}`,
		`{"azureTenantLink":{"azTenantId":null,"azureTenant":{"principalId":"t"}}}`,
		`{"principalId":"t"}`,
	} {
		var tenant Tenant
		require.NoError(t, json.Unmarshal([]byte(body), &tenant))
		require.Equal(t, "t", tenant.AzureTenantID(), body)
	}
}

// What may hold secrets has no field to go to.
func TestSecretsAreNeverDecoded(t *testing.T) {
	for _, v := range []any{
		Computer{}, Tenant{}, Person{}, User{}, ProviderLink{}, ProviderClient{}, ProviderAgent{}, DeviceDetails{},
	} {
		typ := reflect.TypeOf(v)
		for field := range typ.Fields() {
			name := field.Tag.Get("json")
			require.NotEmpty(t, name, "%s.%s", typ, field.Name)
			require.NotContains(t, []string{
				"providerTypeFormData", "notes", "internalData", "deviceUpdateFormData", "inventory",
				"errorMessage", "healthStatusMessage", "includeClientsFailedMessage", "inputsWithStoredPasswords",
			}, name, typ.Name())
		}
	}
}
