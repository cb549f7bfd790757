package executor

import (
	"context"
	"errors"
	"fmt"
	"strings"

	"assetgraph/collectors"
	"assetgraph/differ"
	"assetgraph/graph"
)

// maxAsked is how many entities of one scope the provider is asked for by id before they are deleted; above it the guard
// decides alone.
const maxAsked = 300

// Reasons for which an entity stays that the provider's list lacked.
const (
	stillThere = "the list lacked it, but the provider still has it"
	pinned     = "relationships that are not ours hang on it"
)

// confirm says which entities must not be deleted: those that the provider still has when asked by id, and those on which
// others' relationships hang. warning is for people, "" for none.
func (r *run) confirm(ctx context.Context, t *graph.Type, instance string, candidates []graph.Key) (stay map[graph.Key]string, warning string, _ error) {
	stay = make(map[graph.Key]string)
	if s := r.stepOf(instance, t); s != nil && s.Alive != nil && len(candidates) <= maxAsked {
		alive, err := ask(ctx, s.Alive, graph.Scope{Instance: instance, Type: t.Name}, candidates)
		if errors.Is(err, collectors.ErrCannotAsk) {
			warning = fmt.Sprintf("%s/%s: what is deleted could not be confirmed: %v", instance, t.Name, err)
			alive, err = nil, nil
		}
		if err != nil {
			return nil, warning, err
		}
		for _, key := range alive {
			stay[key] = stillThere
		}
	}
	if p, ok := r.Store.(graph.Pinner); ok {
		keys, err := p.Pinned(ctx, t, candidates)
		if err != nil {
			return nil, warning, err
		}
		for _, key := range keys {
			stay[key] = pinned
		}
	}
	return stay, warning, nil
}

// stepOf returns the step of an instance whose records become entities of the type, nil when there is none.
func (r *run) stepOf(instance string, t *graph.Type) *collectors.Step {
	for i := range r.Instances {
		in := &r.Instances[i]
		if in.Name != instance {
			continue
		}
		for _, s := range in.Collector.Steps() {
			if produces(in.Converter, s.Kinds[0], t) {
				return &s
			}
		}
	}
	return nil
}

// ask translates keys to ids and back. Keys whose id was escaped are taken for alive: no provider has such ids, and asking
// for a wrong one would be an answer about something else.
func ask(ctx context.Context, alive func(context.Context, []string) ([]string, error), scope graph.Scope, candidates []graph.Key) ([]graph.Key, error) {
	var keys []graph.Key
	var ids []string
	for _, key := range candidates {
		id := strings.TrimPrefix(string(key), scope.Prefix())
		if strings.Contains(id, "%") {
			keys = append(keys, key)
			continue
		}
		ids = append(ids, id)
	}
	if len(ids) == 0 {
		return keys, nil
	}
	found, err := alive(ctx, ids)
	for _, id := range found {
		keys = append(keys, graph.EntityKey(scope.Instance, scope.Type, id))
	}
	return keys, err
}

// retire marks the entities that stay only because others' relationships hang on them.
func (a *applier) retire(ctx context.Context, sp *differ.ScopePlan) error {
	p, ok := a.Store.(graph.Pinner)
	if !ok {
		return nil
	}
	b := graph.Batch{Op: graph.Update, Type: sp.Type, Instance: sp.Instance, At: a.at, Lease: a.leases.of(sp.Instance)}
	for _, key := range sp.Kept(pinned) {
		b.Elements = append(b.Elements, &graph.Element{Type: sp.Type, Instance: sp.Instance, Key: key})
	}
	if len(b.Elements) == 0 {
		return nil
	}
	ctx, cancel := patient(ctx)
	defer cancel()
	if _, err := p.Retire(ctx, b); err != nil {
		return fmt.Errorf("mark as deleted %s: %w", sp.Scope, err)
	}
	return nil
}
