package converters

import (
	"errors"
	"fmt"
	"strings"

	"assetgraph/collectors"
	"assetgraph/graph"
)

var errNoID = errors.New("is missing or empty")

// NewKind returns the [RecordKind] of records that hold a *T, whose function is given the value and a usable id.
// Records of another value or without an id are record errors.
func NewKind[T any](name string, convert func(v *T, id string, f *Fragment), produces ...*graph.Type) RecordKind {
	return RecordKind{
		Name:     name,
		Produces: produces,
		Convert: func(r collectors.Record, f *Fragment) error {
			v, ok := r.Value.(*T)
			if !ok || v == nil {
				return &collectors.RecordError{Kind: name, ID: r.ID, Err: fmt.Errorf("the record holds a %T", r.Value)}
			}
			id := strings.TrimSpace(r.ID)
			if id == "" {
				return &collectors.RecordError{Kind: name, Field: "id", Err: errNoID}
			}
			convert(v, id, f)
			return nil
		},
	}
}
