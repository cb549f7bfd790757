// Package executor carries out one run: sign in and collect from all instances side by side, convert, spool, compare with
// the graph, and apply the plan. It knows the contracts of collectors, converters, differ and graph, and no provider
// and no store.
package executor
