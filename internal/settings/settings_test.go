package settings

import (
	"errors"
	"os"
	"path/filepath"
	"testing"

	"github.com/stretchr/testify/require"
)

func TestParseEndpoint(t *testing.T) {
	tests := map[string]struct {
		address string
		want    string // String of the endpoint
		err     string
	}{
		"file":                              {address: "sqlite:assetgraph.db", want: "sqlite:assetgraph.db"},
		"absolute file":                     {address: "sqlite:/var/lib/a b.db", want: "sqlite:/var/lib/a b.db"},
		"file with an at sign":              {address: "sqlite:me@home.db", want: "sqlite:me@home.db"},
		"no file":                           {address: "sqlite:", err: "lacks the file"},
		"slashes as other tools write them": {address: "sqlite:///x.db", err: "without slashes"},
		"options of the engine":             {address: "sqlite:x.db?mode=rw", err: "question mark"},
		"bare host":                         {address: "db.example.com", want: "neo4j://db.example.com:7687"},
		"bare host and port":                {address: "localhost:7688", want: "neo4j://localhost:7688"},
		"bare IPv6":                         {address: "[::1]:7688", want: "neo4j://[::1]:7688"},
		"bare file":                         {address: "assetgraph.db", err: "write sqlite:FILE"},
		"bare path":                         {address: "./data/graph", err: "write sqlite:FILE"},
		"neo4j":                             {address: "neo4j://h:7687", want: "neo4j://h:7687"},
		"trailing slash":                    {address: "neo4j://h:7687/", want: "neo4j://h:7687"},
		"Aura": {
			address: "neo4j+s://x.databases.neo4j.io", want: "neo4j+s://x.databases.neo4j.io",
		},
		"bolt":                           {address: "bolt://h", want: "bolt://h"},
		"bolt with TLS":                  {address: "bolt+s://h", want: "bolt+s://h"},
		"http":                           {address: "http://h:7474", err: "bolt protocol"},
		"another database":               {address: "postgres://h/db", err: "GRAPH_DB_DATABASE"},
		"another scheme":                 {address: "mongodb://h", err: `scheme "mongodb" is not one of`},
		"database in the path":           {address: "neo4j://h/db", err: "GRAPH_DB_DATABASE"},
		"no host":                        {address: "neo4j://", err: "lacks a host"},
		"credentials":                    {address: "neo4j://me:hunter2@h", err: "GRAPH_DB_USERNAME"},
		"credentials before a bare host": {address: "me:hunter2@h", err: "GRAPH_DB_USERNAME"},
		"password that breaks the URL":   {address: "neo4j://me:hunter2%zz@h", err: "no URL"},
		"several words":                  {address: "my graph", err: "no host name"},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			got, err := ParseEndpoint(tt.address, nil)
			if tt.err != "" {
				require.ErrorContains(t, err, tt.err)
				require.NotContains(t, err.Error(), "hunter2")
				return
			}
			require.NoError(t, err)
			require.Equal(t, tt.want, got.String())
		})
	}
}

func TestEndpointTakesCredentialsFromEitherName(t *testing.T) {
	got, err := ParseEndpoint("neo4j://h",
		Environment{"NEO4J_USERNAME": "old", "GRAPH_DB_USERNAME": "me", "NEO4J_PASSWORD": "pw", "NEO4J_DATABASE": "d"})
	require.NoError(t, err)
	require.Equal(t, Endpoint{URI: "neo4j://h", Username: "me", Password: "pw", Database: "d"}, got)

	got, err = ParseEndpoint("neo4j://h", Environment{"GRAPH_DB_PASSWORD": "pw"})
	require.NoError(t, err)
	require.Equal(t, "neo4j", got.Username)

	_, err = ParseEndpoint("neo4j://h", Environment{"GRAPH_DB_USERNAME": "me"})
	require.ErrorContains(t, err, "GRAPH_DB_PASSWORD")
}

func write(t *testing.T, text string) string {
	t.Helper()
	path := filepath.Join(t.TempDir(), "settings")
	require.NoError(t, os.WriteFile(path, []byte(text), 0o600))
	return path
}

func TestAddFile(t *testing.T) {
	tests := map[string]struct {
		text string
		env  Environment
		want Environment
	}{
		"values":                       {"A=1\nexport B='2 # $x'\n", nil, Environment{"A": "1", "B": "2 # $x"}},
		"what is set wins":             {"A=file", Environment{"A": "set"}, Environment{"A": "set"}},
		"what is set to nothing loses": {"A=file", Environment{"A": " "}, Environment{"A": "file"}},
		"Windows wrote it":             {"\xef\xbb\xbfA=1\r\nB=2\r\n", nil, Environment{"A": "1", "B": "2"}},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			got, notes, err := tt.env.AddFile(write(t, tt.text), nil)
			require.NoError(t, err)
			require.Empty(t, notes)
			require.Equal(t, tt.want, got)
		})
	}
}

