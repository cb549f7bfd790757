package rest_test

import (
	"testing"

	"assetgraph/collectors/internal/rest"

	"github.com/stretchr/testify/require"
)

func TestBaseURL(t *testing.T) {
	for raw, want := range map[string]string{
		"https://usea1.sentinelone.net":                                "https://usea1.sentinelone.net/web/api/v2.1",
		"  https://usea1.sentinelone.net/ \n":                          "https://usea1.sentinelone.net/web/api/v2.1",
		"usea1.sentinelone.net":                                        "https://usea1.sentinelone.net/web/api/v2.1",
		"USEA1.SentinelOne.net":                                        "https://usea1.sentinelone.net/web/api/v2.1",
		"HTTPS://usea1.sentinelone.net":                                "https://usea1.sentinelone.net/web/api/v2.1",
		"//usea1.sentinelone.net/login":                                "https://usea1.sentinelone.net/web/api/v2.1",
		"https://usea1.sentinelone.net/web/api/v2.1/":                  "https://usea1.sentinelone.net/web/api/v2.1",
		"https://usea1.sentinelone.net/dashboard?a=1#/sites":           "https://usea1.sentinelone.net/web/api/v2.1",
		"https://usea1.sentinelone.net#x":                              "https://usea1.sentinelone.net/web/api/v2.1",
		"https://me:pass@usea1.sentinelone.net":                        "https://usea1.sentinelone.net/web/api/v2.1",
		"usea1.sentinelone.net:8443/x":                                 "https://usea1.sentinelone.net:8443/web/api/v2.1",
		"usea1.sentinelone.net.":                                       "https://usea1.sentinelone.net/web/api/v2.1",
		"10.1.2.3":                                                     "https://10.1.2.3/web/api/v2.1",
		"[2001:db8::1]:444":                                            "https://[2001:db8::1]:444/web/api/v2.1",
		"https://[2001:db8::1]":                                        "https://[2001:db8::1]/web/api/v2.1",
		"http://127.0.0.1:8080":                                        "http://127.0.0.1:8080/web/api/v2.1",
		"http://localhost:8080/":                                       "http://localhost:8080/web/api/v2.1",
		"http://[::1]:8080":                                            "http://[::1]:8080/web/api/v2.1",
		"localhost":                                                    "https://localhost/web/api/v2.1",
		"https://usea1.sentinelone.net/?redirect=https://evil.example": "https://usea1.sentinelone.net/web/api/v2.1",
	} {
		u, err := rest.BaseURL(raw, "/web/api/v2.1/")
		require.NoError(t, err, raw)
		require.Equal(t, want, u.String(), raw)
	}
}

func TestBaseURLWithoutPath(t *testing.T) {
	u, err := rest.BaseURL("https://app.ninjarmm.com/#/overview", "")
	require.NoError(t, err)
	require.Equal(t, "https://app.ninjarmm.com", u.String())
}

func TestBaseURLRefuses(t *testing.T) {
	for raw, want := range map[string]string{
		"":                                 "no host name",
		"   ":                              "no host name",
		"https://":                         "no host name",
		"https:///web/api":                 "no host name",
		"https://me:pass@/":                "no host name",
		"http://console.example.com":       "use https",
		"http://me:pass@10.0.0.1":          "use https",
		"ftp://me:pass@console.example":    "scheme is not https",
		"https://me:pass@console":          "has no dot",
		"console":                          "has no dot",
		"my console.example.com":           "not an address",
		"https://me:pa ss@console.example": "not an address",
		"<console>.sentinelone.net":        "characters that none can have",
		"https://{sub}.immy.bot":           "not an address",
		"https://sub,other.immy.bot":       "characters that none can have",
		"https://a..example":               "empty part",
		"https://.example.com":             "empty part",
		"https://console.example:99999":    "port",
		"https://console.example:pass":     "not an address",
		"https://%zz":                      "not an address",
		"https://[::1":                     "not an address",
	} {
		u, err := rest.BaseURL(raw, "/x")
		require.Error(t, err, "%s gave %v", raw, u)
		require.ErrorContains(t, err, want, raw)
		require.NotContains(t, err.Error(), "pass", raw)
		require.NotContains(t, err.Error(), "me:", raw)
	}
}
