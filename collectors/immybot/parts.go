package immybot

import "assetgraph/collectors"

// maintenancePart is a part of what an instance tells; see docs/providers/immybot.md for what it costs.
func maintenancePart() collectors.Part {
	return collectors.Part{
		Name: maintenance, Default: true, Doc: "how the last maintenance of each computer went",
	}
}

// actionsPart is not read by default: what it tells is of those with many deployments, and it takes as much again.
func actionsPart() collectors.Part {
	return collectors.Part{
		Name: actions, Doc: "how many deployments of each computer deviate or failed, told together with maintenance alone",
	}
}

// Names of parts.
const (
	maintenance = "maintenance"
	actions     = "actions"
)

// Parts returns the parts, in the order in which people expect them.
func Parts() []collectors.Part { return []collectors.Part{maintenancePart(), actionsPart()} }
