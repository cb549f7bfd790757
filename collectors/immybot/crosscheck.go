package immybot

import (
	"context"
	"fmt"

	"assetgraph/collectors"
	"assetgraph/collectors/internal/rawjson"
)

const (
	routeCounts = "/tenants/computer-counts"
	handful     = 5
)

// crossCheck compares the computers that came with the counts that the instance keeps for each tenant, of those that are
// read. Whether these count the recycle bin is not known, so as many computers as lie in it may be missing. When more than
// one in ten is missing still, and more than a handful, that is an *collectors.IncompleteError: a filter or a role hides
// them. Anything less is a warning, since computers come and go while the list is read. Instances without the route are
// not checked.
func (c *Collector) crossCheck(ctx context.Context, m *collectors.Meter, got int) error {
	s, err := c.scope(ctx)
	if err != nil {
		return err
	}
	want, err := c.sumOfCounts(ctx, s)
	if unknownRoute(err) {
		return nil
	}
	if err != nil {
		m.Warn(fmt.Sprintf("the number of computers could not be checked: %v", err))
		return ctx.Err()
	}
	if want <= got {
		return nil
	}
	deleted, err := c.countBin(ctx, s)
	if err != nil {
		m.Warn(fmt.Sprintf("the number of deleted computers could not be read: %v", err))
		return ctx.Err()
	}
	missing := want - got - deleted
	switch {
	case missing <= 0:
		return nil
	case missing > handful && missing*10 > want:
		return &collectors.IncompleteError{
			Reason: "the tenants together have more computers than the list", Expected: want - deleted, Got: got,
		}
	}
	m.Warn(fmt.Sprintf("the tenants together have %d computers more than the list", missing))
	return nil
}

// countBin returns how many computers of what is chosen lie in the recycle bin.
func (c *Collector) countBin(ctx context.Context, s *scope) (int, error) {
	if s == nil {
		return c.count(ctx, binList())
	}
	bin, err := c.readBin(ctx, s)
	return len(bin), err
}

func (c *Collector) sumOfCounts(ctx context.Context, s *scope) (int, error) {
	body, err := c.client.Get(ctx, routeCounts, nil)
	if err != nil {
		return 0, err
	}
	sum := 0
	for raw, err := range rawjson.Elements(body) {
		if err != nil {
			return 0, err
		}
		n, err := rawjson.Decode[tenantCount](raw, "tenant count", "tenantId")
		if err != nil {
			return 0, err
		}
		if s.has(n.TenantID) {
			sum += int(n.ComputerCount.N)
		}
	}
	return sum, nil
}

type tenantCount struct {
	TenantID      rawjson.Int `json:"tenantId"`
	ComputerCount rawjson.Int `json:"computerCount"`
}
