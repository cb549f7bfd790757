package settings

import (
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
)

func someSettings() []Setting {
	list := append(Graph(), Program()...)
	for _, name := range []string{
		"SENTINELONE_URL", "SENTINELONE_API_TOKEN", "SENTINELONE_SKIP", "NINJARMM_URL", "NINJARMM_CLIENT_ID",
		"NINJARMM_CLIENT_SECRET", "NINJARMM_REFRESH_TOKEN",
		"NINJARMM_SCOPE", "IMMYBOT_URL", "IMMYBOT_SUBDOMAIN", "IMMYBOT_TENANT_ID", "IMMYBOT_CLIENT_ID",
		"IMMYBOT_CLIENT_SECRET", "IMMYBOT_AUTHORITY_URL", "IMMYBOT_SCOPE",
	} {
		list = append(list, Setting{Env: name})
	}
	return list
}

func someFamilies() []Family {
	return append(GraphFamilies(),
		Family{Prefix: "SENTINELONE_", Aliases: []string{"SENTINEL_ONE_", "SENTINELONE", "SENTINEL_", "S1_"}},
		Family{Prefix: "NINJARMM_", Aliases: []string{"NINJA_RMM_", "NINJA_ONE_", "NINJAONE_", "NINJARMM", "NINJA_"}},
		Family{Prefix: "IMMYBOT_", Aliases: []string{"IMMY_BOT_", "IMMYBOT", "IMMY_"}},
	)
}

func TestLookAlikes(t *testing.T) {
	for name, want := range map[string]string{
		"NINJA_CLIENT_ID":               "did you mean NINJARMM_CLIENT_ID?",
		"NINJA_CLIENTSECRET":            "did you mean NINJARMM_CLIENT_SECRET?",
		"NINJAONE_URL":                  "did you mean NINJARMM_URL?",
		"NINJA_ONE_HOST":                "did you mean NINJARMM_URL?",
		"NINJARMM_SECRET":               "did you mean NINJARMM_CLIENT_SECRET?",
		"NINJA_API_KEY":                 "did you mean NINJARMM_CLIENT_SECRET?",
		"SENTINELONE_2_URL":             "whose variable is SENTINELONE_URL",
		"SENTINELONE_URL_2":             "whose variable is SENTINELONE_URL",
		"S1_TOKEN2":                     "whose variable is SENTINELONE_API_TOKEN",
		"SENTINEL_ONE_URL":              "did you mean SENTINELONE_URL?",
		"SENTINELONEURL":                "did you mean SENTINELONE_URL?",
		"SENTINELONE_TOKEN":             "did you mean SENTINELONE_API_TOKEN?",
		"SENTINALONE_API_TOKEN":         "did you mean SENTINELONE_API_TOKEN?",
		"SENTINELONE_ULR":               "did you mean SENTINELONE_URL?",
		"SENTINELONE_COLOUR":            "known are SENTINELONE_API_TOKEN, SENTINELONE_SKIP, SENTINELONE_URL",
		"S1_URL":                        "did you mean SENTINELONE_URL?",
		"S1_API_KEY":                    "did you mean SENTINELONE_API_TOKEN?",
		"IMMY_URL":                      "did you mean IMMYBOT_URL?",
		"IMMY_BOT_AZURE_TENANT_ID":      "did you mean IMMYBOT_TENANT_ID?",
		"IMMYBOT_EXCLUDE":               "known are IMMYBOT_AUTHORITY_URL",
		"set SENTINELONE_URL":           "write it SENTINELONE_URL=…",
		"SET NINJARMM_URL":              "write it NINJARMM_URL=…",
		"sentinelone_url":               "write it SENTINELONE_URL=…",
		"SENTINELONE-URL":               "write it SENTINELONE_URL=…",
		"\ufeffSENTINELONE_URL":         "write it SENTINELONE_URL=…",
		"SENTINELONE_URL\u00a0":         "write it SENTINELONE_URL=…",
		"GRAPH_DB_USER":                 "did you mean GRAPH_DB_USERNAME?",
		"GRAPH_URL":                     "did you mean GRAPH_DB_ENDPOINT?",
		"NEO4J_USER":                    "did you mean NEO4J_USERNAME?",
		"CORRELATION_OVERRIDE":          "did you mean CORRELATION_OVERRIDES?",
		"ASSETGRAPH_STATEDIR":           "did you mean ASSETGRAPH_STATE_DIR?",
		"set S1_URL":                    "did you mean SENTINELONE_URL?",
		strings.Repeat("NINJARMM_X", 9): "known are NINJARMM_CLIENT_ID",
	} {
		notes := Environment{name: "hunter2", "PATH": "/bin"}.LookAlikes(someSettings(), someFamilies())
		require.Len(t, notes, 1, name)
		require.Contains(t, notes[0], want, name)
		require.Contains(t, notes[0], " is not read: ")
		require.NotContains(t, notes[0], "hunter2")
	}
}

