package converters_test

import (
	"testing"

	"github.com/stretchr/testify/require"

	"assetgraph/collectors"
	"assetgraph/converters"
	"assetgraph/internal/providers"
	"assetgraph/internal/settings"
	"assetgraph/internal/simulator"
)

// BenchmarkConvert converts, seals and encodes each provider's records of a simulated fleet; the figures are per
// record.
func BenchmarkConvert(b *testing.B) {
	s, err := simulator.Start(simulator.Options{Machines: 2000, Unlimited: true})
	require.NoError(b, err)
	b.Cleanup(func() { require.NoError(b, s.Close()) })
	for _, p := range providers.All() {
		b.Run(p.Name, func(b *testing.B) {
			records := recordsOf(b, p, s)
			c, f := p.Converter(), converters.NewFragment(p.Name)
			var buf []byte
			b.ReportAllocs()
			for i := 0; b.Loop(); i++ {
				r := records[i%len(records)]
				f.Reset()
				if err := c.Kind(r.Kind).Convert(r, f); err != nil {
					b.Fatal(err)
				}
				for _, e := range f.Elements() {
					if err := e.Seal(); err != nil {
						b.Fatal(err)
					}
					buf = e.AppendTo(buf[:0])
				}
			}
		})
	}
}

// recordsOf reads all records of a provider.
func recordsOf(b *testing.B, p providers.Provider, s *simulator.Simulator) []collectors.Record {
	b.Helper()
	collector, err := p.New(p.Name, settings.Environment(s.Env()), collectors.Options{})
	require.NoError(b, err)
	_, err = collector.SignIn(b.Context())
	require.NoError(b, err)
	var records []collectors.Record
	for _, step := range collector.Steps() {
		for r, err := range step.Records(b.Context(), &collectors.Meter{}) {
			require.NoError(b, err)
			require.NoError(b, r.Err)
			records = append(records, r)
		}
	}
	return records
}
