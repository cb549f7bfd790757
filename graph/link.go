package graph

// A LinkSelection narrows what Links reads.
type LinkSelection struct {
	Types  []*Type // of relationships
	Around []Key   // only those of which an end has one of these keys; nil for all

	// Properties names those that are read of the entities that the relationships lead from, as in a Selection; nil for
	// none.
	Properties []string
}

// A Link is a relationship by its ends.
type Link struct {
	Type     *Type
	From, To Key
	Origin   *Element // where it leads from, with the selected properties; nil when none are selected
}
