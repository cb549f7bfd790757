package ninjarmm_test

import (
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"testing"

	"github.com/go-json-experiment/json"
	"github.com/stretchr/testify/require"

	"assetgraph/collectors"
	provider "assetgraph/collectors/ninjarmm"
	"assetgraph/converters"
	"assetgraph/converters/internal/convertertest"
	"assetgraph/converters/ninjarmm"
	"assetgraph/graph"
)

var (
	hostForm = regexp.MustCompile(`^[A-Za-z0-9-]{2,63}$`)
	macForm  = regexp.MustCompile(`^([0-9a-f]{2}:){5}[0-9a-f]{2}$`)
)

// FuzzDevice feeds devices of any shape: one that decodes converts, the same way each time, into values that the model
// allows.
func FuzzDevice(f *testing.F) {
	files, err := filepath.Glob("testdata/device-*.json")
	require.NoError(f, err)
	for _, file := range files {
		raw, err := os.ReadFile(file)
		require.NoError(f, err)
		f.Add(raw)
	}
	c := ninjarmm.New()
	f.Fuzz(func(t *testing.T, raw []byte) {
		first, second := &provider.Device{}, &provider.Device{}
		if json.Unmarshal(raw, first) != nil {
			return
		}
		require.NoError(t, json.Unmarshal(raw, second))
		a, b := fuzzed(t, c, first), fuzzed(t, c, second)
		require.Len(t, b, len(a))
		for i := range a {
			require.Equal(t, a[i].Header(), b[i].Header())
			require.Equal(t, a[i].Key, b[i].Key)
		}
		e := a[0]
		require.NotEmpty(t, e.Get("name").Text())
		require.NotEmpty(t, e.Get("displayName").Text())
		if h := e.Get("hostname"); !h.IsAbsent() {
			require.Regexp(t, hostForm, h.Text())
		}
		for _, mac := range e.Get("macAddresses").List() {
			require.Regexp(t, macForm, mac)
		}
		for _, name := range []string{"ipv4Addresses", "ipv6Addresses", "publicIpAddresses", "privateIpAddresses", "fqdn"} {
			list := e.Get(name).List()
			require.True(t, slices.IsSorted(list))
			require.Len(t, slices.Compact(slices.Clone(list)), len(list))
		}
	})
}

func fuzzed(t *testing.T, c *converters.Converter, d *provider.Device) []*graph.Element {
	t.Helper()
	elements, err := convertertest.Convert(c, collectors.Record{Kind: provider.KindDevice, ID: "1", Value: d}, converters.NewFragment("ninjarmm"))
	require.NoError(t, err)
	return elements
}
