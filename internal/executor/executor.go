package executor

import (
	"context"
	"log/slog"
	"maps"
	"slices"
	"time"

	"assetgraph/collectors"
	"assetgraph/converters"
	"assetgraph/differ"
	"assetgraph/graph"
	"assetgraph/internal/correlate"
)

// An Instance is one configured instance of a provider, of which there may be several.
type Instance struct {
	Name      string // no other instance has it; part of every key
	Vendor    string // the product as its maker writes it, for people
	Host      string // of its URL
	Collector collectors.Collector
	Converter *converters.Converter
	Traffic   *collectors.Traffic // that the collector counts its requests by; nil = they are not counted
	Labels    map[string]string   // what people call it
}

// labels are the instance's labels as name=text, in order.
func (in *Instance) labels() (list []string) {
	for _, name := range slices.Sorted(maps.Keys(in.Labels)) {
		list = append(list, name+"="+in.Labels[name])
	}
	return list
}

// Options say what a run works on and how.
type Options struct {
	ID         string // of the run; "" = NewID makes one
	Instances  []Instance
	Configured []string // names of all configured instances, those that this run leaves out too; nil = not known
	Store      graph.Store
	Graph      string           // where the graph lies, for the report: no user name, no password
	Verify     bool             // read everything back, and correlate all of it anew
	Details    int              // name so many of the elements of each scope that are created, updated, deleted; 0 = none
	Plan       bool             // stop before the first write; the store may be opened for reading only
	Schema     *graph.Schema    // all declared types; without the derived ones nothing is correlated
	Model      *correlate.Model // what is derived from the products; nil = nothing
	Guard      differ.Guard
	Overrides  *correlate.Overrides // what people have decided about who is the same; nil for nothing
	Lease      time.Duration        // how long a run lock outlives a run that died; 0 = 2 min
	Wait       time.Duration        // how long to wait for another run's lock

	// Claim is called once the leases are held, before the run leaves any mark. Its error ends the run there: somebody else
	// did it meanwhile. nil = there is nobody else.
	Claim func(context.Context) error

	// Later leaves what follows from the records to a later run, one without instances. A run that deletes does not: what
	// follows from a record goes before it.
	Later bool

	RefreshAfter time.Duration    // by how much the times of an element must have moved to be written alone; 0 = always
	Changes      time.Duration    // how long the change log keeps what this run changes; 0 = it is off
	Version      string           // of the program
	SpoolLimit   int64            // bytes that what was read of one type of one instance may take there; 0 = 4 GiB, some six million machines
	Observer     Observer         // nil = nobody watches
	Logger       *slog.Logger     // nil = no logs
	Now          func() time.Time // nil = time.Now

	// AsOf is what time it is for what products say of machines, of which some was not seen for long, and for what is found
	// out about them; zero = Now. A made-up fleet has a time of its own.
	AsOf time.Time
}

// An Observer is told how a run goes on, from several goroutines at once. It must not block.
type Observer interface {
	// StepStarted is called before a step reads; m tells how far it is until StepDone.
	StepStarted(instance, step string, m *collectors.Meter)
	// StepDone is called when a step has ended, however it did.
	StepDone(r StepReport)
	// Progress tells how many of total scopes ("compare") or operations ("apply") a phase has done; called at its
	// start with done 0 and at its end with done == total.
	Progress(phase string, done, total int)
}

// setDefaults fills in what was left out, and returns when the run began.
func (o *Options) setDefaults() time.Time {
	if o.Now == nil {
		o.Now = time.Now
	}
	if o.Logger == nil {
		o.Logger = slog.New(slog.DiscardHandler)
	}
	if o.Observer == nil {
		o.Observer = nobody{}
	}
	if o.SpoolLimit == 0 {
		o.SpoolLimit = 4 << 30
	}
	if o.Lease == 0 {
		o.Lease = 2 * time.Minute
	}
	started := o.Now().UTC()
	if o.ID == "" {
		o.ID = NewID(started)
	}
	o.Logger = o.Logger.With("run", o.ID)
	return started
}

type nobody struct{}

func (nobody) StepStarted(string, string, *collectors.Meter) {}
func (nobody) StepDone(StepReport)                           {}
func (nobody) Progress(string, int, int)                     {}
