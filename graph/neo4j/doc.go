// Package neo4j keeps the graph in a Neo4j server, 5 or newer, Aura included.
//
// An entity is a node with the label Entity, a label for its _type and one for each of its classes, and is found by
// its _key under a uniqueness constraint; a relationship is one between two such nodes, with its verb as its type. What
// the package keeps for itself are nodes with the labels AssetgraphMeta, AssetgraphRun, AssetgraphLease and
// AssetgraphWriter. Everything else in the database belongs to others and is left as it is, and so are properties and
// labels that others gave to our nodes.
//
// Statement texts are made of names that the schema declares; every value is a parameter.
//
// It imports graph and the driver.
package neo4j
