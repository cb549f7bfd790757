// Package jupiterone writes elements of the graph in the shape of JupiterOne's published data model, and checks that
// what was written fits the classes it claims (npm package @jupiterone/data-model 0.64.2, class_schemas). Tests hold
// every declared type and every line of an export to that check; the program itself only writes.
//
// It imports package graph alone.
package jupiterone
