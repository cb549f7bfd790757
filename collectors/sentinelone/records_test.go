package sentinelone

import (
	"reflect"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"assetgraph/collectors"
)

// decodeAgent decodes one agent with the id 1 and the given members.
func decodeAgent(t *testing.T, members string) (*Agent, error) {
	records, err := Decode(KindAgent, []byte(`{"data":[{"id":"1",`+members+`}]}`))
	require.NoError(t, err)
	require.Len(t, records, 1)
	agent, _ := records[0].Value.(*Agent)
	return agent, records[0].Err
}

func TestAgentScalarsInOtherSpellings(t *testing.T) {
	a, err := decodeAgent(t,
		`"isActive":"True","infected":0,"isUpToDate":null,"activeThreats":"3","computerName":17,"serialNumber":null,
		"agentVersion":true,"networkInterfaces":null,"cloudProviders":null,"unknown":{"licenseKey":1}`)
	require.NoError(t, err)
	require.True(t, a.IsActive.Set && a.IsActive.B)
	require.True(t, a.Infected.Set && !a.Infected.B)
	require.False(t, a.IsUpToDate.Set || a.IsDecommissioned.Set)
	require.Equal(t, int64(3), a.ActiveThreats.N)
	require.EqualValues(t, "17", a.ComputerName)
	require.EqualValues(t, "true", a.AgentVersion)
	require.Empty(t, a.SerialNumber)
	require.Empty(t, a.NetworkInterfaces)
}

func TestPostureInOtherShapes(t *testing.T) {
	a, err := decodeAgent(t, `"firewallEnabled":"True","encryptedApplications":null,"threatRebootRequired":"false",
		"userActionsNeeded":null,"missingPermissions":"user_action_needed_fda","totalMemory":"4035","osStartTime":"",
		"activeDirectory":{"computerDistinguishedName":null,"lastUserDistinguishedName":"CN=Kim"}`)
	require.NoError(t, err)
	require.True(t, a.FirewallEnabled.B && a.ThreatRebootRequired.Set)
	require.False(t, a.EncryptedApplications.Set, "null is not no")
	require.Empty(t, a.UserActionsNeeded)
	require.Equal(t, []string{"user_action_needed_fda"}, []string(a.MissingPermissions))
	require.EqualValues(t, 4035, a.TotalMemory.N)
	require.True(t, a.OSStartTime.IsZero())

	records, err := Decode(KindAgent, []byte(`{"data":[{"id":"1","computerName":"PC1","firewallEnabled":[],"encryptedApplications":"on",
		"userActionsNeeded":{"a":1},"activeDirectory":"x","operationalState":{},"coreCount":2.5}]}`))
	require.NoError(t, err)
	require.NoError(t, records[0].Err, "each costs its field")
	require.Len(t, records[0].Unread, 6, "%v", records[0].Unread)
	require.EqualValues(t, "PC1", records[0].Value.(*Agent).ComputerName)
}

func TestTimesOfAllPrecisions(t *testing.T) {
	for text, want := range map[string]time.Time{
		`"2023-12-21T20:31:51Z"`:        time.Date(2023, 12, 21, 20, 31, 51, 0, time.UTC),
		`"2023-12-21T20:31:51.123Z"`:    time.Date(2023, 12, 21, 20, 31, 51, 123e6, time.UTC),
		`"2023-12-21T20:31:51.123456Z"`: time.Date(2023, 12, 21, 20, 31, 51, 123456e3, time.UTC),
		`""`:                            {}, `0`: {}, `"None"`: {}, `null`: {},
	} {
		a, err := decodeAgent(t, `"lastActiveDate":`+text)
		require.NoError(t, err, text)
		require.True(t, want.Equal(a.LastActiveDate.Time), text)
	}
}

func TestTagsInAllShapes(t *testing.T) {
	one := Tags{{Key: "env", Value: "prod"}}
	for text, want := range map[string]Tags{
		`{"sentinelone":[{"id":"1","key":"env","value":"prod"}]}`: one,
		`[{"key":"env","value":"prod"}]`:                          one,
		`{"sentinelone":[]}`:                                      nil, `{"sentinelone":null}`: nil, `{}`: nil,
		`[]`: nil, `null`: nil,
	} {
		a, err := decodeAgent(t, `"tags":`+text)
		require.NoError(t, err, text)
		require.ElementsMatch(t, want, a.Tags, text)
	}
}

