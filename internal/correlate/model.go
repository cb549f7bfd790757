package correlate

import (
	"cmp"
	"crypto/sha256"
	"fmt"
	"slices"
	"strings"

	"assetgraph/converters"
	"assetgraph/graph"
	"assetgraph/internal/lifecycle"
)

// Integration owns everything that the program derives.
const Integration = "assetgraph"

// A Model is what is derived from the products at hand: its types follow from the roles that they declare. It is made
// once, and never changed.
type Model struct {
	roles    map[string]*role // by _type
	sighted  map[string]*sightedType
	order    []*role // as they are declared
	products []product
	tools    []*converters.Tool
	types    []*graph.Type
	systems  *lifecycle.Releases // what is known of operating systems
	known    [sha256.Size]byte   // its digest

	sightings []*graph.Type // from what was seen on networks to devices

	device       deviceType
	organization organizationType
	person       personType
	has, uses    *graph.Type // from an organization, and from a person, to a device
}

// A role is a declared role with what correlation makes of it.
type role struct {
	converters.Role
	why     *graph.Type   // the relationship from such a record to what it is part of
	product int           // index in Model.products
	tool    int           // index in Model.tools; machines only
	same    []graph.Field // the type's own properties of the names that device has, parallel to the device's; zero where it has none
	other   []graph.Field // as Machine.Posture names them, parallel to the device's; zero where it names none
	moving  []graph.Field // the volatile properties that what is derived may depend on, but for those of posture and Machine.LastSeen

	method, matchedValue, confidence graph.Field // of why
	links                            graph.Field // of why; zero for records that tell no links
}

// A product is an integration that declares roles.
type product struct {
	integration string
	aliases     []string
}

type deviceType struct {
	*graph.Type
	name, category, hostname, serial, sources, sourceCount, organization, lastSeenOn graph.Field

	osName, osType, osVersion graph.Field

	osSupportEndsOn, osExtendedUpdatesEndOn graph.Field

	tools  []graph.Field // parallel to Model.tools
	work   []workFields  // likewise
	first  []graph.Field // of what the first record by belief gives
	system []graph.Field // of what one record gives together
	union  []graph.Field // of what all live records give

	posture []chosen // see postureRule
}

// A chosen property of device is what a rule takes from its records.
type chosen struct {
	postureRule
	field graph.Field
}

type organizationType struct {
	*graph.Type
	name, sources, deviceCount graph.Field
}

type personType struct {
	*graph.Type
	name, firstName, lastName, email, sources graph.Field
}

// NewModel returns the model of what is derived from records of the given converters. It panics when a role contradicts
// itself.
func NewModel(list ...*converters.Converter) *Model {
	m := &Model{roles: map[string]*role{}, sighted: map[string]*sightedType{}, systems: lifecycle.Read()}
	m.known = m.systems.Digest()
	var all []converters.Role
	for _, c := range list {
		m.products = append(m.products, product{c.Integration, c.Aliases})
		all = append(all, c.Roles...)
	}
	m.tools = converters.Tools(all)
	m.declare()
	for _, r := range all {
		m.add(r)
	}
	m.relate()
	return m
}

// Types returns the types of what is derived, entities first. The caller must not change the slice.
func (m *Model) Types() []*graph.Type { return m.types }

// Tools returns the tools that machines should have, in the order of the providers.
func (m *Model) Tools() []*converters.Tool { return m.tools }

// Role returns what the entities of a type are, nil for a type without a role, and for what was seen on a network.
func (m *Model) Role(typ string) *converters.Role {
	if r := m.roles[typ]; r != nil {
		return &r.Role
	}
	return nil
}

