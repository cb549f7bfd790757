package rawjson

import (
	"math"
	"strconv"
	"strings"
	"time"

	"github.com/go-json-experiment/json/jsontext"
)

// Time is a point in time in RFC 3339 with any fraction, in UTC; without a zone it is taken for UTC. null, "", "None",
// 0, the year 1 and any scalar that is no time leave it zero.
type Time struct{ time.Time }

// UnmarshalJSONFrom implements json.UnmarshalerFrom.
func (t *Time) UnmarshalJSONFrom(d *jsontext.Decoder) error {
	*t = Time{}
	text, kind, err := scalar(d, aTime)
	if err == nil && kind == jsontext.KindString {
		t.Time = instant(strings.TrimSpace(text))
	}
	return err
}

// Epoch is a point in time as seconds since 1970 with a fraction, or milliseconds when 1e11 or more; null, 0, negative
// and absurd values and any scalar that is no number leave it zero. Precision is the millisecond.
type Epoch struct{ time.Time }

// UnmarshalJSONFrom implements json.UnmarshalerFrom.
func (e *Epoch) UnmarshalJSONFrom(d *jsontext.Decoder) error {
	*e = Epoch{}
	text, kind, err := scalar(d, aTime)
	if err == nil && (kind == jsontext.KindString || kind == jsontext.KindNumber) {
		e.Time = sinceEpoch(strings.TrimSpace(text))
	}
	return err
}

// instant parses a time with or without zone, zero when it is none or of the year 1, which .NET gives for "never".
func instant(text string) time.Time {
	for _, layout := range layouts(text) {
		if t, err := time.Parse(layout, text); err == nil {
			if t = t.UTC(); t.Year() > 1 && t.Year() < 10000 {
				return t
			}
			break
		}
	}
	return time.Time{}
}

// layouts returns the layouts that a text may have, the likeliest first: a try that fails costs more than one that does
// not.
func layouts(text string) []string {
	const local = "2006-01-02T15:04:05"
	if strings.HasSuffix(text, "Z") {
		return []string{time.RFC3339}
	}
	if n := len(text) - len("+00:00"); n >= len(local) && (text[n] == '+' || text[n] == '-') {
		return []string{time.RFC3339, local + "Z0700"}
	}
	return []string{local, local + "Z0700", time.DateTime}
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
