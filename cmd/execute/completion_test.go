package main

import (
	"bytes"
	"os"
	"strings"
	"testing"

	"github.com/spf13/cobra"
	"github.com/stretchr/testify/require"

	"assetgraph/internal/simulator"
)

// completed returns what the program offers for the last of the arguments, without descriptions.
func completed(t *testing.T, env map[string]string, args ...string) []string {
	t.Helper()
	r := execute(t, env, append([]string{cobra.ShellCompNoDescRequestCmd}, args...)...)
	require.Equal(t, exitDone, r.code, r.stderr)
	lines := strings.Split(strings.TrimRight(r.stdout, "\n"), "\n")
	require.Regexp(t, `^:\d+$`, lines[len(lines)-1])
	return lines[:len(lines)-1]
}

func TestValuesAreCompleted(t *testing.T) {
	dir := workIn(t)
	env, hits := watched(t)
	for line, want := range map[string][]string{
		"query @infected":                              {"@infected-and-offline"},
		"query @infected-and-offline @":                {},
		"--instance ":                                  {"sentinelone", "ninjarmm", "immybot"},
		"run --instance ninjarmm --instance n":         {"ninjarmm"},
		"locks break --instance imm":                   {"immybot"},
		"--output ":                                    {"text", "json"},
		"query --output ":                              {"table", "json", "csv"},
		"export --output ":                             {"json"},
		"version --output ":                            {"text", "json"},
		"report coverage --output ":                    {"table", "csv", "json", "html"},
		"report posture --check enc":                   {"encrypted"},
		"report seats --by ":                           {"organization", "device"},
		"run --metrics-file m.prom --output ":          {"text", "json"},
		"plan --log-level ":                            {"debug", "info", "warn", "error"},
		"--log-format j":                               {"json"},
		"--soft-exit ":                                 {"incomplete", "withheld", "busy"},
		"run --soft-exit busy,":                        {"busy,incomplete", "busy,withheld"},
		"report coverage --by ":                        {"organization", "device"},
		"report coverage --os darwin,l":                {"darwin,linux"},
		"report coverage --missing stale-":             {"stale-edr", "stale-rmm", "stale-deployment"},
		"report coverage --sort e":                     {"edr", "edrUnprotected", "edrUnknown"},
		"report coverage --missing edr-d":              {"edr-disabled", "edr-detect-only"},
		"report coverage --by device --sort h":         {"hostname"},
		"report coverage --by device --sort=-host":     {"-hostname"},
		"export --type ninjarmm_device_i":              {"ninjarmm_device_is_device"},
		"changes --type ninjarmm_device_i":             {"ninjarmm_device_is_device"},
		"changes --output ":                            {"table", "json", "csv"},
		"history ":                                     {"latest"},
		"completion ":                                  {"bash", "zsh", "fish", "powershell"},
		"--graph ne":                                   {"neo4j://", "neo4j+s://"},
		"explain ":                                     {}, // there is no graph
		"report coverage --organization ":              {},
		"explain --graph neo4j://127.0.0.1:1 x":        {},
		"explain --graph mysql://h x":                  {},
		"--env-file nowhere.env --instance ":           {},
		"query --env-file nowhere.env --graph x @infe": {"@infected-and-offline"},
	} {
		require.Equal(t, want, completed(t, env, strings.Split(line, " ")...), line)
	}
	require.Zero(t, hits.Load())
	requireUntouched(t, dir)
	require.Contains(t, execute(t, env, cobra.ShellCompRequestCmd, "query", "@infected").stdout, "@infected-and-offline\tInfected and offline\n")
	require.Contains(t, execute(t, env, "--help").stdout, "\n  completion ")
}

// Of a configuration file the instances are known, and no command in it is run because somebody types.
func TestCompletionRunsNoCommand(t *testing.T) {
	dir := workIn(t)
	require.NoError(t, os.WriteFile("assetgraph.yaml", []byte(`graph: {url: "neo4j://127.0.0.1:1", password: {command: [touch, ran]}}
instances:
  - {name: s1-emea, provider: sentinelone, url: "https://emea.sentinelone.net", apiToken: {command: [touch, ran]}}
`), 0o600))
	require.Equal(t, []string{"s1-emea"}, completed(t, nil, "run", "--instance", ""))
	require.Empty(t, completed(t, nil, "explain", ""))
	requireUntouched(t, dir, "assetgraph.yaml")
}

func TestCompletionReadsTheGraph(t *testing.T) { onBothGraphs(t, completionReadsTheGraph) }

func completionReadsTheGraph(t *testing.T, p place) {
	_, env := fleet(t, simulator.Options{})
	env = p.env(env)
	runJSON(t, exitDone, env)
	_, rows := csvTable(t, answered(t, p.env(nil), "query", p.question("select name from organization order by name", "MATCH (o:organization) RETURN o.name AS name ORDER BY name"), "--output", "csv"))
	customer := rows[0]["name"]
	require.Contains(t, completed(t, p.env(nil), "report", "coverage", "--organization", customer[:4]), customer)
	require.Contains(t, completed(t, p.env(nil), "report", "coverage", "--organization", strings.ToLower(customer[:4])), customer)
	all := completed(t, p.env(nil), "explain", "")
	require.Greater(t, len(all), 30)
	require.Equal(t, []string{all[0]}, completed(t, p.env(nil), "explain", all[0]))

	p.change(t, "UPDATE graph_entity SET properties = replace(properties, '"+all[0]+"', 'zz$(touch x)')", "MATCH (d:device {hostname: '"+all[0]+"'}) SET d.hostname = 'zz$(touch x)'")
	require.Empty(t, completed(t, p.env(nil), "explain", "zz"), "a shell would carry it out")
	require.Len(t, completed(t, p.env(nil), "explain", ""), len(all)-1)
}

// Each command says what --output may be of it.
func TestEveryCommandSaysItsOutputs(t *testing.T) {
	walk(newApp([]string{"execute"}, nil, nil, nil, nil).rootCommand(), func(c *cobra.Command) {
		switch c.Name() {
		case "report", "config", "completion", "man": // which print nothing of their own, or what is no answer
		default:
			require.NotEmpty(t, outputsOf(c), c.CommandPath())
		}
	})
}

func TestCompletionScripts(t *testing.T) {
	dir := workIn(t)
	for _, shell := range shells() {
		r := execute(t, nil, "completion", shell)
		require.Equal(t, exitDone, r.code, r.stderr)
		var plain bytes.Buffer
		a := newApp([]string{"execute"}, nil, nil, nil, nil)
		require.NoError(t, writeCompletion(a.rootCommand(), &plain, shell, true))
		require.Equal(t, plain.String(), r.stdout, "what makes output harmless to a terminal changes nothing of it")
		bare := execute(t, nil, "completion", shell, "--no-descriptions")
		require.Contains(t, bare.stdout, cobra.ShellCompNoDescRequestCmd)
	}
	execute(t, nil, "completion").requireFailed(t, exitUsage, "the shell (bash, zsh, fish, powershell) is missing")
	execute(t, nil, "completion", "tcsh").requireFailed(t, exitUsage, "completion tcsh: known are bash, zsh, fish, powershell")
	requireUntouched(t, dir)
}
