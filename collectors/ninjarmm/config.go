package ninjarmm

import "assetgraph/collectors"

// Config is one NinjaOne tenant and the API client that reads it.
type Config struct {
	Instance     string // configured name, part of every key
	URL          string // of the region or branded host, as people paste it
	ClientID     string
	ClientSecret string
	RefreshToken string // set for an authorization-code client; "" for client credentials
	Scope        string // "" = monitoring
	Options      collectors.Options
}
