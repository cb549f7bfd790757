package executor

import (
	"context"
	"time"

	"golang.org/x/sync/errgroup"

	"assetgraph/differ"
	"assetgraph/internal/panics"
	"assetgraph/internal/span"
)

// A source is one instance, collected and compared.
type source struct {
	instance *Instance
	reading  reading
	compared comparison
	readAt   time.Time // when all of it was
}

// refusal says why nothing of the source is used, nil when it is.
func (s *source) refusal() *refusal {
	if s.reading.refused != nil {
		return s.reading.refused
	}
	return s.compared.refused
}

// sources are all instances of a run, in its order, also when some did not come to their end.
type sources struct {
	list     []source
	owners   map[string]string // where what the graph will hold of each instance was read, as far as that is settled
	readers  map[string]string // who did that: see reader
	warnings []string          // about the graph as a whole
	collect  float64           // seconds until the last instance was read
	compare  float64           // seconds from then on
}

// collectAndCompare reads all instances side by side into the spool and compares each with the graph as soon as it was
// read, while others still are. Its error is one of the spool, of the graph or of the context: a provider's errors are
// in the steps.
func collectAndCompare(ctx context.Context, o *Options, before past, spool *differ.Spool) (sources, error) {
	began := time.Now()
	in := intake{spool: spool, store: o.Store, limit: o.SpoolLimit, model: o.Model, observer: o.Observer, before: before}
	comparer := newComparer(o, before, spool)
	list := make([]source, len(o.Instances))
	group, ctx := errgroup.WithContext(ctx)
	group.Go(func() (err error) {
		defer panics.Catch(&err)
		return before.census.taken()
	})
	for i := range list {
		one := &list[i]
		one.instance = &o.Instances[i]
		group.Go(func() (err error) {
			ctx, mark := span.Start(ctx, "instance "+one.instance.Name)
			defer func() { span.End(mark, err != nil || one.refusal() != nil) }()
			defer panics.Catch(&err)
			one.reading, err = in.collect(ctx, one.instance)
			one.readAt = time.Now()
			if err != nil || one.reading.refused != nil {
				return err
			}
			if err := before.census.taken(); err != nil {
				return err
			}
			one.compared, err = comparer.compare(ctx, one.instance, &one.reading)
			if refused := one.compared.refused; refused != nil {
				one.reading.steps = refuseSteps(one.reading.steps, refused, o.Observer)
			}
			return err
		})
	}
	err := group.Wait()
	out := settled(list, before)
	out.time(began)
	out.warnings = append(unowned(o.Configured, before.census.counts()), readTwice(list)...)
	return out, err
}

// settled finds out whose records the graph will hold.
func settled(list []source, before past) sources {
	out := sources{list: list, owners: make(map[string]string), readers: make(map[string]string)}
	for i := range list {
		one, name, account := &list[i], list[i].instance.Name, list[i].reading.account
		switch {
		case one.refusal() != nil:
			out.owners[name], out.readers[name] = before.accounts[name], before.readers[name]
		case one.compared.plan != nil && account != "":
			out.owners[name], out.readers[name] = before.ownerOf(name, account), before.settle(one).String()
		}
	}
	return out
}

func (s *sources) time(began time.Time) {
	read := began
	for _, one := range s.list {
		if one.readAt.After(read) {
			read = one.readAt
		}
	}
	s.collect, s.compare = read.Sub(began).Seconds(), time.Since(read).Seconds()
}

// plan is what would make the graph equal to what was read of all instances.
func (s sources) plan() *differ.Plan {
	plan := &differ.Plan{}
	for _, one := range s.list {
		if one.compared.plan != nil {
			plan.Append(one.compared.plan)
		}
	}
	return plan
}
