package immybot

import (
	"context"
	"errors"
	"fmt"
	"iter"

	"assetgraph/collectors"
)

// Routes whose answer is a bare array of everything as long as no page is asked for
// (docs/providers/immybot-api.md, "Lists in one answer").
const (
	routeTenants = "/tenants"
	routePersons = "/persons"
	routeUsers   = "/users"
)

// maxBody is the largest answer that is taken: some eight hundred thousand persons.
const maxBody = 256 << 20

// A wholeList is a list that comes in one answer.
type wholeList struct {
	name, route, kind string
	decode            func(page []byte) iter.Seq2[collectors.Record, error]
	ours              bool // we are in it ourselves, so an empty answer is odd
}

func tenantList() wholeList {
	return wholeList{
		name: "tenants", route: routeTenants, kind: KindTenant, decode: whole(KindTenant, (*Tenant).id), ours: true,
	}
}

// wholeStep returns the step that reads a list in one answer.
func (c *Collector) wholeStep(l wholeList) collectors.Step {
	return collectors.Step{
		Name: l.name, Route: "GET " + apiPath + l.route, Kinds: []string{l.kind},
		Records: func(ctx context.Context, m *collectors.Meter) iter.Seq2[collectors.Record, error] {
			return c.narrowed(ctx, m, c.wholeRecords(ctx, m, l))
		},
		Count: func(ctx context.Context) (int, error) {
			n := 0
			for _, err := range c.narrowed(ctx, &collectors.Meter{}, c.wholeRecords(ctx, &collectors.Meter{}, l)) {
				if err != nil {
					return 0, err
				}
				n++
			}
			return n, nil
		},
	}
}

// wholeRecords decodes one record at a time: the answer itself may be hundreds of megabytes. An answer that is cut off
// or of another shape ends with an error.
func (c *Collector) wholeRecords(
	ctx context.Context, m *collectors.Meter, l wholeList,
) iter.Seq2[collectors.Record, error] {
	return func(yield func(collectors.Record, error) bool) {
		body, err := c.client.Get(ctx, l.route, nil)
		if err != nil {
			yield(collectors.Record{}, fmt.Errorf("read %s: %w", l.name, advise(err)))
			return
		}
		m.Page()
		n := 0
		defer c.client.Release(body) // records are copies
		for r, err := range l.decode(body) {
			if err = errors.Join(err, ctx.Err()); err != nil {
				yield(collectors.Record{}, fmt.Errorf("read %s: %w", l.name, err))
				return
			}
			n++
			if !yield(r, nil) {
				return
			}
		}
		if l.ours && n == 0 {
			m.Warn("the list is empty, but our own record must be in it: the role may not show it")
		}
	}
}
