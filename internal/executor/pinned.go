package executor

import (
	"context"
	"fmt"

	"assetgraph/differ"
	"assetgraph/graph"
)

// Pinned is the reason for which an entity stays on which somebody else's relationships hang. No approval lets it go;
// it goes with the first run after they are gone.
const Pinned = "relationships that are not ours hang on it"

// addPinned adds to stay the candidates on which others' relationships hang.
func addPinned(ctx context.Context, store graph.Store, c differ.Candidates, stay map[graph.Key]differ.Stay) error {
	p, ok := store.(graph.SoftDeleter)
	if !ok {
		return nil
	}
	keys, err := p.PinnedByOthers(ctx, c.Type, c.Keys)
	for _, key := range keys {
		stay[key] = differ.Stay{Reason: Pinned}
	}
	return err
}

// retire marks the entities that stay only because others' relationships hang on them.
func (a *applier) retire(ctx context.Context, sp *differ.ScopePlan) error {
	p, ok := a.store.(graph.SoftDeleter)
	if !ok {
		return nil
	}
	b := graph.Batch{
		Op: graph.Delete, Type: sp.Type, Instance: sp.Instance, At: a.at, Lease: a.locks.of(sp.Instance),
		Log: a.log.of(sp, graph.Delete),
	}
	for _, key := range sp.Kept(Pinned) {
		b.Elements = append(b.Elements, &graph.Element{Type: sp.Type, Instance: sp.Instance, Key: key})
	}
	if len(b.Elements) == 0 {
		return nil
	}
	ctx, cancel := patient(ctx)
	defer cancel()
	if _, err := p.SoftDelete(ctx, b); err != nil {
		return fmt.Errorf("mark as deleted %s: %w", sp.Scope, err)
	}
	return nil
}
