package executor

import (
	"context"
	"slices"
	"strings"

	"assetgraph/graph"
)

// confirm asks the provider for entities that its list lacked, where a step can ask by id.
func (r *run) confirm(ctx context.Context, scope graph.Scope, candidates []graph.Key) (alive []graph.Key, err error) {
	for i := range r.Instances {
		in := &r.Instances[i]
		if in.Name != scope.Instance {
			continue
		}
		for _, s := range in.Collector.Steps() {
			if s.Alive == nil || !isEntityOf(in, s.Kinds[0], scope.Type) {
				continue
			}
			return stillThere(ctx, s.Alive, scope, candidates)
		}
	}
	return nil, nil
}

// isEntityOf reports whether records of the kind become entities of the type.
func isEntityOf(in *Instance, kind, typ string) bool {
	k := in.Converter.Kind(kind)
	return k != nil && slices.ContainsFunc(k.Produces, func(t *graph.Type) bool { return t.Name == typ })
}

// stillThere translates keys to ids and back. Keys whose id was escaped are taken for alive: no provider has such ids,
// and asking for a wrong one would be an answer about something else.
func stillThere(ctx context.Context, ask func(context.Context, []string) ([]string, error), scope graph.Scope, candidates []graph.Key) (alive []graph.Key, err error) {
	var ids []string
	for _, key := range candidates {
		id := strings.TrimPrefix(string(key), scope.Prefix())
		if strings.Contains(id, "%") {
			alive = append(alive, key)
			continue
		}
		ids = append(ids, id)
	}
	if len(ids) == 0 {
		return alive, nil
	}
	found, err := ask(ctx, ids)
	for _, id := range found {
		alive = append(alive, graph.EntityKey(scope.Instance, scope.Type, id))
	}
	return alive, err
}