func TestTagsInAnotherShapeCostThemselves(t *testing.T) {
	for text, want := range map[string]string{
		`"env"`:                   "tags: a text where an object with tags was expected",
		`{"sentinelone":"env"}`:   "tags.sentinelone: a text where an array was expected",
		`{"sentinelone":["env"]}`: "tags.sentinelone[]: a text where an object was expected",
		`{"sentinelone":[{"key":{},"value":"prod"}]}`: "tags.sentinelone[].key: an object where a text was expected",
	} {
		records, err := Decode(KindAgent, []byte(`{"data":[{"id":"1","tags":`+text+`,"computerName":"pc"}]}`))
		require.NoError(t, err)
		require.EqualValues(t, "pc", records[0].Value.(*Agent).ComputerName)
		require.Len(t, records[0].Unread, 1)
		require.Equal(t, want, records[0].Unread[0].Field+": "+records[0].Unread[0].Err.Error())
	}
}

func TestBrokenRecordCostsOnlyItself(t *testing.T) {
	c := newConsole(t)
	c.records["/agents"] = []string{
		`{"id":"1","computerName":"good"}`,
		`{"computerName":"no id"}`,
		`{"id":"  "}`,
		`{"id":"4","computerName":"secret","computerName":"x"}`,
		`{"id":"5","id":"6"}`,
		`{"id":"7","computerName":"good"}`,
	}
	got := readStep(t, c.collector(collectors.Options{}), "agents")
	require.NoError(t, got.err, "a record's error is not the walk's")
	var errs []string
	for _, r := range got.records {
		if r.Err != nil {
			var broken *collectors.RecordError
			require.ErrorAs(t, r.Err, &broken)
			require.Equal(t, KindAgent, broken.Kind)
			errs = append(errs, broken.ID+"/"+broken.Field)
			require.NotContains(t, r.Err.Error(), "secret")
		}
	}
	require.Equal(t, []string{"/id", "/id", "4/computerName", "5/id"}, errs)
	require.Equal(t, "7", got.records[5].ID)
}

func TestSitesShape(t *testing.T) {
	records, err := Decode(KindSite, fixture(t, "sites-cartography.json"))
	require.NoError(t, err)
	require.Len(t, records, 3)
	site := records[2].Value.(*Site)
	require.EqualValues(t, "test-s1-account-456", site.AccountID)
	require.EqualValues(t, 1, site.ActiveLicenses.N)

	_, err = Decode(KindSite, []byte(`{"data":[{"id":"1"}]}`))
	require.Error(t, err, "a list where the object is expected is another route's answer")

	records, err = Decode(KindSite, fixture(t, "sites-rapid7-minimal.json"))
	require.NoError(t, err)
	require.Len(t, records, 4)

	records, err = Decode(KindSite, fixture(t, "sites-netways-swagger-example.json"))
	require.NoError(t, err)
	require.EqualValues(t, "My Site", records[0].Value.(*Site).Name)
	require.Equal(t, "totalLicenses", records[0].Unread[0].Field, "the example says \"integer\"")
}

func TestDeletedAndExpiredSitesAreKept(t *testing.T) {
	c := newConsole(t)
	c.records["/sites"] = []string{
		`{"id":"1","state":"active"}`, `{"id":"2","state":"expired"}`, `{"id":"3","state":"deleted"}`,
	}
	got := readStep(t, c.collector(collectors.Options{}), "sites")
	require.NoError(t, got.err)
	var states []string
	for _, r := range got.records {
		states = append(states, string(r.Value.(*Site).State))
	}
	require.Equal(t, []string{"active", "expired", "deleted"}, states)
}

func TestRecordedGroupAndAccounts(t *testing.T) {
	records, err := Decode(KindGroup, fixture(t, "groups-elastic.json"))
	require.NoError(t, err)
	group := records[0].Value.(*Group)
	require.EqualValues(t, "1234567890123456789", group.SiteID)
	require.False(t, group.Rank.Set)
	require.True(t, group.Inherits.B)

	records, err = Decode(KindAccount, fixture(t, "accounts-cartography.json"))
	require.NoError(t, err)
	require.Len(t, records, 3)
	require.EqualValues(t, "Active", records[0].Value.(*Account).State)

	_, err = Decode("activity", []byte(`{"data":[]}`))
	require.Error(t, err)
}

func TestSecretsAreNeverRead(t *testing.T) {
	for _, v := range []any{Account{}, Site{}, Group{}, Agent{}, User{}, Threat{}, ThreatInfo{}, ThreatAgent{}} {
		for field := range reflect.TypeOf(v).Fields() {
			tag := strings.ToLower(field.Tag.Get("json"))
			require.NotContains(t, []string{
				"registrationtoken", "licensekey", "apitoken", "filepath", "processuser", "initiatingusername", "maliciousprocessarguments",
			}, tag, "%T.%s", v, field.Name)
		}
	}
}
