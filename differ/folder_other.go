//go:build !(darwin || dragonfly || freebsd || linux || netbsd || openbsd)

package differ

import (
	"os"
	"runtime"
)

// unlockFirst says whether a locked file can't be removed.
const unlockFirst = true

// makeLock makes a file that stays open: on Windows that is a lock, since an open file can't be removed.
func makeLock(path string) (_ *os.File, ok bool, _ error) {
	f, err := os.OpenFile(path, os.O_RDWR|os.O_CREATE|os.O_EXCL, 0o600)
	return f, err == nil, err
}

// takeDead removes the file of a run that does not live any more. On systems without either sort of lock nobody is
// known to be dead.
func takeDead(path string) (release func(), dead bool) {
	return func() {}, runtime.GOOS == "windows" && os.Remove(path) == nil
}

// isOwn: the temporary folder is each user's own.
func isOwn(os.FileInfo) bool { return true }
