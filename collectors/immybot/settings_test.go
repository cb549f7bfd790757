package immybot

import (
	"testing"

	"github.com/stretchr/testify/require"

	"assetgraph/collectors"
)

func validConfig() Config {
	return Config{
		Instance: "immybot", URL: "https://acme.immy.bot", TenantID: testTenant, ClientID: "app",
		ClientSecret: testSecret,
	}
}

func TestInstanceAddressForms(t *testing.T) {
	for name, tt := range map[string]struct{ url, subdomain string }{
		"address":                    {url: "https://acme.immy.bot"},
		"trailing slash":             {url: "https://acme.immy.bot/"},
		"no scheme":                  {url: "acme.immy.bot"},
		"console page pasted":        {url: " https://acme.immy.bot/computers/101?tab=agents#top "},
		"subdomain":                  {subdomain: "acme"},
		"subdomain in capitals":      {subdomain: " Acme "},
		"both, and they agree":       {url: "https://acme.immy.bot", subdomain: "acme"},
		"both, in different letters": {url: "https://ACME.immy.bot", subdomain: "acme"},
	} {
		t.Run(name, func(t *testing.T) {
			c := validConfig()
			c.URL, c.Subdomain = tt.url, tt.subdomain
			e, err := c.endpoints()
			require.NoError(t, err)
			require.Equal(t, "https://acme.immy.bot/api/v1", e.base.String())
			require.Equal(t, "https://acme.immy.bot/.default", e.scope)
			require.Equal(t, "https://login.microsoftonline.com/"+testTenant+"/oauth2/v2.0/token", e.token)
			collector, err := New(c)
			require.NoError(t, err)
			require.Equal(t, "acme.immy.bot", collector.Host())
		})
	}
}

func TestAuthorityAndScopeCanBeSet(t *testing.T) {
	c := validConfig()
	c.AuthorityURL, c.Scope, c.TenantID = "https://login.microsoftonline.us/", "api://x/.default",
		"contoso.onmicrosoft.com"
	e, err := c.endpoints()
	require.NoError(t, err)
	require.Equal(t, "https://login.microsoftonline.us/contoso.onmicrosoft.com/oauth2/v2.0/token", e.token)
	require.Equal(t, "api://x/.default", e.scope)
}

func TestBadSettingsNameTheField(t *testing.T) {
	for name, tt := range map[string]struct {
		field string
		spoil func(*Config)
	}{
		"no address":                {"URL", func(c *Config) { c.URL = "" }},
		"plain http":                {"URL", func(c *Config) { c.URL = "http://acme.immy.bot" }},
		"no host":                   {"URL", func(c *Config) { c.URL = "https:///computers" }},
		"subdomain with the domain": {"Subdomain", func(c *Config) { c.URL, c.Subdomain = "", "acme.immy.bot" }},
		"subdomain with a slash":    {"Subdomain", func(c *Config) { c.URL, c.Subdomain = "", "evil.test/" }},
		"subdomain of another":      {"Subdomain", func(c *Config) { c.Subdomain = "other" }},
		"no tenant":                 {"TenantID", func(c *Config) { c.TenantID = " " }},
		"tenant with a path":        {"TenantID", func(c *Config) { c.TenantID = "../common" }},
		"tenant is no domain":       {"TenantID", func(c *Config) { c.TenantID = "common" }},
		"no client id":              {"ClientID", func(c *Config) { c.ClientID = "" }},
		"no client secret":          {"ClientSecret", func(c *Config) { c.ClientSecret = "" }},
		"authority over plain http": {
			"AuthorityURL", func(c *Config) { c.AuthorityURL = "http://login.example.test" },
		},
		"authority without any host": {"AuthorityURL", func(c *Config) { c.AuthorityURL = "https://" }},
	} {
		t.Run(name, func(t *testing.T) {
			c := validConfig()
			tt.spoil(&c)
			_, err := New(c)
			var se *collectors.SettingError
			require.ErrorAs(t, err, &se)
			require.Equal(t, tt.field, se.Setting)
			require.NotContains(t, err.Error(), testSecret)
		})
	}
}
