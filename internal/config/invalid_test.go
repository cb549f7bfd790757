package config

import (
	"maps"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"assetgraph/internal/providers"
	"assetgraph/internal/settings"
)

// head begins a file with one good instance, so that only what follows is wrong.
const head = "instances:\n  - {name: s1, provider: sentinelone, url: \"https://x.sentinelone.net\", apiToken: {file: token}}\n"

// ninja and immy begin an instance that lacks nothing but what follows.
const (
	ninja = "instances:\n  - name: ninja\n    provider: ninjarmm\n    url: https://eu.ninjarmm.com\n    clientId: abc\n    clientSecret: {file: token}\n"
	immy  = "instances:\n  - name: immy\n    provider: immybot\n    tenantId: 00000000-0000-0000-0000-000000000001\n    clientId: 00000000-0000-0000-0000-000000000002\n    clientSecret: {file: token}\n"
)

// TestInvalidFiles: every mistake has its place and its message, all of them at once. The files are made up.
func TestInvalidFiles(t *testing.T) {
	tests := []struct {
		text string
		want string // lines, without the name of the file
	}{
		{"", ": is empty"},
		{"# nothing\n", ": is empty"},
		{"- a\n", ":1:1: expected keys such as instances:"},
		{"just text\n", ":1:1: expected keys such as instances:"},
		{"graph: \"sqlite:x.db\n", ":2:1: is no YAML: found unexpected end of stream; texts with : # { [ or % in them need quotation marks, and indentation is by spaces"},
		{"graph: a: b\n", ":1:1: is no YAML: mapping values are not allowed in this context; texts with : # { [ or % in them need quotation marks, and indentation is by spaces"},
		{"instances:\n\t- name: x\n", ":2:1: is no YAML: found character that cannot start any token; texts with : # { [ or % in them need quotation marks, and indentation is by spaces"},
		{head + "---\ngraph: sqlite:x.db\n", ":3:1: a second document begins here: one file holds one"},
		{"\x00", ": is not UTF-8 text: save it as UTF-8"},
		{head + "instancs: []\n", ":3:1: instancs is no key here; did you mean instances?"},
		{head + "colour: red\n", ":3:1: colour is no key here; known are KEYS"},
		{head + "state_dir: /x\n", ":3:1: state_dir is no key here; write it stateDir"},
		{head + "graph: sqlite:a.db\ngraph: sqlite:b.db\n", ":4:1: graph is there twice, first in line 3"},
		{head + "graph: http://graph.example:7474\n", ":3:8: graph: Neo4j is reached by its bolt protocol, not by http: write neo4j://HOST:7687"},
		{head + "graph: neo4j://u:p@graph.example\n", ":3:8: graph: the URL holds a user name or password: put them into GRAPH_DB_USERNAME and GRAPH_DB_PASSWORD"},
		{head + "graph: {url: sqlite:x.db, user: me}\n", ":3:27: graph: user is no key here; did you mean username?"},
		{head + "graph: [a]\n", ":3:8: graph: expected a text, or one of {file: PATH}, {command: [program, argument]}, {age: …}"},
		{head + "overrides:\n", ":3:11: overrides: is empty: fill it in, or leave the key out"},
		{head + "overrides: \"${\"\n", ":3:12: overrides: ${ begins the name of an environment variable, which ends with }: write ${NAME}, or $${ for these characters themselves"},
		{head + "overrides: \"${NOT_SET}/x\"\n", ":3:12: overrides: the environment variable NOT_SET is not set"},
		{head + "include: other.yaml\n", ":3:10: include: there is no file DIR/other.yaml"},
		{head + "include: \"[\"\n", ":3:10: include: is no pattern of file names: syntax error in pattern"},
		{head + "include: {a: b}\n", ":3:10: include: expected a text or a list of texts"},
		{head + "include: more/*.yaml\n", "/more/more.yaml:1:1: graph stands in a file that another includes: only instances may; move it to DIR/assetgraph.yaml"},
		{head + "defaults: 1h\n", ":3:11: defaults: expected every, labels, or the name of a provider"},
		{head + "defaults: {evry: 1h}\n", ":3:12: defaults: evry is no key here; did you mean every?"},
		{head + "defaults: {S1: {skip: users}}\n", ":3:12: defaults: S1 is no key here; did you mean sentinelone?"},
		{head + "defaults: {every: 10}\n", ":3:19: every: expected a time such as 30m, 1h or 1d"},
		{head + "defaults: {every: 10s}\n", ":3:19: every: must be at least 1m"},
		{head + "defaults: {labels: [a]}\n", ":3:20: labels: expected names and texts, such as {region: emea}"},
		{head + "defaults: {labels: {\"a b\": c}}\n", ":3:21: labels: the name of a label has up to 63 letters, digits, dots, hyphens and underscores, and begins with a letter; \"a b\" has not"},
		{head + "defaults: {labels: {a: [c]}}\n", ":3:24: labels: label a: expected a text"},
		{head + "defaults: {immybot: users}\n", ":3:21: immybot: expected settings of ImmyBot"},
		{"instances: s1\n", ":1:12: instances: expected a list: each instance begins with - name:"},
		{"instances: [s1]\n", ":1:13: expected an instance: name, provider and its settings"},
		{"instances:\n  - {}\n", ":2:5: name is missing: keys in the graph, locks and reports go by it\n:2:5: provider is missing: one of sentinelone, ninjarmm, immybot"},
		{"instances:\n  - {name: a, provider: jamf}\n", ":2:25: instance a, provider: \"jamf\" is no provider; known are sentinelone, ninjarmm, immybot"},
		{"instances:\n  - {name: a, provider: NinjaOne}\n", ":2:25: instance a, provider: \"NinjaOne\" is no provider; did you mean ninjarmm?"},
		{"instances:\n  - {name: \"Acme EMEA\", provider: sentinelone, url: \"https://x.sentinelone.net\", apiToken: {file: token}}\n", ":2:12: \"Acme EMEA\": a name has up to 63 of a-z, 0-9, dot, hyphen and underscore, and begins with a letter or digit"},
		{"instances:\n  - {name: assetgraph, provider: sentinelone, url: \"https://x.sentinelone.net\", apiToken: {file: token}}\n", ":2:12: \"assetgraph\" is the name of the program's own part of the graph"},
		{head + "  - {name: s1, provider: sentinelone, url: \"https://y.sentinelone.net\", apiToken: {file: token}}\n", ":3:5: instance s1: there are two instances of this name; the other one is at DIR/assetgraph.yaml:2:12"},
		{head + "  - {name: s2, provider: sentinelone, url: \"https://x.sentinelone.net\", apiToken: {file: token}}\n", ":3:12: warning: instance s2: reads the same account as instance s1 (DIR/assetgraph.yaml:2:12): each of its machines would be in the graph twice"},
		{ninja + "    organizations: [Acme]\n" + strings.Replace(strings.TrimPrefix(ninja, "instances:\n"), "name: ninja", "name: two", 1) + "    organizations: \"7, Acme\"\n",
			":8:11: warning: instance two: reads the same account as instance ninja (DIR/assetgraph.yaml:2:11): each of its machines would be in the graph twice"},
		{ninja + "    organizations: \" ,\"\n", ":7:20: instance ninja, organizations: names nothing; to read everything, leave it out"},
		{ninja + "    organizations: []\n", ":7:20: instance ninja, organizations: is an empty list: leave the key out"},
		{ninja + "    organisations: [7]\n", ":7:5: instance ninja: organisations is no key here; did you mean organizations?"},
		{immy + "    subdomain: a\n    skip: tenants\n    tenants: 7\n", ":9:14: instance immy, tenants: can't narrow what is read while the list of tenants is left out"},
		{"instances:\n  - {name: a, provider: sentinelone}\n", ":2:5: instance a: url is missing: Address of the console, as the browser shows it.\n:2:5: instance a: apiToken is missing: API token of a service user."},
		{"instances:\n  - {name: a, provider: sentinelone, url: \"https://x.sentinelone.net\", token: {file: token}}\n", ":2:5: instance a: apiToken is missing: API token of a service user.\n:2:72: instance a: token is no key here; did you mean apiToken?"},
		{"instances:\n  - {name: a, provider: sentinelone, SENTINELONE_URL: \"https://x.sentinelone.net\", apiToken: {file: token}}\n", ":2:38: instance a: SENTINELONE_URL is the name of a variable; the key is url"},
		{ninja + "    ninjaScope: monitoring\n", ":7:5: instance ninja: ninjaScope is no key here; write it scope"},
		{ninja + "    scope: \"\"\n", ":7:12: instance ninja, scope: is empty: fill it in, or leave the key out"},
		{ninja + "    every: -1h\n", ":7:12: instance ninja, every: expected a time such as 30m, 1h or 1d"},
		{ninja + "    <<: {every: 1h}\n", ":7:5: instance ninja: << is not read: what several instances share goes into defaults"},
		{ninja + "    skip: []\n", ":7:11: instance ninja, skip: is an empty list: leave the key out"},
		{ninja + "    skip: [users, {a: b}]\n", ":7:19: instance ninja, skip: expected a list of texts"},
		{ninja + "    skip: [devices]\n", ":7:11: instance ninja, skip: \"devices\" can't be left out; what can be is users, pending"},
		{ninja + "    refreshToken: {file: nowhere}\n", ":7:19: instance ninja, refreshToken: open DIR/nowhere: no such file or directory"},
		{ninja + "    refreshToken: {file: empty}\n", ":7:19: instance ninja, refreshToken: DIR/empty is empty"},
		{ninja + "    refreshToken: {file: [a]}\n", ":7:26: instance ninja, refreshToken: file: expected a path"},
		{ninja + "    refreshToken: {path: x}\n", ":7:20: instance ninja, refreshToken: path is no key here; known are age, command, file"},
		{ninja + "    refreshToken: {file: x, age: y}\n", ":7:19: instance ninja, refreshToken: expected exactly one of file, command and age"},
		{ninja + "    refreshToken: {command: op read x}\n", ":7:29: instance ninja, refreshToken: command: expected a list of the program and its arguments, such as [op, read, \"op://vault/item/field\"]; no shell reads it"},
		{ninja + "    refreshToken: {command: [no-such-program-here]}\n", ":7:19: instance ninja, refreshToken: command no-such-program-here is not there: executable file not found in $PATH"},
		{ninja + "    refreshToken: {age: YWdl}\n", ":7:19: instance ninja, refreshToken: is encrypted with age, and ASSETGRAPH_AGE_IDENTITY, which names the file with the private key, is not set"},
		{ninja + "    refreshToken: \"${NOT_SET}\"\n", ":7:19: instance ninja, refreshToken: the environment variable NOT_SET is not set"},
		{strings.Replace(ninja, "https://eu.", "http://eu.", 1), ":4:10: instance ninja, url: http would send the credentials in clear: use https"},
		{immy, ":2:5: instance immy: url (or subdomain) is missing: Address of the instance."},
		{immy + "    url: https://a.immy.bot\n    subdomain: b\n", ":8:16: instance immy, subdomain: names another instance than the URL, whose host is a.immy.bot: give one of them"},
		{head + "age: AGE-SECRET-KEY-1ABC\n", ":3:6: age: is a private key: it belongs into a file of its own, and only the public one, age1…, here"},
		{head + "age: [age1nonsense]\n", ":3:7: age: is no public key of age: it begins with age1"},
		{head + "notify: https://example.com/hook\n", ":3:9: notify: expected {url: …, format: …, on: […]}"},
		{head + "notify: {format: slack}\n", ":3:9: notify: url is missing"},
		{head + "notify: {url: \"https://example.com\", format: irc, on: [never], to: me}\n", ":3:46: format: expected one of json, slack, teams, ping\n:3:56: on: expected some of failed, incomplete, withheld, recovered, coverage\n:3:64: notify: to is no key here; known are format, on, secret, url"},
	}
	require.Greater(t, len(tests), 40)
	for _, test := range tests {
		dir := t.TempDir()
		file := filepath.Join(dir, DefaultFile)
		require.NoError(t, os.WriteFile(file, []byte(test.text), 0o600))
		require.NoError(t, os.WriteFile(filepath.Join(dir, "token"), []byte("token-of-the-test\n"), 0o600))
		require.NoError(t, os.WriteFile(filepath.Join(dir, "empty"), []byte("\n"), 0o600))
		require.NoError(t, os.Mkdir(filepath.Join(dir, "more"), 0o700))
		require.NoError(t, os.WriteFile(filepath.Join(dir, "more", "more.yaml"), []byte("graph: sqlite:x.db\n"), 0o600))
		c, found := Load(t.Context(), file, providers.All(), settings.Environment{})
		if !found.Fatal() {
			found = append(found, c.Examine(t.Context())...)
		}
		var lines []string
		for _, p := range found {
			line := strings.TrimPrefix(strings.TrimPrefix(p.String(), file), dir)
			line = strings.ReplaceAll(line, topKeys(), "KEYS")
			lines = append(lines, strings.ReplaceAll(line, dir, "DIR"))
		}
		if have := strings.Join(lines, "\n"); have != test.want {
			t.Errorf("%s\nwant\n%s\nhave\n%s", test.text, test.want, have)
		}
	}
}

// topKeys are the keys at the top of a file, as messages list them.
func topKeys() string {
	keys := append(slices.Collect(maps.Keys(ProgramSettings())), "graph", "defaults", "include", "instances", "notify", "age")
	slices.Sort(keys)
	return strings.Join(keys, ", ")
}
