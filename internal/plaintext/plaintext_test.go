package plaintext_test

import (
	"strings"
	"testing"
	"unicode/utf8"

	"github.com/stretchr/testify/require"

	"assetgraph/internal/plaintext"
)

func TestLine(t *testing.T) {
	for text, want := range map[string]string{
		"plain, Ümläut, 日本, e\u0301, 🙂":                             "plain, Ümläut, 日本, e\u0301, 🙂",
		"a\nb\tc\r\nd\u2028e\u2029f\u0085g":                         "a b c  d e f g",
		"\x1b]52;c;aGk=\x07":                                        "\uFFFD]52;c;aGk=\uFFFD",
		"\x1b[2J\u009b31m\x7f\x00":                                  "\uFFFD[2J\uFFFD31m\uFFFD\uFFFD",
		"a\u202eb\u2066c\u200bd\u200de\ufefff\u00adg\u2060h\u180ei": "abcdefghi",
		"tags \U000E0041\U000E0042.":                                "tags .",
		"\u3164\u115f\u034f\ufe0f.":                                 ".",
		"private \ue000 \U0010FFFF":                                 "private \uFFFD \uFFFD",
		"bytes \xff\xc3":                                            "bytes \uFFFD\uFFFD",
		"no\u00a0break \u3000 spaces":                               "no\u00a0break \u3000 spaces",
	} {
		require.Equal(t, want, plaintext.Line(text), "%q", text)
	}
}

func FuzzLine(f *testing.F) {
	f.Add("a\x1b[31m\u202e")
	f.Fuzz(func(t *testing.T, s string) {
		got := plaintext.Line(s)
		require.True(t, utf8.ValidString(got))
		require.Equal(t, got, plaintext.Line(got), "what is plain stays")
		require.False(t, strings.ContainsFunc(got, func(r rune) bool { return r < ' ' || r >= 0x7f && r <= 0x9f || r == 0x2028 }))
	})
}

func TestClip(t *testing.T) {
	require.Equal(t, "short", plaintext.Clip("short", 5))
	require.Equal(t, "ünïcö", plaintext.Clip("ünïcö", 5), "characters count, not bytes")
	long := "record " + strings.Repeat("7", 1<<20) + ": its id is too long"
	got := plaintext.Clip(long, plaintext.Part)
	require.True(t, strings.HasPrefix(got, "record 777"))
	require.Contains(t, got, "7… (1,048,603 characters) …7")
	require.True(t, strings.HasSuffix(got, ": its id is too long"))
	require.Less(t, utf8.RuneCountInString(got), plaintext.Part+40)
	require.True(t, utf8.ValidString(plaintext.Clip(strings.Repeat("日", 1000), 100)))
}
