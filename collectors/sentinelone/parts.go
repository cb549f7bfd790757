package sentinelone

import "assetgraph/collectors"

// Parts of what a console tells; see docs/providers/sentinelone.md for what each costs.
var (
	threatsPart = collectors.Part{
		Name: "threats", Default: true, Doc: "threats that are open, and those that were resolved in the last 90 days",
	}
	policiesPart = collectors.Part{
		Name: "policies", Doc: "the protection policies of accounts, sites and groups that have one of their own",
	}
	discoveredPart = collectors.Part{
		Name: "discovered", Doc: "devices on the network without an agent, as far as the licence gives them",
	}
)

// Parts returns the parts, in the order in which people expect them.
func Parts() []collectors.Part { return []collectors.Part{threatsPart, policiesPart, discoveredPart} }
