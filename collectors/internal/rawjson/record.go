package rawjson

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

// Decode reads one answer into the wire type T, for what is no record of a list: unknown names ignored, names matched
// exactly. Duplicate names, invalid UTF-8 and values of an impossible type give a *collectors.RecordError of that kind
// with the id, where one is found at idName, and the field (a dotted path such as "networkInterfaces.0.inet"). The
// error holds no value of the record.
func Decode[T any](raw jsontext.Value, kind, idName string) (*T, error) {
	v := new(T)
	if err := json.Unmarshal(raw, v); err != nil || raw.Kind() == jsontext.KindNull {
		return nil, broken(raw, kind, idName, err)
	}
	return v, nil
}

// record makes a record of one member. What can't be read of it costs that field, see lenient, but for the id.
func record[T any](raw jsontext.Value, kind, idName string, id func(*T) string) collectors.Record {
	v := new(T)
	unread, err := lenient(raw, v)
	if err != nil || raw.Kind() == jsontext.KindNull {
		e := broken(raw, kind, idName, err)
		return collectors.Record{Kind: kind, ID: e.ID, Err: e}
	}
	key := id(v)
	if key == "" {
		reason := errNoID
		for _, e := range unread {
			if e.Field == idName {
				reason = e.Err
			}
		}
		return collectors.Record{Kind: kind, Err: &collectors.RecordError{Kind: kind, Field: idName, Err: reason}}
	}
	return collectors.Record{Kind: kind, ID: key, Value: v, Unread: unread}
}

// broken explains a member that can't be read at all; without an error it is null.
func broken(raw jsontext.Value, kind, idName string, err error) *collectors.RecordError {
	if err == nil {
		err = errNull
	}
	return &collectors.RecordError{Kind: kind, ID: lenientID(raw, idName), Field: field(err), Err: reason(err)}
}

// lenientID finds the id of a member that could not be decoded, "" when it has none. It stops at the first fault.
func lenientID(raw jsontext.Value, idName string) string {
	var id Text
	_ = scan(raw, []*target{{path: []string{idName}, read: func(d *jsontext.Decoder) error {
		if err := id.UnmarshalJSONFrom(d); err != nil {
			return err
		}
		return errStop
	}}}, lax())
	if len(id) > maxText {
		return ""
	}
	return string(id)
}
