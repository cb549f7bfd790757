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

// maxAsked is how many entities of one scope the provider is asked for by id before they are deleted. Of more a sample
// of so many stands for all.
const maxAsked = 300

// Reasons for which an entity stays that the provider's list lacked.
const (
	stillThere = "the list lacked it, but the provider still has it"
	noControl  = "that it is gone can't be confirmed: the graph held nothing of what the list shows now, so nothing proves that the provider is asked the right way"
	newFilter  = "the filter is another than the one that it was read with: it may be left out now, and not gone"
	alsoGone   = "that it is gone can't be confirmed: it belongs to nothing that the graph holds, and others that are gone from the answers stay for now"
	newReader  = "that it is gone can't be confirmed: the credentials are others than those it was read with, and may not see it"
)

// A deletionGuard keeps the comparison of one instance from taking for gone what is not: it refuses the records of
// another account, and names the entities that stay.
type deletionGuard struct {
	store       graph.Store
	in          *Instance
	otherReader bool   // the credentials are others than those that what the graph holds was read with
	sameAccount bool   // they are known to be the same
	doubt       string // why nothing goes without an approval; "" = that is decided one by one

	entities   []*differ.ScopePlan
	lessRights bool     // found by settle, which the comparison calls before it asks confirm
	warnings   []string // of confirm
}

// settle is called when the entities were compared. It returns a *refusal when they are of another account.
func (g *deletionGuard) settle(ctx context.Context, entities []*differ.ScopePlan) error {
	g.entities = entities
	g.lessRights = lost(g.in, entities)
	if g.doubt != "" && g.sameAccount { // of other customers there may be no record in common
		return nil
	}
	return compareAccounts(ctx, g.store, g.in, entities)
}

// confirm says which entities must not be deleted: those that the provider still has when asked by id, those that these
// credentials may merely not see, and those on which others' relationships hang.
func (g *deletionGuard) confirm(ctx context.Context, c differ.Candidates) (map[graph.Key]differ.Stay, error) {
	stay := make(map[graph.Key]differ.Stay)
	if g.otherReader {
		hidden := c.Unrelated
		if g.lessRights {
			hidden = c.Keys
		}
		for _, key := range hidden {
			stay[key] = differ.Stay{Reason: newReader, Approve: true, Doubt: true}
		}
	}
	if c.Type.Transient && g.someStay() {
		for _, key := range c.Unrelated {
			stay[key] = differ.Stay{Reason: alsoGone, Approve: true, Doubt: true}
		}
	}
	if s := stepOf(g.in, c.Type); s != nil && s.Alive != nil {
		alive, err := ask(ctx, s.Alive, c)
		if errors.Is(err, collectors.ErrCannotAsk) {
			g.warnings = append(g.warnings,
				fmt.Sprintf("%s/%s: what is deleted could not be confirmed: %v", c.Instance, c.Type.Name, err))
			alive, err = nil, nil
		}
		if err != nil {
			return nil, err
		}
		maps.Copy(stay, alive)
	}
	return stay, addPinned(ctx, g.store, c, stay)
}

// someStay reports whether something stays that was not read and does not come and go by design: then the credentials may
// see less than before. What comes and goes is declared behind what it belongs to, and so is asked about later.
func (g *deletionGuard) someStay() bool {
	return slices.ContainsFunc(g.entities, func(sp *differ.ScopePlan) bool {
		return !sp.Type.Transient && len(sp.Kept("")) > 0
	})
}

// lost reports whether something was not read that holds other entities, such as an account or a site: then whoever
// reads may have less rights than before.
func lost(in *Instance, entities []*differ.ScopePlan) bool {
	return slices.ContainsFunc(entities, func(sp *differ.ScopePlan) bool {
		return sp.Removals() > 0 && slices.ContainsFunc(in.Converter.Types, func(rel *graph.Type) bool {
			return rel.Verb == "HAS" && !rel.Transient && rel.From == sp.Type.Name && rel.To != sp.Type.Name
		})
	})
}

// stepOf returns the step whose records become entities of the type, nil when there is none.
func stepOf(in *Instance, t *graph.Type) *collectors.Step {
	for _, s := range in.Collector.Steps() {
		if produces(in.Converter, s.Kinds[0], t) {
			return &s
		}
	}
	return nil
}

// ask asks the provider for the candidates and says which of them stay. Keys whose id was escaped are taken for alive:
// no provider has such ids, and asking for a wrong one would be an answer about something else. Of very many a sample
// is asked for, and all stay when one of these does.
func ask(
	ctx context.Context, alive func(ctx context.Context, ids, known []string) ([]string, error), c differ.Candidates,
) (map[graph.Key]differ.Stay, error) {
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
