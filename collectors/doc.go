// Package collectors is the contract between the providers and the rest of the program: a Collector signs in to one
// instance of a provider and has Steps; a Step yields Records and ends without an error only when everything was
// read. Walk is the page loop that all of them share, with the guards that keep half a list from looking whole.
//
// Of the project it imports helpers that know nothing of it. Providers live in the packages below and know nothing of
// the graph.
package collectors
