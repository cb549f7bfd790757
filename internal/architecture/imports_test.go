// Package architecture holds the test that enforces which package may import which. docs/architecture.md shows the same
// table as a picture.
package architecture

import (
	"encoding/json"
	"os/exec"
	"slices"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
)

const module = "assetgraph"

// A rule says what the packages below a path may import beside the standard library. The first rule that matches a
// package holds. A path ending in "/..." matches everything below it, one ending in "/*" one level.
type rule struct {
	packages string
	allowed  []string
}

func rules() []rule {
	const (
		contracts = "collectors converters differ graph"
		sqlite    = "modernc.org/sqlite/..."
		json2     = "github.com/go-json-experiment/json/..."
	)
	list := func(s ...string) []string { return strings.Fields(strings.Join(s, " ")) }
	return []rule{
		{"internal/panics", nil},
		{"internal/plaintext", list("github.com/dustin/go-humanize")},
		{"graph", nil},
		{"internal/ahead", nil},
		{"graph/sqlite", list("graph internal/ahead", sqlite, json2)},
		{"graph/neo4j", list("graph internal/ahead", "github.com/neo4j/neo4j-go-driver/v5/...")},
		{"graph/storetest", list("graph", "github.com/stretchr/testify/...")},
		{"collectors/internal/byid", nil},
		{"collectors", list("internal/ahead collectors/internal/byid")},
		{"collectors/internal/rest", list("collectors internal/span go.opentelemetry.io/otel/attribute", "github.com/cenkalti/backoff/v4", "golang.org/x/oauth2/...", "golang.org/x/time/rate", json2)},
		{"collectors/internal/rawjson", list("collectors", json2)},
		{"collectors/*", list("collectors collectors/internal/... internal/ahead", json2)},
		{"converters", list("collectors graph")},
		{"converters/internal/convertertest", list("converters collectors graph github.com/stretchr/testify/... golang.org/x/tools/txtar")},
		{"internal/lifecycle", nil},
		{"internal/correlate", list("converters graph internal/lifecycle golang.org/x/text/... go.yaml.in/yaml/v3")},
		{"converters/*", list("converters collectors graph collectors/<same>")},
		{"differ", list("graph golang.org/x/sync/...")},
		{"internal/findings", list("converters graph internal/correlate internal/report")},
		{"internal/trend", list("graph internal/report")},
		{"internal/executor", list(contracts, "internal/correlate internal/findings internal/report internal/trend internal/ahead internal/span go.opentelemetry.io/otel/attribute golang.org/x/sync/...")},
		{"internal/metrics", list("internal/executor internal/correlate github.com/prometheus/...")},
		{"internal/notify", list("internal/executor internal/correlate github.com/cenkalti/backoff/v4")},
		{"internal/span", list("go.opentelemetry.io/otel/attribute go.opentelemetry.io/otel/codes go.opentelemetry.io/otel/trace/...")},
		{"internal/tracing", list("internal/span go.opentelemetry.io/otel/...")},
		{"internal/schedule", nil},
		{"internal/simulator", nil},
		{"internal/settings", list("github.com/joho/godotenv")},
		{"internal/providers", list("collectors collectors/* converters converters/* graph internal/correlate internal/settings")},
		{"internal/config", list("collectors internal/notify internal/providers internal/settings filippo.io/age/... github.com/invopop/jsonschema go.yaml.in/yaml/v3")},
		{"internal/work", list("graph internal/executor golang.org/x/sync/errgroup")},
		{"internal/dialog", list("charm.land/huh/v2 charm.land/lipgloss/v2 golang.org/x/term")},
		{"internal/jupiterone", list("graph")},
		{"internal/modeldoc", list("graph")},
		{"internal/report", list("converters docs/questions graph github.com/dustin/go-humanize")},
		{"internal/view", list("converters graph internal/executor internal/findings internal/report internal/settings github.com/dustin/go-humanize")},
		{"internal/page", list("converters internal/report github.com/dustin/go-humanize")},
		{"docs/questions", nil},
		{"internal/assistant", list("graph internal/findings internal/modeldoc internal/report internal/settings github.com/modelcontextprotocol/go-sdk/mcp github.com/google/jsonschema-go/jsonschema", json2)},
		{"internal/neo4jserver/...", list("internal/neo4jserver/... graph graph/neo4j github.com/neo4j/neo4j-go-driver/v5/... golang.org/x/sys/... github.com/stretchr/testify/...")},
		{"internal/architecture", nil},
		{"internal/e2e", nil}, // tests alone
		{"cmd/execute", list("...")},
		{"tools/...", list("...")},
	}
}

