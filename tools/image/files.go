package main

import (
	"archive/tar"
	"bytes"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"time"
)

// What the image is made of. The user is the one that is nobody's in other images without a root.
const (
	userID    = 65532
	program   = "usr/local/bin/execute"
	stateDir  = "var/lib/assetgraph"
	rootsFile = "etc/ssl/certs/ca-certificates.crt" // the first place where Go looks
)

// A file is a file or folder of the image; a name that ends in "/" is a folder's.
type file struct {
	name  string
	mode  fs.FileMode
	owner int // user and group
	text  []byte
}

// base returns what the program needs around it.
func base() []file {
	const users = "root:x:0:0:root:/:/sbin/nologin\nassetgraph:x:65532:65532::/" + stateDir + ":/sbin/nologin\n"
	return []file{
		{name: "etc/", mode: 0o755},
		{name: "etc/group", mode: 0o644, text: []byte("root:x:0:\nassetgraph:x:65532:\n")},
		{name: "etc/passwd", mode: 0o644, text: []byte(users)},
		{name: "etc/ssl/", mode: 0o755},
		{name: "etc/ssl/certs/", mode: 0o755},
		{name: rootsFile, mode: 0o644, text: roots()},
		{name: "tmp/", mode: 0o777 | fs.ModeSticky},
		{name: "var/", mode: 0o755},
		{name: "var/lib/", mode: 0o755},
		{name: stateDir + "/", mode: 0o700, owner: userID},
	}
}

// binary returns the program in its place.
func binary(text []byte) []file {
	return []file{
		{name: "usr/", mode: 0o755},
		{name: "usr/local/", mode: 0o755},
		{name: "usr/local/bin/", mode: 0o755},
		{name: program, mode: 0o755, text: text},
	}
}

// files returns the whole image.
func files(text []byte) []file { return append(base(), binary(text)...) }

// archive returns the files as a tar archive.
func archive(list []file, date time.Time) ([]byte, error) {
	var b bytes.Buffer
	w := tar.NewWriter(&b)
	for _, f := range list {
		h := &tar.Header{
			Typeflag: tar.TypeReg, Name: f.name, Size: int64(len(f.text)), Mode: int64(f.mode.Perm()),
			Uid: f.owner, Gid: f.owner, ModTime: date, Format: tar.FormatPAX,
		}
		if strings.HasSuffix(f.name, "/") {
			h.Typeflag = tar.TypeDir
		}
		if f.mode&fs.ModeSticky != 0 {
			h.Mode |= 0o1000
		}
		if err := w.WriteHeader(h); err != nil {
			return nil, err
		}
		if _, err := io.Copy(w, bytes.NewReader(f.text)); err != nil {
			return nil, err
		}
	}
	return b.Bytes(), w.Close()
}

// writeFolder writes the files below a new folder. Owners are set where the process may do so, which it may where an
// image is built.
func writeFolder(folder string, list []file) error {
	if err := os.Mkdir(folder, 0o755); err != nil {
		return err
	}
	for _, f := range list {
		name := filepath.Join(folder, f.name)
		if strings.HasSuffix(f.name, "/") {
			if err := os.Mkdir(name, f.mode.Perm()); err != nil {
				return err
			}
		} else if err := os.WriteFile(name, f.text, f.mode.Perm()); err != nil {
			return err
		}
		if err := os.Chmod(name, f.mode); err != nil { // whatever the umask is
			return err
		}
		if os.Geteuid() == 0 {
			if err := os.Chown(name, f.owner, f.owner); err != nil {
				return err
			}
		}
	}
	return nil
}
