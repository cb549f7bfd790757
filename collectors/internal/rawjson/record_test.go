package rawjson_test

import (
	"errors"
	"os"
	"strings"
	"testing"

	"assetgraph/collectors"
	"assetgraph/collectors/internal/rawjson"

	"github.com/stretchr/testify/require"
)

type nic struct {
	Inet rawjson.Texts `json:"inet"`
}

type agent struct {
	ID    rawjson.Text      `json:"id"`
	Name  rawjson.Text      `json:"computerName"`
	Count rawjson.Int       `json:"coreCount"`
	Live  rawjson.Bool      `json:"isActive"`
	Plain int               `json:"plain"`
	Nics  []nic             `json:"networkInterfaces"`
	Tags  map[string]string `json:"tags"`
	Owner *nic              `json:"owner"`
}

func agentID(a *agent) string { return string(a.ID) }

func TestDecode(t *testing.T) {
	for name, tc := range map[string]struct {
		raw  string
		want agent
	}{
		"unknown names":       {`{"id":"7","licenseKey":{"a":[1,{"b":null}]}}`, agent{ID: "7"}},
		"names match exactly": {`{"id":"7","computername":"x","ComputerName":"y"}`, agent{ID: "7"}},
		"beyond 2^53":         {`{"id":1845174760470303882}`, agent{ID: "1845174760470303882"}},
		"null everywhere": {
			`{"id":"7","computerName":null,"coreCount":null,"isActive":null,"networkInterfaces":null,"tags":null}`,
			agent{ID: "7"},
		},
		"nested": {
			`{"id":"7","networkInterfaces":[{"inet":["10.0.0.1",null]}]}`,
			agent{ID: "7", Nics: []nic{{Inet: rawjson.Texts{"10.0.0.1"}}}},
		},
	} {
		t.Run(name, func(t *testing.T) {
			got, err := rawjson.Decode[agent]([]byte(tc.raw), "agent", "id")
			require.NoError(t, err)
			require.Equal(t, tc.want, *got)
		})
	}
}

// A record error names the record and the field and never the value.
func TestDecodeRefuses(t *testing.T) {
	for name, tc := range map[string]struct{ raw, id, field, text string }{
		"name twice": {
			`{"id":"7","computerName":"a","computerName":"hunter2"}`, "7", "computerName",
			"duplicate object member name",
		},
		"unknown name twice": {`{"x":1,"id":"7","x":2}`, "7", "x", "duplicate object member name"},
		"id twice":           {`{"id":"7","id":"8"}`, "7", "id", "duplicate object member name"},
		"name twice within": {
			`{"id":"7","networkInterfaces":[{},{"inet":[],"inet":[]}]}`, "7", "networkInterfaces.1.inet",
			"duplicate object member name",
		},
		"bad UTF-8": {
			`{"id":"7","computerName":"` + "hunter2\xff" + `"}`, "7", "computerName", "not valid JSON",
		},
		"bad UTF-8 unknown": {`{"id":"7","x":"` + "\xc3(" + `"}`, "7", "x", "not valid JSON"},
		"lone surrogate":    {`{"id":"7","computerName":"\ud83d"}`, "7", "computerName", "not valid JSON"},
		"object for a text": {
			`{"id":"7","computerName":{"password":"hunter2"}}`, "7", "computerName", "where a text was expected",
		},
		"text for a number": {
			`{"id":"7","coreCount":"hunter2"}`, "7", "coreCount", "a text where a whole number was expected",
		},
		"too large a number": {`{"id":"7","coreCount":99999999999999999999}`, "7", "coreCount", "beyond 64 bits"},
		"text for a boolean": {
			`{"id":"7","isActive":"hunter2"}`, "7", "isActive", "a text where true or false was expected",
		},
		"text for a Go number": {
			`{"id":"7","plain":"hunter2"}`, "7", "plain", "a text where a whole number was expected",
		},
		"number for a Go text": {
			`{"id":"7","tags":{"a":4711}}`, "7", "tags.a", "a number where a text was expected",
		},
		"field of a list": {
			`{"id":"7","networkInterfaces":[{"inet":[]},{"inet":[["hunter2"]]}]}`, "7", "networkInterfaces.1.inet.0",
			"an array where a text was expected",
		},
		"object for a list": {
			`{"id":"7","networkInterfaces":{"hunter2":1}}`, "7", "networkInterfaces",
			"an object where an array was expected",
		},
		"id after the fault": {`{"computerName":[],"id":7}`, "7", "computerName", "where a text was expected"},
		"id of another kind": {
			`{"computerName":[],"id":{"a":1}}`, "", "computerName", "where a text was expected",
		},
		"id far too long": {
			`{"computerName":[],"id":"` + strings.Repeat("7", 1000) + `"}`, "", "computerName",
			"where a text was expected",
		},
		"no id":             {`{"computerName":[]}`, "", "computerName", "where a text was expected"},
		"text for a record": {`"hunter2"`, "", "", "a text where an object was expected"},
		"list for a record": {`["hunter2"]`, "", "", "an array where an object was expected"},
		"null for a record": {`null`, "", "", "null in place of a record"},
		"cut off":           {`{"id":"7","computerName":"hunter2`, "7", "computerName", "not valid JSON"},
		"very long name twice": {
			`{"id":"7","` + strings.Repeat("n", 5000) + `":1,"` + strings.Repeat("n", 5000) + `":1}`, "7",
			strings.Repeat("n", 200) + "…", "duplicate",
		},
		"depth bomb": {
			`{"id":"7","x":` + strings.Repeat("[", 1_000_000), "7", "x" + strings.Repeat(".0", 99) + ".…",
			"not valid JSON",
		},
		"depth bomb in a pointer": {
			`{"id":"7","tags":` + strings.Repeat(`{"a":`, 1_000_000), "7", "tags" + strings.Repeat(".a", 98) + "…",
			"not valid JSON",
		},
	} {
		t.Run(name, func(t *testing.T) {
			_, err := rawjson.Decode[agent]([]byte(tc.raw), "agent", "id")
			e, ok := errors.AsType[*collectors.RecordError](err)
			require.True(t, ok, "%T", err)
			require.Equal(t, "agent", e.Kind)
			require.Equal(t, tc.id, e.ID)
			require.Equal(t, tc.field, e.Field)
			require.ErrorContains(t, err, tc.text)
			require.NotContains(t, err.Error(), "hunter2")
			require.NotContains(t, err.Error(), "4711")
			require.Less(t, len(err.Error()), 500)
		})
	}
}

