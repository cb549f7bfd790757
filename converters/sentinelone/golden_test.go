package sentinelone

import (
	"flag"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
	"golang.org/x/tools/txtar"

	"assetgraph/collectors"
	"assetgraph/collectors/sentinelone"
	"assetgraph/converters"
	"assetgraph/graph"
)

var update = flag.Bool("update", false, "write the elements of the golden files anew")

// goldens returns the archives of testdata by file name.
func goldens(t testing.TB) map[string]*txtar.Archive {
	names, err := filepath.Glob(filepath.Join("testdata", "*.txtar"))
	require.NoError(t, err)
	require.NotEmpty(t, names)
	archives := make(map[string]*txtar.Archive, len(names))
	for _, name := range names {
		archives[name], err = txtar.ParseFile(name)
		require.NoError(t, err)
		require.Len(t, archives[name].Files, 3, name)
	}
	return archives
}

// answerOf returns the kind of record and the answer of an archive.
func answerOf(a *txtar.Archive) (kind string, answer []byte) {
	return strings.TrimSpace(string(a.Files[0].Data)), a.Files[1].Data
}

func recordsOf(t testing.TB, a *txtar.Archive) []collectors.Record {
	records, err := sentinelone.Decode(answerOf(a))
	require.NoError(t, err)
	return records
}

// convert returns the sealed elements of one record.
func convert(c *converters.Converter, r collectors.Record, f *converters.Fragment) ([]*graph.Element, error) {
	f.Reset()
	if r.Err != nil {
		return nil, r.Err
	}
	if err := c.Kind(r.Kind).Convert(r, f); err != nil {
		return nil, err
	}
	for _, e := range f.Elements() {
		if err := e.Seal(); err != nil {
			return nil, err
		}
	}
	return f.Elements(), nil
}

func render(b *strings.Builder, e *graph.Element) {
	fmt.Fprintf(b, "%s %s\n", e.Type.Name, e.Key)
	for p, v := range e.Values() {
		mark := " "
		if p.Volatile {
			mark = "~"
		}
		fmt.Fprintf(b, "  %s%s = %s\n", mark, p.Name, v)
	}
}

func TestGolden(t *testing.T) {
	c := New()
	for name, archive := range goldens(t) {
		t.Run(filepath.Base(name), func(t *testing.T) {
			var b strings.Builder
			f := converters.NewFragment("s1")
			for i, r := range recordsOf(t, archive) {
				if i > 0 {
					b.WriteByte('\n')
				}
				elements, err := convert(c, r, f)
				if err != nil {
					fmt.Fprintf(&b, "error: %v\n", err)
				}
				for _, e := range elements {
					render(&b, e)
				}
			}
			if *update {
				archive.Files[2].Data = []byte(b.String())
				require.NoError(t, os.WriteFile(name, txtar.Format(archive), 0o600))
			}
			require.Equal(t, string(archive.Files[2].Data), b.String())
		})
	}
}