// Packages that no other package may import, whatever its rule, except below the given path.
func reserved() map[string]string {
	return map[string]string{
		"cmd/...":                  "nothing imports a program",
		"tools/...":                "nothing imports tools",
		"graph/storetest":          "the conformance suite is for tests alone",
		"converters/internal/...":  "it is for tests alone",
		"internal/neo4jserver/...": "a server is started by tools and tests alone",
	}
}

type goPackage struct {
	ImportPath string
	Imports    []string
}

func packages(t *testing.T) []goPackage {
	t.Helper()
	cmd := exec.CommandContext(t.Context(), "go", "list", "-e", "-json=ImportPath,Imports", "./...")
	cmd.Dir = "../.."
	out, err := cmd.Output()
	require.NoError(t, err)
	var list []goPackage
	for d := json.NewDecoder(strings.NewReader(string(out))); d.More(); {
		var p goPackage
		require.NoError(t, d.Decode(&p))
		list = append(list, p)
	}
	return list
}

func TestImportsFollowTheTable(t *testing.T) {
	all := packages(t)
	require.Greater(t, len(all), 10, "go list found the module's packages")
	for _, p := range all {
		name := local(p.ImportPath)
		r, ok := ruleFor(name)
		if !ok {
			t.Errorf("package %s has no rule: give it one in internal/architecture, in .golangci.yml and in docs/architecture.md", name)
			continue
		}
		for _, imported := range p.Imports {
			if why := objection(name, r, imported); why != "" {
				t.Errorf("package %s must not import %s: %s", name, imported, why)
			}
		}
	}
}

func TestObjectionsAreRaised(t *testing.T) {
	tests := map[string]struct{ from, imported, want string }{
		"standard library is free":         {"graph", "encoding/json", ""},
		"own package not in the list":      {"graph", "assetgraph/collectors", "allowed are"},
		"foreign module not in the list":   {"differ", "modernc.org/sqlite", "allowed are"},
		"a provider's own wire types":      {"converters/immybot", "assetgraph/collectors/immybot", ""},
		"another provider's wire types":    {"converters/immybot", "assetgraph/collectors/ninjarmm", "allowed are"},
		"executor knows no provider":       {"internal/executor", "assetgraph/collectors/ninjarmm", "allowed are"},
		"executor knows no store":          {"internal/executor", "assetgraph/graph/sqlite", "allowed are"},
		"the program imports almost all":   {"cmd/execute", "assetgraph/graph/sqlite", ""},
		"but not the conformance suite":    {"cmd/execute", "assetgraph/graph/storetest", "tests alone"},
		"nothing imports tools":            {"cmd/execute", "assetgraph/tools/docs", "nothing imports tools"},
		"tools may share among themselves": {"tools/graph", "assetgraph/internal/neo4jserver", ""},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			r, ok := ruleFor(tt.from)
			require.True(t, ok)
			why := objection(tt.from, r, tt.imported)
			if tt.want == "" {
				require.Empty(t, why)
			} else {
				require.Contains(t, why, tt.want)
			}
		})
	}
}

func ruleFor(name string) (rule, bool) {
	for _, r := range rules() {
		if matches(r.packages, name) {
			return r, true
		}
	}
	return rule{}, false
}

// objection returns why the import is not allowed, "" when it is.
func objection(from string, r rule, imported string) string {
	name := local(imported)
	if name == "internal/panics" || name == "internal/plaintext" {
		return "" // goroutines and messages are everywhere
	}
	if !strings.Contains(strings.Split(imported, "/")[0], ".") && name == imported {
		return "" // standard library
	}
	for pattern, why := range reserved() {
		// What is reserved may use its own kind, and tools may use what is not a program.
		if matches(pattern, name) && !matches(pattern, from) && (!matches("tools/...", from) || strings.HasPrefix(pattern, "cmd")) {
			return why
		}
	}
	same := from[strings.LastIndexByte(from, '/')+1:]
	allowed := slices.ContainsFunc(r.allowed, func(pattern string) bool {
		return matches(strings.ReplaceAll(pattern, "<same>", same), name)
	})
	if !allowed {
		return "allowed are the standard library and [" + strings.Join(r.allowed, " ") + "]"
	}
	return ""
}

// local returns the path of a package of this module relative to its root, other paths as they are.
func local(path string) string {
	if rest, ok := strings.CutPrefix(path, module+"/"); ok {
		return rest
	}
	return path
}

func matches(pattern, name string) bool {
	switch {
	case pattern == "...":
		return true
	case strings.HasSuffix(pattern, "/..."):
		base := strings.TrimSuffix(pattern, "/...")
		return name == base || strings.HasPrefix(name, base+"/")
	case strings.HasSuffix(pattern, "/*"):
		rest, ok := strings.CutPrefix(name, strings.TrimSuffix(pattern, "*"))
		return ok && rest != "" && !strings.Contains(rest, "/")
	}
	return pattern == name
}
