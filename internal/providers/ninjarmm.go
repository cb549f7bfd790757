package providers

import (
	"assetgraph/collectors"
	"assetgraph/collectors/ninjarmm"
	convert "assetgraph/converters/ninjarmm"
	"assetgraph/internal/settings"
)

func ninjaRMM() Provider {
	return Provider{
		Name: "ninjarmm", Title: "NinjaRMM",
		Guide: "In the console, under Administration → Apps → API → Client App IDs, a system administrator adds an app of the platform \"API Services (machine-to-machine)\" with the scope Monitoring and the grant type Client Credentials. " +
			"The secret is shown once. The address is that of your own region: another region's answers that the client does not exist.",
		Settings: []settings.Setting{
			{
				Env: "NINJARMM_URL", Field: "URL", Required: true, Example: "https://app.ninjarmm.com",
				Help:  "Address of your region (app, us2, eu, ca, oc .ninjarmm.com) or of your branded console.",
				Where: "The one that the browser shows after signing in.",
			},
			{
				Env: "NINJARMM_CLIENT_ID", Field: "ClientID", Required: true, Help: "Client id of the API app.",
				Where: "Administration → Apps → API → Client App IDs: it stays in the list.",
			},
			{
				Env: "NINJARMM_CLIENT_SECRET", Field: "ClientSecret", Required: true, Secret: true,
				Help:  "Client secret of the API app.",
				Where: "The same list → Add: it is shown once, after Save.",
			},
			{
				Env: "NINJARMM_REFRESH_TOKEN", Field: "RefreshToken", Secret: true,
				Default: "none: client credentials are used",
				Help:    "Only for an app with the grant type Authorization Code: the refresh token that its sign-in gave. A token that the provider replaces is kept in " + settings.StateDirName + ".",
				Where:   "docs/providers/ninjarmm.md, With a refresh token instead.",
			},
			{
				Env: "NINJARMM_SCOPE", Field: "Scope", Default: "monitoring", Example: "monitoring",
				Help: "OAuth scope that is asked for.",
			},
			{
				Env: "NINJARMM_ORGANIZATIONS", Field: "Organizations", List: true, Filter: true, Example: "Example Ltd,7",
				Help: filterHelp("organizations"),
			},
			{
				Env: "NINJARMM_COLLECT", Field: collectField, List: true, Default: "default", Example: "health,volumes",
				Help: partsHelp(ninjarmm.Parts()),
			},
			{
				Env: "NINJARMM_SKIP", Field: skipField, List: true, Example: "users,pending",
				Help: "What is left out, with commas between: users, pending (the devices that wait for approval). What the graph holds of it stays, nothing of it is deleted, and the run is complete without it.",
			},
		},
		Family: settings.Family{
			Prefix: "NINJARMM_", Aliases: []string{"NINJA_RMM_", "NINJA_ONE_", "NINJAONE_", "NINJARMM", "NINJA_"},
		},
		New: func(instance string, e settings.Environment, o collectors.Options) (Collector, error) {
			c, err := ninjarmm.New(ninjarmm.Config{
				Instance:     instance,
				URL:          e.Get("NINJARMM_URL"),
				ClientID:     e.Get("NINJARMM_CLIENT_ID"),
				ClientSecret: e.Get("NINJARMM_CLIENT_SECRET"),
				RefreshToken: e.Get("NINJARMM_REFRESH_TOKEN"),
				Scope:        e.Get("NINJARMM_SCOPE"),
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
