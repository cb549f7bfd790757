package report

import (
	"cmp"
	"context"
	"slices"
	"strings"

	"assetgraph/graph"
)

// conflicts holds the identifiers of one machine, to find others that have them too.
type conflicts struct {
	own map[string]bool      // keys of the machine and of its records
	by  map[string]sharedKey // identifiers in the form of identifier.form
	of  func(typ string) []uniqueProperty

	hostname, customer string // of the machine

	subject *Subject // that they are found for
}

// What identifiers are called that products agree in.
const (
	serialKind = "serial"
	macKind    = "MAC address"
)

type sharedKey struct{ kind, value string }

func (x *explainer) newConflicts(key string) *conflicts {
	known := x.uniqueProperties()
	return &conflicts{
		own: map[string]bool{key: true}, by: map[string]sharedKey{},
		of: func(typ string) []uniqueProperty { return known[typ] },
	}
}

// uniqueProperties returns those of devices and of each type of records.
func (x *explainer) uniqueProperties() map[string][]uniqueProperty {
	known := map[string][]uniqueProperty{
		"device": {{property: "serial", kind: serialKind}, {property: macAddresses, kind: macKind}},
	}
	for _, r := range x.recordTypes() {
		known[r.t.Name] = identifiersOf(r)
	}
	return known
}

// holders returns the properties, of whatever type, in which identifiers are that are compared with each other, by what
// likeKind says of theirs.
func (x *explainer) holders() map[string][]string {
	holders := map[string][]string{}
	for _, list := range x.uniqueProperties() {
		for _, i := range list {
			if c := likeKind(i.kind); !slices.Contains(holders[c], i.property) {
				holders[c] = append(holders[c], i.property)
			}
		}
	}
	return holders
}

// likeKind returns the kind of identifiers that one may equal, "" for those that one product alone uses.
func likeKind(kind string) string {
	if kind == serialKind || kind == macKind {
		return kind
	}
	return ""
}

// An uniqueProperty is a property of a type that no two machines should share.
type uniqueProperty struct {
	property string
	kind     string // what people call it
	within   string // the integration that alone uses it; "" where products agree in it
}

// identifiersOf returns those of a type of records, the most telling first. The id of a record is none: two instances
// count alike.
func identifiersOf(r recordType) (list []uniqueProperty) {
	for _, f := range r.Serials {
		list = append(list, uniqueProperty{property: f.Property().Name, kind: serialKind})
	}
	if !r.MACs.IsZero() {
		list = append(list, uniqueProperty{property: r.MACs.Property().Name, kind: macKind})
	}
	if p := r.External.Property(); p != nil && p.Name != "id" {
		list = append(list, uniqueProperty{property: p.Name, kind: r.Tool.Noun + " " + p.Name, within: r.t.Integration})
	}
	return list
}

// form returns a value in the one form in which products agree, "" for one that identifies no machine.
func (i uniqueProperty) form(value string) string {
	const shortest = 5 // a shorter serial is no serial
	switch i.kind {
	case serialKind:
		if b := bare(value); len(b) >= shortest && strings.Trim(b, b[:1]) != "" {
			return "serial " + b
		}
		return ""
	case macKind:
		return "mac " + value
	}
	return i.within + " " + bare(value)
}

// learn takes the identifiers of the machine or of one of its records.
func (c *conflicts) learn(e *graph.Element) {
	c.own[string(e.Key)] = true
	if e.Type.Name == "device" {
		c.hostname, c.customer = e.Get("hostname").Text(), e.Get("organization").Text()
	}
	for _, i := range c.of(e.Type.Name) {
		for _, s := range textsIn(e.Get(i.property)) {
			if form := i.form(s); form != "" {
				c.by[form] = sharedKey{i.kind, s}
			}
		}
	}
}

// shared returns the first identifier that an entity has in common with the machine.
func (c *conflicts) shared(e *graph.Element) (sharedKey, bool) {
	for _, i := range c.of(e.Type.Name) {
		for _, v := range textsIn(e.Get(i.property)) {
			if form := i.form(v); form != "" {
				if k, ok := c.by[form]; ok {
					return k, true
				}
			}
		}
	}
	return sharedKey{}, false
}

// isNamesake reports whether an entity is another machine of the same customer with the same host name.
func (c *conflicts) isNamesake(e *graph.Element) bool {
	return c.hostname != "" && c.customer != "" && strings.EqualFold(e.Get("hostname").Text(), c.hostname) &&
		organizationOf(e) == c.customer
}

// conflicts looks once for the records of others that share an identifier with one of the machines, and for other
// machines of the same customer and name.
func (x *explainer) conflicts(ctx context.Context, list []*conflicts) error {
	known := x.identifying()
	known.names = []string{"hostname"}
	q, holders := search{in: known}, x.holders()
	for _, c := range list {
		for _, k := range c.by {
			q.texts = append(q.texts, sought{k.value, true, holders[likeKind(k.kind)]})
		}
		if c.hostname != "" && c.customer != "" {
			q.texts = append(q.texts, sought{c.hostname, true, known.names})
		}
	}
	if len(q.texts) == 0 {
		return nil
	}
	device, err := x.typeOf("device")
	if err != nil {
		return err
	}
	types := []*graph.Type{device}
	for _, r := range x.linksTo(device.Name) {
		types = append(types, x.Schema.Type(r.From))
	}
	var found []string // records
	properties := append(known.all(), "displayName", "organization")
	err = x.elements(ctx, types, q, properties, func(e *graph.Element) {
		for _, c := range list {
			if c.meet(e, device) && e.Type != device {
				found = append(found, string(e.Key))
			}
		}
	})
	if err != nil {
		return err
	}
	owners, err := x.owners(ctx, x.linksTo(device.Name), slices.Compact(slices.Sorted(slices.Values(found))))
	if err != nil {
		return err
	}
	for _, c := range list {
		for i := range c.subject.Conflicts {
			if one := &c.subject.Conflicts[i]; one.Belongs == "" {
				one.Belongs = owners[one.Record].key
			}
		}
		c.subject.Conflicts = fewest(c.subject.Conflicts)
	}
	return nil
}

// meet adds an entity that conflicts with the machine.
func (c *conflicts) meet(e *graph.Element, device *graph.Type) bool {
	key := string(e.Key)
	if c.own[key] {
		return false
	}
	one := Conflict{Record: key, Name: e.Get("displayName").Text()}
	if e.Type == device {
		if !c.isNamesake(e) {
			return false
		}
		one.Identifier, one.Value, one.Belongs = "host name", e.Get("hostname").Text(), key
	} else {
		k, ok := c.shared(e)
		if !ok {
			return false
		}
		one.Identifier, one.Value = k.kind, k.value
	}
	c.subject.Conflicts = append(c.subject.Conflicts, one)
	return true
}

// fewest sorts conflicts and keeps the first few of each identifier.
func fewest(list []Conflict) []Conflict {
	slices.SortFunc(list, func(a, b Conflict) int {
		return cmp.Or(cmp.Compare(a.Identifier, b.Identifier), cmp.Compare(a.Value, b.Value),
			cmp.Compare(a.Record, b.Record))
	})
	out := list[:0]
	for i := 0; i < len(list); {
		end := i + 1
		for end < len(list) && list[end].Identifier == list[i].Identifier && list[end].Value == list[i].Value {
			end++
		}
		n := end - i
		for _, c := range list[i : i+min(n, maxShared)] {
			c.Sharing = n
			out = append(out, c)
		}
		i = end
	}
	return out
}
