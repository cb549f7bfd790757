package ninjarmm

import (
	"context"
	"errors"
	"iter"
	"maps"
	"slices"
	"strings"

	"assetgraph/collectors"
	"assetgraph/collectors/internal/rawjson"
)

// byOrganization is the list of a Filter by which people choose.
const byOrganization = "organizations"

// A scope is the organizations that people have chosen, by id. nil is all.
type scope struct {
	organizations map[string]bool
	missing       error // why not all that were chosen are known; nil when all are
}

type records = iter.Seq2[collectors.Record, error]

// scope returns what is chosen. It reads the list of organizations once, since people may choose by names.
func (n *Collector) scope(ctx context.Context) (*scope, error) {
	choice, narrow := n.config.Options.Filter[byOrganization]
	if !narrow {
		return nil, nil
	}
	return n.filter.Get(ctx, func(ctx context.Context) (*scope, error) {
		var all []collectors.Customer
		for r, err := range n.organizations(ctx, &collectors.Meter{}) {
			if err = errors.Join(err, r.Err); err != nil { // one that can't be read may be one that is chosen
				return nil, &collectors.IncompleteError{
					Reason: "which organizations are chosen can't be told: " + n.advise(err).Error(),
				}
			}
			o := r.Value.(*Organization)
			all = append(all, collectors.Customer{ID: r.ID, Name: string(o.Name)})
		}
		s := &scope{}
		s.organizations, s.missing = choice.Among(KindOrganization, all)
		return s, nil
	})
}

// narrowed returns the Records of a step without those of organizations that are not chosen. Lists but that of devices
// have no filter: they come whole.
func (n *Collector) narrowed(
	read func(context.Context, *collectors.Meter) records,
) func(context.Context, *collectors.Meter) records {
	return func(ctx context.Context, m *collectors.Meter) records {
		return func(yield func(collectors.Record, error) bool) {
			s, err := n.scope(ctx)
			if err != nil {
				yield(collectors.Record{}, err)
				return
			}
			s.records(m, read(ctx, m), false)(yield)
		}
	}
}

// records yields what is chosen of a list; asked says that the server was asked for nothing else.
func (s *scope) records(m *collectors.Meter, list records, asked bool) records {
	if s == nil {
		return list
	}
	if len(s.organizations) == 0 {
		return func(yield func(collectors.Record, error) bool) { yield(collectors.Record{}, s.missing) }
	}
	narrowing := collectors.Narrowing{Wanted: s.wants, Missing: s.missing, Asked: asked}
	return narrowing.Records(m, func(yield func(collectors.Record, error) bool) {
		for r, err := range list {
			if !yield(rawjson.Require(r, "organizationId"), err) {
				return
			}
		}
	})
}

// mostAsked is how many organizations the server is asked for: their ids stand in the address of each request. For more,
// all devices are read and looked through here.
const mostAsked = 200

// clause asks for devices of what is chosen (docs/providers/ninjarmm-api.md, "Device filter"); "" where it is left to
// records.
func (s *scope) clause() string {
	if s == nil || len(s.organizations) > mostAsked {
		return ""
	}
	return among(slices.Sorted(maps.Keys(s.organizations)))
}

// among asks for devices of organizations, by id.
func among(organizations []string) string {
	return "org in (" + strings.Join(organizations, ", ") + ")"
}

// wants reports whether a record is of what is chosen, or belongs to no organization, as technicians do.
func (s *scope) wants(r collectors.Record) bool {
	switch v := r.Value.(type) {
	case *Organization:
		return s.has(v.ID)
	case *Location:
		return s.has(v.OrganizationID)
	case *Device:
		return s.has(v.OrganizationID)
	case *User:
		return s.has(v.OrganizationID)
	}
	panic("no scope has records of kind " + r.Kind)
}

// has reports whether an organization is chosen, or none is named.
func (s *scope) has(organization rawjson.Int) bool {
	id := idText(organization)
	return s == nil || id == "" || s.organizations[id]
}
