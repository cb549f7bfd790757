package convertertest

import (
	"errors"
	"fmt"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"assetgraph/collectors"
	"assetgraph/converters"
	"assetgraph/graph"
)

var errUnknownKind = errors.New("no converter for this kind")

// Convert returns the sealed elements of one record; they are valid until f is used again. Its error is that of the
// record, of the conversion or of sealing.
func Convert(c *converters.Converter, r collectors.Record, f *converters.Fragment) ([]*graph.Element, error) {
	f.Reset()
	if r.Err != nil {
		return nil, r.Err
	}
	kind := c.Kind(r.Kind)
	if kind == nil {
		return nil, errUnknownKind
	}
	if err := kind.Convert(r, f); err != nil {
		return nil, err
	}
	for _, e := range f.Elements() {
		if err := e.Seal(); err != nil {
			return nil, err
		}
	}
	return f.Elements(), nil
}

// Render writes elements for people and golden files, volatile properties with "~". It holds the digests too: graphs
// hold them, and when they change every element is written again.
func Render(elements []*graph.Element) string {
	var b strings.Builder
	for _, e := range elements {
		fmt.Fprintf(&b, "%s %s\n  digests %s %s\n", e.Type.Name, e.Key, e.Digest, e.Volatile)
		for p, v := range e.Values() {
			mark := " "
			if p.Volatile {
				mark = "~"
			}
			fmt.Fprintf(&b, "  %s%s = %s\n", mark, p.Name, v)
		}
	}
	return b.String()
}

// Emitted returns the names of the types and, as "type.property", of the properties that the records that can be
// converted give. It expects that no record gives an element of a type that its kind does not declare.
func Emitted(t testing.TB, c *converters.Converter, records []collectors.Record) map[string]bool {
	t.Helper()
	emitted := map[string]bool{}
	f := converters.NewFragment(c.Integration)
	for _, r := range records {
		elements, err := Convert(c, r, f)
		if err != nil {
			require.NotContains(t, err.Error(), "declared")
			continue
		}
		for _, e := range elements {
			require.Contains(t, c.Kind(r.Kind).Produces, e.Type)
			emitted[e.Type.Name] = true
			for p := range e.Values() {
				emitted[e.Type.Name+"."+p.Name] = true
			}
		}
	}
	return emitted
}
