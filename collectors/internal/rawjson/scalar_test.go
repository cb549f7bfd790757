package rawjson_test

import (
	"math/big"
	"testing"
	"time"

	"assetgraph/collectors/internal/rawjson"

	"github.com/go-json-experiment/json"
	"github.com/stretchr/testify/require"
	"pgregory.net/rapid"
)

// decoded reads raw into a T that held something else before.
func decoded[T any](t *testing.T, raw string, before T) (T, error) {
	t.Helper()
	v := struct {
		Before int `json:"before"`
		V      T   `json:"v"`
		After  int `json:"after"`
	}{V: before}
	err := json.Unmarshal([]byte(`{"before":1,"v":`+raw+`,"after":2}`), &v)
	if err == nil {
		require.Equal(t, 2, v.After, "the value was not read to its end")
	}
	return v.V, err
}

func TestText(t *testing.T) {
	for raw, want := range map[string]rawjson.Text{
		`"abc"`:                      "abc",
		`""`:                         "",
		`" a "`:                      " a ",
		`"a\u00e4\n\"b"`:             "aä\n\"b",
		`null`:                       "",
		`"null"`:                     "null",
		`true`:                       "true",
		`false`:                      "false",
		`12`:                         "12",
		`1845174760470303882`:        "1845174760470303882",
		`99999999999999999999999999`: "99999999999999999999999999",
		`1.50`:                       "1.50",
		`1E+2`:                       "1E+2",
		`-0`:                         "-0",
	} {
		got, err := decoded[rawjson.Text](t, raw, "before")
		require.NoError(t, err, raw)
		require.Equal(t, want, got, raw)
	}
	for _, raw := range []string{`{}`, `[]`, `["a"]`, `{"a":1}`} {
		_, err := decoded[rawjson.Text](t, raw, "")
		require.ErrorContains(t, err, "where a text was expected", raw)
	}
}

func TestInt(t *testing.T) {
	for raw, want := range map[string]int64{
		`0`: 0, `-0`: 0, `-0.0`: 0, `12`: 12, `-7`: -7, `12.0`: 12, `12.000`: 12, `1e3`: 1000, `1.2E+3`: 1200,
		`1200e-2`: 12,
		`"12"`:    12, `" 12 "`: 12, `"12.0"`: 12, `"-7"`: -7, `"0"`: 0,
		`9223372036854775807`: 9223372036854775807, `-9223372036854775808`: -9223372036854775808,
		`9223372036854775807.0`: 9223372036854775807, `9007199254740993`: 9007199254740993,
		`"9007199254740993.0"`:   9007199254740993,
		`922337203685477580.7e1`: 9223372036854775807,
	} {
		got, err := decoded(t, raw, rawjson.Int{N: 99, Set: true})
		require.NoError(t, err, raw)
		require.Equal(t, rawjson.Int{N: want, Set: true}, got, raw)
	}
	for _, raw := range []string{`null`, `""`, `"  "`, `"None"`} {
		got, err := decoded(t, raw, rawjson.Int{N: 99, Set: true})
		require.NoError(t, err, raw)
		require.Equal(t, rawjson.Int{}, got, raw)
	}
	for _, raw := range []string{
		`1.5`, `"1.5"`, `1e-1`, `true`, `"abc"`, `"12abc"`, `"0x10"`, `"1_000"`, `"1/1"`, `"1 2"`, `"Inf"`, `"NaN"`,
		`[]`, `{}`, `"e"`, `"1e"`, `"."`,
		`9223372036854775808`, `-9223372036854775809`, `"9223372036854775808"`, `1e19`, `1e999999999`, `1e-999999999`,
		`9223372036854775807.5`,
	} {
		_, err := decoded(t, raw, rawjson.Int{})
		require.Error(t, err, raw)
	}
}

func TestBool(t *testing.T) {
	for raw, want := range map[string]rawjson.Bool{
		`true`: {B: true, Set: true}, `"true"`: {B: true, Set: true}, `"True"`: {B: true, Set: true},
		`"TRUE"`: {B: true, Set: true}, `1`: {B: true, Set: true}, `"1"`: {B: true, Set: true},
		`false`: {Set: true}, `"false"`: {Set: true}, `"False"`: {Set: true}, `0`: {Set: true}, `"0"`: {Set: true},
		`null`: {}, `""`: {}, `"None"`: {},
	} {
		got, err := decoded(t, raw, rawjson.Bool{B: true, Set: true})
		require.NoError(t, err, raw)
		require.Equal(t, want, got, raw)
	}
	for _, raw := range []string{`2`, `"yes"`, `"t"`, `[]`, `{}`, `-1`} {
		_, err := decoded(t, raw, rawjson.Bool{})
		require.Error(t, err, raw)
	}
}

func TestTexts(t *testing.T) {
	for raw, want := range map[string]rawjson.Texts{
		`null`: nil, `[]`: nil, `[null]`: nil, `""`: nil,
		`"a"`:                {"a"},
		`["a","b"]`:          {"a", "b"},
		`["a",null,"b",""]`:  {"a", "b"},
		`[1,true,"x"]`:       {"1", "true", "x"},
		`7`:                  {"7"},
		`[9007199254740993]`: {"9007199254740993"},
	} {
		got, err := decoded(t, raw, rawjson.Texts{"before"})
		require.NoError(t, err, raw)
		require.Equal(t, want, got, raw)
	}
	for _, raw := range []string{`{}`, `[[]]`, `[{}]`, `["a",["b"]]`} {
		_, err := decoded(t, raw, rawjson.Texts{})
		require.ErrorContains(t, err, "was expected", raw)
	}
	_, err := decoded(t, `["a"`, rawjson.Texts{})
	require.Error(t, err)
}

