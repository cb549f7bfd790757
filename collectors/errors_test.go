package collectors

import (
	"errors"
	"strconv"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
)

func TestErrorTexts(t *testing.T) {
	cause := errors.New("cause")
	for want, err := range map[string]error{
		"agent 7: field name: cause": &RecordError{
			Kind: "agent", ID: "7", Field: "name", Err: cause,
		},
		"agent without id: cause": &RecordError{Kind: "agent", Err: cause},
		"APIToken: cause":         &SettingError{Setting: "APIToken", Err: cause},
		"the list ended early: expected 4 records, got 3": &IncompleteError{
			Reason: "the list ended early", Expected: 4, Got: 3,
		},
		"the provider gave the same cursor twice": &IncompleteError{
			Reason: "the provider gave the same cursor twice", Got: 3,
		},
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

func TestMeterNamesEachUnreadFieldOnce(t *testing.T) {
	var m Meter
	m.Warn("first")
	m.Saw(Record{Kind: "agent", ID: "1"})
	require.Equal(t, []string{"first"}, m.Warnings())
	tags := FieldError{"tags", errors.New("a text where an object was expected")}
	name := FieldError{"name", errors.New("odd")}
	m.Saw(Record{Kind: "agent", ID: "7", Unread: []FieldError{tags}})
	m.Saw(Record{Kind: "agent", ID: "8", Unread: []FieldError{tags, name}})
	m.Saw(Record{Kind: "site", ID: strings.Repeat("9", 1000), Unread: []FieldError{name}})
	require.Equal(t, []string{
		"first",
		"field tags left out: a text where an object was expected (2 records, the first is agent 7)",
		"field name left out: odd (agent 8)",
		"field name left out: odd (site " + strings.Repeat("9", 64) + "…)",
	}, m.Warnings())
}

func TestMeterNamesAFewUnreadFields(t *testing.T) {
	var m Meter
	for i := range 1000 {
		var unread []FieldError
		for j := range 3 {
			unread = append(unread, FieldError{Field: strconv.Itoa(3*i + j), Err: errors.New("odd")})
		}
		m.Saw(Record{Kind: "agent", ID: "1", Unread: unread})
	}
	require.Len(t, m.Warnings(), 21)
	require.Equal(t, "other fields could not be read in 994 records", m.Warnings()[20])
}
