package config

import (
	"encoding/json"
	"os"
	"path/filepath"
	"runtime"
	"strings"
	"testing"
	"time"

	"filippo.io/age"
	"filippo.io/age/armor"
	"github.com/santhosh-tekuri/jsonschema/v6"
	"github.com/stretchr/testify/require"
	"go.yaml.in/yaml/v3"

	"assetgraph/internal/providers"
	"assetgraph/internal/settings"
)

// written is a configuration file in a folder of its own, with a secret beside it.
func written(t *testing.T, text string) (dir, file string) {
	t.Helper()
	dir = t.TempDir()
	file = filepath.Join(dir, DefaultFile)
	require.NoError(t, os.WriteFile(file, []byte(text), 0o600))
	require.NoError(t, os.WriteFile(filepath.Join(dir, "token"), []byte("\xef\xbb\xbf token-of-a-file \r\n"), 0o600))
	return dir, file
}

// loaded is a file without mistakes.
func loaded(t *testing.T, file string, env settings.Environment) *Config {
	t.Helper()
	c, problems := Load(t.Context(), file, providers.All(), env)
	require.Empty(t, problems)
	require.Empty(t, c.Examine(t.Context()))
	return c
}

const whole = `# all forms in which a value may stand
graph: {url: neo4j://graph.example, password: "${GRAPH_PASSWORD:-by default}"}
stateDir: state
defaults:
  every: 1h
  labels: {env: prod, tier: 1}
  sentinelone: {skip: [users, groups]}
include: [conf.d/*.yaml, none/*.yaml]
instances:
  - {name: s1-emea, provider: sentinelone, url: &address "https://emea.sentinelone.net", apiToken: {file: token}}
  - name: s1-us
    provider: sentinelone
    url: "https://${REGION}.sentinelone.net"
    apiToken: {command: [printf, "%s\n", "from-a-command,$HOME"]}
    skip: users
    every: 1d
    labels: {env: test}
`

const more = `instances:
  - {name: ninja, provider: ninjarmm, url: 'https://eu.ninjarmm.com', clientId: 0012, clientSecret: it's$$5}
`

func TestValuesOfEveryForm(t *testing.T) {
	dir, file := written(t, whole)
	require.NoError(t, os.Mkdir(filepath.Join(dir, "conf.d"), 0o700))
	require.NoError(t, os.WriteFile(filepath.Join(dir, "conf.d", "n.yaml"), []byte(more), 0o600))
	c := loaded(t, file, settings.Environment{"REGION": "us"})
	list, secrets, err := c.Resolve(t.Context(), nil)
	require.NoError(t, err)
	require.Len(t, list, 3)
	by := map[string]providers.Instance{}
	for _, in := range list {
		by[in.Name] = in
	}
	require.Equal(t, settings.Environment{
		"SENTINELONE_URL": "https://emea.sentinelone.net", "SENTINELONE_API_TOKEN": "token-of-a-file",
		"SENTINELONE_SKIP": "users,groups",
	}, by["s1-emea"].Settings)
	require.Equal(t, settings.Environment{
		"SENTINELONE_URL": "https://us.sentinelone.net", "SENTINELONE_API_TOKEN": "from-a-command,$HOME",
		"SENTINELONE_SKIP": "users",
	}, by["s1-us"].Settings)
	require.Equal(t, settings.Environment{
		"NINJARMM_URL": "https://eu.ninjarmm.com", "NINJARMM_CLIENT_ID": "0012", "NINJARMM_CLIENT_SECRET": "it's$5",
	}, by["ninja"].Settings)
	require.ElementsMatch(t, []string{"token-of-a-file", "from-a-command,$HOME", "it's$5"}, secrets)
	require.Equal(t, time.Hour, by["s1-emea"].Every)
	require.Equal(t, 24*time.Hour, by["s1-us"].Every)
	require.Equal(t, map[string]string{"env": "prod", "tier": "1"}, by["s1-emea"].Labels)
	require.Equal(t, map[string]string{"env": "test", "tier": "1"}, by["s1-us"].Labels)

	one, secrets, err := c.Resolve(t.Context(), []string{"ninja"})
	require.NoError(t, err)
	require.Len(t, one, 1)
	require.Equal(t, []string{"it's$5"}, secrets, "nothing of the others is looked up")

	env, err := c.ProgramFrom(t.Context(), settings.Environment{})
	require.NoError(t, err)
	require.Equal(t, filepath.Join(dir, "state"), env[settings.StateDirName], "from the file's own folder")
}

