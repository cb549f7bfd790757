package main

import (
	"fmt"
	"os"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"assetgraph/internal/simulator"
)

// tenantNames are those of a fleet that ImmyBot knows as customers, in order.
func tenantNames(t *testing.T, env map[string]string) []string {
	t.Helper()
	runJSON(t, exitDone, env, "run", "--instance", "immybot", "--graph", "sqlite:names.db")
	r := execute(t, env, "query", "select t.name from immybot_tenant t join immybot_computer c on c.tenantId = t.id group by t.name order by t.name", "--graph", "sqlite:names.db", "--output", "csv")
	require.Equal(t, exitDone, r.code, r.stderr)
	names := strings.Split(strings.TrimSpace(r.stdout), "\n")[1:]
	require.Greater(t, len(names), 3)
	for i, name := range names { // as CSV writes them
		names[i] = strings.Trim(name, `"`)
	}
	return names
}

// Two instances of one account share its customers; what both read is said.
func TestInstancesOfOneAccountReadCustomersOfTheirOwn(t *testing.T) {
	workIn(t)
	sim, env := fleet(t, simulator.Options{Machines: 80, Customers: 8})
	names := tenantNames(t, env)
	write := func(first, second string) {
		text := "graph: sqlite:fleet.db\ninstances:\n"
		for i, tenants := range []string{first, second} {
			text += fmt.Sprintf("  - {name: immy-%d, provider: immybot, url: %q, tenantId: %q, clientId: %q, clientSecret: %q, authorityUrl: %q, tenants: [%s]}\n", i,
				env["IMMYBOT_URL"], env["IMMYBOT_TENANT_ID"], env["IMMYBOT_CLIENT_ID"], env["IMMYBOT_CLIENT_SECRET"], env["IMMYBOT_AUTHORITY_URL"], tenants)
		}
		require.NoError(t, os.WriteFile("assetgraph.yaml", []byte(text), 0o600))
	}
	plain := map[string]string{}
	quoted := func(name string) string { return fmt.Sprintf("%q", name) }

	write(quoted(names[0]), quoted(names[1])+", "+quoted(names[2]))
	r := execute(t, plain, "config", "check")
	require.Equal(t, exitDone, r.code, r.stdout)
	require.NotContains(t, r.stdout, "same account")
	report := runJSON(t, exitDone, plain, "run")
	require.NotContains(t, strings.Join(report.Warnings, "\n"), "same account")
	r = execute(t, plain, "query", "select _instance, count(*) from immybot_tenant group by 1 order by 1", "--output", "csv")
	require.Contains(t, r.stdout, "immy-0,1\nimmy-1,2\n")

	write(quoted(names[0])+", "+quoted(names[1]), quoted(names[1])+", "+quoted(names[2]))
	r = execute(t, plain, "config", "check")
	require.Contains(t, r.stdout, "instance immy-1: reads the same account as instance immy-0")
	report = runJSON(t, exitDone, plain, "run")
	require.Contains(t, strings.Join(report.Warnings, "\n"), "instances immy-0 and immy-1 read the same account")

	write(quoted(names[0]), quoted(names[1])+", "+quoted(names[2]))
	report = runJSON(t, exitWithheld, plain, "run")
	var ids []string
	for _, w := range report.Withheld {
		require.Equal(t, "immy-0", w.Instance)
		require.Contains(t, w.Reason, "the filter is another than the one that it was read with")
		ids = append(ids, w.Approval)
	}
	report = runJSON(t, exitDone, plain, "run", "--approve", strings.Join(ids, ","))
	require.Positive(t, report.Totals.Deleted)

	write(quoted(names[0])+", Nobody", quoted(names[1])+", "+quoted(names[2]))
	report = runJSON(t, exitIncomplete, plain, "run")
	require.Zero(t, report.Totals.Deleted+report.Totals.Withheld)
	r = execute(t, plain, "check")
	require.Equal(t, exitFailed, r.code)
	require.Contains(t, strings.Join(strings.Fields(r.stdout), " "), `tenants (assetgraph.yaml:3:`)
	require.Contains(t, strings.Join(strings.Fields(r.stdout), " "), `there is no tenant "Nobody"`)
	require.Empty(t, sim.Mistakes())
}

// A filter in variables: check counts what it leaves, and one that is empty is said.
func TestFilterByVariables(t *testing.T) {
	workIn(t)
	_, env := fleet(t, simulator.Options{Machines: 80, Customers: 8})
	names := tenantNames(t, env)
	env["IMMYBOT_TENANTS"] = `"` + names[0] + `"`
	r := execute(t, env, "check")
	require.Equal(t, exitDone, r.code, r.stdout)
	require.Regexp(t, `immybot +tenants +1\n`, r.stdout)
	require.NotContains(t, r.stdout, "quotation marks")
	env["IMMYBOT_TENANTS"] = " "
	r = execute(t, env, "check")
	require.Contains(t, r.stdout, "the value of IMMYBOT_TENANTS is empty: nothing is left out")
	env["IMMYBOT_TENANTS"], env["IMMYBOT_TENANT"] = names[0], names[1]
	r = execute(t, env, "check")
	require.Contains(t, strings.Join(strings.Fields(r.stdout), " "), "IMMYBOT_TENANT is not read: did you mean IMMYBOT_TENANT")
}
