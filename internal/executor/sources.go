package executor

import (
	"context"
	"errors"
	"slices"
	"sync"
	"sync/atomic"
	"time"

	"golang.org/x/sync/errgroup"

	"assetgraph/converters/correlate"
	"assetgraph/differ"
	"assetgraph/graph"
	"assetgraph/internal/panics"
)

// sources reads all instances side by side into the spool and compares each with the graph as soon as it was read, while others still
// are. Its error is one of the spool, of the graph or of the context: a provider's errors are in the report.
func (r *run) sources(ctx context.Context, spool *differ.Spool) (*differ.Plan, error) {
	populations, err := r.Store.Populations(ctx)
	if err != nil {
		return nil, err
	}
	if err := r.recall(ctx); err != nil {
		return nil, err
	}
	r.past.holds = holding(populations)
	s := &sourcing{run: r, spool: spool, began: time.Now()}
	for i := range r.Instances {
		s.total += len(r.Instances[i].Converter.Types)
	}
	r.Observer.Progress("compare", 0, s.total)
	list := make([]*source, len(r.Instances))
	for i := range list {
		list[i] = &source{}
		if r.Model != nil {
			list[i].links = correlate.NewStatements(r.Model)
		}
	}
	group, ctx := errgroup.WithContext(ctx)
	for i := range r.Instances {
		group.Go(func() (err error) {
			defer panics.Catch(&err)
			return s.source(ctx, &r.Instances[i], list[i])
		})
	}
	err = group.Wait()
	plan := s.gather(list)
	r.warnOfUnowned(populations)
	return plan, err
}

// A sourcing is what the instances of one run share while they are read.
type sourcing struct {
	*run
	spool *differ.Spool
	began time.Time

	comparing sync.Mutex   // one instance at a time: each needs memory
	done      atomic.Int64 // scopes that were compared
	total     int
}

// A source is one instance, read and compared.
type source struct {
	collected
	read time.Time // when all of it was
	lost bool      // something that holds other entities was not read
	plan *differ.Plan
}

func (s *sourcing) source(ctx context.Context, in *Instance, out *source) error {
	err := s.collectInstance(ctx, in, s.spool, &out.collected)
	out.read = time.Now()
	if err != nil || out.refused != nil {
		return err
	}
	s.comparing.Lock()
	defer s.comparing.Unlock()
	out.plan, err = differ.Compare(ctx, differ.Comparison{
		Reader: s.Store, Spool: s.spool, Scopes: desired(in, out.steps), Guard: s.Guard,
		Settle: func(ctx context.Context, entities []*differ.ScopePlan) error {
			out.lost = lost(in, entities)
			return s.settle(ctx, in, entities)
		},
		Confirm: func(ctx context.Context, c differ.Candidates) (map[graph.Key]differ.Stay, error) {
			stay, warning, err := s.confirm(ctx, c, out)
			if warning != "" {
				out.warnings = append(out.warnings, warning)
			}
			return stay, err
		},
		Progress: func(int, int) { s.Observer.Progress("compare", int(s.done.Add(1)), s.total) },
	})
	if refused, ok := errors.AsType[*refusal](err); ok {
		out.refused = refused
		s.refuse(&out.collected)
		return nil
	}
	return err
}

// gather puts together what came of the instances, in their order, also when some did not come to their end.
func (s *sourcing) gather(list []*source) *differ.Plan {
	plan, read := &differ.Plan{}, s.began
	s.owners, s.readers = make(map[string]string), make(map[string]string)
	for i, one := range list {
		in := &s.Instances[i]
		s.report.Steps = append(s.report.Steps, one.steps...)
		s.report.Warnings = append(s.report.Warnings, one.warnings...)
		if one.plan != nil {
			s.own(in, one)
			plan.Append(one.plan)
		}
		if r := one.refused; r != nil {
			s.owners[in.Name], s.readers[in.Name] = s.past.accounts[in.Name], s.past.readers[in.Name]
			s.report.Refused = append(s.report.Refused, Refused{Instance: in.Name, Before: r.before, Now: r.now, Reason: r.Error()})
		}
		if one.read.After(read) {
			read = one.read
		}
	}
	s.report.Phases.Collect, s.report.Phases.Compare = read.Sub(s.began).Seconds(), time.Since(read).Seconds()
	return plan
}

// own takes what was read of an instance for what the graph is to hold of it.
func (s *sourcing) own(in *Instance, one *source) {
	if one.links != nil {
		s.correlator.AddStatements(one.links)
	}
	for _, t := range linksRead(in, one.steps) {
		s.correlator.LinksRead(graph.Scope{Instance: in.Name, Type: t.Name})
	}
	if one.account == "" {
		return
	}
	s.owners[in.Name], s.readers[in.Name] = s.ownerOf(in.Name, one.account), one.reader
	if before := s.past.readers[in.Name]; before != "" && unsettled(one.plan) {
		s.readers[in.Name] = before
	}
}

// unsettled reports whether something of the plan was not read, or is withheld: then what the graph holds is not yet what these
// credentials see.
func unsettled(p *differ.Plan) bool {
	return slices.ContainsFunc(p.Scopes, func(sp *differ.ScopePlan) bool {
		return !sp.Complete || len(sp.Kept("")) > len(sp.Kept(Pinned))
	})
}