// Where somebody names another graph, the file's password is not sent there.
func TestPasswordIsForTheGraphOfTheFile(t *testing.T) {
	_, file := written(t, "graph: {url: neo4j://graph.example, username: me, password: secret-of-it}\n"+head)
	c, _ := Load(t.Context(), file, providers.All(), nil)
	env, err := c.GraphFrom(t.Context(), settings.Environment{}, "")
	require.NoError(t, err)
	require.Equal(t, "secret-of-it", env[settings.GraphPassword])
	require.Equal(t, "neo4j://graph.example", env[settings.GraphEndpoint])
	for _, other := range []settings.Environment{
		{settings.GraphEndpoint: "neo4j://other.example"}, {"NEO4J_URI": "neo4j://other.example"},
	} {
		env, err = c.GraphFrom(t.Context(), other, "")
		require.NoError(t, err)
		require.Equal(t, other, env)
	}
	env, err = c.GraphFrom(t.Context(), settings.Environment{}, "neo4j://flag.example")
	require.NoError(t, err)
	require.Empty(t, env)
	env, err = c.GraphFrom(t.Context(), settings.Environment{settings.GraphPassword: "of the environment"}, "")
	require.NoError(t, err)
	require.Equal(t, "of the environment", env[settings.GraphPassword])
}

// What a command prints, in a failure too, is never in an error.
func TestCommandsAreNotQuoted(t *testing.T) {
	for text, want := range map[string]string{
		`[sh, -c, "echo planted-secret; echo planted-secret >&2; exit 3"]`: "command sh failed: exit status 3 (run it by hand to see why)",
		`["true"]`:               "command true printed nothing",
		`[cat, /dev/zero]`:       "command cat printed more than 65536 bytes",
		`[./no-such-program]`:    "command ./no-such-program can't be run",
		`[sh, -c, "kill -9 $$"]`: "command sh failed: signal: killed",
	} {
		_, file := written(t, ninja+"    refreshToken: {command: "+text+"}\n")
		c, problems := Load(t.Context(), file, providers.All(), nil)
		require.Empty(t, problems)
		_, _, err := c.Resolve(t.Context(), nil)
		require.ErrorContains(t, err, file+":7:19: instance ninja, refreshToken: "+want)
		require.NotContains(t, err.Error(), "planted-secret")
	}
}

func TestWorldReadableSecretIsNoted(t *testing.T) {
	if runtime.GOOS == "windows" {
		t.Skip("there the mode says nothing")
	}
	_, file := written(t, "instances:\n  - {name: s1, provider: sentinelone, url: \"https://x.sentinelone.net\", apiToken: planted-secret}\n")
	for mode, noted := range map[os.FileMode]bool{0o600: false, 0o644: true, 0o640: true} {
		require.NoError(t, os.Chmod(file, mode))
		_, problems := Load(t.Context(), file, providers.All(), nil)
		require.False(t, problems.Fatal())
		require.Equal(t, noted, len(problems) == 1, mode)
		for _, p := range problems {
			require.Contains(t, p.String(), file+":2:83: warning: instance s1, apiToken: a secret stands here")
			require.NotContains(t, p.String(), "planted")
		}
	}
}

const secretive = `graph: {url: neo4j://graph.example, password: 'it''s "planted" 1'} # of the server
defaults: {sentinelone: {apiToken: planted-2}}
instances:
  - {name: ä, provider: x}
`

