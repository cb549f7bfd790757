package executor_test

import (
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"assetgraph/internal/executor"
)

func TestNamesThatCannotBeToldApartAreRefused(t *testing.T) {
	b := newBench(t)
	for _, c := range []struct {
		names []string
		want  string
	}{
		{[]string{"a", "b", "a"}, `"a": there are two`},
		{[]string{"assetgraph"}, "the program's own"},
		{[]string{""}, "a name has"},
		{[]string{"two words"}, "a name has"},
		{[]string{"a:b"}, "a name has"},
		{[]string{"a|b"}, "a name has"},
		{[]string{"Acme"}, "a name has"},
		{[]string{"-a"}, "a name has"},
		{[]string{strings.Repeat("a", 64)}, "a name has"},
	} {
		var list []executor.Instance
		for _, name := range c.names {
			list = append(list, instance(name, b.provider, b.converter))
		}
		for _, plan := range []bool{false, true} {
			o := b.options(list...)
			o.Plan = plan
			report, err := executor.Run(t.Context(), o)
			require.ErrorContains(t, err, c.want)
			require.Equal(t, executor.StatusFailed, report.Run.Status)
			require.Empty(t, report.Steps, "nothing was read")
		}
	}
	runs, err := b.store.Runs(t.Context(), 0)
	require.NoError(t, err)
	require.Empty(t, runs, "nothing was written")
	b.run(t, instance("ninja.eu-2_b", b.provider, b.converter))
}
