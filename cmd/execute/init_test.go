package main

import (
	"maps"
	"net/http"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"assetgraph/internal/neo4jserver/neo4jtest"
	"assetgraph/internal/providers"
	"assetgraph/internal/settings"
	"assetgraph/internal/simulator"
)

// Answers that choose, as init numbers them.
const (
	sentinelOneProduct, ninjaProduct, immyProduct, noMore = "1", "2", "3", "4"

	changeSettings, signInAgain, keepAccount, giveUp = "1", "2", "3", "4"

	asTheyAre, beside, encrypted = "1", "2", "3"

	useDefault = ""
)

// lines are answers as a pipe brings them.
func lines(answers ...[]string) string {
	return strings.Join(slices.Concat(answers...), "\n") + "\n"
}

func sentinelOneAnswers(name string, env map[string]string) []string {
	return []string{sentinelOneProduct, name, env["SENTINELONE_URL"], env["SENTINELONE_API_TOKEN"], "no"}
}

func ninjaAnswers(env map[string]string) []string {
	return []string{ninjaProduct, useDefault, env["NINJARMM_URL"], env["NINJARMM_CLIENT_ID"], env["NINJARMM_CLIENT_SECRET"], useDefault}
}

func immyAnswers(env map[string]string) []string {
	return slices.Concat([]string{
		immyProduct, "immy", env["IMMYBOT_URL"], env["IMMYBOT_TENANT_ID"], env["IMMYBOT_CLIENT_ID"],
		env["IMMYBOT_CLIENT_SECRET"],
	}, moreAnswers(2, map[string][]string{"IMMYBOT_AUTHORITY_URL": {env["IMMYBOT_AUTHORITY_URL"]}}))
}

// moreAnswers asks for the settings of a provider that few need, and leaves out all but those that are given.
func moreAnswers(provider int, given map[string][]string) []string {
	answers := []string{"yes"}
	all := providers.All()[provider].Settings
	for _, s := range all {
		switch {
		case s.Required, slices.ContainsFunc(all, func(other settings.Setting) bool { return other.Instead == s.Env }):
		case given[s.Env] != nil:
			answers = append(answers, given[s.Env]...)
		default:
			answers = append(answers, useDefault)
		}
	}
	return answers
}

// ending takes the defaults of all that is asked after the accounts but for how secrets are kept.
func ending(keeping string) []string {
	end := []string{noMore, useDefault, useDefault, useDefault, keeping}
	if keeping == encrypted {
		end = append(end, useDefault)
	}
	return append(end, "yes")
}

// requirePrivate checks that a file is for its owner alone.
func requirePrivate(t *testing.T, names ...string) {
	t.Helper()
	for _, name := range names {
		info, err := os.Stat(name)
		require.NoError(t, err)
		require.Zero(t, info.Mode().Perm()&0o077, name)
	}
}

// requireHidden checks that no secret of a fleet is in a text.
func requireHidden(t *testing.T, text string, fleets ...*simulator.Simulator) {
	t.Helper()
	for _, s := range fleets {
		for _, secret := range s.Secrets() {
			if strings.Contains(text, secret) {
				t.Errorf("secret %q is shown", secret)
			}
		}
	}
}

