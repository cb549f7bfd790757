package rawjson

import (
	"bytes"
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
	raw, err := scalar(d, aTime)
	if err == nil && raw.Kind() == jsontext.KindString {
		t.Time = instant(strings.TrimSpace(textIn(raw)))
	}
	return err
}

// Epoch is a point in time as seconds since 1970 with a fraction, or milliseconds when 1e11 or more; null, 0, negative
// and absurd values and any scalar that is no number leave it zero. Precision is the millisecond.
type Epoch struct{ time.Time }

// UnmarshalJSONFrom implements json.UnmarshalerFrom.
func (e *Epoch) UnmarshalJSONFrom(d *jsontext.Decoder) error {
	*e = Epoch{}
	raw, err := scalar(d, aTime)
	if err != nil {
		return err
	}
	if ms, ok := seconds(raw); ok {
		e.Time = ofMillis(ms)
	} else if kind := raw.Kind(); kind == jsontext.KindString || kind == jsontext.KindNumber {
		e.Time = sinceEpoch(strings.TrimSpace(textIn(raw)))
	}
	return nil
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

// firstMillis is the least number that is taken for milliseconds: as seconds it would be the year 5138, as milliseconds
// it is 1973.
const firstMillis = 1e11

// sinceEpoch parses seconds or milliseconds.
func sinceEpoch(text string) time.Time {
	n, err := strconv.ParseFloat(text, 64)
	if err != nil || math.IsNaN(n) {
		return time.Time{}
	}
	if n < firstMillis {
		n *= 1000
	}
	return ofMillis(math.Round(n))
}

// seconds returns the milliseconds that a literal of seconds stands for which is digits with a fraction or without; ok
// is false for any other, which sinceEpoch reads. By way of floating point, one of nineteen digits takes three times as
// long.
func seconds(raw jsontext.Value) (ms float64, ok bool) {
	whole, fraction, _ := bytes.Cut(raw, []byte("."))
	n, ok := digits(whole)
	if !ok || n >= firstMillis {
		return 0, false
	}
	n *= 1000
	for i, c := range fraction {
		switch {
		case c < '0' || c > '9':
			return 0, false
		case i < 3:
			n += int64(c-'0') * [...]int64{100, 10, 1}[i]
		case i == 3 && c >= '5':
			n++
		}
	}
	return float64(n), true
}

// ofMillis returns the time of so many whole milliseconds since 1970, zero for none and for what is beyond the year 9999.
func ofMillis(n float64) time.Time {
	const end = 253402300800000 // the year 10000
	if n < 1 || n >= end {
		return time.Time{}
	}
	return time.UnixMilli(int64(n)).UTC()
}
