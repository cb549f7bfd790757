package immybot

import (
	"strconv"

	"assetgraph/collectors/immybot"
	"assetgraph/converters"
	"assetgraph/graph"
)

// Integration is the value of _integration of everything that New's converter produces.
const Integration = "immybot"

// types are the declarations of everything that the converter produces.
type types struct {
	tenant   *converters.Table[tenant]
	computer *converters.Table[computer]
	person   *converters.Table[person]
	user     *converters.Table[user]

	tenantHasTenant, tenantHasComputer, tenantHasPerson, personUsesComputer *graph.Type
}

func newTypes() *types {
	t := &types{tenant: tenants(), computer: computers(), person: persons(), user: users()}
	relationship := func(from *graph.Type, verb string, to *graph.Type) *graph.Type {
		return graph.NewRelationshipType(Integration, from.Name, verb, to.Name)
	}
	t.tenantHasComputer = relationship(t.tenant.Type, "HAS", t.computer.Type)
	t.tenantHasPerson = relationship(t.tenant.Type, "HAS", t.person.Type)
	t.tenantHasTenant = relationship(t.tenant.Type, "HAS", t.tenant.Type)
	t.personUsesComputer = relationship(t.person.Type, "USES", t.computer.Type)
	return t
}

// New returns the converter of all kinds of record that the collector yields. Integrations, their clients and their
// agents become no elements: what they tell is which records of other products are the same machine or customer:
// connections and links. Nor do sessions and actions of maintenance, of which the computers tell the
// last ones.
func New() *converters.Converter {
	t := newTypes()
	return &converters.Converter{
		Integration: Integration,
		Aliases:     []string{"immybot", "immy"},
		Roles:       t.roles(),
		Identities:  t.identities(),
		Types: []*graph.Type{
			t.tenant.Type, t.computer.Type, t.person.Type, t.user.Type,
			t.tenantHasComputer, t.tenantHasPerson, t.tenantHasTenant, t.personUsesComputer,
		},
		Kinds: []converters.RecordKind{
			converters.NewKind(immybot.KindTenant, t.convertTenant, t.tenant.Type, t.tenantHasTenant),
			linking(t.computer.Type, converters.NewKind(immybot.KindComputer, t.convertComputer, t.computer.Type,
				t.tenantHasComputer, t.personUsesComputer)),
			converters.NewKind(immybot.KindPerson, t.convertPerson, t.person.Type, t.tenantHasPerson),
			converters.NewKind(immybot.KindUser, t.convertUser, t.user.Type),
			converters.NewKind(immybot.KindProviderLink, t.connect),
			linking(t.tenant.Type, converters.NewKind(immybot.KindProviderClient, t.linkClient)),
			converters.NewKind(immybot.KindProviderAgent, nothing[immybot.ProviderAgent]),
			converters.NewKind(immybot.KindMaintenanceSession, nothing[immybot.MaintenanceSession]),
			converters.NewKind(immybot.KindMaintenanceAction, nothing[immybot.MaintenanceAction]),
		},
	}
}

// linking says that records of a kind tell the links of the entities of a type.
func linking(t *graph.Type, k converters.RecordKind) converters.RecordKind {
	k.Links = t
	return k
}

func nothing[T any](*T, string, *converters.Fragment) {}

// reference returns the id of another record, "" for none: the provider's ids begin with 1.
func reference(n int64, set bool) string {
	if !set || n <= 0 {
		return ""
	}
	return strconv.FormatInt(n, 10)
}
