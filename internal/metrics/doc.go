// Package metrics makes Prometheus metrics of what a run reports, and hands them on: as a text file, which the textfile
// collector of node_exporter reads, and to a Pushgateway. A run is a batch that has ended when anybody looks at its
// figures, so all of them are gauges: what the last run came to.
//
// They come in sections: one of the run, one of each instance, and one of what is derived, which has the coverage of
// customers. A run replaces the sections of which it has something to say and leaves the others as they are: so a run of
// one instance takes nothing away from the others, and one that failed before it began does not hide for how long no run
// has succeeded.
package metrics
