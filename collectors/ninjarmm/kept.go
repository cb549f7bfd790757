package ninjarmm

import (
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"io/fs"
	"net/url"
	"os"
	"path/filepath"
	"runtime"
	"strings"
)

// A keptToken is the file that holds the refresh token which took the place of the configured one.
type keptToken struct {
	dir  string // "" = nothing can be kept
	name string
}

var errNoStateDir = errors.New("no folder for it is configured")

// keptName returns the name of the file. The digest of the configured token is part of it, so that a newly configured
// token wins over one that was kept for another.
func keptName(instance, configured string) string {
	return "ninjarmm-" + url.PathEscape(instance) + "-" + digest(configured) + ".token"
}

// digest stands for a token where it must not be told.
func digest(token string) string {
	sum := sha256.Sum256([]byte(token))
	return hex.EncodeToString(sum[:8])
}

// read returns the kept token, "" when none was kept.
func (k keptToken) read() (string, error) {
	if k.dir == "" {
		return "", nil
	}
	text, err := os.ReadFile(filepath.Join(k.dir, k.name))
	if errors.Is(err, fs.ErrNotExist) {
		return "", nil
	}
	if err != nil {
		return "", err
	}
	token := strings.TrimSpace(string(text))
	if checkCredential("", token) != nil {
		return "", fmt.Errorf("%s holds no token", filepath.Join(k.dir, k.name))
	}
	return token, nil
}

// writable reports, by trying, whether write would work.
func (k keptToken) writable() error {
	f, err := k.temp()
	if err != nil {
		return err
	}
	return errors.Join(f.Close(), os.Remove(f.Name()))
}

// write replaces the kept token in one piece: whatever happens, the file holds the old token or the new one.
func (k keptToken) write(token string) (err error) {
	f, err := k.temp()
	if err != nil {
		return fmt.Errorf("keep refresh token: %w", err)
	}
	defer func() {
		if err != nil {
			err = fmt.Errorf("keep refresh token: %w", errors.Join(err, os.Remove(f.Name())))
		}
	}()
	_, err = f.WriteString(token + "\n")
	if err = errors.Join(err, f.Sync(), f.Close()); err != nil {
		return err
	}
	if err = os.Rename(f.Name(), filepath.Join(k.dir, k.name)); err != nil {
		return err
	}
	return k.syncDir()
}

// temp creates a file beside the token that only its owner may read, and the folder where it is missing.
func (k keptToken) temp() (*os.File, error) {
	if k.dir == "" {
		return nil, errNoStateDir
	}
	if err := os.MkdirAll(k.dir, 0o700); err != nil {
		return nil, err
	}
	return os.CreateTemp(k.dir, k.name+".*") // mode 0600
}

// syncDir makes the rename last through a power failure. Windows has no such call for folders.
func (k keptToken) syncDir() error {
	if runtime.GOOS == "windows" {
		return nil
	}
	d, err := os.Open(k.dir)
	if err != nil {
		return err
	}
	return errors.Join(d.Sync(), d.Close())
}
