package sentinelone

import (
	"testing"

	"github.com/stretchr/testify/require"

	"assetgraph/collectors"
)

func TestNewRefusesSettings(t *testing.T) {
	for name, c := range map[string]struct {
		url, token, setting string
	}{
		"URL empty":                    {"", "secrettoken", "URL"},
		"URL over plain http":          {"http://usea1.sentinelone.net", "secrettoken", "URL"},
		"URL without a dot":            {"usea1", "secrettoken", "URL"},
		"token empty":                  {"usea1.sentinelone.net", " \n", "APIToken"},
		"token is the scheme alone":    {"usea1.sentinelone.net", "ApiToken ", "APIToken"},
		"token holds a newline":        {"usea1.sentinelone.net", "secret\ntoken", "APIToken"},
		"token holds a space":          {"usea1.sentinelone.net", "secret token", "APIToken"},
		"token holds a tab after word": {"usea1.sentinelone.net", "ApiToken secret\ttoken", "APIToken"},
		"token with another scheme":    {"usea1.sentinelone.net", "Bearer secrettoken", "APIToken"},
		"token in quotation marks":     {"usea1.sentinelone.net", `"secrettoken"`, "APIToken"},
		"token with a soft hyphen":     {"usea1.sentinelone.net", "secret\u00adtoken", "APIToken"},
		"token is a placeholder":       {"usea1.sentinelone.net", "<secrettoken>", "APIToken"},
	} {
		t.Run(name, func(t *testing.T) {
			_, err := New(Config{Instance: "s1", URL: c.url, APIToken: c.token})
			var setting *collectors.SettingError
			require.ErrorAs(t, err, &setting)
			require.Equal(t, c.setting, setting.Setting)
			require.NotContains(t, err.Error(), "secret")
		})
	}
}

func TestNewAcceptsWhatPeoplePaste(t *testing.T) {
	for name, c := range map[string]struct{ url, token string }{
		"plain":                  {"https://usea1-acme.sentinelone.net", "eyJabc.def-_="},
		"host alone, trailing /": {" usea1-acme.sentinelone.net/ ", "eyJabc.def-_="},
		"console page":           {"https://usea1-acme.sentinelone.net/dashboard?page=1#x", "eyJabc.def-_=\n"},
		"API base path":          {"https://usea1-acme.sentinelone.net/web/api/v2.1/", "ApiToken eyJabc.def-_="},
		"scheme in other case":   {"https://USEA1-acme.sentinelone.net", "APIToken   eyJabc.def-_="},
	} {
		t.Run(name, func(t *testing.T) {
			s, err := New(Config{Instance: "s1", URL: c.url, APIToken: c.token})
			require.NoError(t, err)
			require.Equal(t, "usea1-acme.sentinelone.net", s.Host())
			require.Equal(t, "eyJabc.def-_=", s.token)
		})
	}
}
