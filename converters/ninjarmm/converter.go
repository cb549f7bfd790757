package ninjarmm

import (
	"strconv"

	"assetgraph/collectors"
	provider "assetgraph/collectors/ninjarmm"
	"assetgraph/converters"
	"assetgraph/graph"
)

// Integration is the value of _integration of everything that New's converter produces.
const Integration = "ninjarmm"

// types are the declarations of everything that the converter produces.
type types struct {
	organization *converters.Table[organization]
	location     *converters.Table[provider.Location]
	device       *converters.Table[device]
	alert        *converters.Table[provider.Alert]
	user         *converters.Table[user]

	organizationHasLocation, organizationHasDevice, organizationHasUser *graph.Type
	locationHasDevice, deviceHostsDevice, deviceHasAlert                *graph.Type
}

func newTypes() *types {
	t := &types{
		organization: organizations(), location: locations(), device: devices(), alert: alerts(), user: users(),
	}
	relationship := func(from *graph.Type, verb string, to *graph.Type) *graph.Type {
		return graph.NewRelationshipType(Integration, from.Name, verb, to.Name)
	}
	t.organizationHasLocation = relationship(t.organization.Type, "HAS", t.location.Type)
	t.organizationHasDevice = relationship(t.organization.Type, "HAS", t.device.Type)
	t.organizationHasUser = relationship(t.organization.Type, "HAS", t.user.Type)
	t.locationHasDevice = relationship(t.location.Type, "HAS", t.device.Type)
	t.deviceHostsDevice = relationship(t.device.Type, "HOSTS", t.device.Type)
	t.deviceHasAlert = graph.DeclareRelationship(Integration, t.device.Type.Name, "HAS", t.alert.Type.Name).Transient().Type()
	return t
}

// New returns the converter of NinjaOne's records, with the types that it produces.
func New() *converters.Converter {
	t := newTypes()
	return &converters.Converter{
		Integration: Integration,
		Aliases:     []string{"ninja"}, // NinjaOne, NinjaRMM, Ninja RMM
		Roles:       t.roles(),
		Identities:  t.identities(),
		Types: []*graph.Type{
			t.organization.Type, t.location.Type, t.device.Type, t.alert.Type, t.user.Type,
			t.organizationHasLocation, t.organizationHasDevice, t.organizationHasUser, t.locationHasDevice,
			t.deviceHostsDevice, t.deviceHasAlert,
		},
		Kinds: append([]converters.RecordKind{
			converters.NewKind(provider.KindOrganization, t.convertOrganization, t.organization.Type),
			converters.NewKind(provider.KindLocation, t.convertLocation, t.location.Type, t.organizationHasLocation),
			converters.NewKind(provider.KindDevice, t.convertDevice, t.device.Type,
				t.organizationHasDevice, t.locationHasDevice, t.deviceHostsDevice),
			converters.NewKind(provider.KindAlert, t.convertAlert, t.alert.Type, t.deviceHasAlert),
			converters.NewKind(provider.KindUser, t.convertUser, t.user.Type, t.organizationHasUser),
		}, reportRows()...),
	}
}

// reportRows are the kinds of which nothing is made: the collector joins them to devices.
func reportRows() (kinds []converters.RecordKind) {
	for _, name := range []string{
		provider.KindHealth, provider.KindAntivirus, provider.KindVolume, provider.KindBackup, provider.KindPatch,
	} {
		kinds = append(kinds, converters.RecordKind{
			Name: name, Convert: func(collectors.Record, *converters.Fragment) error { return nil },
		})
	}
	return kinds
}

// idText returns a reference as text; "" for 0, which refers to nothing.
func idText(id int64) string {
	if id <= 0 {
		return ""
	}
	return strconv.FormatInt(id, 10)
}