func TestRecords(t *testing.T) {
	records, err := rawjson.Records([]byte(`{"pagination":{},"data":[{"id":"1"},{"id":2}]}`), "agent", "id", agentID,
		"data")
	require.NoError(t, err)
	require.Equal(t, []collectors.Record{
		{Kind: "agent", ID: "1", Value: &agent{ID: "1"}},
		{Kind: "agent", ID: "2", Value: &agent{ID: "2"}},
	}, records)
}

// One broken record costs itself, wherever it stands.
func TestBrokenRecordsAmongGoodOnes(t *testing.T) {
	for name, tc := range map[string]struct{ broken, id, text string }{
		"name twice":   {`{"id":"2","id":"3"}`, "2", "agent 2: field id: duplicate"},
		"by an escape": {`{"id":"2","\u0069d":"3"}`, "2", "agent 2: field id: duplicate"},
		"bad UTF-8":    {`{"id":"2","x":"` + "\xff" + `"}`, "2", "agent 2: field x: not valid JSON"},
		"id an object": {
			`{"id":{"hunter2":1}}`, "", "agent without id: field id: an object where a text was expected",
		},
		"no id":         {`{"computerName":"hunter2"}`, "", "agent without id: field id: no id"},
		"empty id":      {`{"id":""}`, "", "no id"},
		"null":          {`null`, "", "null in place of a record"},
		"another shape": {`[]`, "", "an array where an object was expected"},
	} {
		t.Run(name, func(t *testing.T) {
			page := `{"data":[{"id":"1"},` + tc.broken + `,{"id":"9"}],"pagination":{}}`
			records, err := rawjson.Records([]byte(page), "agent", "id", agentID, "data")
			require.NoError(t, err)
			require.Len(t, records, 3)
			require.Equal(t, collectors.Record{Kind: "agent", ID: "1", Value: &agent{ID: "1"}}, records[0])
			require.Equal(t, collectors.Record{Kind: "agent", ID: "9", Value: &agent{ID: "9"}}, records[2])
			require.Equal(t, tc.id, records[1].ID)
			require.Nil(t, records[1].Value)
			require.ErrorContains(t, records[1].Err, tc.text)
			_, ok := errors.AsType[*collectors.RecordError](records[1].Err)
			require.True(t, ok)
		})
	}
}

func TestRecordsOfABrokenPage(t *testing.T) {
	for _, page := range []string{
		``, `null`, `{}`, `{"data":null}`, `{"data":[{"id":"1"}`, `{"data":[{"id":"1"}]}x`,
		`{"data":[{"id":"1"}],"data":[]}`,
	} {
		records, err := rawjson.Records([]byte(page), "agent", "id", agentID, "data")
		require.Error(t, err, page)
		require.Nil(t, records, page)
	}
}

// Answers of real servers decode, every record.
func TestRecordedPages(t *testing.T) {
	page, err := os.ReadFile("testdata/agents-rapid7-four.json")
	require.NoError(t, err)
	records, err := rawjson.Records(page, "agent", "id", agentID, "data")
	require.NoError(t, err)
	require.Len(t, records, 4)
	for _, r := range records {
		require.NoError(t, r.Err)
		require.NotEmpty(t, r.ID)
	}
}
