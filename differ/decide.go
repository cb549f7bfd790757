package differ

import (
	"context"
	"slices"

	"assetgraph/graph"
)

// decide settles which deletes of a compared plan are withheld, and fills in the counts. Its error is the context's.
func (c *comparison) decide(ctx context.Context, p *Plan) error {
	c.withholdIncomplete(p)
	c.withholdNamed(p)
	c.doubt(p)
	guardEntities(p, c.Guard)
	if err := c.confirm(ctx, p); err != nil {
		return err
	}
	guardRelationships(p, c.Guard, c)
	for c.spread(p) {
	}
	for _, sp := range p.Scopes {
		sp.count()
	}
	return nil
}

func (c *comparison) withholdIncomplete(p *Plan) {
	why := make(map[graph.Scope]string)
	for _, d := range c.Scopes {
		if !d.Complete {
			why[graph.Scope{Instance: d.Instance, Type: d.Type.Name}] = "the scope is incomplete: " + d.Why
		}
	}
	for _, sp := range p.Scopes {
		for _, d := range sp.deletes {
			d.withheld = why[sp.Scope]
		}
	}
}

// doubt withholds what would go by itself: relationships of which an end goes stand or fall with that.
func (c *comparison) doubt(p *Plan) {
	if c.Doubt == "" {
		return
	}
	for _, sp := range p.Scopes {
		c.Guard.withhold(sp, c.free(sp), c.Doubt)
	}
}

// free returns the pending deletes of a scope, of relationships those that do not follow from the delete of an end.
func (c *comparison) free(sp *ScopePlan) []*removal {
	return slices.DeleteFunc(pending(sp.deletes), func(d *removal) bool {
		if !sp.Type.IsRelationship() {
			return false
		}
		from, to := c.endRemovals(d)
		return from != nil || to != nil
	})
}

// A record whose list lacked it while others that were read refer to it.
const named = "records that were read still name it"

// releaseNamed marks the entities whose delete somebody approved although records that were read still name them. It
// reports whether there are any.
func (c *comparison) releaseNamed(entities *Plan) bool {
	some := false
	c.eachNamed(entities, func(sp *ScopePlan, deletes []*removal) {
		if c.Guard.withhold(sp, deletes, named); deletes[0].approved {
			for _, d := range deletes {
				d.released, some = true, true
			}
		}
		for _, d := range deletes {
			d.withheld, d.approval = "", "" // until all is decided
		}
	})
	return some
}

func (c *comparison) withholdNamed(p *Plan) {
	c.eachNamed(p, func(sp *ScopePlan, deletes []*removal) { c.Guard.withhold(sp, deletes, named) })
}

// eachNamed calls f for each complete scope with those of its deletes whose entity a relationship that was read still
// names, unless there are none.
func (c *comparison) eachNamed(p *Plan, f func(sp *ScopePlan, deletes []*removal)) {
	for _, sp := range p.Scopes {
		if sp.Type.IsRelationship() || !sp.Complete {
			continue
		}
		ends := c.ends[sp.Scope]
		deletes := slices.DeleteFunc(slices.Clone(sp.deletes),
			func(d *removal) bool { return d.released || !ends.named[d.key] })
		if len(deletes) > 0 {
			f(sp, deletes)
		}
	}
}

// Candidates are entities of one scope that are about to be deleted.
type Candidates struct {
	Type     *graph.Type
	Instance string
	Keys     []graph.Key // at least one

	// Known are entities of the scope that the graph holds and that were read, those first that have a parent in common
	// with one of Keys; none when nothing that was read was known before.
	Known []graph.Key

	// Unrelated are those of Keys to which no relationship of the graph leads: they have no parent by which one could
	// tell whether the credentials still see that part of the account.
	Unrelated []graph.Key
}

// A Stay says why an entity stays.
type Stay struct {
	Reason  string
	Approve bool // an approval of exactly those that stay for this reason lets them go
	Doubt   bool // it is not known to be there: whoever approved of a set with it has let it go
}

// mostKnown is how many of Candidates.Known there are at most.
const mostKnown = 3

func (s *ScopePlan) candidates(deletes []*removal) Candidates {
	out := Candidates{Type: s.Type, Instance: s.Instance}
	know := func(key graph.Key) {
		if key != "" && len(out.Known) < mostKnown && !slices.Contains(out.Known, key) {
			out.Known = append(out.Known, key)
		}
	}
	for _, d := range deletes {
		out.Keys = append(out.Keys, d.key)
		if !d.hasParent {
			out.Unrelated = append(out.Unrelated, d.key)
		}
		know(d.sibling)
	}
	if len(out.Known) == 0 && len(s.common.entries) > 0 {
		know(s.common.entries[0].Key)
	}
	return out
}

