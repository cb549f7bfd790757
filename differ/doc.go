// Package differ compares what a run read with what the graph holds and makes a plan of it.
//
// Elements that were read lie in a Spool, on disk, by scope. Compare walks each scope's spool and the store's headers
// side by side in key order and writes the operations to disk as well; memory is bounded by the headers of the largest
// scope. The Guard then looks at the deletes. The plan is whole, with all counts known, before anything is written; the
// package itself writes nothing to the graph, and knows neither providers nor stores.
package differ
