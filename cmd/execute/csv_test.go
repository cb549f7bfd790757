package main

import (
	"encoding/csv"
	"fmt"
	"maps"
	"net/http"
	"net/http/httptest"
	"regexp"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"assetgraph/internal/simulator"
)

func TestCSVIsNoFormulaToASpreadsheet(t *testing.T) {
	tests := map[string]struct {
		value any
		want  string
	}{
		"formula":                     {"=cmd|'/c calc'!A1", "'=cmd|'/c calc'!A1"},
		"plus":                        {"+49 30 1234", "'+49 30 1234"},
		"minus":                       {"-2+3", "'-2+3"},
		"at":                          {"@SUM(A1)", "'@SUM(A1)"},
		"tab":                         {"\t=1", "'\t'=1"},
		"carriage return":             {"\r=1", "'\r'=1"},
		"line feed":                   {"\n=1", "'\n'=1"},
		"full width":                  {"＝1+1", "'＝1+1"},
		"blanks before":               {"  =1", "'  =1"},
		"byte order mark before":      {"\ufeff=1", "'\ufeff=1"},
		"quote before":                {"\"=1\"", "'\"=1\""},
		"behind a semicolon":          {"a;=1", "a;'=1"},
		"behind a semicolon and text": {"edr;rmm; -1;b", "edr;rmm;' -1;b"},
		"on a second line":            {"a\n=1\r\n+2", "a\n'=1\r\n'+2"},
		"within":                      {"a=b - c@d", "a=b - c@d"},
		"an apostrophe is there":      {"'=1", "'=1"},
		"text that is a number":       {"-5", "'-5"},
		"numbers":                     {int64(-5), "-5"},
		"broken numbers":              {-5.25, "-5.25"},
		"nothing":                     {nil, ""},
		"list":                        {[]any{"=1", "x"}, `["=1","x"]`},
		"not UTF-8":                   {"=\xff", "'=\xff"},
		"plain":                       {"LT-0001", "LT-0001"},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			require.Equal(t, tt.want, (&csvRows{}).cell(tt.value))
			require.Equal(t, cellText(tt.value), (&csvRows{raw: true}).cell(tt.value))
		})
	}
}

// No cell that the program prints as CSV begins as a formula does, whatever products say; --raw has it as the graph has
// it.
func TestHostileFleetAsCSV(t *testing.T) {
	workIn(t)
	_, env := fleet(t, simulator.Options{Machines: 60, Customers: 5, Intercept: formulas})
	runJSON(t, exitDone, env)
	cells := func(args ...string) (dangerous int) {
		lines, err := csv.NewReader(strings.NewReader(answered(t, nil, append(args, "--output", "csv")...))).ReadAll()
		require.NoError(t, err)
		for _, line := range lines {
			for _, cell := range line {
				if cell != "" && strings.Contains("=+-@\t\r", cell[:1]) {
					dangerous++
				}
			}
		}
		return dangerous
	}
	for _, args := range [][]string{{"query", "select * from device"}, {"report", "coverage"}, {"report", "coverage", "--by", "device"}} {
		require.Zero(t, cells(args...), args)
	}
	require.NotZero(t, cells("query", "select * from device", "--raw"))
}

// formulas puts the beginning of a formula before every name that a product gives.
func formulas(w http.ResponseWriter, r *http.Request, next http.Handler) {
	recorder := httptest.NewRecorder()
	next.ServeHTTP(recorder, r)
	maps.Copy(w.Header(), recorder.Header())
	w.Header().Del("Content-Length")
	w.WriteHeader(recorder.Code)
	n := 0
	_, _ = w.Write(regexp.MustCompile(`("cursor":{)?"(name|systemName|computerName|displayName)":"`).ReplaceAllFunc(recorder.Body.Bytes(), func(b []byte) []byte {
		if string(b) == cursorsName {
			return b
		}
		n++
		return fmt.Appendf(nil, "%s%s", b, []string{"=cmd|' /C calc'!A", "+", "-", "@SUM(", `\t=1`}[n%5])
	}))
}
