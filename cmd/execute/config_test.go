package main

import (
	"encoding/json"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"assetgraph/internal/simulator"
)

// withToken writes a file for a secret.
func withToken(t *testing.T, name, text string) {
	t.Helper()
	require.NoError(t, os.WriteFile(name, []byte(text+"\n"), 0o600))
}

// twoConsoles writes a configuration file with two consoles of one product, a tenant of each other product, and secrets in
// every form.
func twoConsoles(t *testing.T) (first, second *simulator.Simulator, env map[string]string) {
	t.Helper()
	first, one := fleet(t, simulator.Options{Machines: 30, Customers: 3, Seed: 1})
	second, two := fleet(t, simulator.Options{Machines: 20, Customers: 2, Seed: 2})
	withToken(t, "token-emea", one["SENTINELONE_API_TOKEN"])
	require.NoError(t, os.Mkdir("conf.d", 0o700))
	main := fmt.Sprintf(`graph: sqlite:fleet.db
defaults:
  labels: {env: test}
include: conf.d/*.yaml
instances:
  - {name: s1-emea, provider: sentinelone, url: %q, apiToken: {file: token-emea}, labels: {region: emea}}
  - {name: s1-us, provider: sentinelone, url: %q, apiToken: %q}
  - {name: ninja, provider: ninjarmm, url: %q, clientId: %q, clientSecret: {command: [printenv, NINJA_SECRET]}}
`, one["SENTINELONE_URL"], two["SENTINELONE_URL"], two["SENTINELONE_API_TOKEN"], one["NINJARMM_URL"], one["NINJARMM_CLIENT_ID"])
	require.NoError(t, os.WriteFile("assetgraph.yaml", []byte(main), 0o600))
	immy := fmt.Sprintf(`instances:
  - {name: immy, provider: immybot, url: %q, tenantId: %q, clientId: %q, clientSecret: "${IMMY}", authorityUrl: %q}
`, one["IMMYBOT_URL"], one["IMMYBOT_TENANT_ID"], one["IMMYBOT_CLIENT_ID"], one["IMMYBOT_AUTHORITY_URL"])
	require.NoError(t, os.WriteFile(filepath.Join("conf.d", "immy.yaml"), []byte(immy), 0o600))
	t.Setenv("NINJA_SECRET", one["NINJARMM_CLIENT_SECRET"]) // of the process: a command has its environment
	return first, second, map[string]string{"IMMY": one["IMMYBOT_CLIENT_SECRET"]}
}

func TestManyInstancesOfOneProduct(t *testing.T) {
	workIn(t)
	first, second, env := twoConsoles(t)
	r := execute(t, env, "config", "check")
	require.Equal(t, exitDone, r.code, r.stdout+r.stderr)
	require.Contains(t, r.stdout, "4 instances, no mistakes")
	r = execute(t, env, "check")
	require.Equal(t, exitDone, r.code, r.stdout+r.stderr)

	report := runJSON(t, exitDone, env, "run")
	require.Equal(t, "sqlite:fleet.db", report.Run.Graph)
	agents := map[string]int{}
	for _, s := range report.Steps {
		if s.Step == "agents" {
			agents[s.Instance] = s.Records
		}
	}
	require.Equal(t, map[string]int{"s1-emea": first.Totals().Agents, "s1-us": second.Totals().Agents}, agents)
	again := runJSON(t, exitDone, env, "run")
	require.Zero(t, again.Totals.Created+again.Totals.Updated+again.Totals.Deleted+again.Totals.Withheld, "nothing changed")

	r = execute(t, env, "query", "select name, labels from assetgraph_integration order by name", "--output", "csv")
	require.Equal(t, "name,labels\nimmy,\"[\"\"env=test\"\"]\"\nninja,\"[\"\"env=test\"\"]\"\ns1-emea,\"[\"\"env=test\"\",\"\"region=emea\"\"]\"\ns1-us,\"[\"\"env=test\"\"]\"\n", r.stdout)

	one := runJSON(t, exitDone, env, "run", "--instance", "s1-us")
	for _, s := range one.Steps {
		require.Equal(t, "s1-us", s.Instance)
	}
	require.Zero(t, one.Totals.Deleted+one.Totals.Withheld, "another console's records are none of its business")
	r = execute(t, env, "run", "--instance", "sentinelone")
	r.requireFailed(t, exitUsage, "--instance sentinelone: configured are immy, s1-emea, s1-us, ninja")
	require.Empty(t, first.Mistakes())
	require.Empty(t, second.Mistakes())
}

// Secrets of a configuration file are in no output, no log and no file but those where they were put.
func TestSecretsOfTheConfigurationFileStayThere(t *testing.T) {
	workIn(t)
	first, second, env := twoConsoles(t)
	r := execute(t, env, "config", "encrypt", "--new-identity", "age.key")
	require.Equal(t, exitDone, r.code, r.stderr)
	require.Contains(t, r.stdout, "1 secret encrypted in assetgraph.yaml, conf.d/immy.yaml")
	env["ASSETGRAPH_AGE_IDENTITY"] = "age.key"
	var out strings.Builder
	for _, args := range [][]string{
		{"config", "check"}, {"config", "show"}, {"config", "show", "--output", "json"}, {"config", "schema"},
		{"check", "--log-level", "debug"}, {"plan", "--log-level", "debug"},
		{"run", "--log-level", "debug", "--log-format", "json", "--output", "json"}, {"history", "--output", "json"}, {"export"},
	} {
		r := execute(t, env, args...)
		require.Equal(t, exitDone, r.code, r.stdout+r.stderr)
		out.WriteString(r.stdout + r.stderr)
	}
	for _, name := range []string{"assetgraph.yaml", "fleet.db"} {
		text, err := os.ReadFile(name)
		require.NoError(t, err)
		out.Write(text)
	}
	key, err := os.ReadFile("age.key")
	require.NoError(t, err)
	for _, secret := range append(append(first.Secrets(), second.Secrets()...), strings.Split(strings.TrimSpace(string(key)), "\n")[1]) {
		if strings.Contains(out.String(), secret) {
			t.Errorf("secret %q is in the output, the logs, the graph or the encrypted file", secret)
		}
	}
}

