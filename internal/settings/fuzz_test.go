package settings

import (
	"os"
	"path/filepath"
	"strings"
	"testing"
)

// secret stands for a password that somebody has typed in the wrong place.
const secret = "hunter2hunter2"

// FuzzParseEndpoint: an address is a file, or a server without credentials in it, or an error that shows no password.
func FuzzParseEndpoint(f *testing.F) {
	for _, seed := range []string{
		"", "sqlite:a.db", "sqlite://a", "SQLITE:x?y", "neo4j://h:7687", "bolt+s://h", "h", "h:1", "[::1]:7687",
		"neo4j://u:" + secret + "@h", "http://h", "neo4j://", ":", "%", "bolt://h/path?q=" + secret,
	} {
		f.Add(seed)
	}
	f.Fuzz(func(t *testing.T, address string) {
		p, err := ParseEndpoint(address, Environment{})
		if err != nil {
			if strings.Contains(address, ":"+secret+"@") && strings.Contains(err.Error(), secret) {
				t.Fatalf("%q: the error shows the password: %v", address, err)
			}
			return
		}
		if (p.File == "") == (p.URI == "") {
			t.Fatalf("%q is both or neither: %+v", address, p)
		}
		if strings.Contains(p.URI, "@") {
			t.Fatalf("%q keeps credentials: %s", address, p.URI)
		}
	})
}

// FuzzAddFile: a settings file is read, or refused without its values; variables that are set win.
func FuzzAddFile(f *testing.F) {
	for _, seed := range []string{
		"", "A=1", "export A='x y'", "A=1\nB", "=", "A=${A}", "A=\"", "\xff\xfe", "A=1\r\nKEEP=2\r\n", "KEEP: 2",
		"# c\n\nA=" + secret + "\nbroken " + secret,
	} {
		f.Add([]byte(seed))
	}
	f.Fuzz(func(t *testing.T, text []byte) {
		name := filepath.Join(t.TempDir(), ".env")
		if err := os.WriteFile(name, text, 0o600); err != nil {
			t.Fatal(err)
		}
		e, _, err := (Environment{"KEEP": "mine"}).AddFile(name, nil)
		switch {
		case err != nil && strings.Contains(err.Error(), secret):
			t.Fatalf("the error shows a value: %v", err)
		case err == nil && e["KEEP"] != "mine":
			t.Fatalf("the file won over what was set: %q", e["KEEP"])
		}
	})
}
