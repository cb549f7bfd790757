package config

import (
	"context"
	"errors"
	"io/fs"
	"os"
	"path/filepath"
	"testing"
	"unicode"

	"github.com/stretchr/testify/require"
	"pgregory.net/rapid"

	"assetgraph/internal/providers"
	"assetgraph/internal/settings"
)

// drafted is a draft with one account of which a text is the secret, and another of the graph.
func drafted(secret string, keeping Keeping, dir string) Draft {
	all := providers.All()
	return Draft{
		Graph: settings.Environment{
			settings.GraphEndpoint: "neo4j://graph.example:7687", settings.GraphUsername: "neo4j", settings.GraphPassword: secret,
		},
		Every: "90m",
		Instances: []providers.Instance{
			{Name: "ninja", Provider: all[1], Settings: settings.Environment{
				"NINJARMM_URL": "https://eu.ninjarmm.com", "NINJARMM_CLIENT_ID": "0012", "NINJARMM_CLIENT_SECRET": secret, "NINJARMM_SKIP": "users,pending",
			}},
			{Name: "s1", Provider: all[0], Settings: settings.Environment{
				"SENTINELONE_URL": "https://y.sentinelone.net", "SENTINELONE_API_TOKEN": "${TOKEN}",
			}},
		},
		Secrets:  keeping,
		Identity: filepath.Join(dir, "age.key"),
	}
}

// Whatever a secret holds, and however it is kept, it is read back as it was given.
func TestDraftIsReadBack(t *testing.T) {
	secrets := rapid.OneOf(
		rapid.SampledFrom([]string{
			"$", "$$", "${", "$${A}", "x${A}", "${A}x", "${A:-b}", "true", "null", "~", "0012", "1e5", "0x1F", "-", "- a", "*a", "&a", "!a", "!!str", "@", "`", "%a", "#", "a #b", "a: b", "a:",
			"{a: b}", "[a]", `"`, `'`, `\`, `\n`, `"a'`, "a\\", "日本", "\U0001F511", "a\u2028b", "<&>", "...", "---", "? a", "| a", ">", "2026-11-26", "=", "<<", "é",
		}),
		rapid.StringOfN(rapid.RuneFrom(nil, unicode.L, unicode.N, unicode.P, unicode.S), 1, 60, -1),
	)
	rapid.Check(t, func(rt *rapid.T) {
		secret := secrets.Draw(rt, "secret")
		keeping := rapid.SampledFrom([]Keeping{AsTheyAre, Beside, Encrypted}).Draw(rt, "keeping")
		dir := t.TempDir() // another one each time
		name := filepath.Join(dir, DefaultFile)
		made, err := drafted(secret, keeping, dir).Write(context.Background(), name, "", providers.All())
		require.NoError(rt, err)
		for _, file := range made {
			info, err := os.Stat(file)
			require.NoError(rt, err)
			require.Equal(rt, fs.FileMode(0o600), info.Mode().Perm())
		}
		env := settings.Environment{"TOKEN": "of-the-environment", "A": "no"}
		c, problems := Load(context.Background(), name, providers.All(), env)
		require.Empty(rt, problems)
		list, _, err := c.Resolve(context.Background(), nil)
		require.NoError(rt, err)
		want := secret
		if _, reference := Reference(secret); reference {
			want = "no"
		}
		require.Equal(rt, want, list[0].Settings["NINJARMM_CLIENT_SECRET"])
		require.Equal(rt, "users,pending", list[0].Settings["NINJARMM_SKIP"])
		require.Equal(rt, "of-the-environment", list[1].Settings["SENTINELONE_API_TOKEN"])
		require.Equal(rt, "1h30m0s", list[1].Every.String())
		graph, err := c.GraphFrom(context.Background(), settings.Environment{}, "")
		require.NoError(rt, err)
		require.Equal(rt, want, graph[settings.GraphPassword])
	})
}

// What was there stays: nothing is overwritten, and after an error nothing new is left.
func TestDraftLeavesWhatIsThere(t *testing.T) {
	for _, keeping := range []Keeping{AsTheyAre, Beside, Encrypted} {
		dir := t.TempDir()
		name := filepath.Join(dir, DefaultFile)
		require.NoError(t, os.WriteFile(name, []byte("theirs"), 0o600))
		_, err := drafted("planted", keeping, dir).Write(t.Context(), name, "", providers.All())
		require.ErrorIs(t, err, fs.ErrExist)
		stopped, cancel := context.WithCancelCause(t.Context())
		cancel(errors.New("stopped"))
		_, err = drafted("planted", keeping, dir).Write(stopped, name, Aside(name), providers.All())
		require.ErrorContains(t, err, "stopped")
		broken := drafted("planted", keeping, dir)
		broken.Instances[1].Name = "ninja"
		_, err = broken.Write(t.Context(), name, Aside(name), providers.All())
		require.ErrorContains(t, err, "there are two instances of this name")
		entries, err := os.ReadDir(dir)
		require.NoError(t, err)
		require.Len(t, entries, 1)
		text, err := os.ReadFile(name)
		require.NoError(t, err)
		require.Equal(t, "theirs", string(text))
	}
	dir := t.TempDir()
	require.NoError(t, os.WriteFile(filepath.Join(dir, "age.key"), []byte("theirs"), 0o600))
	_, err := drafted("planted", Encrypted, dir).Write(t.Context(), filepath.Join(dir, DefaultFile), "", providers.All())
	require.ErrorIs(t, err, fs.ErrExist)
	text, err := os.ReadFile(filepath.Join(dir, "age.key"))
	require.NoError(t, err)
	require.Equal(t, "theirs", string(text), "a key that is there is not touched")

	// A secret beside a file that is there gets a name of its own.
	require.NoError(t, os.Mkdir(filepath.Join(dir, "assetgraph.secrets"), 0o700))
	require.NoError(t, os.WriteFile(filepath.Join(dir, "assetgraph.secrets", "ninja-clientSecret"), []byte("theirs"), 0o600))
	made, err := drafted("planted", Beside, dir).Write(t.Context(), filepath.Join(dir, DefaultFile), "", providers.All())
	require.NoError(t, err)
	require.Contains(t, made, filepath.Join(dir, "assetgraph.secrets", "ninja-clientSecret-2"))
}
