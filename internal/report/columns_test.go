package report_test

import (
	"bytes"
	"encoding/json"
	"testing"

	"github.com/stretchr/testify/require"

	"assetgraph/converters"
	"assetgraph/internal/report"
)

// The columns of the tools stand between the others, in every form; names are as they are.
func TestColumnsOfTools(t *testing.T) {
	require.Equal(t, []string{"organization", "devices", "edr", "rmm", "deployment", "complete", "edrUnprotected", "edrUnknown"}, report.OrganizationColumns(model().Tools()))
	require.Equal(t, []string{"organization", "devices", "x", "complete"}, report.OrganizationColumns([]*converters.Tool{{Name: "x"}}))
	o := row("A & B <\"x\">", 9, 1, 2, 3, 4)
	require.Equal(t, []int{9, 1, 2, 3, 4, 0, 1}, o.Figures())
	var b bytes.Buffer
	e := json.NewEncoder(&b)
	e.SetEscapeHTML(false)
	require.NoError(t, e.Encode([]report.OrganizationCoverage{o}))
	require.Equal(t, `[{"organization":"A & B <\"x\">","devices":9,"edr":1,"rmm":2,"deployment":3,"complete":4,"edrUnprotected":0,"edrUnknown":1}]`+"\n", b.String())
}

func TestMissingWords(t *testing.T) {
	require.Equal(t, []string{"edr", "rmm", "deployment", "stale-edr", "stale-rmm", "stale-deployment",
		"edr-unprotected", "edr-disabled", "edr-error", "edr-permissions", "edr-detect-only", "edr-uninstalling", "edr-expired"}, report.MissingWords(model().Tools()))
	require.Equal(t, []string{"x", "stale-x"}, report.MissingWords([]*converters.Tool{{Name: "x"}}))
}
