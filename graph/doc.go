// Package graph is the vocabulary that everything else in the program speaks: elements (entities and
// relationships) with typed property values, the schema that declares them, keys, digests, and the contract
// that a graph store fulfils.
//
// It imports nothing of the project. Collectors do not know it; converters produce its elements; the differ
// compares its headers; the stores keep its elements.
package graph
