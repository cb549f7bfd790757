package providers

import (
	"assetgraph/collectors"
	"assetgraph/collectors/immybot"
	convert "assetgraph/converters/immybot"
	"assetgraph/internal/settings"
)

func immyBot() Provider {
	return Provider{
		Name: "immybot", Title: "ImmyBot",
		Guide: "In Microsoft Entra make an app registration with a client secret; it needs no Graph permissions. In ImmyBot make a person whose AD external id is the object id of the app's enterprise application (not of the registration), " +
			"make a user from that person, and give it a role that may read all tenants.",
		Last: "The app needs a user in ImmyBot. In Entra: App registrations → the app → Overview → click the name behind \"Managed application in local directory\": that is the Enterprise Application. Copy its Object ID; the app registration has an Object ID too, which does not work. " +
			"In ImmyBot: Show more → People → New, paste it into AD External ID, make a User of the person, and give it a role with the scope Owner or MSP.",
		Settings: []settings.Setting{
			{
				Env: "IMMYBOT_URL", Field: "URL", Required: true, Instead: "IMMYBOT_SUBDOMAIN",
				Example: "https://example.immy.bot", Help: "Address of the instance.",
			},
			{
				Env: "IMMYBOT_SUBDOMAIN", Field: "Subdomain", Example: "example",
				Help: "In place of IMMYBOT_URL: the name before .immy.bot.",
			},
			{
				Env: "IMMYBOT_TENANT_ID", Field: "TenantID", Required: true,
				Example: "00000000-0000-0000-0000-000000000000",
				Help:    "Directory (tenant) id in Entra, or a verified domain of it.",
				Where:   "entra.microsoft.com → App registrations → the app → Overview: Directory (tenant) ID.",
			},
			{
				Env: "IMMYBOT_CLIENT_ID", Field: "ClientID", Required: true,
				Example: "00000000-0000-0000-0000-000000000000",
				Help:    "Application (client) id of the app registration.",
				Where:   "The same Overview: Application (client) ID, not the Object ID.",
			},
			{
				Env: "IMMYBOT_CLIENT_SECRET", Field: "ClientSecret", Required: true, Secret: true,
				Help:  "Value (not id) of the app registration's client secret.",
				Where: "The same app → Certificates & secrets → Client secrets → New client secret: the Value is shown once.",
			},
			{
				Env: "IMMYBOT_AUTHORITY_URL", Field: "AuthorityURL", Default: "https://login.microsoftonline.com",
				Example: "https://login.microsoftonline.us", Help: "Entra authority, for national clouds.",
			},
			{
				Env: "IMMYBOT_SCOPE", Field: "Scope", Default: "<IMMYBOT_URL>/.default",
				Example: "https://example.immy.bot/.default",
				Help:    "OAuth scope that is asked for, for an instance whose App ID URI is not its address.",
			},
			{
				Env: "IMMYBOT_TENANTS", Field: "Tenants", List: true, Filter: true, Example: "Example Ltd,7",
				Help: filterHelp("tenants"),
			},
			{
				Env: "IMMYBOT_COLLECT", Field: collectField, List: true, Default: "default", Example: "none",
				Help: partsHelp(immybot.Parts()),
			},
			{
				Env: "IMMYBOT_SKIP", Field: skipField, List: true, Example: "persons",
				Help: "Lists that are left out, with commas between them: tenants, persons, users. What the graph holds of them stays, nothing of it is deleted, and the run is complete without them.",
			},
		},
		Family: settings.Family{Prefix: "IMMYBOT_", Aliases: []string{"IMMY_BOT_", "IMMYBOT", "IMMY_"}},
		New: func(instance string, e settings.Environment, o collectors.Options) (Collector, error) {
			c, err := immybot.New(immybot.Config{
				Instance:     instance,
				URL:          e.Get("IMMYBOT_URL"),
				Subdomain:    e.Get("IMMYBOT_SUBDOMAIN"),
				TenantID:     e.Get("IMMYBOT_TENANT_ID"),
				ClientID:     e.Get("IMMYBOT_CLIENT_ID"),
				ClientSecret: e.Get("IMMYBOT_CLIENT_SECRET"),
				AuthorityURL: e.Get("IMMYBOT_AUTHORITY_URL"),
				Scope:        e.Get("IMMYBOT_SCOPE"),
				Options:      o,
			})
			if err != nil {
				return nil, err
			}
			return c, nil
		},
		Converter: convert.New,
	}
}
