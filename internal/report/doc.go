// Package report answers the questions that people have of the finished graph: which machines lack which tool (Cover),
// why the graph says what it says of a machine, a customer or a person (Explain), and a library of ready questions
// (Library).
//
// It reads through graph.Reader and graph.Querier alone and decides in Go, so that both stores give the same answers.
// What types are to it, and which tools there are, it knows from a Model alone: no product, no type of one, no property
// of one alone.
package report
