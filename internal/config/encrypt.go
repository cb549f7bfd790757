package config

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"unicode/utf8"

	"go.yaml.in/yaml/v3"

	"assetgraph/internal/providers"
	"assetgraph/internal/settings"
)

// An edit replaces some bytes of a file.
type edit struct {
	start, end int
	text       string
}

// applied is the text with its edits, of which no two overlap.
func applied(text []byte, edits []edit) []byte {
	slices.SortFunc(edits, func(a, b edit) int { return b.start - a.start })
	for _, e := range edits {
		text = slices.Concat(text[:e.start], []byte(e.text), text[e.end:])
	}
	return text
}

// Encrypt replaces every secret that stands literally in the files of c by what only the holders of the private keys to
// its public ones can read, and returns how many. Nothing else of a file changes, comments and order neither. keys are
// taken where the file names none. A file is replaced as a whole or not at all.
func (c *Config) Encrypt(keys []string) (int, error) {
	if len(c.Age) > 0 {
		keys = c.Age
	}
	if len(keys) == 0 {
		return 0, errors.New("to whom? Name public keys in the file, age: [age1…], or give --recipient age1…")
	}
	if _, err := recipients(keys); err != nil {
		return 0, fmt.Errorf("public keys: %w", err)
	}
	byFile := make(map[string][]Value)
	for _, v := range c.literalSecrets() {
		byFile[v.File] = append(byFile[v.File], v)
	}
	done := 0
	for _, name := range c.Files {
		n, err := rewrite(name, byFile[name], func(v Value, _ string) (string, error) {
			text, _ := v.expanded(nil) // a literal has no variables, but $$ may stand in it
			sealed, err := encrypt(text, keys)
			return "{age: " + sealed + "}", err
		})
		if done += n; err != nil {
			return done, err
		}
	}
	return done, nil
}

// literalSecrets returns the secrets that stand in the files as they are.
func (c *Config) literalSecrets() (list []Value) {
	seen := make(map[Place]bool) // a default stands in every instance
	add := func(v Value, secret bool) {
		if secret && v.literal() && !seen[v.Place] {
			seen[v.Place] = true
			list = append(list, v)
		}
	}
	for _, s := range settings.Graph() {
		if v, ok := c.Global[s.Env]; ok {
			add(v, s.Secret)
		}
	}
	for i := range c.Instances {
		for _, s := range c.Instances[i].Provider.Settings {
			if v, ok := c.Instances[i].Values[s.Env]; ok {
				add(v, s.Secret)
			}
		}
	}
	for _, n := range c.Notify {
		if n.Secret != nil {
			add(*n.Secret, true)
		}
	}
	return list
}

// rewrite replaces values of a file by what becomes of them, given the value and how it is written.
func rewrite(name string, values []Value, become func(v Value, written string) (string, error)) (int, error) {
	if len(values) == 0 {
		return 0, nil
	}
	text, err := os.ReadFile(name)
	if err != nil {
		return 0, err
	}
	var edits []edit
	for _, v := range values {
		start, end, err := extent(text, v)
		if err != nil {
			return 0, fmt.Errorf("%s: %w", v.Place, err)
		}
		with, err := become(v, string(text[start:end]))
		if err != nil {
			return 0, fmt.Errorf("%s: %w", v.Place, err)
		}
		edits = append(edits, edit{start, end, with})
	}
	return len(edits), replaceFile(name, applied(text, edits))
}

var errSpread = errors.New("is written over several lines, or is used more than once (&name); write it on one line first")

// extent returns where a scalar is written, quotation marks included.
func extent(text []byte, v Value) (start, end int, err error) {
	start = offset(text, v.Line, v.Column)
	rest := text[start:]
	if i := bytes.IndexByte(rest, '\n'); i >= 0 {
		rest = rest[:i]
	}
	length := 0
	switch {
	case bytes.HasPrefix(rest, []byte(`"`)):
		for length = 1; length < len(rest) && rest[length] != '"'; length++ {
			if rest[length] == '\\' {
				length++
			}
		}
		length++
	case bytes.HasPrefix(rest, []byte("'")):
		for length = 1; length < len(rest); length++ {
			if rest[length] != '\'' {
				continue
			}
			if length+1 < len(rest) && rest[length+1] == '\'' {
				length++
				continue
			}
			break
		}
		length++
	default:
		length = len(v.text)
	}
	var found yaml.Node
	if length > len(rest) || yaml.Unmarshal(rest[:length], &found) != nil || len(found.Content) != 1 ||
		found.Content[0].Kind != yaml.ScalarNode || found.Content[0].Value != v.text {
		return 0, 0, errSpread
	}
	return start, start + length, nil
}

// replaceFile puts another text in the place of a file, with the same mode, at once.
func replaceFile(name string, text []byte) error {
	actual, err := filepath.EvalSymlinks(name)
	if err != nil {
		return err
	}
	info, err := os.Stat(actual)
	if err != nil {
		return err
	}
	f, err := os.CreateTemp(filepath.Dir(actual), ".assetgraph-*")
	if err != nil {
		return err
	}
	defer func() { _ = os.Remove(f.Name()) }() // it is gone when all went well
	_, err = f.Write(text)
	err = errors.Join(err, f.Chmod(info.Mode().Perm()), f.Sync(), f.Close())
	if err != nil {
		return err
	}
	return os.Rename(f.Name(), actual)
}

// newFile makes a file that its owner alone may read, and that was not there.
func newFile(name, text string) error {
	f, err := os.OpenFile(name, os.O_WRONLY|os.O_CREATE|os.O_EXCL, 0o600)
	if err != nil {
		return err
	}
	_, err = f.WriteString(text)
	if err = errors.Join(err, f.Sync(), f.Close()); err != nil {
		_ = os.Remove(name) // it is not whole
	}
	return err
}

