package report

import (
	"context"
	"iter"
	"time"

	"assetgraph/graph"
)

// moves are the records that one run linked to another machine, customer or person than before.
type moves struct {
	run  string
	at   time.Time
	from map[linked]graph.Key // what they were before
	to   map[linked]graph.Key // what they are now
	born map[graph.Key]bool   // what was created
	gone map[graph.Key]bool   // what was deleted
	told map[linked]bool
}

// linked is a record and the type of the link that says what it is.
type linked struct {
	link   string
	record graph.Key
}

// move tells of a record that joins something or splits off, once for the two entries that say it, and reports whether
// the entry is one of them.
func (r *changeReader) move(ctx context.Context, t *graph.Type, c *graph.Change) (bool, error) {
	if err := r.readMoves(ctx, c); err != nil {
		return false, err
	}
	record, _ := c.Key.Ends()
	l := linked{t.Name, record}
	from, to := r.moves.from[l], r.moves.to[l]
	if from == "" || to == "" || r.moves.gone[from] && r.moves.born[to] {
		return false, nil
	}
	if r.moves.told[l] {
		return true, nil
	}
	r.moves.told[l] = true
	change := r.change(c)
	change.Op, change.Key = ChangeJoin, string(graph.RelationshipKey(record, t.Verb, to))
	if r.moves.born[to] {
		change.Op = ChangeSplit
	}
	change.Name = r.owners.nameOf(record)
	change.Properties = []graph.PropertyChange{{Name: t.To, Old: string(from), New: string(to)}}
	r.append(change)
	return true, nil
}

// readMoves reads what the run of an entry did to links, and to what they lead to, unless that is known.
func (r *changeReader) readMoves(ctx context.Context, of *graph.Change) error {
	if r.moves != nil && r.moves.run == of.Run && r.moves.at.Equal(of.At) {
		return nil
	}
	m := &moves{
		run: of.Run, at: of.At, from: map[linked]graph.Key{}, to: map[linked]graph.Key{}, born: map[graph.Key]bool{},
		gone: map[graph.Key]bool{}, told: map[linked]bool{},
	}
	selection := graph.ChangeSelection{Since: of.At, Until: of.At, Types: derivedTypes()}
	for _, t := range r.Schema.Types() {
		if r.saysWhat(t) {
			selection.Types = append(selection.Types, t.Name)
		}
	}
	for c, err := range r.Store.Changes(ctx, selection) {
		if err != nil {
			return err
		}
		if c.Run != of.Run || c.Key == "" {
			continue
		}
		record, what := c.Key.Ends()
		switch {
		case record == "" && c.Op == graph.Create:
			m.born[c.Key] = true
		case record == "" && c.Op == graph.Delete:
			m.gone[c.Key] = true
		case c.Op == graph.Create:
			m.to[linked{c.Type, record}] = what
		case c.Op == graph.Delete:
			m.from[linked{c.Type, record}] = what
		}
	}
	r.moves = m
	return nil
}

// Joined yields pairs of machines by the change log: a record of the first went to the second at a time or later. What
// the log was not told, or does not keep any more, is not among them.
func (s Source) Joined(ctx context.Context, since time.Time) iter.Seq2[[2]graph.Key, error] {
	return func(yield func([2]graph.Key, error) bool) {
		selection := graph.ChangeSelection{Since: since, Types: []string{}}
		for _, t := range s.linksTo("device") {
			selection.Types = append(selection.Types, t.Name)
		}
		left, joined := map[graph.Key][]graph.Key{}, map[graph.Key][]graph.Key{} // machines by record
		for c, err := range s.Store.Changes(ctx, selection) {
			if err != nil {
				yield([2]graph.Key{}, err)
				return
			}
			switch record, machine := c.Key.Ends(); c.Op {
			case graph.Create:
				joined[record] = append(joined[record], machine)
			case graph.Delete:
				left[record] = append(left[record], machine)
			case graph.Update, graph.Refresh:
			}
		}
		for record, from := range left {
			for _, a := range from {
				for _, b := range joined[record] {
					if a != b && !yield([2]graph.Key{a, b}, nil) {
						return
					}
				}
			}
		}
	}
}
