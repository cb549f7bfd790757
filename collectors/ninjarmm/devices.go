package ninjarmm

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"iter"
	"net/http"
	"net/url"
	"slices"
	"strings"

	"assetgraph/collectors"
	"assetgraph/collectors/internal/rawjson"
	"assetgraph/collectors/internal/rest"
	"assetgraph/internal/panics"
)

// Approval states (docs/providers/ninjarmm-api.md, "Approval"). What is staged is no device yet, and what is
// decommissioned none any more.
const (
	approved       = "APPROVED"
	pending        = "PENDING"
	staged         = "STAGED"
	decommissioned = "DECOMMISSIONED"
)

// pendingPart is the name under which people leave out the devices that wait for approval.
const pendingPart = "pending"

// waiting is the clause without which devices that wait for approval are left out
// (docs/providers/ninjarmm-api.md, "Device filter").
const waiting = "status = " + pending

// deviceFilter returns the query for devices that all of the clauses hold for.
func deviceFilter(clauses ...string) url.Values {
	clauses = slices.DeleteFunc(clauses, func(one string) bool { return one == "" })
	if len(clauses) == 0 {
		return nil
	}
	return url.Values{"df": {strings.Join(clauses, " AND ")}}
}

// deviceQuery returns the query for a list of devices. The detailed one gives the warranty on demand alone, in the
// same walk (docs/providers/ninjarmm-api.md, "Warranty and owner").
func deviceQuery(route string, clauses ...string) url.Values {
	query := deviceFilter(clauses...)
	if route != devicesRoute {
		return query
	}
	if query == nil {
		query = url.Values{}
	}
	query.Set("expand", "warranty")
	return query
}

// devices reads the devices that wait for approval and then the approved ones. In this order a device that is approved
// between the two walks is seen by both; in the other order, or side by side, perhaps by none, and would look deleted.
//
// Each walk is one chain of requests, the longest that this provider forces. Chains for each organization could run
// side by side, but a device that moves from one organization to another meanwhile could be missed by both.
func (n *Collector) devices(ctx context.Context, m *collectors.Meter) iter.Seq2[collectors.Record, error] {
	return func(yield func(collectors.Record, error) bool) {
		names, err := n.readNames(ctx, m)
		if err != nil {
			yield(collectors.Record{}, err)
			return
		}
		n.showing(n.withPosture(n.chosenDevices(ctx, m, devicesRoute, func(d *Device) {
			names.complete(d)
			d.Console = n.console()
		})))(yield)
	}
}

// chosenDevices reads the devices in both states of what is chosen.
func (n *Collector) chosenDevices(
	ctx context.Context, m *collectors.Meter, route string, each func(*Device),
) iter.Seq2[collectors.Record, error] {
	return func(yield func(collectors.Record, error) bool) {
		s, err := n.scope(ctx)
		if err != nil {
			yield(collectors.Record{}, err)
			return
		}
		s.records(m, n.bothStates(ctx, m, s, route, each), s.clause() != "")(yield)
	}
}

// bothStates walks a list of devices twice: for those that wait for approval and for the others. When the first walk
// fails the second is read all the same, and the error comes last. Every device is yielded once.
func (n *Collector) bothStates(
	ctx context.Context, m *collectors.Meter, s *scope, route string, each func(*Device),
) iter.Seq2[collectors.Record, error] {
	return func(yield func(collectors.Record, error) bool) {
		l := list[Device]{
			route: route, kind: KindDevice, query: deviceQuery(route, waiting, s.clause()), each: each,
			id: func(d *Device) string { return idText(d.ID) },
		}
		states := states{yielded: make(map[string]struct{})}
		more, pendingErr := true, error(nil)
		if skip := n.config.Options.Skip; skip.Has(pendingPart) {
			m.Warn("devices that wait for approval are left out by " + skip.Setting)
		} else {
			more, pendingErr = forward(walk(ctx, n, m, l), states.pending, yield)
		}
		if states.ignored {
			m.Warn("the server ignores the filter for devices that wait for approval: they may not be among the devices that were read")
		}
		if !more || ctx.Err() != nil {
			if more {
				yield(collectors.Record{}, ctx.Err())
			}
			return
		}
		l.query = deviceQuery(route, s.clause())
		more, err := forward(walk(ctx, n, m, l), states.other, yield)
		if err == nil {
			err = n.config.Options.Skip.Advise(pendingPart, pendingErr)
		} else {
			err = errors.Join(pendingErr, err)
		}
		if more && err != nil {
			yield(collectors.Record{}, err)
		}
	}
}

