package neo4j

import (
	"context"
	"fmt"
	"iter"
	"time"

	driver "github.com/neo4j/neo4j-go-driver/v5/neo4j"

	"assetgraph/graph"
)

// The change log is nodes (:AssetgraphChange {at, number, run, instance, type, entries}), one for each transaction that
// changed something: a node for each change would cost the server as much as the element itself. at is in milliseconds,
// and number tells those of one time apart. They are as few as transactions, so that no index is needed.

// log writes what the transaction changed.
func (a *applier) log(ctx context.Context, tx driver.ManagedTransaction, p *parcel, o outcome) error {
	tally := a.batch.Tally()
	switch f := formerOf(a.batch); {
	case f == notAsked || a.batch.Op == graph.Refresh:
		return nil
	case o.former == nil: // it was created without a look
		tally.Add(graph.Create, o.Written)
	case f == formerCounts:
		for n, op := range []graph.Op{graph.Create, graph.Update, graph.Delete} {
			count, _ := o.former[n].(int64)
			tally.Add(op, int(count))
		}
	default:
		a.tell(tally, p, o.former)
	}
	part, ok := tally.Part()
	if !ok {
		return nil
	}
	_, err := rows(ctx, tx, "CREATE (:"+changeLabel+
		" {at: $at, number: $number, run: $run, instance: $instance, type: $type, entries: $entries})", map[string]any{
		"at": part.At.UnixMilli(), "number": time.Now().UnixNano(), "run": part.Run, "instance": part.Instance,
		"type": part.Type, "entries": part.Entries,
	})
	return err
}

// tell takes what a statement says of elements: the key of one that is new, a list of key and former values of any
// other. A relationship that was there several times was deleted once.
func (a *applier) tell(tally *graph.Tally, p *parcel, former []any) {
	elements := make(map[graph.Key]*graph.Element, len(p.elements))
	for _, e := range p.elements {
		elements[e.Key] = e
	}
	old, names := &graph.Element{}, chosenNames(a.batch.Type, nil)
	for _, row := range former {
		values, isList := row.([]any)
		name, _ := row.(string)
		key := graph.Key(name)
		if isList {
			key = keyOf(row)
		}
		e := elements[key]
		if e == nil {
			continue
		}
		delete(elements, key)
		if !isList {
			tally.Created(e)
			continue
		}
		old.ResetRelationship(a.batch.Type, a.batch.Instance, e.From, e.To) // no key is made of an id, which values has
		setValues(old, names, values[1:])
		if a.batch.Op == graph.Delete {
			tally.Deleted(key, old)
		} else {
			tally.Updated(e, old)
		}
	}
}

// changePage is how many nodes of the change log are read at once.
const changePage = 16

// Changes implements graph.ChangeLog. It finds the nodes first, and reads then what they hold.
func (s *Store) Changes(ctx context.Context, selection graph.ChangeSelection) iter.Seq2[graph.Change, error] {
	return func(yield func(graph.Change, error) bool) {
		ids, err := s.changeIDs(ctx, &selection)
		for len(ids) > 0 && err == nil {
			n := min(changePage, len(ids))
			var page []graph.ChangePart
			page, err = s.changeParts(ctx, ids[:n])
			ids = ids[n:]
			for i := 0; i < len(page) && err == nil; i++ {
				for c, e := range page[i].Changes(&selection) {
					if err = e; err == nil && !yield(c, nil) {
						return
					}
				}
			}
		}
		if err != nil {
			yield(graph.Change{}, fmt.Errorf("neo4j: read the change log: %w", err))
		}
	}
}

// changeIDs returns the names that the server has for the selected nodes, the newest first.
func (s *Store) changeIDs(ctx context.Context, selection *graph.ChangeSelection) ([]any, error) {
	text := "MATCH (n:" + changeLabel + ") WHERE n.at >= $since"
	params := map[string]any{"since": int64(0)}
	if !selection.Since.IsZero() {
		params["since"] = selection.Since.UnixMilli()
	}
	if !selection.Until.IsZero() {
		text, params["until"] = text+" AND n.at <= $until", selection.Until.UnixMilli()
	}
	if selection.Instances != nil {
		text, params["instances"] = text+" AND n.instance IN $instances", selection.Instances
	}
	if selection.Types != nil {
		text, params["types"] = text+" AND n.type IN $types", selection.Types
	}
	if texts := selection.Texts(); texts != nil {
		text, params["texts"] = text+" AND any(text IN $texts WHERE n.entries CONTAINS text)", texts
	}
	found, err := s.read(ctx, text+" WITH n ORDER BY n.at DESC, n.number DESC RETURN collect(elementId(n))", params)
	if err != nil {
		return nil, err
	}
	ids, _ := found[0].Values[0].([]any)
	return ids, nil
}

// changeParts reads nodes in the order of their names; those that are gone by now are left out.
func (s *Store) changeParts(ctx context.Context, ids []any) ([]graph.ChangePart, error) {
	found, err := s.read(ctx, "MATCH (n:"+changeLabel+") WHERE elementId(n) IN $ids "+
		"WITH n ORDER BY n.at DESC, n.number DESC RETURN n.at, n.run, n.instance, n.type, n.entries",
		map[string]any{"ids": ids})
	page := make([]graph.ChangePart, len(found))
	for i, r := range found {
		p := &page[i]
		at, _ := r.Values[0].(int64)
		p.At = time.UnixMilli(at).UTC()
		p.Run, _ = r.Values[1].(string)
		p.Instance, _ = r.Values[2].(string)
		p.Type, _ = r.Values[3].(string)
		p.Entries, _ = r.Values[4].(string)
	}
	return page, err
}

// forgottenNodes is how many nodes of the change log go in one transaction.
const forgottenNodes = 1000

// ForgetChanges implements graph.ChangeLog.
func (s *Store) ForgetChanges(ctx context.Context, instance string, before time.Time) error {
	if err := s.writable(); err != nil {
		return err
	}
	const old = "MATCH (n:" + changeLabel + ") WHERE n.at < $before AND ($instance = '' OR n.instance = $instance) "
	params := map[string]any{"before": before.UnixMilli(), "instance": instance}
	return s.forget(ctx, "changes", old, params, forgottenNodes)
}
