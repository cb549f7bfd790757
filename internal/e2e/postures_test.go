package e2e

import (
	"testing"

	"github.com/stretchr/testify/require"

	"assetgraph/graph"
)

// postures are what parts tell of entities in a graph, by key and property.
type postures map[graph.Key]map[string]graph.Value

// posturesIn reads them, of the named products.
func posturesIn(t tester, ctx ctx, r graph.Reader, names ...string) postures {
	t.Helper()
	if len(names) == 0 {
		names = allProducts()
	}
	found := postures{}
	for _, typ := range schema(t).Types() {
		var parts []string
		for i := range typ.Properties {
			if typ.Properties[i].Part != "" {
				parts = append(parts, typ.Properties[i].Name)
			}
		}
		if len(parts) == 0 {
			continue
		}
		for _, instance := range names {
			for e, err := range r.Elements(ctx, graph.Selection{Type: typ, Instance: instance, Properties: parts}) {
				require.NoError(t, err)
				values := map[string]graph.Value{}
				for _, name := range parts {
					values[name] = e.Get(name)
				}
				found[e.Key] = values
			}
		}
	}
	return found
}

// requireKept fails when an entity that was known before tells neither what the graph knew nor what is true now.
func (p postures) requireKept(t *testing.T, known, real postures) {
	t.Helper()
	for key, values := range p {
		before, now := known[key], real[key]
		if before == nil || now == nil {
			continue
		}
		for name, value := range values {
			if !value.Equal(before[name]) && !value.Equal(now[name]) {
				require.Fail(t, "posture", "%s of %s is %v; the graph knew %v, and it is %v", name, key, value, before[name], now[name])
			}
		}
	}
}
