package architecture

import (
	"io/fs"
	"os"
	"path"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
)

// product is every way to write the name of a product that the program reads, or a part of it, within other words too:
// the names of their folders, and what else people call them.
func product(t *testing.T) *regexp.Regexp {
	t.Helper()
	names := append(folders(t), "sentinel[ _-]?one", "ninja", "immy")
	return regexp.MustCompile("(?i)" + strings.Join(names, "|"))
}

// folders returns the products' folders, which have the same name in collectors and in converters.
func folders(t *testing.T) (names []string) {
	t.Helper()
	entries, err := os.ReadDir("../../collectors")
	require.NoError(t, err)
	for _, e := range entries {
		if e.IsDir() && e.Name() != "internal" {
			names = append(names, e.Name())
		}
	}
	require.Contains(t, names, "immybot")
	return names
}

// knowsProducts reports whether a Go file may name a product: the products' own folders, the list of providers, the
// simulator of their APIs, tests, and tools that serve developers.
func knowsProducts(file string, folders []string) bool {
	parts := strings.Split(file, "/")
	switch {
	case strings.HasSuffix(file, "_test.go"), parts[0] == "tools":
		return true
	case (parts[0] == "collectors" || parts[0] == "converters") && slices.Contains(folders, parts[1]):
		return true
	}
	return strings.HasPrefix(file, "internal/providers/") || strings.HasPrefix(file, "internal/simulator/")
}

// mentions returns the numbers of the lines of Go code that name a product, in names, texts and comments alike.
func mentions(product *regexp.Regexp, source []byte) (lines []int) {
	for i, line := range strings.Split(string(source), "\n") {
		if product.MatchString(line) {
			lines = append(lines, i+1)
		}
	}
	return lines
}

// What behind the converters knows roles knows no product: a new one must need no change there.
func TestProductsAreNamedInTheirOwnPlacesAlone(t *testing.T) {
	root, product, folders := "../..", product(t), folders(t)
	seen := 0
	err := filepath.WalkDir(root, func(full string, d fs.DirEntry, err error) error {
		require.NoError(t, err)
		if d.IsDir() {
			if name := d.Name(); name != ".." && (strings.HasPrefix(name, ".") || name == "testdata") {
				return fs.SkipDir
			}
			return nil
		}
		file, err := filepath.Rel(root, full)
		require.NoError(t, err)
		file = filepath.ToSlash(file)
		if path.Ext(file) != ".go" || knowsProducts(file, folders) {
			return nil
		}
		seen++
		source, err := os.ReadFile(full)
		require.NoError(t, err)
		lines := mentions(product, source)
		if len(lines) > 0 {
			t.Errorf("%s names a product in lines %v: what it needs to know of one belongs into the role that converters/<provider> declares, or into internal/providers", file, lines)
		}
		return nil
	})
	require.NoError(t, err)
	require.Greater(t, seen, 100, "the module's files were looked at")
}

func TestMentionsAreFound(t *testing.T) {
	product, folders := product(t), folders(t)
	for text, want := range map[string]bool{
		`x := "sentinelone_agent"`: true, "// SentinelOne's agents": true, "// Sentinel One": true, "func readNinja() {}": true, "const NINJAONE = 1": true,
		"var immyBot int": true, "import p \"assetgraph/collectors/immybot\"": true, "io.EOF // the sentinel of a list": false, "hasEdr": false,
	} {
		require.Equal(t, want, len(mentions(product, []byte("package x\n"+text+"\n"))) == 1, text)
	}
	for file, want := range map[string]bool{
		"collectors/sentinelone/agent.go": true, "collectors/skip.go": false, "collectors/internal/rest/response.go": false, "converters/ninjarmm/roles.go": true,
		"internal/correlate/model.go": false, "internal/correlate/model_test.go": true, "internal/providers/immybot.go": true, "internal/simulator/fleet.go": true,
		"tools/bench/fleet.go": true, "cmd/execute/root.go": false, "graph/storetest/env.go": false, "internal/report/tool.go": false,
	} {
		require.Equal(t, want, knowsProducts(file, folders), file)
	}
}
