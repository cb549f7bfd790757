package config

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"unicode/utf8"

	"assetgraph/internal/providers"
	"assetgraph/internal/settings"
)

// Keeping is how a new file keeps its secrets.
type Keeping uint8

// The ways to keep secrets.
const (
	AsTheyAre Keeping = iota // in the file itself
	Beside                   // each in a file of its own
	Encrypted                // in the file, with age
)

// A Draft is a configuration file that is to be written. Every text in it may be a reference to an environment variable,
// ${NAME}; whatever else it holds is meant literally.
type Draft struct {
	Graph     settings.Environment // the graph's settings by their variables
	Every     string               // how often each instance is due, as CheckEvery takes it
	Instances []providers.Instance // with all their settings
	Secrets   Keeping
	Identity  string // new file for the private key, of Encrypted
}

// Reference returns the name of the environment variable to which a text of a draft refers.
func Reference(text string) (name string, ok bool) {
	m := regexp.MustCompile(`^\$\{([A-Za-z_][A-Za-z0-9_]*)\}$`).FindStringSubmatch(text)
	if m == nil {
		return "", false
	}
	return m[1], true
}

// SecretsDir is the folder for the secrets that lie beside a file.
func SecretsDir(name string) string {
	return strings.TrimSuffix(name, filepath.Ext(name)) + ".secrets"
}

// Aside is where a file is put that another replaces: it is not there yet.
func Aside(name string) string {
	aside := name + ".old"
	for i := 2; exists(aside); i++ {
		aside = fmt.Sprintf("%s.old%d", name, i)
	}
	return aside
}

func exists(name string) bool {
	_, err := os.Lstat(name)
	return !errors.Is(err, fs.ErrNotExist)
}

// Write writes the draft, and the files that it refers to, for their owner alone, and returns the names of all, the
// file's own first. A file that is there already is an error of fs.ErrExist, unless aside names where it goes. On any
// error nothing of the new is left, and what was there is where it was.
func (d Draft) Write(ctx context.Context, name, aside string, list providers.List) (made []string, err error) {
	w := writer{draft: d, dir: filepath.Dir(name), secrets: SecretsDir(name)}
	defer func() {
		if err != nil {
			w.undo()
		}
	}()
	text, err := w.text()
	if err != nil {
		return nil, err
	}
	f, err := os.CreateTemp(w.dir, ".assetgraph-*") // of mode 0600
	if err != nil {
		return nil, err
	}
	defer func() { _ = os.Remove(f.Name()) }() // the name alone, or all of it when something went wrong
	_, err = f.WriteString(text)
	if err := errors.Join(err, f.Sync(), f.Close()); err != nil {
		return nil, err
	}
	if _, problems := Load(ctx, f.Name(), list, nil); len(problems) > 0 {
		return nil, fmt.Errorf("what was to be written has mistakes: %s", problems[0].Message())
	}
	if ctx.Err() != nil {
		return nil, context.Cause(ctx)
	}
	if aside != "" && exists(name) {
		if err := os.Rename(name, aside); err != nil {
			return nil, err
		}
		defer func() {
			if err != nil {
				_ = os.Rename(aside, name) // it came from there
			}
		}()
	}
	if err := place(f.Name(), name); err != nil {
		return nil, err
	}
	return append([]string{name}, w.made...), nil
}

// place gives a whole file its name, unless something has it.
func place(from, name string) error {
	err := os.Link(from, name)
	if err == nil || errors.Is(err, fs.ErrExist) {
		return err
	}
	if exists(name) { // the file system knows no links
		return &fs.PathError{Op: "create", Path: name, Err: fs.ErrExist}
	}
	return os.Rename(from, name)
}

// A writer makes the text of a draft, and the files beside it.
type writer struct {
	draft   Draft
	dir     string // of the file
	secrets string // folder for secrets beside it
	public  string // key to which secrets are encrypted
	made    []string
	folder  bool // secrets was made
}

// undo removes what was made.
func (w *writer) undo() {
	for _, name := range w.made {
		_ = os.Remove(name) // the error that led here is what counts
	}
	if w.folder {
		_ = os.Remove(w.secrets)
	}
}

const draftHead = `# Configuration of assetgraph, made by ` + "`execute init`" + `. docs/configuration.md describes its keys;
# ` + "`execute config check`" + ` finds mistakes, ` + "`execute check`" + ` signs in everywhere.
`

func (w *writer) text() (string, error) {
	var b strings.Builder
	b.WriteString(draftHead)
	if w.draft.Secrets == Encrypted {
		if err := w.identity(&b); err != nil {
			return "", err
		}
	}
	if err := w.graph(&b); err != nil {
		return "", err
	}
	if w.draft.Every != "" {
		comment(&b, "", "What holds for all instances that say nothing else. every: how often an instance is due.")
		fmt.Fprintf(&b, "defaults:\n  every: %s\n", w.draft.Every)
	}
	comment(&b, "", "The accounts that are read. The name of an instance is part of every key in the graph: it stays for the life of the account.")
	b.WriteString("instances:\n")
	seen := map[string]bool{}
	for i := range w.draft.Instances {
		in := &w.draft.Instances[i]
		if err := w.instance(&b, in, !seen[in.Provider.Name]); err != nil {
			return "", err
		}
		seen[in.Provider.Name] = true
	}
	return b.String(), nil
}

