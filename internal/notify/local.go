package notify

import (
	"context"
	"errors"
	"io/fs"
	"os"
	"path/filepath"
)

// A LocalFile is a Memory of one thing in a file, which its owner alone may read. Its folder is made when it is needed.
// "" remembers nothing.
type LocalFile string

// Memory implements Memory.
func (f LocalFile) Memory(context.Context, string) ([]byte, error) {
	if f == "" {
		return nil, nil
	}
	data, err := os.ReadFile(string(f))
	if errors.Is(err, fs.ErrNotExist) {
		return nil, nil
	}
	return data, err
}

// SaveMemory implements Memory.
func (f LocalFile) SaveMemory(_ context.Context, _ string, data []byte) error {
	if f == "" {
		return nil
	}
	dir := filepath.Dir(string(f))
	if err := os.MkdirAll(dir, 0o700); err != nil {
		return err
	}
	tmp, err := os.CreateTemp(dir, filepath.Base(string(f))) // readable for its owner alone
	if err != nil {
		return err
	}
	defer os.Remove(tmp.Name())
	_, err = tmp.Write(data)
	if err = errors.Join(err, tmp.Close()); err != nil {
		return err
	}
	return os.Rename(tmp.Name(), string(f))
}
