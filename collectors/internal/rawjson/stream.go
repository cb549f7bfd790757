package rawjson

import (
	"iter"

	"assetgraph/collectors"

	"github.com/go-json-experiment/json/jsontext"
)

// Records decodes every member of the array at path into T and makes records of them: id gives the provider's id, and
// an empty one is a record error as well. A value of another shape than its field's is left out and named in
// Record.Unread. A member that can't be decoded at all becomes a record with Err set. The error returned is one of the
// page as a whole.
func Records[T any](page []byte, kind, idName string, id func(*T) string, path ...string) ([]collectors.Record, error) {
	return RecordsBeside(page, kind, idName, id, nil, path...)
}

// RecordsBeside is Records, and Get for another part of the page, in one pass.
func RecordsBeside[T any](
	page []byte, kind, idName string, id func(*T) string, beside *Beside, path ...string,
) ([]collectors.Record, error) {
	var all []collectors.Record
	err := members(page, path, beside, func(raw jsontext.Value) bool {
		all = append(all, record(raw, kind, idName, id))
		return true
	})
	if err != nil {
		return nil, err
	}
	return all, nil
}

// Stream is Records one record at a time, for lists that are too long to be held decoded. An error ends it: one of the
// page as a whole, after the records in front of the fault.
func Stream[T any](
	page []byte, kind, idName string, id func(*T) string, path ...string,
) iter.Seq2[collectors.Record, error] {
	return func(yield func(collectors.Record, error) bool) {
		err := members(page, path, nil, func(raw jsontext.Value) bool {
			return yield(record(raw, kind, idName, id), nil)
		})
		if err != nil {
			yield(collectors.Record{}, err)
		}
	}
}
