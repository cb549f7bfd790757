package convertertest

import (
	"bytes"
	"encoding/json"
	"fmt"
	"testing"

	"github.com/stretchr/testify/require"

	"assetgraph/collectors"
	"assetgraph/converters"
)

// Bench decodes, converts and seals a page of n records again and again; the figures are per page, and the time is also
// given per record.
func Bench(
	b *testing.B, c *converters.Converter, page []byte, n int, decode func(page []byte) ([]collectors.Record, error),
) {
	f := converters.NewFragment(c.Integration)
	b.SetBytes(int64(len(page)))
	b.ReportAllocs()
	for b.Loop() {
		records, err := decode(page)
		if err != nil || len(records) != n {
			b.Fatal(len(records), err)
		}
		for _, r := range records {
			if _, err := Convert(c, r, f); err != nil {
				b.Fatal(err)
			}
		}
	}
	b.ReportMetric(float64(b.Elapsed().Nanoseconds())/float64(b.N)/float64(n), "ns/record")
}

// Page returns a page of n records: head, the record n times with the ids from first on, tail.
func Page(b *testing.B, head string, record []byte, first int64, n int, tail string) []byte {
	b.Helper()
	var compact bytes.Buffer
	require.NoError(b, json.Compact(&compact, record))
	var id struct{ ID json.RawMessage }
	require.NoError(b, json.Unmarshal(record, &id))
	quote := ""
	if id.ID[0] == '"' {
		quote = `"`
	}
	var list [][]byte
	for i := range n {
		next := fmt.Appendf(nil, `"id":%s%d%s`, quote, first+int64(i), quote)
		list = append(list, bytes.Replace(compact.Bytes(), append([]byte(`"id":`), id.ID...), next, 1))
	}
	return fmt.Appendf(nil, "%s%s%s", head, bytes.Join(list, []byte(",")), tail)
}
