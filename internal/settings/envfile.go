package settings

import (
	"bytes"
	"errors"
	"fmt"
	"io/fs"
	"maps"
	"os"
	"runtime"
	"slices"
	"strings"

	"github.com/joho/godotenv"
)

// DefaultFile is the settings file that is read when it exists and none is named.
const DefaultFile = ".env"

// AddFile adds the variables of a settings file to those of e, which win, and returns the union. An empty name stands
// for DefaultFile, which may be missing; a named one may not. The notes say which of the given variables were changed
// by the file's own syntax, or are of no use in a file, and whether others than its owner may read secrets in it. Notes
// and errors name the file and the line or variable, and hold no value.
func (e Environment) AddFile(name string, of []Setting) (Environment, []string, error) {
	text, err := readFile(name)
	if err != nil || text == nil {
		return e, nil, err
	}
	if name == "" {
		name = DefaultFile
	}
	values, err := godotenv.UnmarshalBytes(text)
	if err != nil {
		// The parser's own error repeats the text around the fault, which may be a secret.
		return nil, nil, fmt.Errorf("%s: line %d is not NAME=value, without set, setx or $env: before it (put values with spaces, quotes, # or $ in single quotes)", name, brokenLine(text))
	}
	var notes []string
	if Environment(values).hasSecret(of) && worldReadable(name) {
		notes = append(notes,
			fmt.Sprintf("%s holds secrets, and every user of this machine may read it: chmod 600 %s", name, name))
	}
	for _, proxy := range unusedProxies(values, e) {
		notes = append(notes, fmt.Sprintf("%s: %s is not read from a file: set it in the environment", name, proxy))
	}
	for _, s := range of {
		if !bytes.Contains(text, []byte(values[s.Env])) {
			notes = append(notes, fmt.Sprintf("%s: the value of %s was changed by $ or \\ in it; in single quotes it stays as it is", name, s.Env))
		}
	}
	maps.Copy(values, nonEmpty(e))
	return values, notes, nil
}

// hasSecret reports whether one of the settings is a secret and set.
func (e Environment) hasSecret(of []Setting) bool {
	return slices.ContainsFunc(of, func(s Setting) bool { return s.Secret && e.Value(s) != "" })
}

// worldReadable reports whether everybody may read the file. Windows does not tell by the mode.
func worldReadable(name string) bool {
	info, err := os.Stat(name)
	return err == nil && runtime.GOOS != "windows" && info.Mode().Perm()&0o004 != 0
}

// nonEmpty leaves out variables that are set to nothing: `GRAPH_DB_ENDPOINT= execute` is no wish to override the file.
func nonEmpty(e Environment) Environment {
	out := maps.Clone(e)
	maps.DeleteFunc(out, func(_, value string) bool { return strings.TrimSpace(value) == "" })
	return out
}

// readFile returns the text of the file, nil when DefaultFile does not exist.
func readFile(name string) ([]byte, error) {
	path := name
	if name == "" {
		path = DefaultFile
	}
	text, err := os.ReadFile(path)
	switch {
	case err == nil:
	case name == "" && errors.Is(err, fs.ErrNotExist):
		return nil, nil
	default:
		return nil, fmt.Errorf("settings file: %w", err)
	}
	text = bytes.TrimPrefix(text, []byte("\xef\xbb\xbf"))
	if bytes.IndexByte(text, 0) >= 0 {
		return nil, fmt.Errorf("settings file %s is not UTF-8 text: save it as UTF-8", path)
	}
	return text, nil
}

// brokenLine returns the number of the line at which the file stops being readable: the one after the longest run of
// whole lines from its start that parses.
func brokenLine(text []byte) int {
	good := 0
	lines := bytes.SplitAfter(text, []byte("\n"))
	for i := range lines {
		if _, err := godotenv.UnmarshalBytes(bytes.Join(lines[:i+1], nil)); err == nil {
			good = i + 1
		}
	}
	for good < len(lines)-1 && len(bytes.TrimSpace(lines[good])) == 0 {
		good++
	}
	return good + 1
}
