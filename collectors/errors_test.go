package collectors

import (
	"errors"
	"testing"

	"github.com/stretchr/testify/require"
)

func TestErrorTexts(t *testing.T) {
	cause := errors.New("cause")
	for want, err := range map[string]error{
		"agent 7: field name: cause":                      &RecordError{Kind: "agent", ID: "7", Field: "name", Err: cause},
		"agent without id: cause":                         &RecordError{Kind: "agent", Err: cause},
		"APIToken: cause":                                 &SettingError{Setting: "APIToken", Err: cause},
		"the list ended early: expected 4 records, got 3": &IncompleteError{Reason: "the list ended early", Expected: 4, Got: 3},
		"the provider gave the same cursor twice":         &IncompleteError{Reason: "the provider gave the same cursor twice", Got: 3},
	} {
		require.EqualError(t, err, want)
		if _, ok := errors.AsType[*IncompleteError](err); !ok {
			require.ErrorIs(t, err, cause)
		}
	}
}

func TestMeter(t *testing.T) {
	var m Meter
	m.Warn("a")
	m.Warn("b")
	m.Page()
	m.Expect(7)
	got := m.Warnings()
	got[0] = "changed"
	require.Equal(t, []string{"a", "b"}, m.Warnings())
	require.Equal(t, 1, m.Pages())
	require.Equal(t, 7, m.Expected())
}
