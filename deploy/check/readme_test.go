package check

import (
	"os/exec"
	"path/filepath"
	"testing"

	"github.com/stretchr/testify/require"
)

// The chart's README names every value, as helm-docs makes it of values.yaml and README.md.gotmpl.
func TestReadmeIsUpToDate(t *testing.T) {
	cmd := exec.CommandContext(t.Context(), "go", "tool", "helm-docs", "--chart-search-root", "../helm", "--dry-run",
		"--log-level", "warning", "--sort-values-order", "file", "--badge-style", "flat")
	text, err := cmd.Output()
	require.NoError(t, err)
	compare(t, filepath.Join(chartFolder, "README.md"), string(text))
}
