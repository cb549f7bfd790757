package wire

import (
	"errors"

	"assetgraph/collectors"

	"github.com/go-json-experiment/json"
	"github.com/go-json-experiment/json/jsontext"
)

var (
	errNull = errors.New("null in place of a record")
	errNoID = errors.New("no id")
)

// Decode reads one member into the wire type T: unknown names ignored, names matched exactly. Duplicate names, invalid
// UTF-8 and values of an impossible type give a *collectors.RecordError of that kind with the id, where one is found at idName, and the field
// (a dotted path such as "networkInterfaces.0.inet"). The error holds no value of the record.
func Decode[T any](raw jsontext.Value, kind, idName string) (*T, error) {
	v := new(T)
	err := json.Unmarshal(raw, v)
	if err == nil && raw.Kind() == jsontext.KindNull {
		err = errNull
	}
	if err != nil {
		return nil, &collectors.RecordError{Kind: kind, ID: lenientID(raw, idName), Field: field(err), Err: plain(err)}
	}
	return v, nil
}

// Records decodes every member of the array at path into T and makes records of them: id gives the provider's id, and
// an empty one is a record error as well. A member that can't be decoded becomes a record with Err set. The error
// returned is one of the page as a whole.
func Records[T any](page []byte, kind, idName string, id func(*T) string, path ...string) ([]collectors.Record, error) {
	return collect(stream(page, kind, idName, id, path, nil))
}

// one makes a record of one member.
func one[T any](raw jsontext.Value, kind, idName string, id func(*T) string) collectors.Record {
	v, err := Decode[T](raw, kind, idName)
	if err != nil {
		r := collectors.Record{Kind: kind, Err: err}
		if e, ok := errors.AsType[*collectors.RecordError](err); ok {
			r.ID = e.ID
		}
		return r
	}
	key := id(v)
	if key == "" {
		return collectors.Record{Kind: kind, Err: &collectors.RecordError{Kind: kind, Field: idName, Err: errNoID}}
	}
	return collectors.Record{Kind: kind, ID: key, Value: v}
}

// lenientID finds the id of a member that could not be decoded, "" when it has none. It stops at the first fault.
func lenientID(raw jsontext.Value, idName string) string {
	var id Text
	s := newScanner(raw, []string{idName})
	_, err := s.descend(0, func(d *jsontext.Decoder) error {
		if err := id.UnmarshalJSONFrom(d); err != nil {
			return err
		}
		return errStop
	})
	if !errors.Is(err, errStop) || len(id) > maxText {
		return ""
	}
	return string(id)
}
