package providers

import (
	"assetgraph/collectors"
	"assetgraph/collectors/sentinelone"
	convert "assetgraph/converters/sentinelone"
	"assetgraph/internal/settings"
)

func sentinelOne() Provider {
	return Provider{
		Name: "sentinelone", Title: "SentinelOne",
		Guide: "In the console, under Settings → Users → Service Users, make a service user with a read-only (Viewer) role whose scope is everything that is to be read, and copy its API token, which is shown once. " +
			"A token of a service user lives as long as its creator says; one of a console user about a month.",
		Settings: []settings.Setting{
			{
				Env: "SENTINELONE_URL", Field: "URL", Required: true, Example: "https://example.sentinelone.net",
				Help:  "Address of the console, as the browser shows it.",
				Where: "Addresses differ by region and reseller; console.sentinelone.net is none.",
			},
			{
				Env: "SENTINELONE_API_TOKEN", Field: "APIToken", Required: true, Secret: true,
				Help:  "API token of a service user.",
				Where: "Settings → Users → Service Users → Actions → Create New Service User, role Viewer: the token is shown once, after Create User.",
			},
			{
				Env: "SENTINELONE_ACCOUNTS", Field: "Accounts", List: true, Filter: true,
				Example: "Example Ltd,225494730938493804",
				Help:    filterHelp("accounts"),
			},
			{
				Env: "SENTINELONE_SITES", Field: "Sites", List: true, Filter: true, Example: "Example Ltd,225494730938493915",
				Help: filterHelp("sites") + " With SENTINELONE_ACCOUNTS, sites of these.",
			},
			{
				Env: "SENTINELONE_COLLECT", Field: collectField, List: true, Default: "default", Example: "default,policies",
				Help: partsHelp(sentinelone.Parts()),
			},
			{
				Env: "SENTINELONE_SKIP", Field: skipField, List: true, Example: "users",
				Help: "Lists that are left out, with commas between them: accounts, groups, users. What the graph holds of them stays, nothing of it is deleted, and the run is complete without them.",
			},
		},
		Family: settings.Family{
			Prefix: "SENTINELONE_", Aliases: []string{"SENTINEL_ONE_", "SENTINELONE", "SENTINEL_", "S1_"},
		},
		New: func(instance string, e settings.Environment, o collectors.Options) (Collector, error) {
			c, err := sentinelone.New(sentinelone.Config{
				Instance: instance,
				URL:      e.Get("SENTINELONE_URL"),
				APIToken: e.Get("SENTINELONE_API_TOKEN"),
				Options:  o,
			})
			if err != nil {
				return nil, err
			}
			return c, nil
		},
		Converter: convert.New,
	}
}
