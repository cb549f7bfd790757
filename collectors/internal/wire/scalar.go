package wire

import (
	"time"

	"github.com/go-json-experiment/json/jsontext"
)

// Text is a string that may come as a number or boolean (kept as its literal) or null (""). An object or array is
// an error.
type Text string

// UnmarshalJSONFrom implements json.UnmarshalerFrom.
func (t *Text) UnmarshalJSONFrom(d *jsontext.Decoder) error { panic("stub") }

// Int is an integer that may come as a string or with a zero fraction; null, "" and absent leave Set false. Beyond int64 or
// with a real fraction it is an error.
type Int struct {
	N   int64
	Set bool
}

// UnmarshalJSONFrom implements json.UnmarshalerFrom.
func (i *Int) UnmarshalJSONFrom(d *jsontext.Decoder) error { panic("stub") }

// Bool is a boolean that may come as "true", "True", "false", 0 or 1; null, "" and absent leave Set false.
type Bool struct {
	B   bool
	Set bool
}

// UnmarshalJSONFrom implements json.UnmarshalerFrom.
func (b *Bool) UnmarshalJSONFrom(d *jsontext.Decoder) error { panic("stub") }

// Time is a point in time in RFC 3339 with any fraction; without a zone it is UTC. null, "", "None", 0, the year 1 and
// what is no time at all leave it zero.
type Time struct{ time.Time }

// UnmarshalJSONFrom implements json.UnmarshalerFrom.
func (t *Time) UnmarshalJSONFrom(d *jsontext.Decoder) error { panic("stub") }

// Epoch is a point in time as seconds since 1970 with a fraction, or milliseconds when 1e11 or more; null, 0, negative
// and absurd values leave it zero. Precision is the millisecond.
type Epoch struct{ time.Time }

// UnmarshalJSONFrom implements json.UnmarshalerFrom.
func (e *Epoch) UnmarshalJSONFrom(d *jsontext.Decoder) error { panic("stub") }

// Texts is a list of strings that may come as null, one string, or a list with null members, which are dropped.
type Texts []string

// UnmarshalJSONFrom implements json.UnmarshalerFrom.
func (t *Texts) UnmarshalJSONFrom(d *jsontext.Decoder) error { panic("stub") }
