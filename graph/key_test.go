package graph_test

import (
	"net/url"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"assetgraph/graph"
)

func TestEntityKey(t *testing.T) {
	tests := []struct{ name, id, want string }{
		{"a number", "1845174760470303882", "1845174760470303882"},
		{"plain punctuation", "a-b._~@+=Z9", "a-b._~@+=Z9"},
		{"what separates the parts", "a:b|HAS|c", "a%3Ab%7CHAS%7Cc"},
		{"an escape", "%41", "%2541"},
		{"white space", " \n", "%20%0A"},
		{"not ASCII", "ü", "%C3%BC"},
		{"no UTF-8", "\xff\x00", "%FF%00"},
	}
	for _, c := range tests {
		t.Run(c.name, func(t *testing.T) {
			require.Equal(t, graph.Key("s1:agent:"+c.want), graph.EntityKey("s1", "agent", c.id))
		})
	}
}

func TestRelationshipKey(t *testing.T) {
	require.Equal(t, graph.Key("a:x:1|HAS|a:y:2"), graph.RelationshipKey("a:x:1", "HAS", "a:y:2"))
}

// A scope's prefix must not catch keys of a scope that looks like it.
func TestScopePrefix(t *testing.T) {
	key := func(instance, typ string) string { return string(graph.EntityKey(instance, typ, "1")) }
	prefix := graph.Scope{Instance: "a", Type: "device"}.Prefix()
	require.True(t, strings.HasPrefix(key("a", "device"), prefix))
	for _, other := range []string{key("a", "device_x"), key("aa", "device"), key("a-b", "device"), key("A", "device"), key("a", "dev")} {
		require.False(t, strings.HasPrefix(other, prefix), other)
	}
}

func FuzzEntityKey(f *testing.F) {
	for _, id := range []string{"", "1", "a:b", "%3A", "ü", "\xff", "a|b"} {
		f.Add(id, id+"x")
	}
	f.Fuzz(func(t *testing.T, a, b string) {
		ka, kb := graph.EntityKey("i", "t", a), graph.EntityKey("i", "t", b)
		require.Equal(t, a == b, ka == kb, "ids that differ give keys that differ")
		escaped, ok := strings.CutPrefix(string(ka), "i:t:")
		require.True(t, ok)
		require.Equal(t, -1, strings.IndexFunc(escaped, func(r rune) bool { return r <= ' ' || r > '~' || strings.ContainsRune(":|/'\"`\\", r) }))
		back, err := url.PathUnescape(escaped)
		require.NoError(t, err)
		require.Equal(t, a, back)
	})
}
