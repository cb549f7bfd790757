package immybot

import (
	"strings"
	"time"

	"assetgraph/collectors/internal/wire"

	"github.com/go-json-experiment/json/jsontext"
)

// Time is a point in time in any of the provider's spellings: RFC 3339 with up to seven fraction digits, the same without
// a zone (UTC), and .NET's invariant form MM/dd/yyyy HH:mm:ss with or without AM/PM (UTC). null, the year 1 and free text
// leave it zero.
type Time struct{ time.Time }

// UnmarshalJSONFrom implements json.UnmarshalerFrom.
func (t *Time) UnmarshalJSONFrom(d *jsontext.Decoder) error {
	var text wire.Text
	if err := text.UnmarshalJSONFrom(d); err != nil {
		return err
	}
	t.Time = parseTime(strings.TrimSpace(string(text)))
	return nil
}

// Go's parser takes a fraction after the seconds whether the layout has one or not.
func parseTime(s string) time.Time {
	for _, layout := range [...]string{
		time.RFC3339, "2006-01-02T15:04:05", "2006-01-02 15:04:05Z07:00", "2006-01-02 15:04:05",
		"01/02/2006 15:04:05", "1/2/2006 3:04:05 PM",
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
