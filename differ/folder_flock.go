//go:build darwin || dragonfly || freebsd || linux || netbsd || openbsd

package differ

import (
	"errors"
	"os"
	"syscall"
)

// unlockFirst says whether a locked file can't be removed.
const unlockFirst = false

// makeLock makes a file and locks it. ok is false when another run was faster. Where the file system knows no locks
// there is no lock.
func makeLock(path string) (_ *os.File, ok bool, _ error) {
	f, err := os.OpenFile(path, os.O_RDWR|os.O_CREATE|os.O_EXCL, 0o600)
	if errors.Is(err, os.ErrNotExist) { // its folder is gone
		return nil, false, nil
	}
	if err != nil {
		return nil, false, err
	}
	err = syscall.Flock(int(f.Fd()), syscall.LOCK_EX|syscall.LOCK_NB)
	if errors.Is(err, syscall.EWOULDBLOCK) {
		return nil, false, f.Close()
	}
	mine, err := f.Stat()
	if there, statErr := os.Stat(path); err != nil || statErr != nil || !os.SameFile(mine, there) {
		return nil, false, f.Close()
	}
	return f, true, nil
}

// takeDead locks the file of a run that does not live any more.
func takeDead(path string) (release func(), dead bool) {
	f, err := os.OpenFile(path, os.O_RDWR|syscall.O_NOFOLLOW|syscall.O_NONBLOCK, 0)
	if err != nil {
		return nil, false
	}
	if syscall.Flock(int(f.Fd()), syscall.LOCK_EX|syscall.LOCK_NB) != nil {
		_ = f.Close()
		return nil, false
	}
	return func() { _ = f.Close() }, true
}

// isOwn reports whether the folder is one of ours and not another user's.
func isOwn(info os.FileInfo) bool {
	stat, ok := info.Sys().(*syscall.Stat_t)
	return ok && int(stat.Uid) == os.Geteuid()
}
