package settings

import (
	"testing"

	"github.com/stretchr/testify/require"
)

func TestListsHoldCommasInQuotes(t *testing.T) {
	for text, want := range map[string][]string{
		"": nil, " , ,": nil, "a": {"a"}, "a, b,a,": {"a", "b"}, `"Example, Inc.",Sample`: {"Example, Inc.", "Sample"},
		`12" pipes, x`: {`12" pipes`, "x"}, `"say ""so"""`: {`say "so"`}, "a\nb, c\n\n": {"a", "b", "c"}, `"open, x`: {"open, x"},
		"Müller & Söhne,#1": {"Müller & Söhne", "#1"},
	} {
		require.Equal(t, want, ParseList(text), "%q", text)
		require.Equal(t, want, ParseList(FormatList(want)), "%q", text)
	}
	require.Equal(t, `a,"b, c","d ""e"""`, FormatList([]string{"a", "b, c", `d "e"`}))
}

func TestFilterThatIsEmptyOrQuotedIsLookedAt(t *testing.T) {
	known := []Setting{{Env: "ACME_SITES", Filter: true, List: true}, {Env: "ACME_URL"}}
	for value, want := range map[string][]string{
		" ": {"the value of ACME_SITES is empty: nothing is left out"}, `"Example, Inc."`: nil, "a,b": nil,
		"'a'": {"the value of ACME_SITES has quotation marks around it, which are taken for a part of it: leave them out"},
	} {
		require.Equal(t, want, Environment{"ACME_SITES": value, "ACME_URL": ""}.LookAlikes(known, nil), value)
	}
}
