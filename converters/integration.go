package converters

import "assetgraph/graph"

// IntegrationType returns the declaration of assetgraph_integration: one entity for each configured instance, which the
// program keeps about itself, so that a query can ask how fresh the data is.
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
	)
}