// declare makes the derived entity types and what relates them with each other.
func (m *Model) declare() {
	text := func(names ...string) (list []graph.Property) {
		for _, n := range names {
			list = append(list, graph.Property{Name: n, Kind: graph.Text})
		}
		return list
	}
	texts := func(names ...string) (list []graph.Property) {
		for _, n := range names {
			list = append(list, graph.Property{Name: n, Kind: graph.Texts})
		}
		return list
	}
	properties := slices.Concat(
		text("category", "hostname"), texts("fqdn"), text("serial"), texts("deviceId"),
		text("make", "model", "osName", "osType", "osVersion", "osDetails"),
		texts("ipv4Addresses", "ipv6Addresses", "macAddresses", "publicIpAddresses", "privateIpAddresses"),
		[]graph.Property{
			{Name: "osSupportEndsOn", Kind: graph.Time,
				Doc: "last day of the maker's support for the release, at 0:00 UTC; absent when nobody knows"},
			{Name: "osExtendedUpdatesEndOn", Kind: graph.Time,
				Doc: "last day of the security updates that are sold beyond it, bought or not; absent when no such day is known"},
			{Name: "sources", Kind: graph.Texts, Doc: "which products see it"}, {Name: "sourceCount", Kind: graph.Int},
		})
	for _, t := range m.tools {
		properties = append(properties, graph.Property{Name: t.Property(), Kind: graph.Bool})
	}
	for _, t := range m.tools {
		if t.Tells() {
			properties = append(properties, graph.Property{
				Name: t.WorksProperty(), Kind: graph.Bool,
				Doc: fmt.Sprintf("the %s on it does its work; absent when nobody knows, and without one", t.Noun),
			}, graph.Property{
				Name: t.AilmentsProperty(), Kind: graph.Texts,
				Doc: "why it does not: " + strings.Join(converters.AllAilments.Words(), ", "),
			})
		}
	}
	for _, rule := range posture() {
		properties = append(properties, rule.property)
	}
	properties = append(properties, graph.Property{Name: "organization", Kind: graph.Text},
		graph.Property{Name: "lastSeenOn", Kind: graph.Time, Volatile: true})

	d := graph.NewEntityType("device", Integration, "derived: one physical or virtual machine",
		[]string{"Device", "Host"}, properties...)
	m.device = deviceType{
		Type: d, name: d.Field("name"), category: d.Field("category"), hostname: d.Field("hostname"),
		serial: d.Field("serial"), sources: d.Field("sources"),
		sourceCount: d.Field("sourceCount"), organization: d.Field("organization"), lastSeenOn: d.Field("lastSeenOn"),
		osName: d.Field("osName"), osType: d.Field("osType"), osVersion: d.Field("osVersion"),
		osSupportEndsOn:        d.Field("osSupportEndsOn"),
		osExtendedUpdatesEndOn: d.Field("osExtendedUpdatesEndOn"),
		first:                  fields(d, "make", "model"),
		system:                 fields(d, "osName", "osType", "osVersion", "osDetails"),
		union: fields(d, "fqdn", "deviceId", "ipv4Addresses", "ipv6Addresses", "macAddresses", "publicIpAddresses",
			"privateIpAddresses"),
	}
	for _, t := range m.tools {
		m.device.tools = append(m.device.tools, d.Field(t.Property()))
		var of workFields
		if t.Tells() {
			of = workFields{works: d.Field(t.WorksProperty()), ailments: d.Field(t.AilmentsProperty())}
		}
		m.device.work = append(m.device.work, of)
	}
	for _, rule := range posture() {
		m.device.posture = append(m.device.posture, chosen{rule, d.Field(rule.property.Name)})
	}

	o := graph.NewEntityType("organization", Integration, "derived: one customer", []string{"Organization"},
		graph.Property{Name: "sources", Kind: graph.Texts}, graph.Property{Name: "deviceCount", Kind: graph.Int})
	m.organization = organizationType{
		Type: o, name: o.Field("name"), sources: o.Field("sources"), deviceCount: o.Field("deviceCount"),
	}

	p := graph.NewEntityType("person", Integration, "derived: one human, by e-mail", []string{"Person"},
		slices.Concat(text("firstName", "lastName"), texts("email", "sources"))...)
	m.person = personType{
		Type: p, name: p.Field("name"), firstName: p.Field("firstName"), lastName: p.Field("lastName"),
		email: p.Field("email"), sources: p.Field("sources"),
	}
	m.has = graph.NewRelationshipType(Integration, o.Name, "HAS", d.Name)
	m.uses = graph.NewRelationshipType(Integration, p.Name, "USES", d.Name)
}

func fields(t *graph.Type, names ...string) (list []graph.Field) {
	for _, n := range names {
		list = append(list, t.Field(n))
	}
	return list
}

