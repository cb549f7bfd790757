package sentinelone

import (
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"assetgraph/collectors"
	"assetgraph/collectors/sentinelone"
	"assetgraph/converters"
	"assetgraph/converters/internal/convertertest"
	"assetgraph/internal/simulator"
)

// TestSimulatedConsole reads and converts a whole console that was built from the documentation by itself.
func TestSimulatedConsole(t *testing.T) {
	for name, o := range map[string]simulator.Options{
		"account token": {},
		"site token":    {AccountsForbidden: true},
	} {
		t.Run(name, func(t *testing.T) {
			o.Machines, o.Unlimited = 120, true
			s, err := simulator.Start(o)
			require.NoError(t, err)
			t.Cleanup(func() { require.NoError(t, s.Close()) })
			counts, text := readConsole(t, s)
			want := s.Totals()
			require.Equal(t, want.Sites, counts["sentinelone_site"])
			require.Equal(t, want.Groups, counts["sentinelone_group"])
			require.Equal(t, want.Agents, counts["sentinelone_agent"])
			require.Equal(t, want.Agents, counts["sentinelone_group_has_agent"])
			require.Equal(t, want.ConsoleUsers, counts["sentinelone_user"])
			require.Equal(t, 17, counts["sentinelone_account_has_user"], "users of a site belong to its account; those of the tenant to none")
			require.Empty(t, s.Mistakes())
			for _, secret := range s.Secrets() {
				require.NotContains(t, text, secret)
			}
			for m := range s.Truth() {
				if m.Agent != "" {
					require.Contains(t, text, "sentinelone_agent s1:sentinelone_agent:"+m.Agent+"\n")
				}
			}
			if !o.AccountsForbidden {
				require.Equal(t, want.Accounts, counts["sentinelone_account"])
			}
			require.Positive(t, counts["sentinelone_account"])
		})
	}
}

// readConsole returns how many elements of each type a console gives, and all of them as text.
func readConsole(t *testing.T, s *simulator.Simulator) (map[string]int, string) {
	env := s.Env()
	collector, err := sentinelone.New(sentinelone.Config{
		Instance: "s1", URL: env["SENTINELONE_URL"], APIToken: env["SENTINELONE_API_TOKEN"],
		Options: collectors.Options{PageSize: 30, RetryTime: -1, Pace: -1},
	})
	require.NoError(t, err)
	_, err = collector.SignIn(t.Context())
	require.NoError(t, err)
	c, f := New(), converters.NewFragment("s1")
	counts := map[string]int{}
	var b strings.Builder
	for _, step := range collector.Steps() {
		_, err := step.Count(t.Context())
		require.NoError(t, err, step.Name)
		for r, err := range step.Records(t.Context(), &collectors.Meter{}) {
			require.NoError(t, err, step.Name)
			elements, err := convertertest.Convert(c, r, f)
			require.NoError(t, err, step.Name)
			for _, e := range elements {
				counts[e.Type.Name]++
			}
			b.WriteString(convertertest.Render(elements))
		}
	}
	return counts, b.String()
}
