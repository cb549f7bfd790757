package sqlite

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"net/url"
	"os"
	"path/filepath"
	"strings"

	sqlite3 "modernc.org/sqlite/lib"

	"assetgraph/graph"
)

// applicationID marks a file as a graph of this program: "ASSG" in the field of the database header that
// sqlite.org/fileformat2.html#application_id sets aside for that.
const applicationID = 0x41535347

// What lies at a path.
type finding uint8

const (
	nothing finding = iota
	emptyFile
	oursAlready
)

// inspect tells what lies at path, without locking, changing or creating anything: the file is opened as immutable, for
// as long as it takes to read two fields of its header. The Go standard library must not open it, since
// closing a descriptor would drop the locks that another store of this process holds on the file.
func inspect(ctx context.Context, path string) (finding, error) {
	info, err := os.Stat(path)
	switch {
	case errors.Is(err, fs.ErrNotExist):
		return nothing, nil
	case err != nil:
		return nothing, err
	case !info.Mode().IsRegular():
		return nothing, graph.ErrNotOurs
	case info.Size() == 0:
		return emptyFile, nil
	}
	err = lookAt(ctx, source(path, "ro", "immutable=1"))
	if isNotADatabase(err) || hasCode(err, sqlite3.SQLITE_CORRUPT) {
		return inspectAgain(ctx, path, err)
	}
	if err != nil {
		return nothing, err
	}
	return oursAlready, nil
}

// inspectAgain looks at a file that seems to be no whole database, this time as SQLite's locks have it: so looks a file
// while another process creates it, and one whose creation was cut off, which is then undone. Otherwise what was seen
// first stands.
func inspectAgain(ctx context.Context, path string, first error) (finding, error) {
	err := lookAt(ctx, source(path, "rw"))
	if info, statErr := os.Stat(path); statErr == nil && info.Size() == 0 {
		return emptyFile, nil
	}
	switch {
	case err == nil:
		return oursAlready, nil
	case errors.Is(err, graph.ErrNewerFormat) || ctx.Err() != nil:
		return nothing, err
	}
	return nothing, notOurs(first)
}

// lookAt checks the format of a source.
func lookAt(ctx context.Context, dsn string) error {
	return useAlone(ctx, withPragmas(dsn), func(c *conn) error {
		return patiently(ctx, func() error { return checkFormat(ctx, c) })
	})
}

// notOurs turns SQLite's word for a file that is no database into the contract's.
func notOurs(err error) error {
	if isNotADatabase(err) {
		return graph.ErrNotOurs
	}
	return err
}

// checkFormat reads whose file it is and which version wrote it.
func checkFormat(ctx context.Context, c *conn) error {
	id, err := c.integer(ctx, "PRAGMA application_id")
	if err != nil {
		return err
	}
	version, err := c.integer(ctx, "PRAGMA user_version")
	switch {
	case err != nil:
		return err
	case id != applicationID || version < 1:
		return graph.ErrNotOurs
	case version > graph.FormatVersion:
		return fmt.Errorf("%w: it has format %d, this program knows %d", graph.ErrNewerFormat, version,
			graph.FormatVersion)
	}
	return nil
}

// createFile makes the empty file with the rights that SQLite then gives to the files beside it too.
func createFile(path string) error {
	f, err := os.OpenFile(path, os.O_CREATE|os.O_EXCL|os.O_WRONLY, 0o600)
	if errors.Is(err, fs.ErrExist) {
		return nil // another process was faster; both lay it out under the same lock
	}
	if err != nil {
		return err
	}
	return f.Close()
}

// readingSource returns how a store that only reads opens the file, so that it leaves it, and the folder, as they are.
// In WAL mode every reader needs two files beside it. Where there are none, a connection that could write (and is told
// not to) takes them away when it closes; where a run is under way or has died, one that can't write leaves its log
// alone. Where they can't be made, nobody with the same rights writes, and the file is read as it stands.
func readingSource(ctx context.Context, path string) (string, error) {
	log, err := os.Stat(path + "-wal")
	if err != nil && !errors.Is(err, fs.ErrNotExist) {
		return "", err
	}
	if err == nil && log.Size() > 0 {
		return source(path, "ro"), nil
	}
	dsn := source(path, "rw")
	openErr := useAlone(ctx, forReading(dsn), func(c *conn) error {
		_, err := c.integer(ctx, "SELECT count(*) FROM sqlite_schema")
		return err
	})
	if err != nil && (hasCode(openErr, sqlite3.SQLITE_CANTOPEN) || hasCode(openErr, sqlite3.SQLITE_READONLY)) {
		return source(path, "ro", "immutable=1"), nil
	}
	return dsn, openErr
}

// source names a database file as a URI (sqlite.org/uri.html), mode being ro or rw.
func source(path, mode string, parameters ...string) string {
	if abs, err := filepath.Abs(path); err == nil {
		path = abs
	}
	path = filepath.ToSlash(path)
	if !strings.HasPrefix(path, "/") {
		path = "/" + path
	}
	u := url.URL{Path: path}
	return "file://" + u.EscapedPath() + "?" + strings.Join(append([]string{"mode=" + mode}, parameters...), "&")
}