func TestEncryptChangesNothingElse(t *testing.T) {
	text := strings.Replace(secretive, "  - {name: ä, provider: x}\n",
		"  - {name: a, labels: {ort: Köln}, provider: sentinelone, url: \"https://a.sentinelone.net\"}\n"+
			"  - {name: b, provider: sentinelone, url: \"https://b.sentinelone.net\", apiToken: \"planted\\x2d3\"} # b's\n"+
			"  - {name: c, provider: sentinelone, url: \"https://c.sentinelone.net\", apiToken: {file: token}}\n", 1)
	dir, file := written(t, text)
	key, err := age.GenerateX25519Identity()
	require.NoError(t, err)
	identity := filepath.Join(dir, "key.txt")
	require.NoError(t, os.WriteFile(identity, []byte(key.String()+"\n"), 0o600))
	env := settings.Environment{settings.AgeIdentity: identity}

	before := loaded(t, file, env)
	_, wanted, err := before.Resolve(t.Context(), nil)
	require.NoError(t, err)
	_, err = before.Encrypt(nil)
	require.ErrorContains(t, err, "--recipient")
	n, err := before.Encrypt([]string{key.Recipient().String()})
	require.NoError(t, err)
	require.Equal(t, 3, n)

	sealed, err := os.ReadFile(file)
	require.NoError(t, err)
	require.NotContains(t, string(sealed), "planted")
	plain := strings.NewReplacer(`'it''s "planted" 1'`, "X", "planted-2", "X", `"planted\x2d3"`, "X").Replace(text)
	require.Equal(t, plain, string(replaceSealed(t, sealed)), "comments, order and the rest are as they were")

	after := loaded(t, file, env)
	_, have, err := after.Resolve(t.Context(), nil)
	require.NoError(t, err)
	require.Equal(t, wanted, have)
	graph, err := after.GraphFrom(t.Context(), env, "")
	require.NoError(t, err)
	require.Equal(t, `it's "planted" 1`, graph[settings.GraphPassword])
	n, err = after.Encrypt([]string{key.Recipient().String()})
	require.NoError(t, err)
	require.Zero(t, n, "nothing is left to encrypt")

	other, err := age.GenerateX25519Identity()
	require.NoError(t, err)
	require.NoError(t, os.WriteFile(identity, []byte(other.String()), 0o600))
	require.Contains(t, after.Examine(t.Context()).Error(), "was encrypted to another key than those in "+identity)
	require.NoError(t, os.WriteFile(identity, []byte("planted-no-key"), 0o600))
	require.Contains(t, after.Examine(t.Context()).Error(), "holds no private key of age")
	require.NotContains(t, after.Examine(t.Context()).Error(), "planted")
}

// replaceSealed puts an X in the place of what is encrypted.
func replaceSealed(t *testing.T, text []byte) []byte {
	t.Helper()
	var doc yaml.Node
	require.NoError(t, yaml.Unmarshal(text, &doc))
	var edits []edit
	require.NoError(t, eachEncrypted(&doc, func(n *yaml.Node, _ string) error {
		start, end, err := braces(text, n)
		edits = append(edits, edit{start, end, "X"})
		return err
	}))
	return applied(text, edits)
}

// Instances of one account may read customers of their own. A name may hold a comma.
func TestInstancesShareAnAccountByFilters(t *testing.T) {
	_, file := written(t, `defaults: {sentinelone: {url: "https://x.sentinelone.net", apiToken: {file: token}}}
instances:
  - {name: a, provider: sentinelone, sites: ["Example, Inc.", 7]}
  - {name: b, provider: sentinelone, sites: "Sample, 8"}
  - {name: c, provider: sentinelone, accounts: [Sample]}
  - {name: d, provider: sentinelone, sites: {file: sites}}
  - {name: e, provider: sentinelone, sites: "${SITES}"}
`)
	sites := filepath.Join(filepath.Dir(file), "sites")
	require.NoError(t, os.WriteFile(sites, []byte("Third\nFourth, Fifth\n"), 0o600))
	list, _, err := loaded(t, file, settings.Environment{"SITES": "Sixth"}).Resolve(t.Context(), nil)
	require.NoError(t, err)
	var chosen [][]string
	for _, in := range list {
		chosen = append(chosen, settings.ParseList(in.Settings["SENTINELONE_SITES"]))
	}
	require.Equal(t, [][]string{{"Example, Inc.", "7"}, {"Sample", "8"}, nil, {"Third", "Fourth", "Fifth"}, {"Sixth"}}, chosen)

	c, problems := Load(t.Context(), file, providers.All(), settings.Environment{"SITES": "9,7"})
	require.NotNil(t, c)
	require.Len(t, problems, 1)
	require.Contains(t, problems[0].String(), "warning: instance e: reads the same account as instance a")
}

