package findings

import (
	"cmp"
	"context"
	"maps"
	"slices"
	"time"

	"assetgraph/graph"
	"assetgraph/internal/report"
)

// look finds out what is wrong with which machine: with those that have changed, where these are known, else with all.
func (k *keeper) look(ctx context.Context, before *note, by string) error {
	var err error
	if k.only, err = before.changed(ctx, k.o, by); err != nil {
		return err
	}
	if k.only != nil {
		if err := k.survey(ctx); err != nil {
			return err
		}
		if slices.Equal(k.never(), before.Never) {
			k.known = slices.DeleteFunc(slices.Clone(before.Kinds), func(kind string) bool { return !k.looksFor(kind) })
			for _, device := range before.Fading {
				if !k.only[device] {
					k.fading[device] = true
				}
			}
			k.judge()
			return nil
		}
		k.only, k.known = nil, nil
	}
	if err := k.survey(ctx); err != nil {
		return err
	}
	k.judge()
	return nil
}

// never tells of each tool whether the graph holds nothing of it.
func (k *keeper) never() []bool {
	list := make([]bool, len(k.o.Model.Tools()))
	for i := range list {
		list[i] = k.fleet.Never(i)
	}
	return list
}

// survey reads the machines, and finds out which kinds can be looked for.
func (k *keeper) survey(ctx context.Context) error {
	left, err := excludes(k.o.Exclude)
	if err != nil {
		return err
	}
	marks, err := k.rules.marks()
	if err != nil {
		return err
	}
	options := report.SurveyOptions{Excludes: left, Marks: marks, Stale: StaleAfter, Now: k.o.AsOf}
	if k.only != nil {
		options.Devices = slices.Sorted(maps.Keys(k.only))
		if options.Devices == nil {
			options.Devices = []graph.Key{}
		}
	}
	k.fleet, err = report.Look(ctx, k.o.source(), options)
	if err != nil {
		return err
	}
	for i := range k.kinds {
		if k.knows(&k.kinds[i]) {
			k.known = append(k.known, k.kinds[i].Name)
		}
	}
	return nil
}

// judge goes through the machines that were read.
func (k *keeper) judge() {
	for m := range k.fleet.Len() {
		x, ok := k.fleet.At(m)
		if !ok {
			continue
		}
		k.turn(&x, x.Turns)
		for i := range k.kinds {
			kind := &k.kinds[i]
			if kind.turns != nil {
				k.turn(&x, kind.turns(&x))
			}
			if k.looksFor(kind.Name) && kind.of(&x, k.o.AsOf) != "" {
				k.gaps = append(k.gaps, gap{graph.FindingID(kind.Name, x.Device), uint16(i), uint32(m)})
			}
		}
	}
	slices.SortFunc(k.gaps, func(a, b gap) int { return cmp.Compare(a.id, b.id) })
}

// knows reports whether it can be said of each machine whether it has findings of a kind. What nobody reads any more, and
// of which the graph still holds records, is not known.
func (k *keeper) knows(kind *Kind) bool {
	for i, t := range k.o.Model.Tools() {
		if slices.Contains(kind.tools, t.Name) && k.o.Readings[t.Name] == Nobody && !k.fleet.Never(i) {
			return false
		}
	}
	return k.o.mayKnow(kind)
}

func (k *keeper) looksFor(kind string) bool { return slices.Contains(k.known, kind) }

// turn notes a time at which there is more to see of a machine.
func (k *keeper) turn(x *report.Examined, at time.Time) {
	if at.After(k.o.AsOf) && !at.After(k.o.AsOf.Add(wholeAfter)) {
		k.turns = append(k.turns, turn{at, x.Device})
	}
}

// note is what the next run is to know of this look.
func (k *keeper) note(before *note, by string) *note {
	n := &note{
		Of: k.o.Of, By: by, Readings: k.o.Readings, Never: k.never(), Kinds: k.known, Machines: k.fleet.Len(), At: k.o.At,
		Since: k.o.AsOf, Until: nextWhole(k.o.AsOf), Turns: k.turns, Fading: slices.Sorted(maps.Keys(k.fading)), Summary: k.summary,
	}
	if k.only != nil {
		n.Machines, n.Since, n.Until = before.Machines, before.Since, before.Until
		n.Turns = slices.DeleteFunc(n.Turns, func(t turn) bool { return t.At.After(n.Until) })
		for _, t := range before.Turns {
			if !k.only[t.Device] {
				n.Turns = append(n.Turns, t)
			}
		}
	}
	slices.SortFunc(n.Turns, func(a, b turn) int {
		return cmp.Or(a.At.Compare(b.At), cmp.Compare(a.Device, b.Device))
	})
	return n
}
