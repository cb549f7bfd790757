package wire

import (
	"bytes"
	"math"
	"strconv"
	"time"

	"github.com/go-json-experiment/json/jsontext"
)

// Time is a point in time in RFC 3339 with any fraction, in UTC; without a zone it is taken for UTC. null, "", "None", 0, the year 1 and
// what is no time at all leave it zero.
type Time struct{ time.Time }

// UnmarshalJSONFrom implements json.UnmarshalerFrom.
func (t *Time) UnmarshalJSONFrom(d *jsontext.Decoder) error {
	text, kind, err := lenient(d)
	if err != nil {
		return err
	}
	t.set([]byte(text), kind)
	return nil
}

// set takes the text of a scalar.
func (t *Time) set(text []byte, kind jsontext.Kind) {
	*t = Time{}
	if kind == jsontext.KindString {
		t.Time = instant(bytes.TrimSpace(text))
	}
}

// Epoch is a point in time as seconds since 1970 with a fraction, or milliseconds when 1e11 or more; null, 0, negative
// and absurd values leave it zero. Precision is the millisecond.
type Epoch struct{ time.Time }

// UnmarshalJSONFrom implements json.UnmarshalerFrom.
func (e *Epoch) UnmarshalJSONFrom(d *jsontext.Decoder) error {
	text, kind, err := lenient(d)
	if err != nil {
		return err
	}
	e.set([]byte(text), kind)
	return nil
}

// set takes the text of a scalar.
func (e *Epoch) set(text []byte, kind jsontext.Kind) {
	*e = Epoch{}
	if kind == jsontext.KindString || kind == jsontext.KindNumber {
		e.Time = sinceEpoch(string(bytes.TrimSpace(text)))
	}
}

// lenient reads one value of any kind; the text of an object or array is "".
func lenient(d *jsontext.Decoder) (string, jsontext.Kind, error) {
	if kind := d.PeekKind(); kind == jsontext.KindBeginObject || kind == jsontext.KindBeginArray {
		return "", kind, d.SkipValue()
	}
	return scalar(d)
}

// instant parses a time with or without zone, zero when it is none or of the year 1, which .NET gives for "never".
func instant(text []byte) time.Time {
	t, ok := zoned(text)
	if !ok {
		t, ok = otherwise(string(text))
	}
	if t = t.UTC(); ok && t.Year() > 1 && t.Year() < 10000 {
		return t
	}
	return time.Time{}
}

// zoned parses a time of RFC 3339, or one without a zone, for which UTC is taken. It takes nothing that time.Parse does not take;
// but time.Parse, given a time without a zone and a layout that has one, spends most of its time on the error.
func zoned(text []byte) (time.Time, bool) {
	n := len(text)
	if n < len("2006-01-02T15:04:05") || text[len("2006-01-02")] != 'T' {
		return time.Time{}, false
	}
	var buffer [len("2006-01-02T15:04:05.000000000Z")]byte
	if text[n-1] != 'Z' && (n < len("2006-01-02T15:04:05+00:00") || text[n-6] != '+' && text[n-6] != '-') {
		if n >= len(buffer) {
			return time.Time{}, false
		}
		text = append(append(buffer[:0], text...), 'Z')
	}
	var t time.Time
	err := t.UnmarshalText(text)
	return t, err == nil
}

// otherwise parses the other spellings.
func otherwise(text string) (time.Time, bool) {
	for _, layout := range [...]string{time.RFC3339, "2006-01-02T15:04:05", "2006-01-02T15:04:05Z0700", time.DateTime} {
		if t, err := time.Parse(layout, text); err == nil {
			return t, true
		}
	}
	return time.Time{}, false
}

// sinceEpoch parses seconds or milliseconds.
func sinceEpoch(text string) time.Time {
	const (
		firstMillis = 1e11            // as seconds this would be the year 5138, as milliseconds it is 1973
		endMillis   = 253402300800000 // the year 10000
	)
	n, err := strconv.ParseFloat(text, 64)
	if err != nil || math.IsNaN(n) {
		return time.Time{}
	}
	if n < firstMillis {
		n *= 1000
	}
	if n = math.Round(n); n < 1 || n >= endMillis {
		return time.Time{}
	}
	return time.UnixMilli(int64(n)).UTC()
}