// states chooses among the devices of the two walks.
type states struct {
	yielded map[string]struct{} // ids of the first walk: few, unless the server ignores the filter
	ignored bool                // it does
}

// pending reports whether a device of the first walk is wanted.
func (s *states) pending(r collectors.Record) bool {
	if d, ok := r.Value.(*Device); ok {
		s.ignored = s.ignored || d.ApprovalStatus == approved
	}
	if !wanted(r) {
		return false
	}
	if r.ID != "" {
		s.yielded[r.ID] = struct{}{}
	}
	return true
}

// other reports whether a device of the second walk is wanted.
func (s *states) other(r collectors.Record) bool {
	_, twice := s.yielded[r.ID]
	return !twice && wanted(r)
}

// wanted reports whether a device is in one of the states that are read, or in one that is not known, or broken.
func wanted(r collectors.Record) bool {
	d, ok := r.Value.(*Device)
	return !ok || isDevice(d.ApprovalStatus)
}

// isDevice reports whether what is in that state is read as a device.
func isDevice(approvalStatus rawjson.Text) bool {
	return approvalStatus != staged && approvalStatus != decommissioned
}

// forward yields the records that are wanted and returns the error that ended them. more is false when the consumer had
// enough.
func forward(
	records iter.Seq2[collectors.Record, error], wanted func(collectors.Record) bool,
	yield func(collectors.Record, error) bool,
) (more bool, err error) {
	for r, err := range records {
		if err != nil {
			return true, err
		}
		if wanted(r) && !yield(r, nil) {
			return false, nil
		}
	}
	return true, nil
}

// countDevices counts in the plain list, whose rows are a tenth as long, and reads one row of the detailed one to prove
// that it may be read.
func (n *Collector) countDevices(ctx context.Context) (int, error) {
	if _, err := n.client.Get(ctx, devicesRoute, url.Values{"pageSize": {"1"}, "expand": {"warranty"}}); err != nil {
		return -1, err
	}
	return count(n.chosenDevices(ctx, &collectors.Meter{}, plainDevicesRoute, nil))
}

// names are the names of roles and policies by id.
type names struct{ roles, policies map[int64]string }

// named is what is read of a role and of a policy.
type named struct {
	ID   rawjson.Int  `json:"id"`
	Name rawjson.Text `json:"name"`
}

// readNames reads roles and policies, side by side. Without them the names of all devices would vanish and come back
// with the next run, so only a refusal that lasts (403, 404) is a warning; everything else is an error.
func (n *Collector) readNames(ctx context.Context, m *collectors.Meter) (names, error) {
	var roles, policies nameList
	var work panics.Group
	work.Go(func() { roles = n.namesOf(ctx, m, rolesRoute, "role") })
	work.Go(func() { policies = n.namesOf(ctx, m, policiesRoute, "policy") })
	work.Wait()
	for _, w := range append(roles.warnings, policies.warnings...) {
		m.Warn(w)
	}
	return names{roles: roles.byID, policies: policies.byID}, cmp.Or(roles.err, policies.err)
}

// nameList is what came of one list of names.
type nameList struct {
	byID     map[int64]string
	warnings []string
	err      error
}

func (n *Collector) namesOf(ctx context.Context, m *collectors.Meter, route, kind string) nameList {
	l := list[named]{route: route, kind: kind, id: func(v *named) string { return idText(v.ID) }}
	records, err := fetch(ctx, n, l, nil)
	if status := rest.Status(err); status == http.StatusForbidden || status == http.StatusNotFound {
		return nameList{warnings: []string{fmt.Sprintf("devices have no %s name: %v", kind, err)}}
	}
	if err != nil {
		return nameList{err: fmt.Errorf("%s names of devices: %w", kind, err)}
	}
	found := nameList{byID: make(map[int64]string, len(records))}
	for _, r := range records {
		if r.Err != nil {
			found.warnings = append(found.warnings, fmt.Sprintf("name left out: %v", r.Err))
			continue
		}
		m.Saw(r)
		v := r.Value.(*named)
		found.byID[v.ID.N] = string(v.Name)
	}
	return found
}

// complete sets the names of a device's role and of its policy, which is the role's unless it has one of its own.
func (s names) complete(d *Device) {
	d.RoleName = s.roles[d.NodeRoleID.N]
	policy := d.RolePolicyID.N
	if d.PolicyID.Set && d.PolicyID.N > 0 {
		policy = d.PolicyID.N
	}
	d.PolicyName = s.policies[policy]
}
