package immybot

import (
	"strings"
	"time"

	"assetgraph/collectors/internal/rawjson"

	"github.com/go-json-experiment/json/jsontext"
)

// Time is a point in time in any of the provider's spellings: RFC 3339 with up to seven fraction digits, the same
// without a zone (UTC), and .NET's invariant form MM/dd/yyyy HH:mm:ss with or without AM/PM (UTC). null, the year 1 and
// free text leave it zero.
type Time struct{ time.Time }

// UnmarshalJSONFrom implements json.UnmarshalerFrom.
func (t *Time) UnmarshalJSONFrom(d *jsontext.Decoder) error {
	if kind := d.PeekKind(); kind == jsontext.KindBeginObject || kind == jsontext.KindBeginArray {
		return rawjson.Unexpected(kind, "a time")
	}
	var text rawjson.Text
	err := text.UnmarshalJSONFrom(d)
	t.Time = parseTime(strings.TrimSpace(string(text)))
	return err
}

const withoutZone = "2006-01-02T15:04:05"

// Go's parser takes a fraction after the seconds whether the layout has one or not.
func parseTime(s string) time.Time {
	if s == "" {
		return time.Time{}
	}
	first, second := time.RFC3339, withoutZone
	// A try that fails costs ten times as much as one that does not.
	if len(s) > 10 && s[10] == 'T' && !strings.ContainsAny(s[10:], "Z+-") {
		first, second = second, first
	}
	for _, layout := range [...]string{
		first, second, "2006-01-02 15:04:05Z07:00", "2006-01-02 15:04:05", "01/02/2006 15:04:05", "1/2/2006 3:04:05 PM",
	} {
		if t, err := time.Parse(layout, s); err == nil {
			if t.Year() <= 1 {
				return time.Time{}
			}
			return t.UTC()
		}
	}
	return time.Time{}
}