func TestWhatIsNoLookAlike(t *testing.T) {
	e := Environment{
		"NINJA_STATUS": "[%f/%t] ", "S1_LOG": "x", "NEO4J_HOME": "/opt", "NEO4J_AUTH": "x", "GRAPHICS": "1", "URL": "x",
		"TOKEN": "x", "CLIENT_ID": "x",
		"HOME": "/root", "SCOPE": "x", "NO_COLOR": "1", "IMMYBOT_URL": "https://a.immy.bot", "NEO4J_URI": "neo4j://h",
		"SENTINELONE_API_TOKEN": "eyJ+/=", "S1_API_TOKEN": "another tool's", "PASSWORD": "'quoted'", "S1_": "",
	}
	require.Empty(t, e.LookAlikes(someSettings(), someFamilies()))
}

func TestOddValues(t *testing.T) {
	for value, want := range map[string]string{
		`"https://x"`:               "quotation marks",
		`'https://x'`:               "quotation marks",
		"“https://x”":               "quotation marks",
		"SENTINELONE_URL=https://x": "its own name",
		"https://x\u200b":           "can't be seen",
		"https://\u00a0x":           "can't be seen",
		"\ufeffhttps://x":           "can't be seen",
		"https://x\r":               "",
		" https://x ":               "",
		"":                          "",
		`"`:                         "",
		"https://x/?q='a'":          "",
		"ApiToken abc":              "",
	} {
		notes := Environment{"SENTINELONE_URL": value}.LookAlikes(someSettings(), someFamilies())
		if want == "" {
			require.Empty(t, notes, value)
			continue
		}
		require.Len(t, notes, 1, value)
		require.Contains(t, notes[0], "SENTINELONE_URL")
		require.NotContains(t, notes[0], "https")
	}
}

func TestCheckProxy(t *testing.T) {
	for value, want := range map[string]string{
		"http://proxy:8080":                  "",
		"proxy.example.com:8080":             "",
		"proxy":                              "",
		"https://u:p%40ss@proxy:8443":        "",
		"u:pw@proxy:8080":                    "",
		"socks5://proxy:1080":                "",
		"http://[2001:db8::1]:3128":          "",
		"http://me:hunter2@pro xy:8080":      "no address",
		"http://me:hunter2%zz@proxy:8080":    "no address",
		"http://me:hunter2@proxy:port":       "no address",
		"http://me:hunter2@proxy:99999":      "port",
		"http://me:hunter2@:8080":            "no host",
		"ftp://me:hunter2@proxy:21":          "scheme",
		" http://me:hunter2@proxy:8080":      "no address",
		"http://me:hunter2@proxy:8080:8080/": "no address",
		"://hunter2":                         "no",
	} {
		for _, name := range []string{"HTTPS_PROXY", "https_proxy", "HTTP_PROXY", "http_proxy"} {
			err := Environment{name: value}.CheckProxy()
			if want == "" {
				require.NoError(t, err, value)
				continue
			}
			require.ErrorContains(t, err, name+": ", value)
			require.ErrorContains(t, err, want, value)
			require.NotContains(t, err.Error(), "hunter2")
		}
	}
	require.NoError(t, Environment{"HTTPS_PROXY": "http://p:1", "https_proxy": "http://p q"}.CheckProxy(),
		"the second spelling is not looked at")
}
