package immybot

import "assetgraph/collectors"

// maintenancePart is a part of what an instance tells; see docs/providers/immybot.md for what it costs.
var maintenancePart = collectors.Part{
	Name: "maintenance", Default: true, Doc: "how the last maintenance of each computer went",
}

// Parts returns the parts, in the order in which people expect them.
func Parts() []collectors.Part { return []collectors.Part{maintenancePart} }