func TestAddFileNamesTheLineWithoutItsValue(t *testing.T) {
	tests := map[string]struct {
		text string
		line string
	}{
		"no equals sign":      {"A=1\n\n# c\nTOKEN hunter2\nB=2\n", "line 4"},
		"unterminated quote":  {"A=1\nTOKEN='hunter2\nB=2\n", "line 2"},
		"strange name":        {"A=1\nB='x\ny'\nTO*KEN=hunter2\n", "line 4"},
		"not text":            {"A\x00=\x00hunter2", "UTF-8"},
		"broken at its start": {"hunter2 hunter2\n", "line 1"},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			_, _, err := Environment{}.AddFile(write(t, tt.text), nil)
			require.ErrorContains(t, err, tt.line)
			require.NotContains(t, err.Error(), "hunter2")
		})
	}
}

func TestAddFileTellsOfChangedValues(t *testing.T) {
	_, notes, err := Environment{}.AddFile(write(t, "TOKEN=hunter$2x\nOTHER=a$b\n"), []Setting{{Env: "TOKEN"}})
	require.NoError(t, err)
	require.Len(t, notes, 1)
	require.Contains(t, notes[0], "TOKEN")
	require.NotContains(t, notes[0], "hunter")
}

func TestAddFileThatEverybodyMayRead(t *testing.T) {
	secret := []Setting{{Env: "TOKEN", Secret: true}, {Env: "URL"}}
	for name, tt := range map[string]struct {
		text string
		mode os.FileMode
		want bool
	}{
		"everybody":        {"TOKEN=hunter2\n", 0o644, true},
		"owner and others": {"TOKEN=hunter2\n", 0o604, true},
		"owner alone":      {"TOKEN=hunter2\n", 0o600, false},
		"a group":          {"TOKEN=hunter2\n", 0o640, false},
		"no secret in it":  {"URL=x\nTOKEN=\n", 0o644, false},
	} {
		path := write(t, tt.text)
		require.NoError(t, os.Chmod(path, tt.mode))
		_, notes, err := Environment{}.AddFile(path, secret)
		require.NoError(t, err)
		if !tt.want {
			require.Empty(t, notes, name)
			continue
		}
		require.Len(t, notes, 1, name)
		require.Contains(t, notes[0], "chmod 600 "+path)
		require.NotContains(t, notes[0], "hunter2")
	}
}

func TestProxyInAFileIsSaidToBeUseless(t *testing.T) {
	path := write(t, "HTTPS_PROXY=http://me:hunter2@proxy:1\nno_proxy=x\n")
	_, notes, err := Environment{"no_proxy": "x"}.AddFile(path, nil)
	require.NoError(t, err)
	require.Len(t, notes, 1)
	require.Contains(t, notes[0], path+": HTTPS_PROXY is not read from a file")
	require.NotContains(t, notes[0], "hunter2")
}

func TestAddFileMissing(t *testing.T) {
	t.Chdir(t.TempDir())
	got, _, err := Environment{"A": "1"}.AddFile("", nil)
	require.NoError(t, err, "the default file may be missing")
	require.Equal(t, Environment{"A": "1"}, got)
	_, _, err = Environment{}.AddFile("named.env", nil)
	require.ErrorContains(t, err, "named.env")
}

func TestStateDir(t *testing.T) {
	config := func() (string, error) { return "/home/u/.config", nil }
	require.Equal(t, "/s", StateDir(Environment{StateDirName: "/s", "XDG_STATE_HOME": "/x"}, config))
	require.Equal(t, "/x/assetgraph", StateDir(Environment{"XDG_STATE_HOME": "/x"}, config))
	require.Equal(t, "/home/u/.config/assetgraph", StateDir(Environment{"XDG_STATE_HOME": "relative"}, config))
	require.Empty(t, StateDir(nil, func() (string, error) { return "", errors.New("no HOME") }))
}

func TestEnvironment(t *testing.T) {
	e := FromList([]string{"A= x \n", "B=", "C=1=2", "broken", "A=y "})
	require.Equal(t, "y", e.Get("A"))
	require.Equal(t, "1=2", e.Get("C"))
	require.Equal(t, []string{"A", "C"}, e.Set([]Setting{{Env: "A"}, {Env: "B"}, {Env: "C"}}))
	require.Equal(t, "y", e.Value(Setting{Env: "B", Fallback: "A"}))
}
