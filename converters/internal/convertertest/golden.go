package convertertest

import (
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
	"golang.org/x/tools/txtar"

	"assetgraph/collectors"
	"assetgraph/converters"
)

// update reports whether the elements of the golden files are to be written anew.
func update() bool { return os.Getenv("UPDATE_GOLDEN") != "" }

// An Archive is a file of testdata: the kind of record, an answer that holds such records, and the elements that come
// of them.
type Archive struct{ archive *txtar.Archive }

// Archives returns the archives of testdata by path.
func Archives(t testing.TB) map[string]Archive {
	t.Helper()
	names, err := filepath.Glob(filepath.Join("testdata", "*.txtar"))
	require.NoError(t, err)
	require.NotEmpty(t, names)
	archives := make(map[string]Archive, len(names))
	for _, name := range names {
		archives[name] = Open(t, name)
	}
	return archives
}

// Open returns the archive at path.
func Open(t testing.TB, path string) Archive {
	t.Helper()
	archive, err := txtar.ParseFile(path)
	require.NoError(t, err)
	return Archive{archive: archive}
}

// Kind returns the kind of record.
func (a Archive) Kind() string { return strings.TrimSpace(string(a.File("kind"))) }

// Answer returns the answer that holds the records.
func (a Archive) Answer() []byte { return a.File("answer.json") }

// File returns the content of a file of the archive, nil when it has none of that name.
func (a Archive) File(name string) []byte {
	if f := a.file(name); f != nil {
		return f.Data
	}
	return nil
}

func (a Archive) file(name string) *txtar.File {
	for i := range a.archive.Files {
		if a.archive.Files[i].Name == name {
			return &a.archive.Files[i]
		}
	}
	return nil
}

// Golden converts the records of every archive, which recordsOf decodes, as those of instance, and expects the elements
// that the archive holds.
func Golden(
	t *testing.T, c *converters.Converter, instance string, recordsOf func(testing.TB, Archive) []collectors.Record,
) {
	for path, a := range Archives(t) {
		t.Run(filepath.Base(path), func(t *testing.T) {
			var b strings.Builder
			f := converters.NewFragment(instance)
			for i, r := range recordsOf(t, a) {
				if i > 0 {
					b.WriteByte('\n')
				}
				elements, err := Convert(c, r, f)
				if err != nil {
					fmt.Fprintf(&b, "error: %v\n", err)
				}
				for _, e := range r.Unread {
					fmt.Fprintf(&b, "left out: field %s: %v\n", e.Field, e.Err)
				}
				b.WriteString(Render(elements))
			}
			want := a.file("elements")
			require.NotNil(t, want)
			if update() {
				want.Data = []byte(b.String())
				require.NoError(t, os.WriteFile(path, txtar.Format(a.archive), 0o600))
			}
			require.Equal(t, string(want.Data), b.String())
		})
	}
}

// Compare expects got to be what the file at path holds.
func Compare(t testing.TB, path, got string) {
	t.Helper()
	if update() {
		require.NoError(t, os.WriteFile(path, []byte(got), 0o600))
	}
	want, err := os.ReadFile(path)
	require.NoError(t, err)
	require.Equal(t, string(want), got)
}
