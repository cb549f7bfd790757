package immybot_test

import (
	"bytes"
	"encoding/json"
	"fmt"
	"testing"

	"github.com/stretchr/testify/require"
	"golang.org/x/tools/txtar"

	provider "assetgraph/collectors/immybot"
	"assetgraph/converters"
	"assetgraph/converters/immybot"
)

// BenchmarkComputers decodes and converts pages of the default size; the figures are per computer beside those per page.
func BenchmarkComputers(b *testing.B) {
	const computers = 500
	page := pageOf(b, computers)
	c, f := immybot.New(), converters.NewFragment("immy")
	kind := c.Kind(provider.KindComputer)
	b.SetBytes(int64(len(page)))
	b.ReportAllocs()
	for b.Loop() {
		records, err := provider.Decode(provider.KindComputer, page)
		if err != nil || len(records) != computers {
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
	b.ReportMetric(float64(b.Elapsed().Microseconds())/float64(b.N)/computers, "µs/computer")
}

func pageOf(b *testing.B, computers int) []byte {
	archive, err := txtar.ParseFile("testdata/computers-synthetic-page1.txtar")
	require.NoError(b, err)
	var page struct{ Results []json.RawMessage }
	require.NoError(b, json.Unmarshal(file(archive, "answer.json").Data, &page))
	var compact bytes.Buffer
	require.NoError(b, json.Compact(&compact, page.Results[0]))
	var list [][]byte
	for i := range computers {
		list = append(list, bytes.Replace(compact.Bytes(), []byte(`"id":101`), fmt.Appendf(nil, `"id":%d`, 101+i), 1))
	}
	return fmt.Appendf(nil, `{"count":%d,"results":[%s]}`, computers, bytes.Join(list, []byte(",")))
}
