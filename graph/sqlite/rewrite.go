package sqlite

import (
	"context"
	"slices"

	"assetgraph/graph"
)

// upsert writes an element whether the graph holds it or not.
func (w *writer) upsert(e *graph.Element) error {
	row, err := w.find(e.Key)
	if err != nil {
		return err
	}
	if row.id != 0 {
		return w.rewrite(e, &row)
	}
	w.buffer = w.json.appendProperties(w.buffer[:0], e, all)
	return w.insert([]*graph.Element{e}, []string{string(w.buffer)})
}

// rewrite writes an element over the one that is there, and leaves alone what others put beside its properties.
func (w *writer) rewrite(e *graph.Element, row *held) error {
	if err := w.replace(e, row.properties, all); err != nil {
		return err
	}
	if err := w.logUpdate(e, row); err != nil {
		return err
	}
	return w.one("UPDATE "+w.table+" SET digest = ?, volatile = ?, updated = ?, properties = ? WHERE id = ?",
		e.Digest[:], appendVolatile(nil, e), w.at, string(w.buffer), row.id)
}

// refresh writes the volatile properties of an element that is there.
func (w *writer) refresh(e *graph.Element) error {
	row, err := w.find(e.Key)
	if err != nil || row.id == 0 {
		return err
	}
	if err := w.replace(e, row.properties, volatile); err != nil {
		return err
	}
	return w.one("UPDATE "+w.table+" SET volatile = ?, properties = ? WHERE id = ?", appendVolatile(nil, e),
		string(w.buffer), row.id)
}

// one runs a statement on one row.
func (w *writer) one(text string, args ...any) error {
	n, err := w.exec(context.Background(), text, args...)
	if err == nil {
		w.rows += n
		w.applied.Written++
	}
	return err
}

// replace puts the stored properties into the buffer, with the element's in place of those that are meant.
func (w *writer) replace(e *graph.Element, stored string, which extent) (err error) {
	w.buffer, err = appendOthers(append(w.buffer[:0], '{'), e.Type, stored, which)
	w.buffer = append(w.json.appendMembers(w.buffer, e, which), '}')
	return err
}

// held is an element as its row holds it.
type held struct {
	id         int64 // 0 for none
	properties string
	digest     graph.Digest
}

// find looks an element of the batch's scope up. Of several rows, which somebody else must have made, it makes one
// first.
func (w *writer) find(key graph.Key) (row held, err error) {
	var twins []int64
	err = w.query(context.Background(), func(columns []any) error {
		if row.id != 0 {
			twins = append(twins, integerOf(columns[0]))
		} else {
			row = held{integerOf(columns[0]), textOf(columns[1]), digestOf(columns[2])}
		}
		return nil
	}, w.findText, string(key), w.scope)
	if err != nil || len(twins) == 0 {
		return row, err
	}
	w.ids.forget(key)
	for _, twin := range twins {
		if err := w.takeOver(row.id, twin); err != nil {
			return held{}, err
		}
	}
	return w.find(key)
}

// takeOver gives a row what others added to its twin, and to an entity what hangs on the twin, and deletes the twin.
func (w *writer) takeOver(id, twin int64) error {
	texts := []string{
		"UPDATE " + w.table + " SET properties = json_patch(properties, (SELECT properties FROM " + w.table +
			" WHERE id = ?2)) WHERE id = ?1",
		"DELETE FROM " + w.table + " WHERE id = ?2 AND id <> ?1",
	}
	if !w.batch.Type.IsRelationship() {
		texts = slices.Insert(texts, 1, "UPDATE graph_relationship SET from_id = ?1 WHERE from_id = ?2",
			"UPDATE graph_relationship SET to_id = ?1 WHERE to_id = ?2")
	}
	for _, text := range texts {
		n, err := w.exec(context.Background(), text, id, twin)
		if err != nil {
			return err
		}
		w.rows += n
	}
	return nil
}
