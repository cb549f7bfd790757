package executor

import (
	"context"
	"fmt"
	"slices"

	"assetgraph/collectors"
	"assetgraph/converters"
	"assetgraph/graph"
)

// keptTogether is how many records that lack parts are looked up in the graph at once.
const keptTogether = 1000

// A keeper finds what the graph holds of parts of records that could not be read: that stays. An entity that was made
// without them would lose what the last run knew, as if somebody had switched it off.
type keeper struct {
	store    graph.Reader
	instance string
}

// kept is what stays of entities, by their keys: values in the order of their type's properties, those of parts alone.
type kept map[graph.Key][]graph.Value

// look finds what stays of the records' entities. It uses the fragment.
func (k *keeper) look(
	ctx context.Context, c *converters.Converter, records []collectors.Record, f *converters.Fragment,
) (kept, error) {
	keys := make(map[*graph.Type][]graph.Key)
	for _, r := range records {
		f.Reset()
		kind := c.Kind(r.Kind)
		if r.Err != nil || kind == nil || kind.Convert(r, f) != nil {
			continue // said when the record is taken
		}
		for _, e := range f.Elements() {
			if len(partsOf(e.Type, r.Lacks)) > 0 {
				keys[e.Type] = append(keys[e.Type], e.Key)
			}
		}
	}
	found := make(kept)
	for t, list := range keys {
		slices.Sort(list)
		s := graph.Selection{Type: t, Instance: k.instance, Keys: slices.Compact(list), Properties: partsOf(t, nil)}
		for old, err := range k.store.Elements(ctx, s) {
			if err != nil {
				return nil, fmt.Errorf("read what the graph holds of %s: %w", t.Name, err)
			}
			values := make([]graph.Value, len(t.Properties))
			for i := range values {
				if t.Properties[i].Part != "" {
					values[i] = old.Value(i)
				}
			}
			found[old.Key] = values
		}
	}
	return found, nil
}

// restore gives an entity what was kept of the parts that its record lacks.
func (k kept) restore(e *graph.Element, lacks []string) {
	values := k[e.Key]
	for i := range values {
		if p := &e.Type.Properties[i]; p.Part != "" && slices.Contains(lacks, p.Part) {
			e.Set(p.Name, values[i])
		}
	}
}

// partsOf returns the names of a type's properties that come from one of the parts; nil for any.
func partsOf(t *graph.Type, parts []string) (names []string) {
	for i := range t.Properties {
		if p := &t.Properties[i]; p.Part != "" && (parts == nil || slices.Contains(parts, p.Part)) {
			names = append(names, p.Name)
		}
	}
	return names
}
