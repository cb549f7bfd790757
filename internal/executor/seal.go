package executor

import (
	"context"
	"fmt"

	"assetgraph/differ"
	"assetgraph/graph"
)

// seal notes in the graph what it holds of the scopes of a plan that has been carried out, so that the next run need not
// read back those of which it reads the same. A scope of which the store did not do all that was planned, or that holds
// what others keep from being deleted, gets no seal.
func (a *applier) seal(ctx context.Context, p *differ.Plan, known func(graph.Scope) (graph.Seal, bool)) error {
	ctx, cancel := patient(ctx)
	defer cancel()
	seals := make(map[string][]graph.ScopeSeal)
	var instances []string
	for _, sp := range p.Scopes {
		seal := sp.Seal()
		before, sealed := known(sp.Scope)
		writes := sp.Counts.Create+sp.Counts.Update+sp.Counts.Refresh+sp.Counts.Delete > 0
		if a.unsure[sp.Scope] || len(sp.Kept(Pinned)) > 0 || sealed && before == seal && !writes {
			continue
		}
		if seals[sp.Instance] == nil {
			instances = append(instances, sp.Instance)
		}
		seals[sp.Instance] = append(seals[sp.Instance], graph.ScopeSeal{Scope: sp.Scope, Seal: seal})
	}
	for _, instance := range instances {
		if err := a.store.SealScopes(ctx, a.locks.of(instance), seals[instance]); err != nil {
			return fmt.Errorf("note what the graph holds of %s: %w", instance, err)
		}
	}
	return nil
}
