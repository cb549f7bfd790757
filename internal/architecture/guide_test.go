package architecture

import (
	"encoding/json"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"testing"

	"github.com/stretchr/testify/require"
)

// The code of docs/adding-a-provider.md compiles in its places, as if somebody had followed it.
func TestGuideToProvidersCompiles(t *testing.T) {
	root, err := filepath.Abs("../..")
	require.NoError(t, err)
	guide, err := os.ReadFile(filepath.Join(root, "docs/adding-a-provider.md"))
	require.NoError(t, err)
	dir := t.TempDir()
	replace := map[string]string{} // of go build -overlay: files that are not there
	for i, m := range regexp.MustCompile("(?s)```go\n// (\\S+\\.go)\n(.*?)```").FindAllSubmatch(guide, -1) {
		file := filepath.Join(dir, string(rune('a'+i))+".go")
		require.NoError(t, os.WriteFile(file, m[2], 0o600))
		place := filepath.Join(root, string(m[1]))
		require.NoFileExists(t, place)
		replace[place] = file
	}
	require.Len(t, replace, 5)

	// The one line that makes it a provider.
	list := filepath.Join(root, "internal/providers/provider.go")
	text, err := os.ReadFile(list)
	require.NoError(t, err)
	withIt := regexp.MustCompile(`return List\{(.*)\}`).ReplaceAll(text, []byte("return List{$1, acmeMDM()}"))
	require.NotEqual(t, string(text), string(withIt))
	replace[list] = filepath.Join(dir, "list.go")
	require.NoError(t, os.WriteFile(replace[list], withIt, 0o600))

	overlay, err := json.Marshal(map[string]any{"Replace": replace})
	require.NoError(t, err)
	require.NoError(t, os.WriteFile(filepath.Join(dir, "overlay.json"), overlay, 0o600))
	program := filepath.Join(dir, "execute")
	run := func(name string, args ...string) string {
		cmd := exec.CommandContext(t.Context(), name, args...)
		cmd.Dir = root
		out, err := cmd.CombinedOutput()
		require.NoError(t, err, string(out))
		return string(out)
	}
	run("go", "build", "-overlay", filepath.Join(dir, "overlay.json"), "-o", program, "./cmd/execute")
	require.Contains(t, run(program, "schema"), "mdm_phone_is_device")
	require.Contains(t, run(program, "report", "coverage", "--help"), "or MDM (Acme MDM)")
}
