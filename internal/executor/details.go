package executor

import (
	"cmp"
	"context"
	"iter"
	"maps"
	"slices"

	"assetgraph/converters"
	"assetgraph/differ"
	"assetgraph/graph"
	"assetgraph/internal/plaintext"
)

// A Change is one element that a run changes, or a plan would.
type Change struct {
	Op           string                 `json:"op"` // create, update, delete
	Instance     string                 `json:"instance"`
	Type         string                 `json:"type"`
	Key          string                 `json:"key"`
	Name         string                 `json:"name"`                 // "" for a relationship
	Organization string                 `json:"organization"`         // the customer that it belongs to, "" where that is not known
	Properties   []graph.PropertyChange `json:"properties,omitempty"` // of an update: what changes, in the order of the schema
}

// A describer finds names and values for people, of a plan that is not carried out yet.
type describer struct {
	instances []Instance
	store     graph.Reader
	schema    *graph.Schema
	plan      *differ.Plan
	known     map[graph.Key]string // names of customers
	read      map[graph.Scope]bool // scopes of the plan whose names are known
}

func newDescriber(o *Options, p *differ.Plan) *describer {
	return &describer{
		instances: o.Instances, store: o.Store, schema: o.Schema, plan: p, known: make(map[graph.Key]string),
		read: make(map[graph.Scope]bool),
	}
}

// changes names what the plan changes, at most most elements of each scope and operation.
func (d *describer) changes(ctx context.Context, most int) ([]Change, error) {
	all := []Change{}
	for _, sp := range d.plan.Scopes {
		for _, part := range []func(context.Context, *differ.ScopePlan, int) ([]Change, error){d.created, d.updated,
			d.deleted} {
			list, err := part(ctx, sp, most)
			all = append(all, list...)
			if err != nil {
				return all, err
			}
		}
	}
	return all, nil
}

// change describes an entity or relationship, which is valid until the next one is read.
func (d *describer) change(ctx context.Context, op graph.Op, e *graph.Element) (Change, error) {
	c := Change{Op: op.String(), Instance: e.Instance, Type: e.Type.Name, Key: string(e.Key)}
	if e.Type.IsRelationship() {
		return c, nil
	}
	customer, err := d.customer(ctx, e)
	c.Name, c.Organization = shownName(e), plaintext.Clip(customer, plaintext.Part)
	return c, err
}

func (d *describer) created(ctx context.Context, sp *differ.ScopePlan, most int) (list []Change, _ error) {
	batch, err := first(sp.Writes(ctx, graph.Create, most)) // as many as are wanted
	for _, e := range batch {
		c, err := d.change(ctx, graph.Create, e)
		if err != nil {
			return list, err
		}
		list = append(list, c)
	}
	return list, err
}

func (d *describer) updated(ctx context.Context, sp *differ.ScopePlan, most int) (list []Change, _ error) {
	var updates []differ.Update
	var keys []graph.Key
	for u, err := range sp.Updates() {
		if err != nil {
			return nil, err
		}
		if updates, keys = append(updates, u), append(keys, u.Key); len(updates) == most {
			break
		}
	}
	old := make(map[graph.Key]map[string]any, len(keys))
	err := d.stored(ctx, sp, keys, func(e *graph.Element) error {
		values := make(map[string]any)
		for p, v := range e.Values() {
			values[p.Name] = plainValue(v)
		}
		old[e.Key] = values
		return nil
	})
	if err != nil {
		return nil, err
	}
	for _, u := range updates {
		c, err := d.change(ctx, graph.Update, u.Element)
		if err != nil {
			return list, err
		}
		for _, name := range u.Changed {
			c.Properties = append(c.Properties,
				graph.PropertyChange{Name: name, Old: old[u.Key][name], New: plainValue(u.Get(name))})
		}
		list = append(list, c)
	}
	return list, nil
}

func (d *describer) deleted(ctx context.Context, sp *differ.ScopePlan, most int) (list []Change, _ error) {
	batch, err := first(withoutError(sp.Deletes(most)))
	if err != nil || len(batch) == 0 {
		return nil, err
	}
	if sp.Type.IsRelationship() { // the keys say all
		for _, e := range batch {
			list = append(list,
				Change{Op: graph.Delete.String(), Instance: e.Instance, Type: e.Type.Name, Key: string(e.Key)})
		}
		return list, nil
	}
	keys := make([]graph.Key, len(batch))
	for i, e := range batch {
		keys[i] = e.Key
	}
	err = d.stored(ctx, sp, keys, func(e *graph.Element) error {
		c, err := d.change(ctx, graph.Delete, e)
		list = append(list, c)
		return err
	})
	return list, err
}

// first returns the first value, the zero one when there is none.
func first[T any](seq iter.Seq2[T, error]) (T, error) {
	next, stop := iter.Pull2(seq)
	defer stop()
	v, err, _ := next()
	return v, err
}

