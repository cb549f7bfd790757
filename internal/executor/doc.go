// Package executor carries out one run. It knows the contracts of collectors, converters, differ and graph, and no
// provider and no store.
//
// A run is a row of phases. Each is a function of what those before it returned; what it returns is a value that nobody
// changes afterwards:
//
//	phase      by           takes                                hands on
//	recall     recall       the graph's records of earlier runs  past
//	collect    intake       an Instance, past                    reading: its steps, its links; elements in the spool
//	compare    comparer     a reading, past                      comparison: the Plan of an instance, or a refusal
//	guard      deletionGuard, asked by the comparison of one instance before anything of it is deleted
//	correlate  derivation   the Plan of all sources, their links derivedPart: the Plan of what is derived, coverage
//	apply      applier      the whole Plan                       what the store did of each batch
//	record     recorder     the finished report                  the run record, in the graph
//
// Collecting an instance is to sign in, to read its steps side by side, and to convert each record into elements.
// Instances are collected side by side as well, and each is compared as soon as it was collected: together this gives
// the sources. The plan is whole before the first write. The reporter is handed the result of every phase and builds
// the report from them. locks are the leases under which all of this happens; a plan takes none, and ends in front of
// apply.
//
// Run is a run with its begin and end, phases is what lies between.
package executor