// What init writes is read without a mistake or a warning, by every command, however its secrets are kept.
func TestInitWritesWhatTheOtherCommandsRead(t *testing.T) {
	for name, want := range map[string]struct {
		keeping string
		files   []string
	}{
		"as they are": {asTheyAre, []string{"assetgraph.yaml"}},
		"beside": {beside, []string{
			"assetgraph.yaml", "assetgraph.secrets/s1-emea-apiToken", "assetgraph.secrets/s1-us-apiToken",
			"assetgraph.secrets/ninjarmm-clientSecret", "assetgraph.secrets/immy-clientSecret", "assetgraph.secrets",
		}},
		"encrypted": {encrypted, []string{"assetgraph.yaml", "age.key"}},
	} {
		t.Run(name, func(t *testing.T) {
			workIn(t)
			first, one := fleet(t, simulator.Options{Machines: 30, Customers: 3, Seed: 1})
			second, two := fleet(t, simulator.Options{Machines: 20, Customers: 2, Seed: 2})
			answers := lines(sentinelOneAnswers("s1-emea", one), sentinelOneAnswers("s1-us", two), ninjaAnswers(one),
				immyAnswers(one), ending(want.keeping))
			r := executeWith(t, answers, nil, "init", "--log-level", "debug")
			require.Equal(t, exitDone, r.code, r.stdout+r.stderr)
			requireNarrow(t, r.stdout)
			require.NotContains(t, r.stdout, "\x1b", "nothing steers a terminal where there is none")
			require.Contains(t, r.stdout, "does not work. In ImmyBot: Show more", "the trap is explained")
			for _, command := range []string{"config check", "check", "plan", "schedule print --systemd"} {
				require.Contains(t, r.stdout, "\n  execute "+command+"\n")
			}
			requirePrivate(t, want.files...)
			written, err := os.ReadFile("assetgraph.yaml")
			require.NoError(t, err)
			out := r.stdout + r.stderr
			if want.keeping != asTheyAre {
				out += string(written)
			}

			r = execute(t, nil, "config", "check")
			require.Equal(t, exitDone, r.code, r.stdout+r.stderr)
			require.Equal(t, "assetgraph.yaml: 4 instances, no mistakes. Next\n  execute check\n", r.stdout)
			require.Empty(t, r.stderr)
			r = execute(t, nil, "check")
			require.Equal(t, exitDone, r.code, r.stdout+r.stderr)
			require.Empty(t, r.stderr)
			report := runJSON(t, exitDone, nil, "run")
			require.Equal(t, "sqlite:assetgraph.db", report.Run.Graph)
			agents := map[string]int{}
			for _, s := range report.Steps {
				if s.Step == "agents" {
					agents[s.Instance] = s.Records
				}
			}
			require.Equal(t, map[string]int{"s1-emea": first.Totals().Agents, "s1-us": second.Totals().Agents}, agents)
			requireHidden(t, out+r.stdout, first, second)
			require.Empty(t, first.Mistakes())
		})
	}
}

// A wrong answer is asked again at its own question, and a refused account says what to do.
func TestInitAsksAgain(t *testing.T) {
	workIn(t)
	s, env := fleet(t, simulator.Options{})
	skip := "SENTINELONE_SKIP"
	r := executeWith(t, lines([]string{
		"9", sentinelOneProduct, "Not A Name", "assetgraph", "s1",
		"http://example.sentinelone.net", "not an address", "", env["SENTINELONE_URL"],
		"two words", "${NOT_SET}", "\u200bpasted", "canary-api-token-wrong",
	}, moreAnswers(0, map[string][]string{skip: {"sites", "users"}}), []string{
		changeSettings, useDefault, env["SENTINELONE_API_TOKEN"], useDefault, "no",
		sentinelOneProduct, "s1", useDefault, env["SENTINELONE_URL"], env["SENTINELONE_API_TOKEN"],
	}, moreAnswers(0, map[string][]string{skip: {"users"}}), []string{giveUp}, ending(asTheyAre)), nil, "init")
	require.Equal(t, exitDone, r.code, r.stdout+r.stderr)
	for _, text := range []string{
		"Invalid: must be a number between 1 and 4", `"Not A Name": a name has`, `"assetgraph" is the name of the program's own part`,
		"http would send the credentials in clear", "the environment variable NOT_SET is not set", "a character that can't be seen",
		"is needed", `"sites" can't be left out`, "refused", "what to do: ", "1. Change the settings, and sign in again [default]",
		"s1 is the name of another account", "This is the account of s1",
	} {
		require.Contains(t, r.stdout, text)
	}
	require.NotContains(t, r.stdout+r.stderr, "canary-")
	require.NotContains(t, r.stdout, "SENTINELONE_", "keys are those of the file")
	require.Equal(t, exitDone, execute(t, nil, "check").code)
	text, err := os.ReadFile("assetgraph.yaml")
	require.NoError(t, err)
	require.Contains(t, string(text), "\n    skip: users\n")
	requireHidden(t, r.stdout+r.stderr, s)
}

// An account that is given up is not in the file, and one that is kept is there as it is.
func TestInitGivesUpAndKeeps(t *testing.T) {
	dir := workIn(t)
	_, env := fleet(t, simulator.Options{})
	wrong := maps.Clone(env)
	wrong["SENTINELONE_API_TOKEN"] = "planted-token-1"
	r := executeWith(t, lines(sentinelOneAnswers("", wrong), []string{giveUp, noMore}), nil, "init")
	require.Equal(t, exitFailed, r.code)
	require.Contains(t, r.stderr, "nothing was written")
	requireUntouched(t, dir)

	answers := lines(sentinelOneAnswers("given-up", wrong), []string{signInAgain, giveUp}, sentinelOneAnswers("kept", wrong),
		[]string{keepAccount}, ninjaAnswers(env), ending(asTheyAre))
	r = executeWith(t, answers, nil, "init")
	require.Equal(t, exitDone, r.code, r.stdout+r.stderr)
	require.NotContains(t, r.stdout+r.stderr, "planted-")
	r = execute(t, nil, "config", "show")
	require.NotContains(t, r.stdout, "given-up")
	require.Contains(t, r.stdout, "\nkept\n")
	require.Equal(t, exitFailed, execute(t, nil, "check").code)
	require.Equal(t, exitDone, execute(t, nil, "check", "--instance", "ninjarmm").code)
}

