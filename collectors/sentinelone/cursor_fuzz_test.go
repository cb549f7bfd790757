package sentinelone

import (
	"net/url"
	"strings"
	"testing"
)

// FuzzNextCursor: whatever a console gives, a cursor that is sent survives one encoding, and what marks the end is
// never sent.
func FuzzNextCursor(f *testing.F) {
	for _, seed := range []string{
		"", "null", " null ", "YWdlbnRfaWQ6NTgwMjkzODE=", "YWdlbnRfaWQ6NTgwMjkzODE%3D", "a+b/c==", "a%2Bb%3D%3D", "%",
		"%zz", "%253D", "\x00", "é",
	} {
		f.Add(seed)
	}
	f.Fuzz(func(t *testing.T, raw string) {
		cursor := nextCursor(raw)
		if cursor == "null" && strings.TrimSpace(raw) == "null" {
			t.Fatalf("%q is an end mark, but would be sent", raw)
		}
		if cursor == "" {
			return
		}
		sent, err := url.ParseQuery(url.Values{"cursor": {cursor}}.Encode())
		if err != nil || sent.Get("cursor") != cursor || len(sent["cursor"]) != 1 {
			t.Fatalf("%q arrives as %q, %v", cursor, sent, err)
		}
		if !strings.Contains(raw, "%") && strings.Contains(strings.TrimSpace(raw), "+") &&
			!strings.Contains(cursor, "+") {
			t.Fatalf("a plus sign of %q was lost: %q", raw, cursor)
		}
	})
}