func (w *writer) identity(b *strings.Builder) (err error) {
	if w.public, err = NewIdentity(w.draft.Identity); err != nil {
		return err
	}
	w.made = append(w.made, w.draft.Identity)
	name, err := w.fromHere(w.draft.Identity)
	if err != nil {
		return err
	}
	comment(b, "", "Secrets below are encrypted to this public key; ageIdentity is the file with the private one. "+
		"`execute config edit` opens them in an editor.")
	fmt.Fprintf(b, "age: [%s]\nageIdentity: %s\n", w.public, quoted(name))
	return nil
}

// fromHere is a path as the file names it: from its own folder, or as a whole.
func (w *writer) fromHere(name string) (string, error) {
	if filepath.IsAbs(name) && !filepath.IsAbs(w.dir) {
		return name, nil
	}
	return filepath.Rel(w.dir, name)
}

func (w *writer) graph(b *strings.Builder) error {
	address := w.draft.Graph[settings.GraphEndpoint]
	about := "Where the graph lies: one SQLite file, from the folder in which the program is started."
	if !strings.HasPrefix(address, "sqlite:") {
		about = "Where the graph lies: a Neo4j server."
	}
	comment(b, "", about)
	if len(w.draft.Graph) == 1 {
		fmt.Fprintf(b, "graph: %s\n", quoted(address))
		return nil
	}
	b.WriteString("graph:\n")
	for _, s := range settings.Graph() {
		text := w.draft.Graph[s.Env]
		if text == "" {
			continue
		}
		key := KeyOf(s, "GRAPH_DB_")
		if s.Env == settings.GraphEndpoint {
			key = "url"
		}
		value, err := w.value(s, "graph-"+key, text)
		if err != nil {
			return err
		}
		fmt.Fprintf(b, "  %s: %s\n", key, value)
	}
	return nil
}

// instance writes one instance; explained has each key say what it is.
func (w *writer) instance(b *strings.Builder, in *providers.Instance, explained bool) error {
	fmt.Fprintf(b, "  - name: %s\n    provider: %s\n", in.Name, in.Provider.Name)
	for _, s := range in.Provider.Settings {
		text := in.Settings.Get(s.Env)
		if text == "" {
			continue
		}
		key := KeyOf(s, in.Provider.Family.Prefix)
		value, err := w.value(s, in.Name+"-"+key, text)
		if err != nil {
			return err
		}
		if explained {
			comment(b, "    ", KeysOf(in.Provider, s.Help))
		}
		fmt.Fprintf(b, "    %s: %s\n", key, value)
	}
	return nil
}

// KeysOf is a text about a provider's settings with their keys in the place of variables.
func KeysOf(p providers.Provider, text string) string {
	list := slices.Clone(p.Settings)
	slices.SortFunc(list, func(a, b settings.Setting) int { return len(b.Env) - len(a.Env) })
	for _, s := range list {
		text = strings.ReplaceAll(text, s.Env, KeyOf(s, p.Family.Prefix))
	}
	return text
}

// value is how a value stands in the file. A secret that lies elsewhere is written there.
func (w *writer) value(s settings.Setting, name, text string) (string, error) {
	if _, ok := Reference(text); ok {
		return quoted(text), nil
	}
	if !s.Secret || w.draft.Secrets == AsTheyAre {
		return quoted(strings.ReplaceAll(text, "$", "$$")), nil
	}
	if w.draft.Secrets == Encrypted {
		sealed, err := encrypt(text, []string{w.public})
		return "{age: " + sealed + "}", err
	}
	if err := os.Mkdir(w.secrets, 0o700); err == nil {
		w.folder = true
	} else if !errors.Is(err, fs.ErrExist) {
		return "", err
	}
	file := filepath.Join(w.secrets, name)
	for i := 2; exists(file); i++ {
		file = filepath.Join(w.secrets, fmt.Sprintf("%s-%d", name, i))
	}
	if err := newFile(file, text+"\n"); err != nil {
		return "", err
	}
	w.made = append(w.made, file)
	here, err := w.fromHere(file)
	return "{file: " + quoted(here) + "}", err
}

// quoted is a text as YAML reads it back, whatever it holds: JSON's strings are YAML's.
func quoted(text string) string {
	if regexp.MustCompile(`^[A-Za-z][A-Za-z0-9:/._-]*[A-Za-z0-9]$`).MatchString(text) && !strings.Contains(text, ": ") &&
		!slices.Contains([]string{"true", "false", "null", "yes", "no", "on", "off"}, strings.ToLower(text)) {
		return text
	}
	var b strings.Builder
	e := json.NewEncoder(&b)
	e.SetEscapeHTML(false)
	_ = e.Encode(text) // a string always has a form
	return strings.TrimSuffix(b.String(), "\n")
}

// comment writes a text as lines of a comment, at the top of the file with an empty line before it.
func comment(b *strings.Builder, indent, text string) {
	const width = 100
	if indent == "" {
		b.WriteByte('\n')
	}
	line := indent + "#"
	for word := range strings.FieldsSeq(text) {
		if utf8.RuneCountInString(line)+1+utf8.RuneCountInString(word) > width {
			b.WriteString(line + "\n")
			line = indent + "#"
		}
		line += " " + word
	}
	b.WriteString(line + "\n")
}
