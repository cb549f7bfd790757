package rawjson_test

import (
	"runtime"
	"strings"
	"testing"

	"assetgraph/collectors"
	"assetgraph/collectors/internal/rawjson"

	"github.com/stretchr/testify/require"
)

// What stands beside the records is read in the same pass, wherever it stands, and its faults are its own.
func TestRecordsBeside(t *testing.T) {
	for name, tc := range map[string]struct {
		page    string
		found   bool
		err     string // of the value beside
		pageErr string
	}{
		"behind":      {`{"data":[{"id":"1"}],"pagination":{"n":3}}`, true, "", ""},
		"in front":    {`{"pagination":{"n":3},"data":[{"id":"1"}]}`, true, "", ""},
		"absent":      {`{"data":[{"id":"1"}]}`, false, "", ""},
		"null":        {`{"data":[{"id":"1"}],"pagination":null}`, false, "", ""},
		"null within": {`{"data":[{"id":"1"}],"pagination":{"n":null}}`, false, "", ""},
		"another type": {
			`{"data":[{"id":"1"}],"pagination":{"n":"many"}}`, false,
			"pagination.n: a text where a whole number was expected", "",
		},
		"another shape": {
			`{"data":[{"id":"1"}],"pagination":7}`, false, "", "pagination.n: a number where an object was expected",
		},
		"twice": {
			`{"data":[{"id":"1"}],"pagination":{"n":3},"pagination":{"n":4}}`, true, "",
			"pagination.n: the answer has this member twice",
		},
		"broken record":  {`{"data":[{"id":"1","id":"2"}],"pagination":{"n":3}}`, true, "", ""},
		"cut off":        {`{"data":[{"id":"1"}],"pagination":{"n":3}`, true, "", "cut off"},
		"no list":        {`{"pagination":{"n":3}}`, true, "", "data: the answer has no such member"},
		"list null":      {`{"data":null,"pagination":{"n":3}}`, false, "", "data: null where an array was expected"},
		"behind its end": {`{"data":[{"id":"1"}],"pagination":{"n":3}}{`, true, "", "more data after the end"},
	} {
		t.Run(name, func(t *testing.T) {
			var n rawjson.Int
			beside := rawjson.Beside{Path: []string{"pagination", "n"}, Into: &n}
			records, err := rawjson.RecordsBeside([]byte(tc.page), "agent", "id", agentID, &beside, "data")
			require.Equal(t, tc.found, beside.Found)
			if tc.err != "" {
				require.EqualError(t, beside.Err, tc.err)
			} else {
				require.NoError(t, beside.Err)
			}
			if tc.pageErr != "" {
				require.ErrorContains(t, err, tc.pageErr)
				require.Nil(t, records)
				return
			}
			require.NoError(t, err)
			require.Len(t, records, 1)
		})
	}
}

// A name that comes twice inside the value beside is not answered by the last one: it may be a cursor.
func TestBesideRefusesANameThatComesTwice(t *testing.T) {
	var p struct {
		Next rawjson.Text `json:"nextCursor"`
	}
	_, err := rawjson.Get([]byte(`{"pagination":{"nextCursor":"a","nextCursor":"b"}}`), &p, "pagination")
	require.EqualError(t, err, "pagination.nextCursor: duplicate object member name")
}

// Texts outlive the page: its memory is used again.
func TestRecordsDoNotReferToThePage(t *testing.T) {
	page := []byte(`[{"id":"one","computerName":17,"networkInterfaces":[{"inet":["10.0.0.1","a\nb"]}],"tags":{"k":"v"}},{"id":"two","plain":"x"}]`)
	want := []*agent{
		{ID: "one", Name: "17", Nics: []nic{{Inet: rawjson.Texts{"10.0.0.1", "a\nb"}}}, Tags: map[string]string{"k": "v"}},
		{ID: "two"},
	}
	records, err := rawjson.Records(page, "agent", "id", agentID)
	require.NoError(t, err)
	clear(page)
	for i, r := range records {
		require.Equal(t, want[i], r.Value)
		require.Equal(t, string(want[i].ID), r.ID)
	}
	require.Equal(t, "plain", records[1].Unread[0].Field)
}

func TestStreamStopsWithItsConsumer(t *testing.T) {
	n := 0
	for _, err := range rawjson.Stream([]byte(`[{"id":"1"},{"id":"2"},{"id":"3"`), "agent", "id", agentID) {
		require.NoError(t, err)
		if n++; n == 2 {
			break
		}
	}
	require.Equal(t, 2, n)
}

// An answer may be hundreds of megabytes: it is not copied, and its records are not held.
func TestStreamNeedsLittleBesideTheAnswer(t *testing.T) {
	const size = 16 << 20
	row := `{"id":"1","computerName":"pc","x":"` + strings.Repeat("x", 1000) + `"},`
	page := []byte("[" + strings.Repeat(row, size/len(row)) + `{"id":"2","x":"` + strings.Repeat("x", size) + `"}]`)
	var before, after runtime.MemStats
	runtime.ReadMemStats(&before)
	n := 0
	for _, err := range rawjson.Stream(page, "agent", "id", agentID) {
		require.NoError(t, err)
		n++
	}
	runtime.ReadMemStats(&after)
	require.Equal(t, size/len(row)+1, n)
	require.Less(t, after.TotalAlloc-before.TotalAlloc, uint64(len(page)/2),
		"bytes allocated in all, most of them for the records")
}

// A member is read as it would be alone, whatever stands in front of it and behind it.
func TestMembersAreReadAsIfAlone(t *testing.T) {
	members := []string{
		`{"id":"1","name":"plain"}`, `{"id":2}`, `{"id":"3","id":"4"}`, `null`, `7`, `{"name":"without an id"}`,
		`{"id":"5","name":{"of":"another shape"}}`, "{\"id\":\"6\",\"name\":\"\xff\"}", `{"id":"7","more":{"a":1,"a":2}}`,
	}
	read := func(list ...string) []collectors.Record {
		page := []byte(`{"data":[` + strings.Join(list, ",") + `]}`)
		records, err := rawjson.Records(page, "agent", "id", agentID, "data")
		require.NoError(t, err)
		var streamed []collectors.Record
		for r, err := range rawjson.Stream(page, "agent", "id", agentID, "data") {
			require.NoError(t, err)
			streamed = append(streamed, r)
		}
		require.Equal(t, records, streamed)
		require.Len(t, records, len(list))
		return records
	}
	for _, a := range members {
		for _, b := range members {
			for _, c := range members {
				var alone []collectors.Record
				for _, one := range []string{a, b, c} {
					alone = append(alone, read(one)...)
				}
				require.Equal(t, alone, read(a, b, c), "%s, %s, %s", a, b, c)
			}
		}
	}
}
