package sentinelone

import (
	"slices"
	"testing"

	"github.com/stretchr/testify/require"

	"assetgraph/collectors/sentinelone"
	"assetgraph/converters"
	"assetgraph/converters/internal/convertertest"
	"assetgraph/graph"
)

// roleOf returns what the entities of a type are.
func roleOf(t *testing.T, c *converters.Converter, typ string) *converters.Role {
	i := slices.IndexFunc(c.Roles, func(r converters.Role) bool { return r.Type.Name == typ })
	require.GreaterOrEqual(t, i, 0, typ)
	return &c.Roles[i]
}

// entityOf converts one made-up record.
func entityOf(t *testing.T, c *converters.Converter, kind, answer string) *graph.Element {
	records, err := sentinelone.Decode(kind, []byte(answer))
	require.NoError(t, err)
	require.Len(t, records, 1)
	f := converters.NewFragment("s1")
	elements, err := convertertest.Convert(c, records[0], f)
	require.NoError(t, err)
	return elements[0]
}

func TestWhatKeepsAnAgentFromProtecting(t *testing.T) {
	const unknown, works = "nobody knows", "it protects"
	for name, tt := range map[string]struct{ members, want string }{
		"an old console":               {`"operationalState": null`, unknown},
		"nothing of it":                {`"computerName": "pc"`, unknown},
		"it works":                     {`"operationalState": "na", "detectionState": "full_mode", "mitigationMode": "protect", "missingPermissions": [], "userActionsNeeded": [], "isPendingUninstall": false, "consoleMigrationStatus": "N/A"`, works},
		"of the rest nothing is known": {`"operationalState": "na"`, works},
		"the slim mode":                {`"operationalState": "na", "detectionState": "slim_mode"`, works},
		"suspicions are only told":     {`"operationalState": "na", "mitigationMode": "protect", "mitigationModeSuspicious": "detect"`, works},
		"other needs":                  {`"operationalState": "na", "userActionsNeeded": ["reboot_needed", "upgrade_needed", "pending_deprecation"], "missingPermissions": ["user_action_needed_rs_fda", "user_action_needed_bluetooth_per"]`, works},
		"on another console now":       {`"operationalState": "na", "consoleMigrationStatus": "Migrated"`, unknown},
		"on its way there":             {`"operationalState": "na", "consoleMigrationStatus": "Pending"`, works},
		"disabled":                     {`"operationalState": "fully_disabled"`, "disabled: the agent is disabled (fully_disabled)"},
		"in part":                      {`"operationalState": "auto_partially_disabled"`, "disabled: the agent is disabled (auto_partially_disabled)"},
		"another word":                 {`"operationalState": "asleep"`, "disabled: the agent is disabled (asleep)"},
		"by an error":                  {`"operationalState": "disabled_error"`, "error: the agent is in an error (disabled_error)"},
		"a broken data base":           {`"operationalState": "db_corruption"`, "error: the agent is in an error (db_corruption)"},
		"called unprotected":           {`"operationalState": "na", "userActionsNeeded": ["unprotected"]`, "error: the console calls it unprotected"},
		"on a system it does not know": {`"userActionsNeeded": ["incompatible_os"]`, "error: the agent does not fit the system's version"},
		"full disk access":             {`"operationalState": "na", "missingPermissions": ["user_action_needed_fda"]`, "permissions: the agent lacks full disk access"},
		"a part of that":               {`"operationalState": "na", "missingPermissions": ["user_action_needed_fda_sentineld", "user_action_needed_fda_helper"]`, "permissions: the agent lacks full disk access"},
		"a policy that detects":        {`"operationalState": "na", "mitigationMode": "detect"`, "detect-only: its policy detects and stops nothing"},
		"less than that":               {`"operationalState": "na", "detectionState": "partial"`, "detect-only: the agent does not detect in full mode (partial)"},
		"about to go":                  {`"operationalState": "na", "isPendingUninstall": true`, "uninstalling: the agent is to be uninstalled"},
		"known without the state":      {`"isPendingUninstall": true, "consoleMigrationStatus": "Migrated"`, "uninstalling: the agent is to be uninstalled"},
		"several": {`"operationalState": "fully_disabled", "mitigationMode": "detect", "isPendingUninstall": true`,
			"disabled: the agent is disabled (fully_disabled) | detect-only: its policy detects and stops nothing | uninstalling: the agent is to be uninstalled"},
	} {
		t.Run(name, func(t *testing.T) {
			c := New()
			e := entityOf(t, c, sentinelone.KindAgent, `{"data": [{"id": "1", `+tt.members+`}]}`)
			symptoms, known := roleOf(t, c, "sentinelone_agent").Machine.Symptoms(e)
			got := written(symptoms)
			switch {
			case got != "":
				require.True(t, known)
			case known:
				got = works
			default:
				got = unknown
			}
			require.Equal(t, tt.want, got)
		})
	}
}

func written(symptoms []converters.Symptom) (text string) {
	for i, s := range symptoms {
		if i > 0 {
			text += " | "
		}
		text += s.Ailment.String() + ": " + s.Reason
	}
	return text
}

// Sites and accounts that have ended protect nothing; one whose state is not known has not ended.
func TestSitesAndAccountsThatHaveEnded(t *testing.T) {
	c := New()
	for state, want := range map[string]string{
		`"active"`: "", `null`: "", `"Expired"`: "is expired", `"deleted"`: "is deleted", `"suspended"`: "",
	} {
		ending := func(begin string) string {
			if want == "" {
				return ""
			}
			return "expired: the " + begin + " " + want
		}
		site := entityOf(t, c, sentinelone.KindSite, `{"data": {"sites": [{"id": "1", "name": "Contoso", "state": `+state+`}]}}`)
		require.Equal(t, ending("site Contoso"), written(roleOf(t, c, "sentinelone_site").Customer.Symptoms(site)))
		account := entityOf(t, c, sentinelone.KindAccount, `{"data": [{"id": "1", "name": "Acme MSP", "state": `+state+`}]}`)
		require.Equal(t, ending("account Acme MSP"), written(roleOf(t, c, "sentinelone_account").Account.Symptoms(account)))
	}
}

// Reports read no properties but those that a role names.
func TestSymptomsLookAtNothingElse(t *testing.T) {
	c := New()
	m := roleOf(t, c, "sentinelone_agent").Machine
	full := entityOf(t, c, sentinelone.KindAgent, `{"data": [{"id": "1", "operationalState": "fully_disabled", "mitigationMode": "detect",
		"isPendingUninstall": true, "missingPermissions": ["user_action_needed_fda"], "userActionsNeeded": ["unprotected"], "detectionState": "partial"}]}`)
	bare := graph.NewEntity(full.Type, "s1", "1")
	for _, f := range m.Signs {
		f.Set(bare, f.Get(full))
	}
	want, _ := m.Symptoms(full)
	got, _ := m.Symptoms(bare)
	require.Len(t, want, 6)
	require.Equal(t, want, got)
}
