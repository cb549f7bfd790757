package wire

import (
	"iter"

	"assetgraph/collectors"

	"github.com/go-json-experiment/json/jsontext"
)

// Elements yields the members of the array at path (names of nested objects; none for the root) of a page, each as raw
// JSON that is valid until the next one. A missing path, null, or anything that is no array is an error: an answer of
// another shape is never an empty list. Duplicate names and bad UTF-8 inside one member are left for Decode to refuse.
func Elements(page []byte, path ...string) iter.Seq2[jsontext.Value, error] { panic("stub") }

// Decode reads one member into the wire type T: unknown names ignored, names matched exactly. Duplicate names, invalid
// UTF-8 and values of an impossible type give a *collectors.RecordError of that kind with the id, where one is found at idName, and the field
// (a dotted path such as "networkInterfaces.0.inet").
func Decode[T any](raw jsontext.Value, kind, idName string) (*T, error) { panic("stub") }

// Records decodes every member of the array at path into T and makes records of them: id gives the provider's id, and
// an empty one is a record error as well. A member that can't be decoded becomes a record with Err set. The error
// returned is one of the page as a whole.
func Records[T any](page []byte, kind, idName string, id func(*T) string, path ...string) ([]collectors.Record, error) {
	panic("stub")
}

// Get reads the value at path (names of nested objects) of a page into v. It reports whether the value is there and not
// null.
func Get(page []byte, v any, path ...string) (bool, error) { panic("stub") }
