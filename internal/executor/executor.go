package executor

import (
	"context"
	"log/slog"
	"time"

	"assetgraph/collectors"
	"assetgraph/converters"
	"assetgraph/differ"
	"assetgraph/graph"
)

// An Instance is one configured provider instance.
type Instance struct {
	Name      string // "sentinelone"
	Host      string // of its URL
	Collector collectors.Collector
	Converter *converters.Converter
}

// Options say what a run works on and how.
type Options struct {
	Instances []Instance
	Store     graph.Store
	Schema    *graph.Schema
	Graph     string // where the graph lies, for the report: no user name, no password
	Plan      bool   // stop before the first write; the store may be opened for reading only
	Guard     differ.Guard
	Lease     time.Duration    // how long a run lock outlives a run that died; 0 = 2 min
	Wait      time.Duration    // how long to wait for another run's lock
	Version   string           // of the program
	SpoolDir  string           // where the spool lies while the run lasts; "" = the system's temporary folder
	Observer  Observer         // nil = nobody watches
	Logger    *slog.Logger     // nil = no logs
	Now       func() time.Time // nil = time.Now
}

// An Observer is told how a run goes on, from several goroutines at once. It must not block.
type Observer interface {
	// StepStarted is called before a step reads; m tells how far it is until StepDone.
	StepStarted(instance, step string, m *collectors.Meter)
	// StepDone is called when a step has ended, however it did.
	StepDone(r StepReport)
	// Progress tells how many of total operations a phase ("compare", "apply") has done; called at its start with
	// done 0 and at its end with done == total.
	Progress(phase string, done, total int)
}

// Run carries out one run or plan. The report is never nil and is what happened up to the error. The error says that the
// graph could not be read or written, or that the context ended; what could not be read from a provider is no error but
// in the report's steps. A *graph.HeldError means that another run holds an instance and nothing was done.
func Run(ctx context.Context, o Options) (*Report, error) {
	panic("stub")
}

// A Finding is what Check learned of one step of one instance.
type Finding struct {
	Instance string
	Step     string // "sign in" for the first of each instance
	Route    string
	Records  int    // -1 where it can't be told without reading all
	Note     string // user, account, warnings
	Err      error  // why it may not be read
}

// Check signs in to every instance, and counts what each step would read. It reads no list whole where the provider can
// count, and writes nothing. found is called for each finding as it is made, from one goroutine, instances one after another.
func Check(ctx context.Context, instances []Instance, found func(Finding)) error {
	panic("stub")
}

// Clear deletes what the program owns in the graph, relationships first: of one instance, or of all when instance is "".
// It returns how many elements of each scope it deleted. Elements that others' relationships hang on stay and are returned as kept.
func Clear(ctx context.Context, store graph.Store, schema *graph.Schema, instance string) (deleted []graph.Population, kept []graph.Key, err error) {
	panic("stub")
}
