package executor

import (
	"context"
	"errors"
	"fmt"
	"maps"
	"slices"
	"strings"

	"assetgraph/collectors"
	"assetgraph/differ"
	"assetgraph/graph"
)

// maxAsked is how many entities of one scope the provider is asked for by id before they are deleted. Of more a sample of so many
// stands for all.
const maxAsked = 300

// Reasons for which an entity stays that the provider's list lacked.
const (
	stillThere = "the list lacked it, but the provider still has it"
	noControl  = "that it is gone can't be confirmed: the graph held nothing of what the list shows now, so nothing proves that the provider is asked the right way"
	newReader  = "that it is gone can't be confirmed: the credentials are others than those it was read with, and may not see it"
)

// Pinned is the reason for which an entity stays on which somebody else's relationships hang. No approval lets it go; it goes with
// the first run after they are gone.
const Pinned = "relationships that are not ours hang on it"

// confirm says which entities must not be deleted: those that the provider still has when asked by id, those that these
// credentials may merely not see, and those on which others' relationships hang. warning is for
// people, "" for none.
func (r *run) confirm(ctx context.Context, c differ.Candidates, in *source) (stay map[graph.Key]differ.Stay, warning string, _ error) {
	stay = make(map[graph.Key]differ.Stay)
	if before := r.past.readers[c.Instance]; before != "" && in.reader != "" && before != in.reader {
		hidden := c.Unrelated
		if in.lost {
			hidden = c.Keys
		}
		for _, key := range hidden {
			stay[key] = differ.Stay{Reason: newReader, Approve: true, Doubt: true}
		}
	}
	if s := r.stepOf(c.Instance, c.Type); s != nil && s.Alive != nil {
		alive, err := ask(ctx, s.Alive, c)
		if errors.Is(err, collectors.ErrCannotAsk) {
			warning = fmt.Sprintf("%s/%s: what is deleted could not be confirmed: %v", c.Instance, c.Type.Name, err)
			alive, err = nil, nil
		}
		if err != nil {
			return nil, warning, err
		}
		maps.Copy(stay, alive)
	}
	return stay, warning, r.addPinned(ctx, c, stay)
}

// lost reports whether something was not read that holds other entities, such as an account or a site: then whoever reads may have
// less rights than before.
func lost(in *Instance, entities []*differ.ScopePlan) bool {
	return slices.ContainsFunc(entities, func(sp *differ.ScopePlan) bool {
		return sp.Removals() > 0 && slices.ContainsFunc(in.Converter.Types, func(rel *graph.Type) bool {
			return rel.Verb == "HAS" && rel.From == sp.Type.Name && rel.To != sp.Type.Name
		})
	})
}

// addPinned adds the entities on which others' relationships hang.
func (r *run) addPinned(ctx context.Context, c differ.Candidates, stay map[graph.Key]differ.Stay) error {
	p, ok := r.Store.(graph.Pinner)
	if !ok {
		return nil
	}
	keys, err := p.Pinned(ctx, c.Type, c.Keys)
	for _, key := range keys {
		stay[key] = differ.Stay{Reason: Pinned}
	}
	return err
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

// ask asks the provider for the candidates and says which of them stay. Keys whose id was escaped are taken for alive: no
// provider has such ids, and asking for a wrong one would be an answer about something else. Of very many a sample is asked for, and
// all stay when one of these does.
func ask(ctx context.Context, alive func(ctx context.Context, ids, known []string) ([]string, error), c differ.Candidates) (map[graph.Key]differ.Stay, error) {
	scope := graph.Scope{Instance: c.Instance, Type: c.Type.Name}
	stay := make(map[graph.Key]differ.Stay)
	there := differ.Stay{Reason: stillThere, Approve: true}
	var ids, known []string
	for _, key := range c.Keys {
		if id := strings.TrimPrefix(string(key), scope.Prefix()); strings.Contains(id, "%") {
			stay[key] = there
		} else {
			ids = append(ids, id)
		}
	}
	for _, key := range c.Known {
		if id := strings.TrimPrefix(string(key), scope.Prefix()); collectors.IsNumber(id) {
			known = append(known, id)
		}
	}
	switch {
	case len(ids) == 0:
		return stay, nil
	case len(known) == 0:
		return everyKey(c.Keys, differ.Stay{Reason: noControl, Approve: true, Doubt: true}), nil
	}
	asked := sampled(ids, maxAsked)
	found, err := alive(ctx, asked, known)
	if err != nil {
		return nil, err
	}
	if len(found) > 0 && len(asked) < len(ids) {
		return everyKey(c.Keys, there), nil
	}
	for _, id := range found {
		stay[graph.EntityKey(scope.Instance, scope.Type, id)] = there
	}
	return stay, nil
}

func everyKey(keys []graph.Key, why differ.Stay) map[graph.Key]differ.Stay {
	stay := make(map[graph.Key]differ.Stay, len(keys))
	for _, key := range keys {
		stay[key] = why
	}
	return stay
}

// sampled returns at most n of the ids, spread over all.
func sampled(ids []string, n int) []string {
	if len(ids) <= n {
		return ids
	}
	out := make([]string, n)
	for i := range out {
		out[i] = ids[i*len(ids)/n]
	}
	return out
}

// retire marks the entities that stay only because others' relationships hang on them.
func (a *applier) retire(ctx context.Context, sp *differ.ScopePlan) error {
	p, ok := a.Store.(graph.Pinner)
	if !ok {
		return nil
	}
	b := graph.Batch{Op: graph.Update, Type: sp.Type, Instance: sp.Instance, At: a.at, Lease: a.leases.of(sp.Instance)}
	for _, key := range sp.Kept(Pinned) {
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
