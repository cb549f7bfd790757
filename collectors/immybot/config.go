package immybot

import (
	"strings"

	"assetgraph/collectors"
)

// Config is one ImmyBot instance and the Entra app that reads it.
type Config struct {
	Instance     string // configured name, part of every key
	URL          string // of the instance, as people paste it
	Subdomain    string // instead of URL: https://<subdomain>.immy.bot
	TenantID     string // Entra tenant: GUID or domain
	ClientID     string
	ClientSecret string
	AuthorityURL string // "" = https://login.microsoftonline.com
	Scope        string // "" = <URL>/.default
	Options      collectors.Options
}

// reader tells the app from others.
func (c *Config) reader() string {
	return strings.ToLower(strings.TrimSpace(c.TenantID) + " " + strings.TrimSpace(c.ClientID))
}