func TestEditKeepsWhatDidNotChange(t *testing.T) {
	dir, file := written(t, "instances:\n  - {name: b, provider: sentinelone, url: \"https://b.sentinelone.net\", apiToken: planted-1}\n"+
		"  - {name: c, provider: sentinelone, url: \"https://c.sentinelone.net\", apiToken: planted-2}\n")
	key, err := age.GenerateX25519Identity()
	require.NoError(t, err)
	keys := []string{key.Recipient().String()}
	identity := filepath.Join(dir, "key.txt")
	require.NoError(t, os.WriteFile(identity, []byte(key.String()), 0o600))
	env := settings.Environment{settings.AgeIdentity: identity}
	c := loaded(t, file, env)
	_, err = c.Encrypt(keys)
	require.NoError(t, err)
	sealed, err := os.ReadFile(file)
	require.NoError(t, err)

	c = loaded(t, file, env)
	open, err := c.Opened()
	require.NoError(t, err)
	require.Contains(t, string(open), `apiToken: !age "planted-1"}`)
	closed, err := c.Closed(open, keys)
	require.NoError(t, err)
	require.Equal(t, string(sealed), string(closed), "nothing was edited")

	closed, err = c.Closed([]byte(strings.Replace(string(open), "planted-2", "planted-three", 1)), keys)
	require.NoError(t, err)
	require.NotContains(t, string(closed), "planted")
	require.Equal(t, strings.Split(string(sealed), "\n")[1], strings.Split(string(closed), "\n")[1], "the other one is as it was")
	problems, err := c.Replace(t.Context(), providers.All(), closed)
	require.NoError(t, err)
	require.Empty(t, problems)
	_, secrets, err := loaded(t, file, env).Resolve(t.Context(), nil)
	require.NoError(t, err)
	require.Equal(t, []string{"planted-1", "planted-three"}, secrets)

	problems, err = c.Replace(t.Context(), providers.All(), []byte("instances: 1\n"))
	require.NoError(t, err)
	require.True(t, problems.Fatal())
	now, err := os.ReadFile(file)
	require.NoError(t, err)
	require.Equal(t, string(closed), string(now), "a file with mistakes is not taken over")
	require.FileExists(t, c.Rejected())
}

// What `age --armor` writes is read too.
func TestArmouredSecret(t *testing.T) {
	key, err := age.GenerateX25519Identity()
	require.NoError(t, err)
	var out strings.Builder
	a := armor.NewWriter(&out)
	w, err := age.Encrypt(a, key.Recipient())
	require.NoError(t, err)
	_, err = w.Write([]byte("sesame\n"))
	require.NoError(t, err)
	require.NoError(t, w.Close())
	require.NoError(t, a.Close())
	block := "    refreshToken:\n      age: |\n        " + strings.ReplaceAll(out.String(), "\n", "\n        ") + "\n"
	dir, file := written(t, ninja+block)
	identity := filepath.Join(dir, "key.txt")
	require.NoError(t, os.WriteFile(identity, []byte("# mine\n"+key.String()), 0o600))
	list, _, err := loaded(t, file, settings.Environment{settings.AgeIdentity: identity}).Resolve(t.Context(), nil)
	require.NoError(t, err)
	require.Equal(t, "sesame", list[0].Settings["NINJARMM_REFRESH_TOKEN"])
}

func TestSchemaAcceptsWhatIsReadAndNothingElse(t *testing.T) {
	text, err := Schema(providers.All())
	require.NoError(t, err)
	doc, err := jsonschema.UnmarshalJSON(strings.NewReader(string(text)))
	require.NoError(t, err)
	compiler := jsonschema.NewCompiler()
	require.NoError(t, compiler.AddResource("assetgraph.json", doc))
	schema, err := compiler.Compile("assetgraph.json")
	require.NoError(t, err)
	valid := func(text string) error {
		var v any
		require.NoError(t, yaml.Unmarshal([]byte(text), &v))
		raw, err := json.Marshal(v)
		require.NoError(t, err)
		v, err = jsonschema.UnmarshalJSON(strings.NewReader(string(raw)))
		require.NoError(t, err)
		return schema.Validate(v)
	}
	for _, good := range []string{whole, more, head, ninja, immy + "    subdomain: acme\n", "graph: sqlite:x.db\n",
		head + "notify: [{url: \"https://x\", on: [failed, withheld], format: teams}]\nage: age1x\n"} {
		require.NoError(t, valid(good), good)
	}
	for _, bad := range []string{
		head + "colour: red\n", "instances:\n  - {name: a, provider: jamf}\n", ninja + "    colour: red\n",
		"instances:\n  - {name: A B, provider: sentinelone, url: x, apiToken: y}\n",
		"instances:\n  - {name: a, provider: sentinelone, url: x}\n", ninja + "    refreshToken: {fil: x}\n",
		head + "notify: {url: x, format: irc}\n", head + "defaults: {every: soon}\n",
	} {
		require.Error(t, valid(bad), bad)
	}
}
