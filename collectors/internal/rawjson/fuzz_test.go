package rawjson_test

import (
	"errors"
	"math/big"
	"strings"
	"testing"
	"time"

	"assetgraph/collectors"
	"assetgraph/collectors/internal/rawjson"

	"github.com/go-json-experiment/json"
	"github.com/go-json-experiment/json/jsontext"
	"github.com/stretchr/testify/require"
)

// lenient is how a page is read: what is wrong inside a member is the member's own fault.
func lenient() json.Options {
	return json.JoinOptions(jsontext.AllowDuplicateNames(true), jsontext.AllowInvalidUTF8(true))
}

// FuzzElements compares with the library's own reading of the whole page: the same members, or an error.
func FuzzElements(f *testing.F) {
	f.Add([]byte(`{"data":[{"id":"1"},{"id":2}],"pagination":{"nextCursor":null}}`))
	f.Fuzz(func(t *testing.T, page []byte) {
		members, err := elements(string(page), "data")
		records, recordsErr := rawjson.Records(page, "agent", "id", agentID, "data")
		require.Equal(t, err == nil, recordsErr == nil, "Elements: %v, Records: %v", err, recordsErr)
		var whole struct {
			Data *[]jsontext.Value `json:"data"`
		}
		wholeErr := json.Unmarshal(page, &whole, lenient())
		if err != nil {
			require.Empty(t, records)
			return
		}
		require.NoError(t, wholeErr)
		require.NotNil(t, whole.Data)
		require.Len(t, records, len(members))
		require.Len(t, *whole.Data, len(members))
		for i, raw := range *whole.Data {
			require.Equal(t, string(raw), members[i])
			requireRecord(t, raw, records[i])
		}
	})
}

// requireRecord checks that a record is there where the library alone reads the member, and where it dislikes the shape
// of a field only.
func requireRecord(t *testing.T, raw jsontext.Value, r collectors.Record) {
	t.Helper()
	var v agent
	err := json.Unmarshal(raw, &v)
	_, shape := errors.AsType[*json.SemanticError](err)
	switch {
	case err == nil && v.ID != "":
		require.NoError(t, r.Err)
		require.Equal(t, string(v.ID), r.ID)
		require.Equal(t, &v, r.Value)
	case shape && r.Err == nil:
		require.NotEmpty(t, r.Unread)
		require.NotEmpty(t, r.ID)
	default:
		require.Error(t, r.Err)
		require.Nil(t, r.Value)
	}
}

func FuzzText(f *testing.F) {
	f.Add([]byte(`"a\u00e4"`))
	f.Add([]byte(`12.50`))
	f.Fuzz(func(t *testing.T, raw []byte) {
		var text rawjson.Text
		if json.Unmarshal(raw, &text) != nil {
			return
		}
		var want string
		if json.Unmarshal(raw, &want) == nil {
			require.Equal(t, want, string(text))
			return
		}
		literal := jsontext.Value(raw).Clone()
		require.NoError(t, literal.Compact())
		require.Equal(t, string(literal), string(text))
	})
}

func FuzzInt(f *testing.F) {
	f.Add([]byte(`12.0`))
	f.Add([]byte(`"1e3"`))
	f.Fuzz(func(t *testing.T, raw []byte) {
		var n rawjson.Int
		if json.Unmarshal(raw, &n) != nil || !n.Set {
			return
		}
		var text rawjson.Text
		require.NoError(t, json.Unmarshal(raw, &text))
		if len(text) > 100 {
			return
		}
		exact, ok := new(big.Rat).SetString(strings.TrimSpace(string(text)))
		require.True(t, ok, "%q gave %d", text, n.N)
		require.Zero(t, exact.Cmp(new(big.Rat).SetInt64(n.N)), "%q gave %d", text, n.N)
	})
}

// FuzzTime holds Time and Epoch to their promise: any scalar is read, and gives UTC between the years 2 and 9999, or
// nothing.
func FuzzTime(f *testing.F) {
	f.Add([]byte(`"2026-10-02T13:14:15.161718Z"`))
	f.Add([]byte(`1757000000.123`))
	f.Fuzz(func(t *testing.T, raw []byte) {
		var at rawjson.Time
		var since rawjson.Epoch
		err := json.Unmarshal(raw, &at)
		shape := jsontext.Value(raw).Kind()
		scalar := jsontext.Value(raw).IsValid() && shape != jsontext.KindBeginObject && shape != jsontext.KindBeginArray
		require.Equal(t, scalar, err == nil, "%v", err)
		if json.Unmarshal(raw, &since) != nil {
			require.Error(t, err)
			return
		}
		for _, got := range []time.Time{at.Time, since.Time} {
			if got.IsZero() {
				continue
			}
			require.Equal(t, time.UTC, got.Location())
			require.Greater(t, got.Year(), 1)
			require.Less(t, got.Year(), 10000)
		}
	})
}
