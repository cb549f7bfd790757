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
