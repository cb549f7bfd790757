package differ

import (
	"io"
	"os"
	"sync"
)

// A spill is bytes that are appended, and read back from anywhere among them. The last of them are in memory, all others
// in a file, which is made when there are more than fit: most scopes of a run never need one. Any goroutine may use it.
type spill struct {
	name string // of the file
	keep int    // most bytes in memory

	mu      sync.RWMutex
	file    *os.File // nil while all are in memory
	written int64    // bytes in the file
	kept    []byte   // those behind them
}

// Write implements io.Writer.
func (s *spill) Write(p []byte) (int, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if len(s.kept) > 0 && len(s.kept)+len(p) > s.keep {
		if err := s.flush(); err != nil {
			return 0, err
		}
	}
	s.kept = append(s.kept, p...)
	return len(p), nil
}

// flush moves what is in memory to the file.
func (s *spill) flush() error {
	if s.file == nil {
		file, err := os.OpenFile(s.name, os.O_RDWR|os.O_CREATE|os.O_TRUNC, 0o600) // for its owner alone
		if err != nil {
			return err
		}
		s.file = file
	}
	n, err := s.file.Write(s.kept)
	s.written += int64(n)
	s.kept = s.kept[:copy(s.kept, s.kept[n:])]
	return err
}

// ReadAt implements io.ReaderAt.
func (s *spill) ReadAt(p []byte, offset int64) (n int, err error) {
	s.mu.RLock()
	defer s.mu.RUnlock()
	if offset < s.written {
		n = int(min(int64(len(p)), s.written-offset))
		if got, err := s.file.ReadAt(p[:n], offset); got < n {
			return got, err
		}
	}
	if at := offset + int64(n) - s.written; n < len(p) && at <= int64(len(s.kept)) {
		n += copy(p[n:], s.kept[at:])
	}
	if n < len(p) {
		return n, io.EOF
	}
	return n, nil
}

// size returns how many bytes there are.
func (s *spill) size() int64 {
	s.mu.RLock()
	defer s.mu.RUnlock()
	return s.written + int64(len(s.kept))
}

// Close closes the file, if there is one, and lets go of what is in memory. That of nil does nothing.
func (s *spill) Close() error {
	if s == nil {
		return nil
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	s.kept = nil
	if s.file == nil {
		return nil
	}
	return s.file.Close()
}
