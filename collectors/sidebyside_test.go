package collectors_test

import (
	"slices"
	"sync"
	"testing"

	"github.com/stretchr/testify/require"

	"assetgraph/collectors"
	"assetgraph/collectors/immybot"
	"assetgraph/collectors/ninjarmm"
	"assetgraph/collectors/sentinelone"
	"assetgraph/internal/simulator"
)

// instances makes a collector for each simulated product that tries nothing again.
func instances(t *testing.T, s *simulator.Simulator, pageSize int) map[string]collectors.Collector {
	t.Helper()
	return instancesWith(t, s, collectors.Options{PageSize: pageSize, RetryTime: -1})
}

func instancesWith(t *testing.T, s *simulator.Simulator, o collectors.Options) map[string]collectors.Collector {
	t.Helper()
	env := s.Env()
	edr, err := sentinelone.New(sentinelone.Config{
		Instance: "s", URL: env["SENTINELONE_URL"], APIToken: env["SENTINELONE_API_TOKEN"], Options: o,
	})
	require.NoError(t, err)
	rmm, err := ninjarmm.New(ninjarmm.Config{
		Instance: "n", URL: env["NINJARMM_URL"], ClientID: env["NINJARMM_CLIENT_ID"],
		ClientSecret: env["NINJARMM_CLIENT_SECRET"], Options: o,
	})
	require.NoError(t, err)
	deployment, err := immybot.New(immybot.Config{
		Instance: "i", URL: env["IMMYBOT_URL"], TenantID: env["IMMYBOT_TENANT_ID"], ClientID: env["IMMYBOT_CLIENT_ID"],
		ClientSecret: env["IMMYBOT_CLIENT_SECRET"], AuthorityURL: env["IMMYBOT_AUTHORITY_URL"], Options: o,
	})
	require.NoError(t, err)
	return map[string]collectors.Collector{"sentinelone": edr, "ninjarmm": rmm, "immybot": deployment}
}

// A stepRead is what one step gave.
type stepRead struct {
	records  map[string]any // by kind and id
	pages    int
	warnings []string
	err      error
}

func readStep(t *testing.T, s collectors.Step) stepRead {
	m, r := &collectors.Meter{}, stepRead{records: map[string]any{}}
	for record, err := range s.Records(t.Context(), m) {
		if r.err = err; err == nil {
			r.records[record.Kind+" "+record.ID] = record.Value
		}
	}
	r.pages, r.warnings = m.Pages(), m.Warnings()
	return r
}

// sideBySide begins each step as soon as the contract allows.
func sideBySide(t *testing.T, steps []collectors.Step) []stepRead {
	t.Helper()
	reads, ended := make([]stepRead, len(steps)), map[string]chan struct{}{}
	var work sync.WaitGroup
	for i, s := range steps {
		end := make(chan struct{})
		ended[s.Name] = end
		var first []chan struct{}
		for _, name := range s.After {
			require.Contains(t, ended, name, "%s comes after an earlier step", s.Name)
			first = append(first, ended[name])
		}
		work.Go(func() {
			defer close(end)
			for _, before := range first {
				<-before
			}
			reads[i] = readStep(t, s)
		})
	}
	work.Wait()
	return reads
}

// TestStepsSideBySide reads every product step by step and with its steps side by side: the records are the same, and
// no product is asked faster, or more at the same time, than its documentation allows.
func TestStepsSideBySide(t *testing.T) {
	s, err := simulator.Start(simulator.Options{Machines: 150, Customers: 12})
	require.NoError(t, err)
	t.Cleanup(func() { require.NoError(t, s.Close()) })
	const pageSize = 20 // several pages in every long list, and no more than one second's worth for the two readers together
	together := instances(t, s, pageSize)
	for name, one := range instances(t, s, pageSize) {
		t.Run(name, func(t *testing.T) {
			for _, c := range []collectors.Collector{one, together[name]} {
				_, err := c.SignIn(t.Context())
				require.NoError(t, err)
			}
			got := sideBySide(t, together[name].Steps())
			for i, step := range one.Steps() {
				want := readStep(t, step)
				require.NoError(t, want.err)
				require.NotEmpty(t, want.records, step.Name)
				require.Equal(t, want, got[i], step.Name)
				require.Subset(t, names(one.Steps()[:i]), slices.Concat(step.Needs, step.After), "earlier steps")
			}
		})
	}
	require.Empty(t, s.Mistakes())
}

func names(steps []collectors.Step) []string {
	list := []string{}
	for _, s := range steps {
		list = append(list, s.Name)
	}
	return list
}

// TestAgentsAreReadAtTheVendorsPace reads many small pages as fast as the collector does: the simulator refuses the
// request that comes too early.
func TestAgentsAreReadAtTheVendorsPace(t *testing.T) {
	if testing.Short() {
		t.Skip("takes three seconds, which is the pace")
	}
	s, err := simulator.Start(simulator.Options{Machines: 180, Customers: 12})
	require.NoError(t, err)
	t.Cleanup(func() { require.NoError(t, s.Close()) })
	steps := instances(t, s, 2)["sentinelone"].Steps()
	agents := readStep(t, steps[slices.Index(names(steps), "agents")])
	require.NoError(t, agents.err)
	require.Greater(t, agents.pages, 60)
	require.Empty(t, s.Mistakes())
}
