package report

import (
	"context"
	"slices"
	"time"

	"assetgraph/graph"
)

// ChangeOptions say which changes Changes returns.
type ChangeOptions struct {
	Since         time.Time // the zero time for all that the log keeps
	Until         time.Time // the zero time for no end
	Types         []string  // names; nil for all
	Instances     []string  // nil for all
	Organizations []string  // names or globs in any case; nil for all
	Text          string    // names machines, customers and persons as Explain finds them, or a key; "" for all
	Limit         int       // how many at most; 0 for all
}

// A Change is one entry of the change log, for people. The names of its members are a contract.
type Change struct {
	At           time.Time              `json:"at"`
	Run          string                 `json:"run"`
	Op           string                 `json:"op"` // one of the Change constants
	Instance     string                 `json:"instance"`
	Type         string                 `json:"type"`         // "" for a load of several types
	Key          string                 `json:"key"`          // "" for many at once
	Name         string                 `json:"name"`         // of a relationship those of its ends; "" where it is not known
	Organization string                 `json:"organization"` // customer that it belongs to, "" where that is not known
	Count        int                    `json:"count"`        // 1, or how many at once
	Properties   []graph.PropertyChange `json:"properties"`   // that differ; what was created or deleted has all of them
}

// What a Change says. A record that belongs to another machine, customer or person than before, by a link that one run
// deleted and another that it created, joins the one where that was there before, and else splits off. Its property is
// named as the type of both, and has their keys.
const (
	ChangeCreate = "create"
	ChangeUpdate = "update"
	ChangeDelete = "delete"
	ChangeLoad   = "load" // the first load of an instance
	ChangeJoin   = "join"
	ChangeSplit  = "split"
)

// A ChangeList is some changes, the newest first.
type ChangeList struct {
	Changes []Change
	More    bool // there are older ones than Limit lets through
}

// Changes reads the change log. An *UnknownError says that there is no customer, or nothing, of a name that was given.
func Changes(ctx context.Context, s Source, o ChangeOptions) (*ChangeList, error) {
	r := &changeReader{
		Source: s, options: o, owners: newOwners(s), sums: make(map[sum]int), out: &ChangeList{Changes: []Change{}},
	}
	r.selection = graph.ChangeSelection{Since: o.Since, Until: o.Until, Instances: o.Instances, Types: r.types()}
	if err := r.owners.load(ctx); err != nil {
		return nil, err
	}
	if o.Text != "" {
		keys, err := s.loggedKeys(ctx, o.Text, o.Since)
		if err != nil {
			return nil, err
		}
		r.selection.Keys = keys
	}
	if err := r.read(ctx); err != nil {
		return nil, err
	}
	if len(r.out.Changes) == 0 {
		return r.out, r.owners.check(o.Organizations)
	}
	return r.out, nil
}

// A changeReader turns entries of the log into changes.
type changeReader struct {
	Source
	options   ChangeOptions
	selection graph.ChangeSelection
	owners    *owners
	out       *ChangeList

	run   string      // of the last entry that was looked at
	moves *moves      // of that run
	sums  map[sum]int // where in out.Changes how many at once are counted
}

// A sum is what is told as a number.
type sum struct{ run, op, instance, typ string }

// types returns the types to read: those that are asked for and, since what a record joins or leaves is told of the
// machine too, the links that lead to them.
func (r *changeReader) types() []string {
	types := slices.Clone(r.options.Types)
	for _, t := range r.Schema.Types() {
		if r.saysWhat(t) && slices.Contains(r.options.Types, t.To) {
			types = append(types, t.Name)
		}
	}
	return types
}

// changePage is how many entries are looked at together: what they belong to is asked for once for all of them.
const changePage = 500

func (r *changeReader) read(ctx context.Context) error {
	page := make([]graph.Change, 0, changePage)
	flush := func() error {
		defer func() { page = page[:0] }()
		if err := r.owners.learn(ctx, page); err != nil {
			return err
		}
		for i := range page {
			if err := r.add(ctx, &page[i]); err != nil {
				return err
			}
		}
		return nil
	}
	for c, err := range r.Store.Changes(ctx, r.selection) {
		if err != nil {
			return err
		}
		if r.out.More && c.Run != r.run { // what is counted of the last run is counted whole
			return nil
		}
		if page = append(page, c); len(page) == changePage {
			if err := flush(); err != nil {
				return err
			}
		}
	}
	return flush()
}

func (r *changeReader) add(ctx context.Context, c *graph.Change) error {
	if r.out.More && c.Run != r.run {
		return nil
	}
	r.run = c.Run
	if c.Key == "" {
		r.count(c)
		return nil
	}
	if t := r.Schema.Type(c.Type); t != nil && r.saysWhat(t) {
		moved, err := r.move(ctx, t, c)
		if moved || err != nil {
			return err
		}
		if len(r.options.Types) > 0 && !slices.Contains(r.options.Types, c.Type) {
			return nil
		}
	}
	change := r.change(c)
	if from, to := c.Key.Ends(); from != "" {
		change.Name = r.owners.nameOf(from) + " " + verbOf(c.Key) + " " + r.owners.nameOf(to)
	}
	r.append(change)
	return nil
}

func (r *changeReader) change(c *graph.Change) Change {
	return Change{
		At: c.At, Run: c.Run, Op: c.Op.String(), Instance: c.Instance, Type: c.Type, Key: string(c.Key), Name: c.Name,
		Organization: r.owners.ownerOf(c.Key), Count: c.Count, Properties: append([]graph.PropertyChange{}, c.Properties...),
	}
}

// append adds a change of a customer that is asked for, unless there are enough.
func (r *changeReader) append(c Change) {
	wanted := len(r.options.Organizations) == 0 || slices.ContainsFunc(r.options.Organizations,
		func(asked string) bool { return c.Organization != "" && Fits(asked, c.Organization) })
	switch {
	case !wanted:
	case r.options.Limit > 0 && len(r.out.Changes) >= r.options.Limit:
		r.out.More = true
	default:
		r.out.Changes = append(r.out.Changes, c)
	}
}

// count adds many at once to what is told of their run, scope and operation, and a first load to that of its instance.
func (r *changeReader) count(c *graph.Change) {
	if len(r.options.Organizations) > 0 {
		return // it is not known whose they are
	}
	change := r.change(c)
	key := sum{c.Run, change.Op, c.Instance, c.Type}
	if c.Load {
		change.Op = ChangeLoad
		key = sum{c.Run, ChangeLoad, c.Instance, ""}
	}
	if i, ok := r.sums[key]; ok {
		have := &r.out.Changes[i]
		if have.Count += c.Count; have.Type != c.Type {
			have.Type = ""
		}
		return
	}
	n := len(r.out.Changes)
	if r.append(change); len(r.out.Changes) > n {
		r.sums[key] = n
	}
}

// verbOf returns what stands between the ends of a relationship's key.
func verbOf(key graph.Key) string {
	from, to := key.Ends()
	return string(key[len(from)+1 : len(key)-len(to)-1])
}