// Opened returns the text of the first file with its secrets readable, for an editor, each marked so that Closed knows it
// again. The text is for a private place.
func (c *Config) Opened() ([]byte, error) {
	text, err := os.ReadFile(c.Files[0])
	if err != nil {
		return nil, err
	}
	var doc yaml.Node
	if err := yaml.Unmarshal(text, &doc); err != nil {
		return nil, err
	}
	var edits []edit
	err = eachEncrypted(&doc, func(n *yaml.Node, sealed string) error {
		plain, err := decrypt(sealed, c.resolver().env)
		if err != nil {
			return fmt.Errorf("%s: %w", Place{c.Files[0], n.Line, n.Column}, err)
		}
		start, end, err := braces(text, n)
		edits = append(edits, edit{start, end, openTag + strconv.Quote(plain)})
		return err
	})
	if err != nil {
		return nil, err
	}
	return applied(text, edits), nil
}

// openTag marks a value that is to be encrypted again.
const openTag = "!age "

// eachEncrypted calls visit for each {age: …} below a node.
func eachEncrypted(n *yaml.Node, visit func(n *yaml.Node, sealed string) error) error {
	if n.Kind == yaml.MappingNode && len(n.Content) == 2 && n.Content[0].Value == "age" &&
		n.Content[1].Kind == yaml.ScalarNode {
		return visit(n, n.Content[1].Value)
	}
	for _, child := range n.Content {
		if err := eachEncrypted(child, visit); err != nil {
			return err
		}
	}
	return nil
}

// braces returns where {age: …} is written.
func braces(text []byte, n *yaml.Node) (start, end int, err error) {
	start = offset(text, n.Line, n.Column)
	if start >= len(text) || text[start] != '{' {
		return 0, 0, fmt.Errorf("line %d: what is encrypted must be written as {age: …} on one line to be edited", n.Line)
	}
	i := bytes.IndexByte(text[start:], '}')
	if i < 0 || bytes.IndexByte(text[start:start+i], '\n') >= 0 {
		return 0, 0, fmt.Errorf("line %d: what is encrypted must be written as {age: …} on one line to be edited", n.Line)
	}
	return start, start + i + 1, nil
}

// offset is where a line and a column, which counts characters, lie.
func offset(text []byte, line, column int) (at int) {
	for range line - 1 {
		at += bytes.IndexByte(text[at:], '\n') + 1
	}
	for range column - 1 {
		_, size := utf8.DecodeRune(text[at:])
		at += size
	}
	return at
}

// Closed returns what Opened gave, edited, with what is marked encrypted again. A value that did not change keeps its old
// form, so that whoever compares two versions of the file sees what changed. keys are taken where the file names none.
func (c *Config) Closed(edited []byte, keys []string) ([]byte, error) {
	if len(c.Age) > 0 {
		keys = c.Age
	}
	old := make(map[string]string) // what was encrypted, by what it says
	before, err := os.ReadFile(c.Files[0])
	if err != nil {
		return nil, err
	}
	var doc yaml.Node
	if err := yaml.Unmarshal(before, &doc); err != nil {
		return nil, err
	}
	err = eachEncrypted(&doc, func(_ *yaml.Node, sealed string) error {
		plain, err := decrypt(sealed, c.resolver().env)
		old[plain] = sealed
		return err
	})
	if err != nil {
		return nil, err
	}
	var now yaml.Node
	if err := yaml.Unmarshal(edited, &now); err != nil {
		_, what := syntax(err)
		return nil, errors.New(what)
	}
	var edits []edit
	err = eachTagged(&now, func(n *yaml.Node) error {
		sealed, ok := old[n.Value]
		if !ok {
			var err error
			if sealed, err = encrypt(n.Value, keys); err != nil {
				return err
			}
		}
		start := offset(edited, n.Line, n.Column)
		v := Value{Place: Place{Line: n.Line, Column: n.Column + len([]rune(openTag))}, text: n.Value}
		if !bytes.HasPrefix(edited[start:], []byte(openTag)) { // the node's place may be that of its text
			start -= len(openTag)
			v.Column = n.Column
		}
		_, end, err := extent(edited, v)
		edits = append(edits, edit{start, end, "{age: " + sealed + "}"})
		return err
	})
	if err != nil {
		return nil, err
	}
	return applied(edited, edits), nil
}

func eachTagged(n *yaml.Node, visit func(*yaml.Node) error) error {
	if n.Kind == yaml.ScalarNode && n.Tag == strings.TrimSpace(openTag) {
		return visit(n)
	}
	for _, child := range n.Content {
		if err := eachTagged(child, visit); err != nil {
			return err
		}
	}
	return nil
}

// Rejected is where Replace leaves a text with mistakes.
func (c *Config) Rejected() string { return c.Files[0] + ".rejected" }

// Replace puts an edited text in the place of the first file, unless it has mistakes: then they come back, the file stays
// as it is, and the text is left beside it.
func (c *Config) Replace(ctx context.Context, list providers.List, text []byte) (Problems, error) {
	if err := os.WriteFile(c.Rejected(), text, 0o600); err != nil {
		return nil, err
	}
	if _, problems := Load(ctx, c.Rejected(), list, c.env); problems.Fatal() {
		return problems, nil
	}
	if err := replaceFile(c.Files[0], text); err != nil {
		return nil, err
	}
	return nil, os.Remove(c.Rejected())
}
