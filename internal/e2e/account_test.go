package e2e

import (
	"fmt"
	"testing"

	"github.com/stretchr/testify/require"

	"assetgraph/graph"
	"assetgraph/internal/executor"
	"assetgraph/internal/simulator"
)

// fleetSizes are small ones, in which no share of a type is withheld, and larger ones.
func fleetSizes() []int { return []int{8, 2, 40} }

// TestAnotherAccountOnTheSameHost reads one product of one fleet, and then with the same settings but for the
// credentials that of another fleet on the same host.
func TestAnotherAccountOnTheSameHost(t *testing.T) {
	t.Parallel()
	onBothStores(t, func(t *testing.T, g *ground) {
		for _, machines := range few(g, fleetSizes(), 3, 0) {
			for _, product := range allProducts() {
				t.Run(fmt.Sprintf("%s of %d machines", product, machines), func(t *testing.T) {
					g.parallel(t)
					anotherAccount(t, g.bare(t).open(t), product, machines)
				})
			}
		}
	})
}

// anotherAccount plays the story on one store: the account of the first fleet is read, that of the second met again and
// again, and the first one returned to.
func anotherAccount(t *testing.T, store graph.Store, product string, machines int) {
	t.Helper()
	first := newEstate(t, simulator.Options{Machines: machines, Customers: 3, Seed: 1}, t.Cleanup)
	second := newEstate(t, simulator.Options{Machines: machines, Customers: 3, Seed: 2}, t.Cleanup)
	report := first.run(t, t.Context(), store)
	require.Equal(t, executor.StatusComplete, report.Run.Status)
	before := read(t, t.Context(), store)
	forgetIdentity(t, store)

	for range 2 {
		o := first.runOptions(t, store)
		for i := range o.Instances {
			if o.Instances[i].Name == product {
				o.Instances[i] = second.instances(t, product)[0]
			}
		}
		report, err := executor.Run(t.Context(), o)
		require.NoError(t, err)
		requireRefused(t, report, product)
		requireEqual(t, before, read(t, t.Context(), store), "nothing of it is written or deleted")
	}
	first.Advance(simulator.Change{Add: 1, Edit: 1})
	report = first.run(t, t.Context(), store)
	require.Equal(t, executor.StatusComplete, report.Run.Status, "%v %v", report.Withheld, report.Refused)
	requireEqual(t, first.truth(t, t.Context()), read(t, t.Context(), store), "pointed back")
}

// forgetIdentity leaves of the run records what a version of before wrote that knew an account by its host alone.
func forgetIdentity(t *testing.T, store graph.Store) {
	t.Helper()
	runs, err := store.Runs(t.Context(), 0)
	require.NoError(t, err)
	for _, r := range runs {
		r.Report = []byte(`{"accounts":{"sentinelone":"127.0.0.1","ninjarmm":"127.0.0.1","immybot":"127.0.0.1 1"}}`)
		require.NoError(t, store.SaveRun(t.Context(), r))
	}
}

// requireRefused checks what a run says that met another account in one instance.
func requireRefused(t *testing.T, report *executor.Report, product string) {
	t.Helper()
	require.Equal(t, executor.StatusFailed, report.Run.Status)
	require.Len(t, report.Refused, 1)
	r := report.Refused[0]
	require.Equal(t, product, r.Instance)
	require.NotEqual(t, r.Before, r.Now)
	require.Contains(t, r.Reason, r.Before)
	require.Contains(t, r.Reason, r.Now)
	require.Contains(t, r.Reason, "execute clear --instance "+product)
	require.Zero(t, report.Totals.Deleted+report.Totals.Withheld)
	for _, s := range report.Steps {
		if s.LeftOut() {
			continue
		}
		if s.Instance == product {
			require.Equal(t, executor.StatusFailed, s.Status, s.Step)
			require.NotEmpty(t, s.Error)
		} else {
			require.Equal(t, executor.StatusComplete, s.Status, s.Step)
		}
	}
}

// TestAccountsOfOneConsole adds and removes accounts of one console, and replaces the credentials.
func TestAccountsOfOneConsole(t *testing.T) {
	t.Parallel()
	onBothStores(t, accountsOfOneConsole)
}

func accountsOfOneConsole(t *testing.T, g *ground) {
	e := newEstate(t, simulator.Options{Machines: 60, Customers: 12}, t.Cleanup)
	store := g.open(t)
	e.See(func(c simulator.Seen) bool { return c.Account != 3 })
	require.Equal(t, executor.StatusComplete, e.run(t, t.Context(), store).Run.Status)

	e.RenewCredentials()
	e.See(nil)
	e.Advance(simulator.Change{Remove: 2, Add: 2, Edit: 3})
	report := e.run(t, t.Context(), store)
	require.Equal(t, executor.StatusComplete, report.Run.Status, "%v %v", report.Withheld, report.Refused)
	requireEqual(t, e.truth(t, t.Context()), read(t, t.Context(), store), "another account, replaced credentials, two machines less")

	e.See(func(c simulator.Seen) bool { return c.Account != 3 })
	o := e.runOptions(t, store)
	o.Guard.MaxPercent = 20
	report, err := executor.Run(t.Context(), o)
	require.NoError(t, err)
	require.Equal(t, executor.StatusComplete, report.Run.Status, "%v %v", report.Withheld, report.Refused)
	require.Positive(t, report.Entities["sentinelone_account"].Deleted, "an ordinary deletion")
	requireEqual(t, e.truth(t, t.Context()), read(t, t.Context(), store), "an account less")
}

// TestCredentialsThatSeeLess narrows what the credentials see: nothing that is hidden counts as gone.
func TestCredentialsThatSeeLess(t *testing.T) {
	t.Parallel()
	onBothStores(t, credentialsThatSeeLess)
}

func credentialsThatSeeLess(t *testing.T, g *ground) {
	for name, narrow := range map[string]func(*estate){
		"a token of one site": func(e *estate) {
			e.ForbidAccounts(true)
			e.See(func(c simulator.Seen) bool { return c.Number == 1 }) // one of several of its account
		},
		"credentials of a part": func(e *estate) {
			e.RenewCredentials()
			e.See(func(c simulator.Seen) bool { return c.Number < 2 })
		},
	} {
		for _, machines := range few(g, []int{8, 40}, 2, 0) {
			t.Run(fmt.Sprintf("%s, %d machines", name, machines), func(t *testing.T) {
				g.parallel(t)
				e := newEstate(t, simulator.Options{Machines: machines, Customers: 4}, t.Cleanup)
				store := g.bare(t).open(t)
				products := allProducts()
				if name == "a token of one site" {
					products = products[:1]
				}
				require.Equal(t, executor.StatusComplete, e.run(t, t.Context(), store, products...).Run.Status)
				before := read(t, t.Context(), store)
				narrow(e)
				o := e.runOptions(t, store, products...)
				o.Guard.MaxPercent = 100 // nothing but the question by id stands before the deletes
				for range 2 {
					o.Instances = e.instances(t, products...)
					report, err := executor.Run(t.Context(), o)
					require.NoError(t, err)
					require.Equal(t, executor.StatusWithheld, report.Run.Status, "%v", report.Refused)
					require.Empty(t, before.without(read(t, t.Context(), store)))
					for _, w := range report.Withheld {
						require.NotEmpty(t, w.Approval, "%v", w)
					}
				}
			})
		}
	}
}