// stored calls f with what the graph holds under the keys.
func (d *describer) stored(
	ctx context.Context, sp *differ.ScopePlan, keys []graph.Key, f func(*graph.Element) error,
) error {
	if len(keys) == 0 {
		return nil
	}
	for e, err := range d.store.Elements(ctx, graph.Selection{Type: sp.Type, Instance: sp.Instance, Keys: keys}) {
		if err == nil {
			err = f(e.Element)
		}
		if err != nil {
			return err
		}
	}
	return nil
}

// customer returns the name of the customer that an entity says it belongs to.
func (d *describer) customer(ctx context.Context, e *graph.Element) (string, error) {
	if d.schema == nil {
		return "", nil
	}
	name, key := converters.CustomerOf(d.schema, e.Type, e.Instance, func(p string) string { return e.Get(p).String() })
	if key == "" {
		return name, nil
	}
	return d.nameOf(ctx, d.schema.Type(key.Scope().Type), key)
}

// nameOf returns the name of a customer of the plan or of the graph.
func (d *describer) nameOf(ctx context.Context, t *graph.Type, key graph.Key) (string, error) {
	if name, known := d.known[key]; known {
		return name, nil
	}
	for _, sp := range d.plan.Scopes {
		if sp.Scope != key.Scope() || d.read[sp.Scope] {
			continue
		}
		d.read[sp.Scope] = true
		for l, err := range sp.Elements() {
			if err != nil {
				return "", err
			}
			d.known[l.Key] = shownName(l.Element)
		}
	}
	if name, known := d.known[key]; known {
		return name, nil
	}
	d.known[key] = ""
	for e, err := range d.store.Elements(ctx,
		graph.Selection{Type: t, Instance: key.Scope().Instance, Keys: []graph.Key{key}}) {
		if err != nil {
			return "", err
		}
		d.known[key] = shownName(e.Element)
	}
	return d.known[key], nil
}

// names returns the names that people know the examples of withheld deletes by.
func (d *describer) names(ctx context.Context, w *Withheld) (names []string, _ error) {
	at := slices.IndexFunc(d.plan.Scopes,
		func(sp *differ.ScopePlan) bool { return sp.Instance == w.Instance && sp.Type.Name == w.Type })
	if at < 0 || d.plan.Scopes[at].Type.IsRelationship() {
		return nil, nil
	}
	keys := make([]graph.Key, len(w.Examples))
	for i, k := range w.Examples {
		keys[i] = graph.Key(k)
	}
	err := d.stored(ctx, d.plan.Scopes[at], keys, func(e *graph.Element) error {
		customer, err := d.customer(ctx, e)
		names = append(names, nameOf(e, customer))
		return err
	})
	return names, err
}

const (
	mostAsked    = 2_000 // withheld deletes of one sort whose customers are looked for
	mostWithheld = 20    // customers that are named of them
)

// customers returns whose the withheld entities are.
func (d *describer) customers(ctx context.Context, w *Withheld) (list []CustomerCount, _ error) {
	at := slices.IndexFunc(d.plan.Scopes,
		func(sp *differ.ScopePlan) bool { return sp.Instance == w.Instance && sp.Type.Name == w.Type })
	if at < 0 || d.plan.Scopes[at].Type.IsRelationship() {
		return nil, nil
	}
	sp := d.plan.Scopes[at]
	keys := slices.DeleteFunc(sp.Kept(w.Reason), func(key graph.Key) bool { return isLeftOut(d.instances, sp, key) })
	count := make(map[string]int)
	err := d.stored(ctx, sp, keys[:min(len(keys), mostAsked)], func(e *graph.Element) error {
		customer, err := d.customer(ctx, e)
		count[plaintext.Clip(customer, plaintext.Part)]++
		return err
	})
	delete(count, "")
	for _, name := range slices.Sorted(maps.Keys(count)) {
		list = append(list, CustomerCount{name, count[name]})
	}
	slices.SortStableFunc(list, func(a, b CustomerCount) int { return cmp.Compare(b.Machines, a.Machines) })
	return list[:min(len(list), mostWithheld)], err
}

// nameOf returns how people know an entity, with its customer.
func nameOf(e *graph.Element, customer string) string {
	name := shownName(e)
	if customer == "" || customer == name {
		return name
	}
	return name + " (" + plaintext.Clip(customer, plaintext.Part) + ")"
}

// shownName returns the name of an entity: that of its host, else the one for people, else its key.
func shownName(e *graph.Element) string {
	for _, p := range []string{"hostname", "displayName", "name"} {
		if e.Type.Property(p) == nil {
			continue
		}
		if name := e.Get(p).Text(); name != "" {
			return plaintext.Clip(name, plaintext.Part)
		}
	}
	return string(e.Key)
}

// plainValue returns a value as JSON has it.
func plainValue(v graph.Value) any {
	switch v.Kind() {
	case graph.Text:
		return plaintext.Clip(v.Text(), plaintext.Message)
	case graph.Int:
		return v.Int()
	case graph.Bool:
		return v.Bool()
	case graph.Texts:
		list := make([]string, 0, len(v.List()))
		for _, s := range v.List() {
			list = append(list, plaintext.Clip(s, plaintext.Part))
		}
		return list
	case graph.Time:
		return v.String()
	case graph.Absent:
	}
	return nil
}