// confirm asks about the entities that would be deleted.
func (c *comparison) confirm(ctx context.Context, p *Plan) error {
	if c.Confirm == nil {
		return nil
	}
	for _, sp := range p.Scopes {
		deletes := pending(sp.deletes)
		if sp.Type.IsRelationship() || len(deletes) == 0 {
			continue
		}
		candidates := sp.candidates(deletes)
		stay, err := c.Confirm(ctx, candidates)
		if ctx.Err() != nil {
			return context.Cause(ctx)
		}
		if err != nil {
			stay = make(map[graph.Key]Stay, len(deletes))
			for _, key := range candidates.Keys {
				stay[key] = Stay{Reason: "could not be asked for once more: " + err.Error(), Approve: true, Doubt: true}
			}
		}
		c.keep(sp, deletes, stay)
	}
	return nil
}

// keep withholds those of the deletes that are to stay, each reason by itself.
func (c *comparison) keep(sp *ScopePlan, deletes []*removal, stay map[graph.Key]Stay) {
	var reasons []Stay
	groups := make(map[Stay][]*removal)
	for _, d := range deletes {
		why, ok := stay[d.key]
		if !ok || d.approved && why.Doubt {
			continue
		}
		if groups[why] == nil {
			reasons = append(reasons, why)
		}
		groups[why] = append(groups[why], d)
	}
	for _, why := range reasons {
		if why.Approve {
			c.Guard.withhold(sp, groups[why], why.Reason)
			continue
		}
		for _, d := range groups[why] {
			d.withheld = why.Reason
		}
	}
}

func guardEntities(p *Plan, g Guard) {
	for _, sp := range p.Scopes {
		if !sp.Type.IsRelationship() {
			g.guard(sp, slices.DeleteFunc(pending(sp.deletes), func(d *removal) bool { return d.approved }))
		}
	}
}

// guardRelationships holds those deletes to the guard that do not follow from the delete of an end: the others
// stand or fall with the entity.
func guardRelationships(p *Plan, g Guard, c *comparison) {
	for _, sp := range p.Scopes {
		if !sp.Type.IsRelationship() {
			continue
		}
		g.guard(sp, c.free(sp))
	}
}

// spread withholds the deletes of what hangs on withheld deletes: relationships of which an end stays that was to go,
// and entities on which a relationship stays. It goes one step and reports whether anything changed: the caller repeats
// it until nothing does.
func (c *comparison) spread(p *Plan) bool {
	changed := false
	for _, sp := range p.Scopes {
		if !sp.Type.IsRelationship() {
			continue
		}
		for _, d := range sp.deletes {
			from, to := c.endRemovals(d)
			for _, end := range []*removal{from, to} {
				switch {
				case end == nil || (end.withheld == "") == (d.withheld == ""):
				case end.withheld != "" && c.isBefore(end): // its staying was known when this one was not wanted any more
				case d.withheld != "":
					end.withheld, end.approval, changed = "a relationship that stays hangs on it: "+
						d.withheld, d.approval, true
				default:
					d.withheld, d.approval, changed = "an end of it stays: "+end.withheld, end.approval, true
				}
			}
		}
	}
	return changed
}

func (c *comparison) endRemovals(d *removal) (from, to *removal) {
	a, b := d.key.Ends()
	return c.ends[a.Scope()].removal(a), c.ends[b.Scope()].removal(b)
}

// isBefore reports whether a removal is of the plan that is carried out together with this one.
func (c *comparison) isBefore(d *removal) bool {
	return c.After != nil && c.After.ends[d.key.Scope()].removal(d.key) == d
}

func pending(deletes []*removal) []*removal {
	return slices.DeleteFunc(slices.Clone(deletes), func(d *removal) bool { return d.withheld != "" })
}

// count fills in Delete, and Withheld by reason.
func (s *ScopePlan) count() {
	for _, d := range s.deletes {
		if d.withheld == "" {
			s.Counts.Delete++
			continue
		}
		s.Counts.Withheld++
		i := slices.IndexFunc(s.Withheld,
			func(w Withheld) bool { return w.Reason == d.withheld && w.Approval == d.approval })
		if i < 0 {
			i = len(s.Withheld)
			s.Withheld = append(s.Withheld, Withheld{Reason: d.withheld, Approval: d.approval})
		}
		w := &s.Withheld[i]
		w.Deletes++
		if len(w.Examples) < maxExamples {
			w.Examples = append(w.Examples, d.key)
		}
	}
}
