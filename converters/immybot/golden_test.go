package immybot_test

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
	provider "assetgraph/collectors/immybot"
	"assetgraph/converters"
	"assetgraph/converters/immybot"
	"assetgraph/graph"
)

var update = flag.Bool("update", false, "write the elements of the golden files anew")

// goldens returns the archives of testdata by file name.
func goldens(t testing.TB) map[string]*txtar.Archive {
	t.Helper()
	names, err := filepath.Glob(filepath.Join("testdata", "*.txtar"))
	require.NoError(t, err)
	require.NotEmpty(t, names)
	archives := make(map[string]*txtar.Archive, len(names))
	for _, name := range names {
		archives[name], err = txtar.ParseFile(name)
		require.NoError(t, err)
	}
	return archives
}

// file returns the named file of an archive, nil when it has none.
func file(a *txtar.Archive, name string) *txtar.File {
	for i := range a.Files {
		if a.Files[i].Name == name {
			return &a.Files[i]
		}
	}
	return nil
}

func kindOf(a *txtar.Archive) string { return strings.TrimSpace(string(file(a, "kind").Data)) }

// recordsOf decodes the answer of an archive and does what the collector does besides.
func recordsOf(t testing.TB, a *txtar.Archive) []collectors.Record {
	t.Helper()
	records, err := provider.Decode(kindOf(a), file(a, "answer.json").Data)
	require.NoError(t, err)
	agents := agentsOf(t, a)
	for _, r := range records {
		if computer, ok := r.Value.(*provider.Computer); ok {
			computer.Console = "https://acme.immy.bot"
			computer.Agents = agents[computer.ID.N]
		}
	}
	return records
}

func agentsOf(t testing.TB, a *txtar.Archive) map[int64][]provider.ProviderAgent {
	t.Helper()
	agents := map[int64][]provider.ProviderAgent{}
	if f := file(a, "agents.json"); f != nil {
		records, err := provider.Decode(provider.KindProviderAgent, f.Data)
		require.NoError(t, err)
		for _, r := range records {
			agent := r.Value.(*provider.ProviderAgent)
			agents[agent.ComputerID.N] = append(agents[agent.ComputerID.N], *agent)
		}
	}
	return agents
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
	c := immybot.New()
	for name, archive := range goldens(t) {
		t.Run(filepath.Base(name), func(t *testing.T) {
			var b strings.Builder
			f := converters.NewFragment("immy")
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
			want := file(archive, "elements")
			if *update {
				want.Data = []byte(b.String())
				require.NoError(t, os.WriteFile(name, txtar.Format(archive), 0o600))
			}
			require.Equal(t, string(want.Data), b.String())
		})
	}
}
