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
	by  map[string]sharedKey // identifiers in the form of formOf

	hostname, customer string // of the machine
}

type sharedKey struct{ kind, value string }

func newConflicts(key string) *conflicts {
	return &conflicts{own: map[string]bool{key: true}, by: map[string]sharedKey{}}
}

// formOf returns an identifier of a machine in the one form in which products agree, "" for what identifies no machine.
func formOf(property, value string) (form, kind string) {
	const shortest = 5 // a shorter serial is no serial
	switch property {
	case "serial", "biosSerial":
		if b := bare(value); len(b) >= shortest && strings.Trim(b, b[:1]) != "" {
			return "serial " + b, "serial"
		}
	case "macAddresses":
		return "mac " + value, "MAC address"
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
	for _, p := range [...]string{"serial", "biosSerial", "macAddresses", "uuid"} {
		v := e.Get(p)
		values := v.List()
		if v.Kind() == graph.Text {
			values = []string{v.Text()}
		}
		for _, s := range values {
			if form, kind := formOf(p, s); form != "" {
				c.by[form] = sharedKey{kind, s}
			}
		}
	}
}

// shared returns the first identifier that an entity has in common with the machine.
func (c *conflicts) shared(properties []string, row []any) (sharedKey, bool) {
	for i, p := range properties {
		for _, v := range textsOf(row[i]) {
			if form, _ := formOf(p, v); form != "" {
				if k, ok := c.by[form]; ok {
					return k, true
				}
			}
		}
	}
	return sharedKey{}, false
}

// conflicts looks through all records of machines for those of others that share an identifier, and through all machines of the same
// customer for those of the same name.
func (x *explainer) conflicts(ctx context.Context, c *conflicts) ([]Conflict, error) {
	list := []Conflict{}
	for _, r := range x.linksTo("device") {
		found, err := x.sharing(ctx, r, c)
		if err != nil {
			return nil, err
		}
		list = append(list, found...)
	}
	namesakes, err := x.namesakes(ctx, c)
	if err != nil {
		return nil, err
	}
	return fewest(append(list, namesakes...)), nil
}

// sharing finds the records of others of one type.
func (x *explainer) sharing(ctx context.Context, r *graph.Type, c *conflicts) (list []Conflict, err error) {
	if len(c.by) == 0 {
		return nil, nil
	}
	found := map[string]string{}
	err = x.scan(ctx, x.Schema.Type(r.From), func(key, name string, row []any, properties []string) {
		if k, ok := c.shared(properties, row); ok && !c.own[key] {
			found[key] = key
			list = append(list, Conflict{Identifier: k.kind, Value: k.value, Record: key, Name: name})
		}
	})
	if err != nil || len(list) == 0 {
		return nil, err
	}
	owners, err := x.owners(ctx, r, found)
	for i := range list {
		list[i].Belongs = owners[list[i].Record].key
	}
	return list, err
}

// namesakes finds other machines of the same customer with the same host name.
func (x *explainer) namesakes(ctx context.Context, c *conflicts) (list []Conflict, err error) {
	if c.hostname == "" || c.customer == "" {
		return nil, nil
	}
	err = x.eachEntity(ctx, "device", []string{"_key", "displayName", "hostname", "organization"}, func(row []any) {
		key, name := textOf(row[0]), textOf(row[2])
		if strings.EqualFold(name, c.hostname) && textOf(row[3]) == c.customer && !c.own[key] {
			list = append(list, Conflict{Identifier: "host name", Value: name, Record: key, Name: textOf(row[1]), Belongs: key})
		}
	})
	return list, err
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
