package simulator_test

import (
	"bytes"
	"encoding/json"
	"io"
	"net/http"
	"net/url"
	"testing"

	"github.com/stretchr/testify/require"

	"assetgraph/internal/simulator"
)

// BenchmarkStart makes up a fleet of 100,000 machines.
func BenchmarkStart(b *testing.B) {
	for b.Loop() {
		s, err := simulator.Start(simulator.Options{Machines: 100_000})
		require.NoError(b, err)
		require.NoError(b, s.Close())
	}
}

// BenchmarkAgents streams all SentinelOne agents of 100,000 machines, client and server on the same machine.
func BenchmarkAgents(b *testing.B) {
	c := start(b, simulator.Options{Machines: 100_000, Unlimited: true})
	var size, rows int64
	for b.Loop() {
		size, rows = 0, 0
		query := url.Values{
			"limit": {"1000"}, "sortBy": {"id"}, "isDecommissioned": {"true,false"}, "isUninstalled": {"true,false"},
		}
		for {
			body := c.raw("/agents?"+query.Encode(), b)
			size += int64(len(body))
			rows += int64(bytes.Count(body, []byte(`"machineType"`)))
			next := nextCursor(b, body)
			if next == "" {
				break
			}
			query.Set("cursor", next)
		}
	}
	b.SetBytes(size)
	b.ReportMetric(float64(size)/float64(rows), "B/record")
	require.Empty(b, c.s.Mistakes())
}

// raw reads without looking at the JSON.
func (c *client) raw(route string, b *testing.B) []byte {
	r, err := http.NewRequestWithContext(b.Context(), http.MethodGet, c.env["SENTINELONE_URL"]+"/web/api/v2.1"+route,
		nil)
	require.NoError(b, err)
	r.Header.Set("Authorization", "ApiToken "+c.env["SENTINELONE_API_TOKEN"])
	response, err := http.DefaultClient.Do(r)
	require.NoError(b, err)
	defer func() { require.NoError(b, response.Body.Close()) }()
	body, err := io.ReadAll(response.Body)
	require.NoError(b, err)
	require.Equal(b, http.StatusOK, response.StatusCode)
	return body
}

// nextCursor cuts the cursor out of the page's end.
func nextCursor(b *testing.B, body []byte) string {
	var tail struct {
		Pagination struct {
			NextCursor *string `json:"nextCursor"`
		} `json:"pagination"`
	}
	end := body[max(0, len(body)-1000):]
	at := bytes.LastIndex(end, []byte(`"pagination"`))
	require.NoError(b, json.Unmarshal(append([]byte("{"), end[at:]...), &tail))
	if tail.Pagination.NextCursor == nil {
		return ""
	}
	once, err := url.PathUnescape(*tail.Pagination.NextCursor)
	require.NoError(b, err)
	return once
}
