package collectors_test

import (
	"errors"
	"testing"

	"github.com/stretchr/testify/require"

	"assetgraph/collectors"
)

func TestCollectChoosesParts(t *testing.T) {
	cheap, dear := collectors.Part{Name: "cheap", Default: true}, collectors.Part{Name: "dear"}
	for text, want := range map[string][2]bool{
		"": {true, false}, "default": {true, false}, "all": {true, true}, "none": {false, false}, "dear": {false, true},
		" Default , dear": {true, true}, "cheap": {true, false},
	} {
		c := collectors.ParseCollect("ACME_COLLECT", text)
		require.NoError(t, c.Check([]collectors.Part{cheap, dear}), text)
		require.Equal(t, want, [2]bool{c.Has(cheap), c.Has(dear)}, text)
	}
	for text, why := range map[string]string{
		"deer":      `Collect: there is no part "deer"; there are cheap, dear, and default, all, none`,
		"none,dear": "Collect: none can't stand beside others",
	} {
		require.EqualError(t, collectors.ParseCollect("ACME_COLLECT", text).Check([]collectors.Part{cheap, dear}), why)
	}
}

func TestPartThatIsNotChosenSaysHowToChooseIt(t *testing.T) {
	dear := collectors.Part{Name: "dear"}
	for text, want := range map[string]string{
		"": "ACME_COLLECT=default,dear", "none": "ACME_COLLECT=dear", "cheap": "ACME_COLLECT=cheap,dear", "dear": "",
	} {
		s := collectors.ParseCollect("ACME_COLLECT", text).Mark(dear, collectors.Step{Name: "dear"})
		require.Equal(t, "dear", s.Part)
		require.Equal(t, want, s.Choose, text)
		require.Equal(t, want != "", s.Skipped, text)
	}
}

func TestUnavailableKeepsItsCause(t *testing.T) {
	cause := errors.New("403 Forbidden")
	err := collectors.Unavailable(cause)
	require.ErrorIs(t, err, cause)
	require.True(t, collectors.IsUnavailable(errors.Join(errors.New("x"), err)))
	require.False(t, collectors.IsUnavailable(cause))
	require.EqualError(t, err, "not available: 403 Forbidden")
}
