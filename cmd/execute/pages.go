package main

import (
	"bytes"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"unicode"

	"golang.org/x/text/unicode/norm"

	"assetgraph/internal/page"
	"assetgraph/internal/report"
)

// pages are the files of customers in one folder.
type pages struct {
	root  *os.Root
	names []string
}

// newPages makes the folder, and checks before anything is written that no name is taken by what the program has not
// written.
func newPages(dir string, list []*report.CustomerReport) (*pages, error) {
	if err := os.MkdirAll(dir, 0o700); err != nil {
		return nil, fmt.Errorf("--all: %w", err)
	}
	root, err := os.OpenRoot(dir)
	if err != nil {
		return nil, fmt.Errorf("--all: %w", err)
	}
	p := &pages{root: root, names: fileNames(list)}
	for _, name := range p.names {
		for _, name := range []string{name, name + part} {
			if err := p.mayWrite(name); err != nil {
				p.close()
				return nil, usagef("choose another folder, or move the file", "--all: %s: %w",
					filepath.Join(dir, name), err)
			}
		}
	}
	return p, nil
}

func (p *pages) close() { _ = p.root.Close() } // a folder is only looked into

// mayWrite returns an error when a file of that name is not one that the program has written.
func (p *pages) mayWrite(name string) error {
	info, err := p.root.Lstat(name)
	switch {
	case errors.Is(err, fs.ErrNotExist):
		return nil
	case err != nil:
		return err
	case !info.Mode().IsRegular():
		return errors.New("it is there, and no file")
	}
	f, err := p.root.Open(name)
	if err != nil {
		return err
	}
	defer func() { _ = f.Close() }() // it was only read
	begin := make([]byte, 512)
	n, err := io.ReadFull(f, begin)
	if err != nil && !errors.Is(err, io.ErrUnexpectedEOF) && !errors.Is(err, io.EOF) {
		return err
	}
	if !bytes.Contains(begin[:n], []byte(page.Mark)) {
		return errors.New("it is there, and no report of this program")
	}
	return nil
}

// part ends the name of a page that is being written.
const part = ".part"

// write writes one page: whole, or not at all.
func (p *pages) write(i int, d *page.Document) error {
	name := p.names[i]
	if err := p.root.Remove(name + part); err != nil && !errors.Is(err, fs.ErrNotExist) { // of a command that was killed
		return err
	}
	f, err := p.root.OpenFile(name+part, os.O_CREATE|os.O_EXCL|os.O_WRONLY, 0o600)
	if err != nil {
		return err
	}
	err = errors.Join(page.Write(f, d), f.Close())
	if err == nil {
		err = p.root.Rename(name+part, name)
	}
	if err != nil {
		_ = p.root.Remove(name + part) // the first error is what counts
	}
	return err
}

// fileNames returns names that every system takes. Customers whose names become the same, and those of whose names
// nothing is left, are told apart by their keys.
func fileNames(list []*report.CustomerReport) []string {
	times := map[string]int{}
	slugs := make([]string, len(list))
	for i, r := range list {
		slugs[i] = slug(r.Customer)
		times[slugs[i]]++
	}
	for i, r := range list {
		if times[slugs[i]] > 1 || slugs[i] == "" {
			sum := sha256.Sum256([]byte(r.Key))
			slugs[i] += "-" + hex.EncodeToString(sum[:4])
		}
		slugs[i] = "customer-" + strings.Trim(slugs[i], "-") + ".html"
	}
	return slugs
}

// slug returns the letters and digits of a name without accents, in lower case, with dashes for all between them.
func slug(name string) string {
	const most = 60
	var b strings.Builder
	for _, r := range norm.NFKD.String(strings.ToLower(name)) {
		switch {
		case unicode.Is(unicode.Mn, r):
		case r >= 'a' && r <= 'z', r >= '0' && r <= '9':
			b.WriteRune(r)
		case b.Len() > 0 && !strings.HasSuffix(b.String(), "-"):
			b.WriteByte('-')
		}
		if b.Len() >= most {
			break
		}
	}
	return strings.Trim(b.String(), "-")
}
