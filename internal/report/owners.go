package report

import (
	"cmp"
	"context"
	"fmt"
	"maps"
	"slices"
	"strings"
	"time"

	"assetgraph/converters"
	"assetgraph/graph"
)

// owners know what entities are called and whose they are, those of the graph and those of which only the change log
// tells.
type owners struct {
	Source
	customers map[graph.Key]string // names of customers, those of products' records by what the graph calls them
	known     map[graph.Key]owned
}

// owned is an entity by its name and customer, "" for what is not known.
type owned struct{ name, owner string }

func newOwners(s Source) *owners {
	return &owners{Source: s, customers: map[graph.Key]string{}, known: map[graph.Key]owned{}}
}

// load reads all customers. There are few.
func (o *owners) load(ctx context.Context) error {
	for _, t := range o.Schema.Types() {
		if !converters.IsCustomer(t) {
			continue
		}
		err := o.eachEntity(ctx, t.Name, []string{"name"},
			func(e *graph.Element) { o.customers[e.Key] = e.Get("name").Text() })
		if err != nil {
			return err
		}
	}
	links := o.linksTo("organization")
	return o.eachLink(ctx, graph.LinkSelection{Types: links}, func(l graph.Link) {
		if name := o.customers[l.To]; name != "" {
			o.customers[l.From] = name
		}
	})
}

// learn looks at what entries are about: at what the graph holds, else at what the entries say. They come newest first,
// so that what deleted something is met before what was done to it earlier.
func (o *owners) learn(ctx context.Context, page []graph.Change) error {
	keys := map[string][]graph.Key{} // by type
	ask := func(key graph.Key) {
		if _, known := o.known[key]; key != "" && !known {
			o.known[key] = owned{}
			typ := key.Scope().Type
			keys[typ] = append(keys[typ], key)
		}
	}
	for i := range page {
		if from, to := page[i].Key.Ends(); from != "" {
			ask(from)
			ask(to)
		} else {
			ask(page[i].Key)
		}
	}
	for _, name := range sorted(keys) {
		t := o.Schema.Type(name)
		if t == nil {
			continue
		}
		err := o.eachOf(ctx, graph.Selection{Type: t, Keys: keys[name], Properties: owningProperties(t)},
			func(e graph.Stored) {
				o.know(t, e.Key, e.Get("displayName").Text(), func(p string) string { return e.Get(p).String() })
			})
		if err != nil {
			return err
		}
	}
	for i := range page {
		o.learnFrom(&page[i])
	}
	return nil
}

// owningProperties are those by which CustomerOf finds a customer, and the name.
func owningProperties(t *graph.Type) []string {
	names := []string{"displayName"}
	for i := range t.Properties {
		if name := t.Properties[i].Name; name == "organization" || strings.HasSuffix(name, "Id") {
			names = append(names, name)
		}
	}
	return names
}

// learnFrom takes what an entry says of an entity that is not in the graph.
func (o *owners) learnFrom(c *graph.Change) {
	t := o.Schema.Type(c.Type)
	if t == nil || t.IsRelationship() || o.known[c.Key] != (owned{}) {
		return
	}
	o.know(t, c.Key, c.Name, func(name string) string {
		for _, p := range c.Properties {
			if p.Name == name {
				return fmt.Sprint(cmp.Or(p.New, p.Old))
			}
		}
		return ""
	})
}

func (o *owners) know(t *graph.Type, key graph.Key, name string, value func(property string) string) {
	if converters.IsCustomer(t) {
		o.known[key] = owned{name, cmp.Or(o.customers[key], name)}
		return
	}
	owner, customer := converters.CustomerOf(o.Schema, t, key.Scope().Instance, value)
	o.known[key] = owned{name, cmp.Or(owner, o.customers[customer])}
}

// nameOf returns what an entity is called, else the last part of its key.
func (o *owners) nameOf(key graph.Key) string {
	if name := o.known[key].name; name != "" {
		return name
	}
	return strings.TrimPrefix(string(key), key.Scope().Prefix())
}

// ownerOf returns the customer of an entity, or of one end of a relationship.
func (o *owners) ownerOf(key graph.Key) string {
	from, to := key.Ends()
	return cmp.Or(o.known[key].owner, o.known[from].owner, o.known[to].owner)
}

// check returns an *UnknownError for the first name that fits no customer of the graph.
func (o *owners) check(asked []string) error {
	return CheckCustomers(asked, slices.Collect(maps.Values(o.customers)))
}

// CheckCustomers returns an *UnknownError for the first name or glob that fits none of the names of customers.
func CheckCustomers(asked, names []string) error {
	for _, a := range asked {
		if !slices.ContainsFunc(names, func(n string) bool { return Fits(a, n) }) {
			return &UnknownError{Kind: "organization", Name: a, Near: Nearest(a, names)}
		}
	}
	return nil
}

// loggedKeys returns the keys of what a text names: of the machines, customers and persons that Explain finds with
// their records, those of before too. What the graph does not hold any more is found by its key or by its name.
func (s Source) loggedKeys(ctx context.Context, text string, since time.Time) ([]graph.Key, error) {
	x, err := Explain(ctx, s, text, MaxExplained)
	if err != nil {
		return nil, err
	}
	keys := []graph.Key{}
	for _, m := range x.Matches {
		keys = append(keys, graph.Key(m.Key))
		if m.Subject == nil {
			continue
		}
		for _, r := range m.Subject.Records {
			keys = append(keys, graph.Key(r.Key))
		}
	}
	if len(keys) == 0 {
		keys, err = s.formerKeys(ctx, text, since)
		if err == nil && len(keys) == 0 {
			err = &UnknownError{Kind: "machine, customer or person", Name: text, Near: x.Near}
		}
		if err != nil {
			return nil, err
		}
	}
	return s.withFormerRecords(ctx, keys, since)
}

// formerKeys returns the keys of entities that the log knows by a key or name.
func (s Source) formerKeys(ctx context.Context, text string, since time.Time) (keys []graph.Key, _ error) {
	for c, err := range s.Store.Changes(ctx, graph.ChangeSelection{Since: since}) {
		if err != nil {
			return nil, err
		}
		if (string(c.Key) == text || c.Name != "" && strings.EqualFold(c.Name, text)) && !slices.Contains(keys, c.Key) {
			keys = append(keys, c.Key)
		}
	}
	return keys, nil
}

// withFormerRecords adds the records of which the log says that they were linked to one of the keys.
func (s Source) withFormerRecords(ctx context.Context, keys []graph.Key, since time.Time) ([]graph.Key, error) {
	selection := graph.ChangeSelection{Since: since, Keys: keys, Types: []string{}}
	for _, t := range s.Schema.Types() {
		if s.saysWhat(t) {
			selection.Types = append(selection.Types, t.Name)
		}
	}
	for c, err := range s.Store.Changes(ctx, selection) {
		if err != nil {
			return nil, err
		}
		if record, what := c.Key.Ends(); slices.Contains(selection.Keys, what) && !slices.Contains(keys, record) {
			keys = append(keys, record)
		}
	}
	return keys, nil
}