func TestMistakesOfTheConfigurationFileStopEverything(t *testing.T) {
	dir := workIn(t)
	env, hits := watched(t)
	require.NoError(t, os.WriteFile("fleet.yaml", []byte("instances:\n  - {name: a, provider: s1}\nevery: 1h\n"), 0o600))
	for _, args := range [][]string{{"run"}, {"plan"}, {"check"}, {"query", "select 1"}} {
		r := execute(t, env, append(args, "--config", "fleet.yaml")...)
		r.requireFailed(t, exitUsage, `fleet.yaml:2:25: instance a, provider: "s1" is no provider; did you mean sentinelone?`,
			"config check --config fleet.yaml lists all that is wrong")
	}
	env["ASSETGRAPH_CONFIG"] = "fleet.yaml"
	r := execute(t, env, "config", "check")
	require.Equal(t, exitUsage, r.code)
	require.Equal(t, 2, strings.Count(r.stdout, "\n"))
	require.Contains(t, r.stdout, "fleet.yaml:2:25: instance a, provider: \"s1\" is no provider; did you mean sentinelone?\n"+
		"fleet.yaml:3:1: every is no key here; known are age, ageIdentity, ")
	r = execute(t, env, "config", "check", "--output", "json")
	var list []mistake
	require.NoError(t, json.Unmarshal([]byte(r.stdout), &list))
	require.Len(t, list, 2)
	require.Equal(t, mistake{File: "fleet.yaml", Line: 2, Column: 25, Instance: "a", Key: "provider", Text: "\"s1\" is no provider; did you mean sentinelone?"}, list[0])
	delete(env, "ASSETGRAPH_CONFIG")
	execute(t, env, "config", "show").requireFailed(t, exitUsage, "there is no configuration file")
	execute(t, env, "run", "--config", "nowhere.yaml").requireFailed(t, exitUsage, "nowhere.yaml: there is no such file")
	require.Zero(t, hits.Load(), "nothing was contacted")
	requireUntouched(t, dir, "fleet.yaml")
}

// A setting that only the provider finds wrong is named by its place; so is a variable that nobody reads.
func TestConfigurationErrorsNameThePlace(t *testing.T) {
	workIn(t)
	env, hits := watched(t)
	require.NoError(t, os.WriteFile("assetgraph.yaml", []byte("instances:\n  - {name: a, provider: sentinelone, url: \"http://x.example\", apiToken: \"${TOKEN}\"}\n"), 0o600))
	execute(t, env, "run").requireFailed(t, exitUsage, "assetgraph.yaml:2:73: instance a, apiToken: the environment variable TOKEN is not set")
	env["TOKEN"] = "planted-token-1"
	execute(t, env, "run").requireFailed(t, exitUsage, "instance a: url (assetgraph.yaml:2:43): http would send the credentials in clear: use https")
	r := execute(t, env, "config", "check")
	require.Contains(t, r.stdout, "assetgraph.yaml:2:43: instance a, url: http would send")
	require.Contains(t, r.stdout, "environment: warning: SENTINELONE_URL, SENTINELONE_API_TOKEN, ")
	require.Contains(t, r.stdout, " are not read: assetgraph.yaml says which instances there are, and may refer to a variable as ${NAME}")
	require.NotContains(t, r.stdout, " TOKEN")
	require.Zero(t, hits.Load())
	r = execute(t, env, "--demo", "run")
	require.Equal(t, exitDone, r.code, r.stderr)
	require.Contains(t, r.stderr, "--demo ignores SENTINELONE_URL")
	require.Contains(t, r.stderr, "assetgraph.yaml")
}

func TestEditThroughTheProgram(t *testing.T) {
	workIn(t)
	text := "instances:\n  - {name: a, provider: sentinelone, url: \"https://x.sentinelone.net\", apiToken: planted-token-1}\n"
	require.NoError(t, os.WriteFile("assetgraph.yaml", []byte(text), 0o600))
	require.Equal(t, exitDone, execute(t, nil, "config", "encrypt", "--new-identity", "age.key").code)
	key, err := os.ReadFile("age.key")
	require.NoError(t, err)
	public := strings.TrimPrefix(strings.Split(string(key), "\n")[0], "# public key: ")
	env := map[string]string{"ASSETGRAPH_AGE_IDENTITY": "age.key", "EDITOR": "sed -i s/planted-token-1/planted-token-2/"}
	r := execute(t, env, "config", "edit", "--recipient", public)
	require.Equal(t, exitDone, r.code, r.stderr)
	after, err := os.ReadFile("assetgraph.yaml")
	require.NoError(t, err)
	require.NotContains(t, string(after), "planted")
	require.Equal(t, exitDone, execute(t, env, "config", "check").code)
	env["EDITOR"] = "sed -i s/sentinelone/sentinel/"
	r = execute(t, env, "config", "edit", "--recipient", public)
	r.requireFailed(t, exitUsage, "is no provider", "assetgraph.yaml.rejected")
	now, err := os.ReadFile("assetgraph.yaml")
	require.NoError(t, err)
	require.Equal(t, string(after), string(now))
	env["EDITOR"] = "false"
	execute(t, env, "config", "edit").requireFailed(t, exitFailed, "editor false")
}
