package differ

import (
	"errors"
	"os"
	"path/filepath"
	"strings"
	"time"
)

const (
	folderPrefix = "assetgraph-" // digits follow
	lockName     = "lock"
	unlockedLife = 24 * time.Hour // of a folder without a lock, such as versions of before made
)

// A folder is where a spool lies: readable by its owner alone, and locked for as long as its process lives, so that one
// that a killed run left can be told from that of a run under way.
type folder struct {
	path string
	lock *os.File // nil where files can't be locked
}

var errTaken = errors.New("differ: make spool: folders vanish while they are made")

// newFolder makes a folder below parent, and removes those there that dead runs left.
func newFolder(parent string) (folder, error) {
	if parent == "" {
		parent = os.TempDir()
	}
	sweep(parent)
	for range 10 {
		path, err := os.MkdirTemp(parent, folderPrefix)
		if err != nil {
			return folder{}, err
		}
		lock, ok, err := makeLock(filepath.Join(path, lockName))
		if err != nil {
			return folder{}, errors.Join(err, os.RemoveAll(path))
		}
		if ok {
			return folder{path: path, lock: lock}, nil
		}
		_ = os.RemoveAll(path) // another run took it for a dead one's before it was locked
	}
	return folder{}, errTaken
}

// remove removes the folder, the lock last of all.
func (f *folder) remove() error {
	if f.lock == nil {
		return os.RemoveAll(f.path)
	}
	if unlockFirst {
		return errors.Join(f.lock.Close(), os.RemoveAll(f.path))
	}
	return errors.Join(os.RemoveAll(f.path), f.lock.Close())
}

// sweep removes the folders in parent that dead runs of the same user left. What can't be removed stays.
func sweep(parent string) {
	entries, err := os.ReadDir(parent)
	if err != nil {
		return
	}
	for _, e := range entries {
		number, ours := strings.CutPrefix(e.Name(), folderPrefix)
		if !ours || number == "" || strings.Trim(number, "0123456789") != "" || !e.IsDir() {
			continue
		}
		path := filepath.Join(parent, e.Name())
		if info, err := os.Lstat(path); err == nil && info.IsDir() && isOwn(info) {
			sweepFolder(path, info)
		}
	}
}

func sweepFolder(path string, info os.FileInfo) {
	lock, err := os.Lstat(filepath.Join(path, lockName))
	switch {
	case errors.Is(err, os.ErrNotExist):
		if time.Since(info.ModTime()) > unlockedLife && holdsSpool(path) {
			_ = os.RemoveAll(path)
		}
	case err == nil && lock.Mode().IsRegular():
		if release, dead := takeDead(filepath.Join(path, lockName)); dead {
			_ = os.RemoveAll(path)
			release()
		}
	}
}

// holdsSpool reports whether there is nothing in the folder but files of a spool.
func holdsSpool(path string) bool {
	entries, err := os.ReadDir(path)
	for _, e := range entries {
		switch filepath.Ext(e.Name()) {
		case ".data", ".index", ".ops":
		default:
			return false
		}
	}
	return err == nil
}
