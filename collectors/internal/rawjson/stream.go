package rawjson

import (
	"errors"
	"iter"

	"assetgraph/collectors"

	"github.com/go-json-experiment/json"
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
	l := list[T]{page: page, path: path, kind: kind, idName: idName, id: id, beside: beside}
	err := l.read(func(r collectors.Record) bool {
		all = append(all, r)
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
		l := list[T]{page: page, path: path, kind: kind, idName: idName, id: id}
		if err := l.read(func(r collectors.Record) bool { return yield(r, nil) }); err != nil {
			yield(collectors.Record{}, err)
		}
	}
}

// A list is an array of a page whose members are records of T.
type list[T any] struct {
	page         []byte
	path         []string
	kind, idName string
	id           func(*T) string
	beside       *Beside // nil for none
}

// read calls yield with each record, until it returns false. Nearly all pages are as they should be and are read in one
// pass, straight into records. Of any other what is behind the oddity is read member by member, each found first and
// then decoded, which takes the longer and can tell what the oddity costs.
func (l *list[T]) read(yield func(collectors.Record) bool) error {
	done := 0
	plain, err := l.strictly(func(r collectors.Record) bool {
		done++
		return yield(r)
	})
	if plain || errors.Is(err, errStop) {
		return nil
	}
	return members(l.page, l.path, l.beside, func(raw jsontext.Value) bool {
		if done > 0 {
			done--
			return true
		}
		return yield(record(raw, l.kind, l.idName, l.id))
	})
}

// errOdd ends the strict reading of a page in front of a member that is to be looked at more closely.
var errOdd = errors.New("not a plain record")

// strictly reads a page of which every byte is as it should be; whatever is not ends it with an error, behind the records
// in front. ok says that it was read whole, and had the array.
func (l *list[T]) strictly(yield func(collectors.Record) bool) (ok bool, _ error) {
	targets := []*target{array(l.path, func(d *jsontext.Decoder) error {
		if d.PeekKind() != jsontext.KindBeginObject {
			return errOdd
		}
		v := new(T)
		if err := json.UnmarshalDecode(d, v); err != nil {
			return err
		}
		key := l.id(v)
		switch {
		case key == "":
			return errOdd
		case !yield(collectors.Record{Kind: l.kind, ID: key, Value: v}):
			return errStop
		}
		return nil
	})}
	if l.beside != nil {
		targets = append(targets, l.beside.target())
	}
	err := scan(l.page, targets)
	return err == nil && targets[0].found, err
}
