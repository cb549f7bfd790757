package converters

import "assetgraph/graph"

// IntegrationType returns the declaration of assetgraph_integration: one entity for each configured instance, which the
// program keeps about itself, so that a query can ask how fresh the data is. The last ones are what a run wants to know of
// earlier ones.
func IntegrationType() *graph.Type {
	return graph.NewEntityType("assetgraph_integration", "assetgraph", "the program itself", []string{"Account"},
		graph.Property{Name: "vendor", Kind: graph.Text},
		graph.Property{
			Name: "status", Kind: graph.Text, Doc: "of the last run: complete, incomplete, withheld or failed",
		},
		graph.Property{Name: "lastRunId", Kind: graph.Text, Volatile: true},
		graph.Property{
			Name: "lastSuccessfulOn", Kind: graph.Time, Volatile: true,
			Doc: "end of the last run that read the instance completely",
		},
		graph.Property{
			Name: "labels", Kind: graph.Texts, Doc: "what people call it, as name=text, from the configuration file",
		},
		graph.Property{Name: "error", Kind: graph.Text, Doc: "of the last run; absent when it was complete"},
		graph.Property{
			Name: "account", Kind: graph.Text,
			Doc: "host and account that what the graph holds of the instance was read from",
		},
		graph.Property{
			Name: "reader", Kind: graph.Text, Doc: "which credentials read it: no secret, and of no use to sign in; on a second line the filter, as JSON",
		},
		graph.Property{
			Name: "lastStartedOn", Kind: graph.Time, Volatile: true,
			Doc: "begin of the last run that came to an end; when the instance is due counts from here",
		},
		graph.Property{Name: "lastEndedOn", Kind: graph.Time, Volatile: true, Doc: "end of the last run"},
		graph.Property{
			Name: "stepsReadOn", Kind: graph.Texts, Volatile: true, Doc: "when each list was last read whole, as step=time",
		},
		graph.Property{
			Name: "machinesReadOn", Kind: graph.Time, Volatile: true,
			Doc: "end of the last run that read all lists of machines whole",
		},
		graph.Property{
			Name: "unavailable", Kind: graph.Texts,
			Doc: "parts that the provider does not give to these credentials, by their role or by what is licensed: what the graph holds of them is old",
		},
		graph.Property{
			Name: "verifiedOn", Kind: graph.Time, Volatile: true, Doc: "when all of it was last read back from the graph",
		},
		graph.Property{
			Name: "runsUnverified", Kind: graph.Int, Volatile: true, Doc: "runs since then that read the instance",
		},
		graph.Property{
			Name: "linksDigest", Kind: graph.Text, Volatile: true,
			Doc: "of what its records say of other products, as it is kept for runs that do not read the instance",
		},
	)
}
