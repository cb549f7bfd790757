package sentinelone

import (
	"bytes"
	"encoding/json"
	"fmt"
	"testing"

	"github.com/stretchr/testify/require"
	"golang.org/x/tools/txtar"

	"assetgraph/collectors/sentinelone"
	"assetgraph/converters"
)

// BenchmarkAgents decodes and converts full pages of a recorded agent; the figures are per agent beside those per page.
func BenchmarkAgents(b *testing.B) {
	const agents = 1000
	page := pageOf(b, agents)
	c, f := New(), converters.NewFragment("s1")
	kind := c.Kind(sentinelone.KindAgent)
	b.SetBytes(int64(len(page)))
	b.ReportAllocs()
	for b.Loop() {
		records, err := sentinelone.Decode(sentinelone.KindAgent, page)
		if err != nil || len(records) != agents {
			b.Fatal(len(records), err)
		}
		for _, r := range records {
			f.Reset()
			if err := kind.Convert(r, f); err != nil {
				b.Fatal(err)
			}
			for _, e := range f.Elements() {
				if err := e.Seal(); err != nil {
					b.Fatal(err)
				}
			}
		}
	}
	b.ReportMetric(float64(b.Elapsed().Microseconds())/float64(b.N)/agents, "µs/agent")
}

func pageOf(b *testing.B, agents int) []byte {
	archive, err := txtar.ParseFile("testdata/agents-kibana-2023-linux-qemu.txtar")
	require.NoError(b, err)
	var page struct {
		Data []json.RawMessage `json:"data"`
	}
	_, answer := answerOf(archive)
	require.NoError(b, json.Unmarshal(answer, &page))
	var compact bytes.Buffer
	require.NoError(b, json.Compact(&compact, page.Data[0]))
	var list [][]byte
	for i := range agents {
		id := fmt.Appendf(nil, `"id":"%d"`, 1845174760470303882+i)
		list = append(list, bytes.Replace(compact.Bytes(), []byte(`"id":"1845174760470303882"`), id, 1))
	}
	return fmt.Appendf(nil, `{"data":[%s],"pagination":{"nextCursor":null,"totalItems":%d}}`, bytes.Join(list, []byte(",")), agents)
}
