package rawjson

import (
	"errors"
	"reflect"
	"slices"
	"strings"

	"assetgraph/collectors"

	"github.com/go-json-experiment/json"
	"github.com/go-json-experiment/json/jsontext"
)

// maxUnread is how many fields of one record are named that could not be read.
const maxUnread = 20

// lenient reads a member into v, which is zero, as json.Unmarshal does, but that a value of another shape than its
// field's is read as null and named among the fields that were not read. This holds at any depth: of an array that
// holds one odd member the others are kept. What costs the member as a whole is an error: anything but an object in its
// place, a name that comes twice, and what is no JSON.
func lenient(raw jsontext.Value, v any) ([]collectors.FieldError, error) {
	err := json.Unmarshal(raw, v)
	if _, shape := errors.AsType[*json.SemanticError](err); !shape {
		return nil, err
	}
	reflect.ValueOf(v).Elem().SetZero()
	r := &reader{}
	r.options = json.WithUnmarshalers(json.UnmarshalFromFunc(r.value))
	err = r.unmarshal(raw, v, "")
	return r.unread, err
}

// A reader reads one member value by value: each is tried alone, so that one that fails takes nothing else with it.
// That costs several times as much as json.Unmarshal, and is done only where that has failed.
type reader struct {
	options json.Options
	unread  []collectors.FieldError

	// Of the value in hand.
	into any
	at   jsontext.Pointer
}

// unmarshal reads the value at that place of the member.
func (r *reader) unmarshal(raw jsontext.Value, into any, at jsontext.Pointer) error {
	outer := *r
	r.into, r.at = into, at
	err := json.Unmarshal(raw, into, r.options)
	r.into, r.at = outer.into, outer.at
	return err
}

// value is asked for each value that is to be read, first of all for the one that unmarshal was called with.
func (r *reader) value(d *jsontext.Decoder, into any) error {
	if into == r.into {
		return errors.ErrUnsupported // the type itself knows how; of the values inside it asks for each again
	}
	raw, err := d.ReadValue()
	if err != nil {
		return err
	}
	at := r.at + d.StackPointer()
	err = r.unmarshal(raw, into, at)
	_, shape := errors.AsType[*json.SemanticError](err)
	if shape && at != r.at { // a pointer stands at the same place as what it points to, and is the one to be null
		reflect.ValueOf(into).Elem().SetZero()
		r.note(fieldName(at), reason(err))
		return nil
	}
	return err
}

// Require makes a record error of a record in which one of those fields could not be read, for records that say nothing
// without them.
func Require(r collectors.Record, fields ...string) collectors.Record {
	for _, e := range r.Unread {
		name, _, _ := strings.Cut(e.Field, ".")
		if slices.Contains(fields, name) {
			err := &collectors.RecordError{Kind: r.Kind, ID: r.ID, Field: e.Field, Err: e.Err}
			return collectors.Record{Kind: r.Kind, ID: r.ID, Err: err}
		}
	}
	return r
}

// note takes the first reason of each field.
func (r *reader) note(field string, reason error) {
	known := slices.ContainsFunc(r.unread, func(e collectors.FieldError) bool { return e.Field == field })
	if !known && len(r.unread) < maxUnread {
		r.unread = append(r.unread, collectors.FieldError{Field: field, Err: reason})
	}
}

// fieldName returns the name that all records share: "networkInterfaces[].inet" for the second interface as for the
// first.
func fieldName(at jsontext.Pointer) string {
	var name strings.Builder
	for token := range at.Tokens() {
		switch {
		case collectors.IsNumber(token):
			name.WriteString("[]")
			continue
		case name.Len() > 0:
			name.WriteByte('.')
		}
		name.WriteString(token)
	}
	return shortened(name.String())
}