// Answers may end anywhere: nothing is left behind, and that is said.
func TestInitWithTooFewAnswersLeavesNothing(t *testing.T) {
	dir := workIn(t)
	_, env := fleet(t, simulator.Options{})
	wrong := maps.Clone(env)
	wrong["SENTINELONE_API_TOKEN"] = "planted-token-1"
	all := slices.Concat(sentinelOneAnswers("", wrong), []string{giveUp}, immyAnswers(env), ending(encrypted))
	for n := range all {
		r := executeWith(t, strings.Join(all[:n], "\n"), nil, "init")
		if n > 0 && all[n-1] == "" {
			r = executeWith(t, strings.Join(all[:n], "\n")+"\n", nil, "init")
		}
		require.Equal(t, exitUsage, r.code, "after %d answers: %s", n, r.stdout+r.stderr)
		require.Contains(t, r.stderr, "standard input ended before all was answered\nhint: nothing was written")
		requireUntouched(t, dir)
	}
	r := executeWith(t, lines(all[:len(all)-1], []string{"no"}), nil, "init")
	require.Equal(t, exitFailed, r.code)
	require.Contains(t, r.stderr, "nothing was written")
	requireUntouched(t, dir)
	r = executeWith(t, strings.Repeat("x", 1<<20), nil, "init")
	require.Equal(t, exitFailed, r.code)
	require.Contains(t, r.stderr, "an answer has more than 32768 bytes")
	requireUntouched(t, dir)
}

// A file that is there is kept: as it is, or with --force beside the new one.
func TestInitKeepsTheFileThatIsThere(t *testing.T) {
	dir := workIn(t)
	_, env := fleet(t, simulator.Options{})
	require.NoError(t, os.WriteFile("assetgraph.yaml", []byte("mine: [\n"), 0o600))
	execute(t, nil, "init").requireFailed(t, exitUsage, "assetgraph.yaml is there already", "--force")
	answers := lines(sentinelOneAnswers("", env), ending(asTheyAre))
	for _, old := range []string{"assetgraph.yaml.old", "assetgraph.yaml.old2"} {
		before, err := os.ReadFile("assetgraph.yaml")
		require.NoError(t, err)
		r := executeWith(t, answers, nil, "init", "--force")
		require.Equal(t, exitDone, r.code, r.stdout+r.stderr)
		require.Contains(t, strings.Join(strings.Fields(r.stdout), " "), "What is in assetgraph.yaml now goes to "+old)
		after, err := os.ReadFile(old)
		require.NoError(t, err)
		require.Equal(t, string(before), string(after))
		require.Equal(t, exitDone, execute(t, nil, "config", "check").code)
	}
	requireUntouched(t, dir, "assetgraph.yaml", "assetgraph.yaml.old", "assetgraph.yaml.old2")
	execute(t, nil, "init", "--config", "none/x.yaml").requireFailed(t, exitUsage, "none")

	// Somebody else makes the file while questions are answered.
	_, env = fleet(t, simulator.Options{Intercept: func(w http.ResponseWriter, r *http.Request, next http.Handler) {
		_ = os.WriteFile("late.yaml", []byte("theirs"), 0o600)
		next.ServeHTTP(w, r)
	}})
	r := executeWith(t, lines(sentinelOneAnswers("", env), ending(beside)), nil, "init", "--config", "late.yaml")
	require.Equal(t, exitFailed, r.code, r.stdout+r.stderr)
	require.Contains(t, r.stderr, "nothing was written")
	text, err := os.ReadFile("late.yaml")
	require.NoError(t, err)
	require.Equal(t, "theirs", string(text))
	requireUntouched(t, dir, "assetgraph.yaml", "assetgraph.yaml.old", "assetgraph.yaml.old2", "late.yaml")
}

