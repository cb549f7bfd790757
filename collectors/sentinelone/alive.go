package sentinelone

import (
	"context"
	"fmt"
	"maps"
	"slices"
	"strings"

	"assetgraph/collectors"
)

// aliveChunk is how many ids are asked for in one request: they stand in its address.
const aliveChunk = 100

var errFilterIgnored = fmt.Errorf("%w: the console ignores the filter and answered with a record that was not asked for", collectors.ErrCannotAsk)

// idFilter returns the filter by id of a list. They differ, and one that a route does not know is ignored without a
// word, so that everything comes (docs/providers/sentinelone-api.md, "Page sizes and filters").
func idFilter(kind string) string {
	switch kind {
	case KindSite:
		return "siteIds"
	case KindGroup:
		return "groupIds"
	default:
		return "ids"
	}
}

// aliveIn returns those of ids that the list shows when it is asked for them, in the order of ids. What is no number is
// returned without being asked for, and what is of a customer that people leave out is not there. known are asked for
// with each chunk.
func (c *Collector) aliveIn(ctx context.Context, l list, ids, known []string) ([]string, error) {
	alive := make(map[string]bool, len(ids))
	var ask []string
	for _, id := range ids {
		if collectors.IsNumber(id) {
			ask = append(ask, id)
		} else {
			alive[id] = true
		}
	}
	chosen, err := c.scope(ctx)
	if err != nil {
		return nil, err
	}
	l.limit, l.total = min(l.limit, aliveChunk), nil
	for chunk := range slices.Chunk(ask, max(l.limit-len(known), 1)) {
		if err := c.askFor(ctx, l, chosen, chunk, known, alive); err != nil {
			return nil, fmt.Errorf("ask for %s by id: %w", l.name, err)
		}
	}
	return slices.DeleteFunc(slices.Clone(ids), func(id string) bool { return !alive[id] }), nil
}

// askFor asks for one chunk of ids and notes those that came and are of the customers that are read.
func (c *Collector) askFor(
	ctx context.Context, l list, chosen *scope, chunk, known []string, alive map[string]bool,
) error {
	asked := slices.Concat(chunk, known)
	l.filters = maps.Clone(l.filters)
	l.filters.Set(idFilter(l.kind), strings.Join(asked, ","))
	for r, err := range c.read(ctx, &collectors.Meter{}, l) {
		switch {
		case err != nil:
			return err
		case r.Err != nil && r.ID == "":
			return r.Err // it may be one that was asked for
		case !slices.Contains(asked, r.ID):
			return errFilterIgnored
		}
		alive[r.ID] = r.Err != nil || chosen.wants(r)
	}
	if slices.ContainsFunc(known, func(id string) bool { return !alive[id] }) {
		return collectors.ErrUnknown
	}
	return nil
}

var errNarrow = fmt.Errorf("%w: the token's scope is one or several sites", collectors.ErrUnproven)

// aliveInScope is aliveIn for accounts, sites and users. A token that may not read the accounts sees some sites alone,
// and what it does not show may be of another one.
func (c *Collector) aliveInScope(ctx context.Context, l list, ids, known []string) ([]string, error) {
	if c.narrow.Load() {
		return nil, errNarrow
	}
	return c.aliveIn(ctx, l, ids, known)
}
