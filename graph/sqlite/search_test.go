package sqlite

import (
	"strings"
	"testing"
	"unicode"

	"github.com/stretchr/testify/require"
	"pgregory.net/rapid"

	"assetgraph/graph"
)

func TestSearchFindsParts(t *testing.T) {
	text := string(appendTexts([]byte(`{"hostname":`), []string{"LT-0001", "5CG 0123-XYZ", "a\"b\n\\u0041c", "Müller"})) + `,"n":17}`
	for name, tt := range map[string]struct {
		part graph.Part
		want bool
	}{
		"whole":                 {graph.Part{Text: "lt0001", Begins: true, Ends: true}, true},
		"beginning":             {graph.Part{Text: "lt0", Begins: true}, true},
		"beginning of no whole": {graph.Part{Text: "lt0", Begins: true, Ends: true}, false},
		"end":                   {graph.Part{Text: "0001", Ends: true}, true},
		"no beginning":          {graph.Part{Text: "0001", Begins: true}, false},
		"within":                {graph.Part{Text: "t000"}, true},
		"other spelling":        {graph.Part{Text: "5cg0123xyz", Begins: true, Ends: true}, true},
		"over two texts":        {graph.Part{Text: "00015cg"}, false},
		"behind escapes":        {graph.Part{Text: "abu0041c", Begins: true, Ends: true}, true},
		"with an umlaut":        {graph.Part{Text: "mller", Begins: true, Ends: true}, true},
		"not there":             {graph.Part{Text: "lt0002"}, false},
	} {
		t.Run(name, func(t *testing.T) {
			require.Equal(t, tt.want, newMatcher([]graph.Part{tt.part}).matches(text))
			require.Equal(t, tt.want, newMatcher([]graph.Part{{Text: "zzz"}, tt.part, {Text: "zzlt0"}}).matches(text))
		})
	}
	require.False(t, newMatcher(nil).matches(text))
}

// Many parts at once find what each of them finds by strings.Contains.
func TestMatcherEqualsContains(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		text := rapid.StringMatching(`[abAB\-ü]{0,12}`).Draw(t, "text")
		bare := strings.Map(func(r rune) rune {
			if r > unicode.MaxASCII || !unicode.IsLetter(r) {
				return -1
			}
			return unicode.ToLower(r)
		}, text)
		var parts []graph.Part
		want := false
		for range rapid.IntRange(1, 4).Draw(t, "parts") {
			p := graph.Part{Text: rapid.StringMatching(`[ab]{1,4}`).Draw(t, "part"), Begins: rapid.Bool().Draw(t, "begins"), Ends: rapid.Bool().Draw(t, "ends")}
			parts = append(parts, p)
			switch {
			case p.Begins && p.Ends:
				want = want || bare == p.Text
			case p.Begins:
				want = want || strings.HasPrefix(bare, p.Text)
			case p.Ends:
				want = want || strings.HasSuffix(bare, p.Text)
			default:
				want = want || strings.Contains(bare, p.Text)
			}
		}
		require.Equal(t, want, newMatcher(parts).matches(string(appendText(nil, text))), parts)
	})
}
