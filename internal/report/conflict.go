package report

import (
	"cmp"
	"context"
	"maps"
	"slices"
	"strings"

	"assetgraph/graph"
)

// conflicts holds the identifiers of one machine, to find others that have them too.
type conflicts struct {
	own map[string]bool      // keys of the machine and of its records
	by  map[string]sharedKey // identifiers in the form of formOf

	hostname, customer string // of the machine

	subject *Subject // that they are found for
}

// macKind is what a MAC address is called.
const macKind = "MAC address"

type sharedKey struct{ kind, value string }

func newConflicts(key string) *conflicts {
	return &conflicts{own: map[string]bool{key: true}, by: map[string]sharedKey{}}
}

// shareable lists the identifiers that no two machines should share.
func shareable() []string { return []string{"serial", "biosSerial", macAddresses, "uuid"} }

// formOf returns an identifier of a machine in the one form in which products agree, "" for what identifies no machine.
func formOf(property, value string) (form, kind string) {
	const shortest = 5 // a shorter serial is no serial
	switch property {
	case "serial", "biosSerial":
		if b := bare(value); len(b) >= shortest && strings.Trim(b, b[:1]) != "" {
			return "serial " + b, "serial"
		}
	case macAddresses:
		return "mac " + value, macKind
	case "uuid":
		return "uuid " + bare(value), "agent uuid"
	}
	return "", ""
}

// learn takes the identifiers of the machine or of one of its records.
func (c *conflicts) learn(e *graph.Element) {
	c.own[string(e.Key)] = true
	if e.Type.Name == "device" {
		c.hostname, c.customer = e.Get("hostname").Text(), e.Get("organization").Text()
	}
	for _, p := range shareable() {
		for _, s := range textsIn(e.Get(p)) {
			if form, kind := formOf(p, s); form != "" {
				c.by[form] = sharedKey{kind, s}
			}
		}
	}
}

// shared returns the first identifier that an entity has in common with the machine.
func (c *conflicts) shared(e *graph.Element) (sharedKey, bool) {
	for _, p := range shareable() {
		for _, v := range textsIn(e.Get(p)) {
			if form, _ := formOf(p, v); form != "" {
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
	return c.hostname != "" && c.customer != "" && strings.EqualFold(e.Get("hostname").Text(), c.hostname) && organizationOf(e) == c.customer
}

// conflicts looks once for the records of others that share an identifier with one of the machines, and for other machines of the same
// customer and name.
func (x *explainer) conflicts(ctx context.Context, list []*conflicts) error {
	q := search{whole: true, in: append(shareable(), "hostname")}
	for _, c := range list {
		for _, k := range c.by {
			if k.kind == macKind {
				q.macs = append(q.macs, k.value)
			} else {
				q.texts = append(q.texts, k.value)
			}
		}
		if c.hostname != "" && c.customer != "" {
			q.texts = append(q.texts, c.hostname)
		}
	}
	if len(q.texts) == 0 && len(q.macs) == 0 {
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
	found := map[*graph.Type][]string{}
	err = x.elements(ctx, types, q, func(e *graph.Element) {
		for _, c := range list {
			if c.meet(e, device) {
				found[e.Type] = append(found[e.Type], string(e.Key))
			}
		}
	})
	if err != nil {
		return err
	}
	owners := map[string]hit{}
	for _, r := range x.linksTo(device.Name) {
		of, err := x.owners(ctx, r, slices.Compact(slices.Sorted(slices.Values(found[x.Schema.Type(r.From)]))))
		if err != nil {
			return err
		}
		maps.Copy(owners, of)
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
		return cmp.Or(cmp.Compare(a.Identifier, b.Identifier), cmp.Compare(a.Value, b.Value), cmp.Compare(a.Record, b.Record))
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