// In another folder than the working directory all that the file refers to is found from there.
func TestInitInAnotherFolder(t *testing.T) {
	dir := workIn(t)
	_, env := fleet(t, simulator.Options{})
	require.NoError(t, os.Mkdir("etc", 0o700))
	for _, keeping := range []string{beside, encrypted} {
		file := filepath.Join("etc", map[string]string{beside: "b.yaml", encrypted: "e.yml"}[keeping])
		r := executeWith(t, lines(sentinelOneAnswers("", env), ending(keeping)), nil, "init", "--config", file)
		require.Equal(t, exitDone, r.code, r.stdout+r.stderr)
		require.Contains(t, r.stdout, "\n  execute config check --config "+file+"\n")
		t.Chdir(t.TempDir())
		r = execute(t, nil, "check", "--config", filepath.Join(dir, file))
		require.Equal(t, exitDone, r.code, r.stdout+r.stderr)
		require.Contains(t, strings.Join(strings.Fields(r.stdout), ""), "etc/assetgraph.db", "the graph lies beside the file")
		t.Chdir(dir)
	}
}

// A variable that is set is suggested once, and one that is named is referred to.
func TestInitTakesVariables(t *testing.T) {
	workIn(t)
	s, env := fleet(t, simulator.Options{})
	r := executeWith(t, lines([]string{sentinelOneProduct, useDefault, useDefault, useDefault, useDefault},
		[]string{ninjaProduct, useDefault, useDefault, useDefault, "${NINJA}", useDefault}, ending(asTheyAre)),
		map[string]string{
			"SENTINELONE_URL": env["SENTINELONE_URL"], "SENTINELONE_API_TOKEN": env["SENTINELONE_API_TOKEN"],
			"NINJARMM_URL": env["NINJARMM_URL"], "NINJARMM_CLIENT_ID": env["NINJARMM_CLIENT_ID"],
			"NINJA": env["NINJARMM_CLIENT_SECRET"],
		}, "init")
	require.Equal(t, exitDone, r.code, r.stdout+r.stderr)
	require.Contains(t, r.stdout, "apiToken [that of SENTINELONE_API_TOKEN]: ")
	requireHidden(t, r.stdout+r.stderr, s)
	execute(t, nil, "check").requireFailed(t, exitUsage, "the environment variable NINJA is not set")
	require.Equal(t, exitDone, execute(t, map[string]string{"NINJA": env["NINJARMM_CLIENT_SECRET"]}, "check").code)
}

// The graph's server is reached at once, too.
func TestInitWithNeo4j(t *testing.T) {
	workIn(t)
	server := neo4jtest.Borrow(t)
	_, env := fleet(t, simulator.Options{})
	const inServer, change = "2", "1"
	r := executeWith(t, lines(sentinelOneAnswers("", env), []string{
		noMore, inServer, "sqlite:x.db", "http://x", "neo4j://me:planted@h", "neo4j://127.0.0.1:1", useDefault, "planted-password-1",
		change, useDefault, server.Endpoint, server.Username, server.Password,
		"30m", beside, useDefault,
	}), nil, "init")
	require.Equal(t, exitDone, r.code, r.stdout+r.stderr)
	for _, text := range []string{
		"this is a file", "bolt protocol", "the URL holds a user name or password", "neo4j://127.0.0.1:1 can't be opened",
	} {
		require.Contains(t, r.stdout, text)
	}
	require.NotContains(t, r.stdout+r.stderr, "planted-password")
	require.NotContains(t, r.stdout+r.stderr, server.Password)
	require.Equal(t, exitDone, execute(t, nil, "config", "check").code)
	report := runJSON(t, exitDone, nil, "run")
	require.Equal(t, server.Endpoint, report.Run.Graph)
	require.Positive(t, report.Totals.Created)
}

// The demo's accounts are those of the simulator, and Enter takes all that they need.
func TestInitDemo(t *testing.T) {
	dir := workIn(t)
	many := strings.Repeat("\n", 5)
	r := executeWith(t, "1"+many+"2"+many+"\n3"+many+strings.Repeat("\n", 40), nil, "init", "--demo")
	require.Equal(t, exitDone, r.code, r.stdout+r.stderr)
	require.Contains(t, r.stdout, "execute config show --config demo.yaml\nYour own accounts:\n  execute init\n")
	requireUntouched(t, dir, "demo.yaml")
	r = execute(t, nil, "config", "check", "--config", "demo.yaml")
	require.Equal(t, exitDone, r.code, r.stdout+r.stderr)
	require.NotContains(t, r.stdout+r.stderr, "canary-")
}
