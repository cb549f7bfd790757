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

func (c *comparison) withholdNamed(p *Plan) {
	for _, sp := range p.Scopes {
		if sp.Type.IsRelationship() {
			continue
		}
		ends := c.ends[sp.Scope]
		for key := range ends.named {
			if d := ends.removal(key); d.withheld == "" {
				d.withheld = "records that were read still name it"
			}
		}
	}
}

// confirm asks about the entities that would be deleted.
func (c *comparison) confirm(ctx context.Context, p *Plan) error {
	if c.Confirm == nil {
		return nil
	}
	for _, sp := range p.Scopes {
		candidates := pending(sp.deletes)
		if sp.Type.IsRelationship() || len(candidates) == 0 {
			continue
		}
		keys := make([]graph.Key, len(candidates))
		for i, d := range candidates {
			keys[i] = d.key
		}
		stay, err := c.Confirm(ctx, sp.Type, sp.Instance, keys)
		if ctx.Err() != nil {
			return context.Cause(ctx)
		}
		for _, d := range candidates {
			switch {
			case err != nil:
				d.withheld = "could not be asked for once more: " + err.Error()
			case stay[d.key] != "":
				d.withheld = stay[d.key]
			}
		}
	}
	return nil
}

func guardEntities(p *Plan, g Guard) {
	for _, sp := range p.Scopes {
		if !sp.Type.IsRelationship() {
			g.guard(sp, pending(sp.deletes))
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
		free := slices.DeleteFunc(pending(sp.deletes), func(d *removal) bool {
			from, to := c.endRemovals(d)
			return from != nil || to != nil
		})
		g.guard(sp, free)
	}
}

// spread withholds what hangs on withheld deletes, one step far: relationships whose end stays although it was to go, and
// entities on which a relationship stays. It reports whether anything changed.
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
				case d.withheld != "":
					end.withheld, end.approval, changed = "a relationship that stays hangs on it: "+d.withheld, d.approval, true
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
		i := slices.IndexFunc(s.Withheld, func(w Withheld) bool { return w.Reason == d.withheld && w.Approval == d.approval })
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