// add takes a declared role.
func (m *Model) add(r converters.Role) {
	if r.Sighting != nil {
		m.addSighting(r)
		return
	}
	made := &role{Role: r, product: m.called(r.Type.Integration)}
	to, verb := "", "IS"
	switch {
	case r.Machine != nil:
		to, verb = m.device.Name, r.Machine.Verb
		made.tool = slices.IndexFunc(m.tools, func(t *converters.Tool) bool { return t.Name == r.Machine.Tool.Name })
		if r.Machine.Symptoms != nil && !m.tools[made.tool].Tells() {
			panic(fmt.Sprintf("correlate: %s tells of a tool that does not say what it does", r.Type.Name))
		}
		made.same = make([]graph.Field, len(m.device.Properties))
		made.other = make([]graph.Field, len(m.device.Properties))
		for name, f := range r.Machine.Posture {
			p := m.device.Property(name)
			if p == nil || p.Kind != f.Property().Kind || f.Property().Volatile && !p.Volatile {
				panic(fmt.Sprintf("correlate: %s can't tell %s of a device", r.Type.Name, name))
			}
			made.other[m.device.Field(name).Index()] = f
		}
		for i := range m.device.Properties {
			if p := r.Type.Property(m.device.Properties[i].Name); p != nil && p.Kind == m.device.Properties[i].Kind {
				made.same[i] = r.Type.Field(p.Name)
			}
		}
	case r.Customer != nil:
		to = m.organization.Name
	case r.Human != nil:
		to = m.person.Name
	case r.Account != nil:
		m.roles[r.Type.Name] = made
		return
	}
	if to == "" || m.roles[r.Type.Name] != nil {
		panic(fmt.Sprintf("correlate: %s must have one role and one kind of role", r.Type.Name))
	}
	properties := []graph.Property{
		{
			Name: "method", Kind: graph.Text,
			Doc: "provider-link, serial, mac, hostname, client-mapping, name or email; override where people decided; previous where it was part of this before and nothing contradicts that. Of a record to which no other is linked: what it is known by",
		},
		{Name: "matchedValue", Kind: graph.Text},
		{Name: "confidence", Kind: graph.Text, Doc: "exact, strong or weak"},
	}
	if tellsLinks(&r) {
		properties = append(properties, graph.Property{
			Name: "links", Kind: graph.Texts,
			Doc: "digests of the counterparts that the product says it has, known or not; they count until they are read again",
		})
	}
	made.moving = movingOf(made.fields(m.device.lastSeenOn.Index()))
	made.why = graph.NewRelationshipType(Integration, r.Type.Name, verb, to, properties...)
	if tellsLinks(&r) {
		made.links = made.why.Field("links")
	}
	made.method, made.matchedValue, made.confidence = made.why.Field("method"), made.why.Field("matchedValue"),
		made.why.Field("confidence")
	m.roles[r.Type.Name] = made
	m.order = append(m.order, made)
}

// relate puts the types in the order of the documentation.
func (m *Model) relate() {
	m.types = []*graph.Type{m.device.Type, m.organization.Type, m.person.Type}
	var machines, customers, humans []*graph.Type
	for _, r := range m.order {
		switch {
		case r.Machine != nil:
			machines = append(machines, r.why)
		case r.Customer != nil:
			customers = append(customers, r.why)
		default:
			humans = append(humans, r.why)
		}
	}
	for _, list := range [...][]*graph.Type{machines, customers} {
		slices.SortFunc(list, func(a, b *graph.Type) int {
			return cmp.Or(m.roles[a.From].product-m.roles[b.From].product, strings.Compare(a.Name, b.Name))
		})
	}
	slices.SortFunc(humans, func(a, b *graph.Type) int { return strings.Compare(a.Name, b.Name) })
	m.types = slices.Concat(m.types, machines, m.sightings, customers, humans, []*graph.Type{m.has, m.uses})
}

// called returns the index of the product of the given integration, or that other products call by the name; -1 for one
// that is none of these.
func (m *Model) called(name string) int {
	if i := slices.IndexFunc(m.products, func(p product) bool { return p.integration == name }); i >= 0 {
		return i
	}
	return slices.IndexFunc(m.products, func(p product) bool { return converters.CalledBy(name, p.aliases) })
}

// machineOf returns the role of machine records of a product, nil where it has none.
func (m *Model) machineOf(product int) *converters.Machine {
	for _, r := range m.order {
		if r.Machine != nil && r.Type.Integration == m.products[product].integration && !r.Machine.External.IsZero() {
			return r.Machine
		}
	}
	return nil
}

// isDerivedFrom reports whether elements of a type say of which records an entity is made.
func isDerivedFrom(t *graph.Type) bool {
	return t.Integration == Integration && t.IsRelationship() && !isBetween(t)
}

// isBetween reports whether a type relates derived entities with each other.
func isBetween(t *graph.Type) bool { return t.Verb == "HAS" || t.Verb == "USES" }
