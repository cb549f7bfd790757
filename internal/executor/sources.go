package executor

import (
	"context"
	"sync"
	"sync/atomic"
	"time"

	"golang.org/x/sync/errgroup"

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
	s := &sourcing{run: r, spool: spool, holds: holding(populations), began: time.Now()}
	for i := range r.Instances {
		s.total += len(r.Instances[i].Converter.Types)
	}
	r.Observer.Progress("compare", 0, s.total)
	list := make([]source, len(r.Instances))
	group, ctx := errgroup.WithContext(ctx)
	for i := range r.Instances {
		group.Go(func() (err error) {
			defer panics.Catch(&err)
			list[i], err = s.source(ctx, &r.Instances[i])
			return err
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
	holds map[string]bool // instances of which the graph holds something
	began time.Time

	comparing sync.Mutex   // one instance at a time: each needs memory
	done      atomic.Int64 // scopes that were compared
	total     int
}

// A source is one instance, read and compared.
type source struct {
	collected
	read  time.Time // when all of it was
	owner string    // where what the graph holds of it was read, "" when that is not settled
	plan  *differ.Plan
}

func (s *sourcing) source(ctx context.Context, in *Instance) (source, error) {
	var (
		out source
		err error
	)
	out.collected, err = s.collectInstance(ctx, in, s.spool)
	out.read = time.Now()
	if err != nil {
		return out, err
	}
	scopes := desired(in, out.steps)
	if out.account != "" {
		var why string
		if out.owner, why = s.ownerOf(in.Name, out.account, s.holds[in.Name]); why != "" {
			doubt(scopes, why)
		}
	}
	s.comparing.Lock()
	defer s.comparing.Unlock()
	out.plan, err = differ.Compare(ctx, differ.Comparison{
		Reader: s.Store, Spool: s.spool, Scopes: scopes, Guard: s.Guard,
		Confirm: func(ctx context.Context, t *graph.Type, instance string, candidates []graph.Key) (map[graph.Key]string, error) {
			stay, warning, err := s.confirm(ctx, t, instance, candidates)
			if warning != "" {
				out.warnings = append(out.warnings, warning)
			}
			return stay, err
		},
		Progress: func(int, int) { s.Observer.Progress("compare", int(s.done.Add(1)), s.total) },
	})
	return out, err
}

// gather puts together what came of the instances, in their order, also when some did not come to their end.
func (s *sourcing) gather(list []source) *differ.Plan {
	plan, read := &differ.Plan{}, s.began
	s.owners = make(map[string]string)
	for i, one := range list {
		in := &s.Instances[i]
		s.report.Steps = append(s.report.Steps, one.steps...)
		s.report.Warnings = append(s.report.Warnings, one.warnings...)
		for _, t := range linksRead(in, one.steps) {
			s.correlator.LinksRead(graph.Scope{Instance: in.Name, Type: t.Name})
		}
		if one.owner != "" {
			s.owners[in.Name] = one.owner
		}
		if one.plan != nil {
			plan.Append(one.plan)
		}
		if one.read.After(read) {
			read = one.read
		}
	}
	s.report.Phases.Collect, s.report.Phases.Compare = read.Sub(s.began).Seconds(), time.Since(read).Seconds()
	return plan
}
