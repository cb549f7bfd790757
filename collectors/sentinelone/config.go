package sentinelone

import "assetgraph/collectors"

// Config is one SentinelOne console and the token that reads it.
type Config struct {
	Instance string // configured name, part of every key
	URL      string // of the console, as people paste it
	APIToken string
	Options  collectors.Options
}
