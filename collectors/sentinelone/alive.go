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

// idFilter returns the filter by id of a list. They differ, and one that a route does not know is ignored without a word, so
// that everything comes (API.md §2.2).
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
// returned without being asked for.
func (c *Collector) aliveIn(ctx context.Context, l list, ids []string) ([]string, error) {
	alive := make(map[string]bool, len(ids))
	var ask []string
	for _, id := range ids {
		if collectors.IsNumber(id) {
			ask = append(ask, id)
		} else {
			alive[id] = true
		}
	}
	l.limit, l.total = min(l.limit, aliveChunk), nil
	for chunk := range slices.Chunk(ask, max(l.limit-1, 1)) { // the witness comes with each
		if err := c.askFor(ctx, l, chunk, alive); err != nil {
			return nil, fmt.Errorf("ask for %s by id: %w", l.name, err)
		}
	}
	return slices.DeleteFunc(slices.Clone(ids), func(id string) bool { return !alive[id] }), nil
}

// askFor asks for one chunk of ids and notes those that came.
func (c *Collector) askFor(ctx context.Context, l list, chunk []string, alive map[string]bool) error {
	witness := c.witness(l.kind).ID()
	asked := slices.Clone(chunk)
	if witness != "" && !slices.Contains(asked, witness) {
		asked = append(asked, witness)
	}
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
		alive[r.ID] = true
	}
	if witness != "" && !alive[witness] {
		return fmt.Errorf("%w: the console does not know a record that its list has just shown", collectors.ErrCannotAsk)
	}
	return nil
}

// aliveAccounts is aliveIn for accounts. Where the token's scope does not allow reading them they are those that sites name,
// and there is nobody else to ask: what no site names any more is gone. That is not so when the console has shown them.
func (c *Collector) aliveAccounts(ctx context.Context, ids []string) ([]string, error) {
	alive, err := c.aliveIn(ctx, c.accountList(), ids)
	if deniedByScope(err) && c.witness(KindAccount).ID() == "" {
		return slices.DeleteFunc(slices.Clone(ids), collectors.IsNumber), nil
	}
	return alive, err
}
