package report

import (
	"testing"
	"testing/fstest"

	"github.com/stretchr/testify/require"

	"assetgraph/docs/questions"
)

func TestLibraryIsReadable(t *testing.T) {
	list, err := Library()
	require.NoError(t, err)
	require.GreaterOrEqual(t, len(list), 9)
	index, err := questions.Files.ReadFile("README.md")
	require.NoError(t, err)
	for _, q := range list {
		require.Contains(t, string(index), "[@"+q.Name+"]("+q.Name+".md)")
		require.Contains(t, q.In(SQL), "SELECT", q.Name)
		require.Contains(t, q.In(Cypher), "RETURN", q.Name)
		require.NotContains(t, q.About, "```")
		require.Contains(t, q.In(SQL), "ORDER BY", "%s: answers come in one order", q.Name)
		require.Contains(t, q.In(Cypher), "ORDER BY", q.Name)
	}
}

func TestQuestionsThatCannotBeRead(t *testing.T) {
	for name, text := range map[string]string{
		"no title":     "Title\n\nAbout.\n\n```sql\nx\n```\n\n```cypher\ny\n```\n",
		"no paragraph": "# Title\n\n```sql\nx\n```\n\n```cypher\ny\n```\n",
		"no SQL":       "# Title\n\nAbout.\n\n```cypher\ny\n```\n",
		"open fence":   "# Title\n\nAbout.\n\n```sql\nx\n```\n\n```cypher\ny\n",
	} {
		_, err := readLibrary(fstest.MapFS{"q.md": {Data: []byte(text)}})
		require.ErrorContains(t, err, "q.md", name)
	}
}

func TestFindQuestion(t *testing.T) {
	q, err := FindQuestion("@without-edr")
	require.NoError(t, err)
	require.Equal(t, "Machines without EDR", q.Title)
	for name, want := range map[string]string{"without-ed": "@without-edr", "stale": "@stale-everywhere", "infected": "@infected-and-offline", "duplicates-record": "@duplicate-records"} {
		_, err := FindQuestion(name)
		var unknown *UnknownError
		require.ErrorAs(t, err, &unknown, name)
		require.Equal(t, want, unknown.Near[0])
		require.ErrorContains(t, err, "there is no question @"+name)
	}
}

func TestDistance(t *testing.T) {
	for _, tt := range []struct {
		a, b string
		want int
	}{{"", "", 0}, {"", "abc", 3}, {"kitten", "sitting", 3}, {"abc", "abc", 0}, {"flaw", "lawn", 2}} {
		require.Equal(t, tt.want, distance(tt.a, tt.b), "%s %s", tt.a, tt.b)
		require.Equal(t, tt.want, distance(tt.b, tt.a))
	}
}

// Keys are made of harmless characters; what is not one never becomes part of a query.
func TestKeyListLeavesOutWhatIsNoKey(t *testing.T) {
	require.Equal(t, "'a:device:x%20y', 'a|IS|b'", keyList([]string{"a:device:x%20y", "x' OR '1'='1", "a|IS|b", `a\`}))
}

// Of a text of people nothing gets into Cypher but what stands for itself there.
func TestLiteralPart(t *testing.T) {
	for text, want := range map[string]string{
		"lt-0001": "lt-0001", "jane.doe+x@contoso.example": "jane.doe+x@contoso.example", "bürö 東京": "bürö 東京", "a' or 1=1 --": " or 1", `x\u0027y`: "u0027y", `\`: "", "'": "",
		"a\nbc": "bc", "a\xffbc": "bc", "": "", "/* */": " ", "a`b": "a", "$p{q}": "p",
	} {
		require.Equal(t, want, literalPart(text), text)
	}
	require.Equal(t, "v CONTAINS 'bc' OR v IN ['x', 'y']", comparison("v", []string{"x", "a'bc", "y"}, true))
	require.Equal(t, "v CONTAINS 'x' OR v CONTAINS ''", comparison("v", []string{"x", "''"}, false))
}