func TestTime(t *testing.T) {
	for raw, want := range map[string]string{
		`"2026-10-02T13:14:15Z"`:             "2026-10-02T13:14:15Z",
		`"2026-10-02T13:14:15.161718Z"`:      "2026-10-02T13:14:15.161718Z",
		`"2026-10-02T13:14:15.1234567Z"`:     "2026-10-02T13:14:15.1234567Z",
		`"2026-10-02T13:14:15.12345678912Z"`: "2026-10-02T13:14:15.123456789Z",
		`"2026-10-02T13:14:15+02:00"`:        "2026-10-02T11:14:15Z",
		`"2026-10-02T13:14:15+0200"`:         "2026-10-02T11:14:15Z",
		`"2026-10-02T13:14:15"`:              "2026-10-02T13:14:15Z",
		`"2026-10-02T13:14:15.5"`:            "2026-10-02T13:14:15.5Z",
		`"2026-10-02 13:14:15"`:              "2026-10-02T13:14:15Z",
		`" 2026-10-02T13:14:15Z "`:           "2026-10-02T13:14:15Z",
		`"0002-01-01T00:00:00Z"`:             "0002-01-01T00:00:00Z",
		`"9999-12-31T23:59:59.9999999Z"`:     "9999-12-31T23:59:59.9999999Z",
		`"9999-12-31T23:59:59-05:00"`:        "",
		`"0001-01-01T00:00:00Z"`:             "",
		`"0001-01-01T00:00:00"`:              "",
		`"0001-01-01T00:00:00+14:00"`:        "",
		`"0001-06-01T00:00:00Z"`:             "",
		`null`:                               "",
		`""`:                                 "",
		`"None"`:                             "",
		`"never"`:                            "",
		`"2026-13-02T13:14:15Z"`:             "",
		`"2026-10-02"`:                       "",
		`0`:                                  "",
		`1757000000`:                         "",
		`false`:                              "",
	} {
		got, err := decoded(t, raw, rawjson.Time{Time: time.Now()})
		require.NoError(t, err, raw)
		requireInstant(t, want, got.Time, raw)
	}
	for _, raw := range []string{`{"date":"2026-10-02T13:14:15Z"}`, `[["2026-10-02T13:14:15Z"]]`, `{"date"`} {
		_, err := decoded(t, raw, rawjson.Time{})
		require.Error(t, err, raw)
	}
}

// requireInstant compares with RFC 3339 in UTC, "" for the zero time.
func requireInstant(t *testing.T, want string, got time.Time, raw string) {
	t.Helper()
	if want == "" {
		require.Equal(t, time.Time{}, got, raw)
		return
	}
	require.Equal(t, want, got.Format(time.RFC3339Nano), raw)
	require.Equal(t, time.UTC, got.Location(), raw)
}

func TestEpoch(t *testing.T) {
	for raw, want := range map[string]string{
		`1757000000`:           "2025-09-04T15:33:20Z",
		`1757000000.123456789`: "2025-09-04T15:33:20.123Z",
		`1757000000.9996`:      "2025-09-04T15:33:21Z",
		`1.757e9`:              "2025-09-04T15:33:20Z",
		`1757000000123`:        "2025-09-04T15:33:20.123Z",
		`1757000000123.7`:      "2025-09-04T15:33:20.124Z",
		`"1757000000"`:         "2025-09-04T15:33:20Z",
		`99999999999`:          "5138-11-16T09:46:39Z",
		`100000000000`:         "1973-03-03T09:46:40Z",
		`253402300799999`:      "9999-12-31T23:59:59.999Z",
		`253402300800000`:      "",
		`0.001`:                "1970-01-01T00:00:00.001Z",
		`0`:                    "", `-1`: "", `-1757000000`: "", `0.0001`: "", `1e300`: "", `1e999`: "", `-1e999`: "",
		`null`: "", `""`: "", `"NaN"`: "", `"Inf"`: "", `"2025-09-04T15:33:20Z"`: "", `true`: "",
	} {
		got, err := decoded(t, raw, rawjson.Epoch{Time: time.Now()})
		require.NoError(t, err, raw)
		requireInstant(t, want, got.Time, raw)
	}
	for _, raw := range []string{`{}`, `[1757000000]`, `[1`} {
		_, err := decoded(t, raw, rawjson.Epoch{})
		require.Error(t, err, raw)
	}
}

// However many digits there are, a time is that of the nearest millisecond.
func TestEpochIsExact(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		raw := rapid.StringMatching(`(0|[1-9][0-9]{0,10})(\.[0-9]{1,12})?`).Draw(t, "raw")
		n, ok := new(big.Rat).SetString(raw)
		require.True(t, ok)
		n.Mul(n, big.NewRat(1000, 1)).Add(n, big.NewRat(1, 2))
		want := time.Time{}
		if ms := new(big.Int).Quo(n.Num(), n.Denom()).Int64(); ms > 0 {
			want = time.UnixMilli(ms).UTC()
		}
		var got rawjson.Epoch
		require.NoError(t, json.Unmarshal([]byte(raw), &got))
		require.Equal(t, want, got.Time, raw)
	})
}

func TestAbsentIsUnset(t *testing.T) {
	var v struct {
		Text  rawjson.Text
		Int   rawjson.Int
		Bool  rawjson.Bool
		Time  rawjson.Time
		Epoch rawjson.Epoch
		Texts rawjson.Texts
	}
	require.NoError(t, json.Unmarshal([]byte(`{}`), &v))
	require.Zero(t, v)
}
